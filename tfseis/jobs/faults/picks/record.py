"""What a fine-tuning on picked lines records: scores, verdict, report."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tfseis.io.cube import Cube
from tfseis.jobs.faults.picks.folds import HeldOut
from tfseis.jobs.faults.picks.lines import PickedLine
from tfseis.jobs.faults.picks.training import (
    AFTER,
    BEFORE,
    SEMBLANCE,
    TUNED,
    HeldOutScores,
    PickedJob,
)
from tfseis.jobs.faults.scores import SCORES, mean_scores
from tfseis.jobs.metrics import SplitScore, Verdict
from tfseis.jobs.verdict import BETTER, SAME, UNKNOWN, WORSE, compared
from tfseis.view import FaultSection, Report, compared_curves_figure, fault_figure

PICKS = "picked lines, each held out in turn"
BLOCKS = "blocks along the picked line, each held out in turn"
SYNTHETIC = "unseen synthetic surveys, all generators"
FEWEST = 3  # held-out parts that agree, which happens by chance one time in eight
NO_TELLING = "do not tell a difference from chance"
MOST_LOST = 0.02  # of the IoU on synthetic surveys
NOTE = (
    "What is found and what is picked is thinned to lines and compared within 2 samples; "
    "thresholds by picks are chosen on the other parts. Incomplete lines count near their picks; "
    "where all are incomplete, what is found and not picked counts as wrong, and precision is "
    "really higher. Better or worse is said where three held-out lines or more all agree, which "
    "three do by chance one time in eight."
)


def picked_score(found: HeldOutScores, folds: Sequence[HeldOut], threshold: float) -> SplitScore:
    """Scores on what was held out, all parts counted together.

    Args:
        found: counts by method.
        folds: what was held out.
        threshold: that of the model it started from.
    """
    ours, each = found.counts[AFTER].by_others()
    before, before_each = found.counts[BEFORE].by_others()
    semblance, semblance_each = found.counts[SEMBLANCE].by_others()
    whole = all(traces == slice(None) for fold in folds for _, traces in fold.parts)
    columns = {
        AFTER: each,
        BEFORE: found.counts[BEFORE].each_at(threshold),
        TUNED: before_each,
        SEMBLANCE: semblance_each,
    }
    parts = {
        fold.name: {method: rows[number] for method, rows in columns.items()}
        for number, fold in enumerate(folds)
    }
    return SplitScore(
        split=PICKS if whole else BLOCKS,
        network=ours,
        baselines={
            BEFORE: found.counts[BEFORE].at(threshold),
            TUNED: before,
            SEMBLANCE: semblance,
        },
        details={"parts": parts},
    )


def synthetic_score(after: pd.DataFrame, before: pd.DataFrame) -> SplitScore:
    """Mean scores on synthetic surveys, each model at its threshold.

    Args:
        after: table of `score_cubes` of the network.
        before: that of the model it started from, on the same surveys.
    """
    means = [mean_scores(table).iloc[0] for table in (after, before)]
    ours, theirs = ({name: float(row[name]) for name in SCORES} for row in means)
    return SplitScore(split=SYNTHETIC, network=ours, baselines={BEFORE: theirs})


def verdict_of(scores: Sequence[SplitScore]) -> Verdict:
    """Whether the network is better than the model it started from, and what it has forgotten.

    Args:
        scores: those on picked lines, if there are any, and those on synthetic surveys.
    """
    picked = [score for score in scores if score.split != SYNTHETIC]
    kept = "".join(_kept_text(score) for score in scores if score.split == SYNTHETIC)
    if not picked:
        text = (
            "No score says whether this network is better than the model it started from: the "
            f"picks are too few to hold some out. Pick another line.{kept}"
        )
        return Verdict(rank=UNKNOWN, text=text)
    score = picked[0]
    best, row = max(score.baselines.items(), key=lambda item: item[1]["f1"] or 0)
    rank, agreement, advice = _agreement(score, best)
    chance = rank == SAME and compared(picked, "f1").rank != SAME
    numbers = f"F1 within 2 samples {score.network['f1']:.3f} against {row['f1']:.3f}"
    other = f"chance allows: {numbers} of {best}" if chance else f"{best}: {numbers}"
    text = f"{rank.capitalize()} than {other} ({score.split}){agreement}.{advice}{kept}"
    return Verdict(rank=rank, text=text)


def _agreement(score: SplitScore, best: str) -> tuple[str, str, str]:
    """Rank by the parts that were held out, what they say of it, and what to do.

    A gain or a loss is told from chance where at least three lines have it, and all agree.
    """
    rank = compared([score], "f1").rank
    parts = score.details["parts"].values()
    higher = [part[AFTER]["f1"] > part[best]["f1"] for part in parts]
    lower = [part[AFTER]["f1"] < part[best]["f1"] for part in parts]
    if rank not in (BETTER, WORSE):
        return rank, "", " Keep the simpler one."
    if score.split == BLOCKS:
        return SAME, "", f" Blocks of one line {NO_TELLING}: pick lines farther apart."
    if len(parts) < FEWEST:
        return SAME, "", f" Fewer than {FEWEST} held-out lines {NO_TELLING}: pick another line."
    if not all(higher if rank == BETTER else lower):
        count = sum(higher)
        told = f", higher on {count} of {len(parts)} and not on {len(parts) - count}"
        return SAME, told, " Keep the simpler one."
    word = "higher" if rank == BETTER else "lower"
    return rank, f", {word} on each of {len(parts)}", "" if rank == BETTER else " Keep the other."


def picked_text(scores: Sequence[SplitScore], minutes: float, threshold: float) -> str:
    """The result in a few lines, for people."""
    lines = [f"{minutes:.1f} minutes of training; a fault from a probability of {threshold:g} on"]
    for score in scores:
        for method, row in ((AFTER, score.network), *score.baselines.items()):
            if score.split == SYNTHETIC:
                lines.append(f"{method}, {score.split}: IoU {_shown(row['iou'])}")
                continue
            lines.append(
                f"{method}, {score.split}: F1 {_shown(row['f1'])}, precision "
                f"{_shown(row['precision'])}, recall {_shown(row['recall'])}"
            )
    return "\n".join(lines)


def picked_report(job: PickedJob, found: HeldOutScores, scores: Sequence[SplitScore]) -> Report:
    """The sections of the report."""
    report = Report("Faults from picked lines")
    for score in scores:
        rows = {AFTER: score.network, **score.baselines}
        note = NOTE if score.split != SYNTHETIC else "Each model at its threshold."
        report.section(score.split.capitalize()).table(_table(rows), note)
        if parts := score.details.get("parts"):
            ours = {name: methods[AFTER] for name, methods in parts.items()}
            report.table(_table(ours, "held out"), "This network on each part.")
    if found.values:
        line = job.lines[job.folds[0].parts[0][0]]
        report.section("Picks and prediction")
        report.figure(picks_figure(line, found.values), f"{line.name}, which did not train.")
    names = [*(f"without {fold.name}" for fold in job.folds), "delivered"]
    curves = dict(zip(names, found.histories, strict=True))
    report.section("Training").figure(compared_curves_figure(curves))
    return report


def picks_figure(line: PickedLine, values: Mapping[str, np.ndarray]) -> Any:
    """A line with its picks and with what was found, side by side."""
    panels = {"picks": line.picks.astype("float32"), **values}
    section = _section(line.cube, line)
    axis = line.cube.geometry.axes[1 - line.axis]
    samples = line.cube.geometry.samples.numbers
    return fault_figure(
        [
            FaultSection(section, part, axis.numbers, samples, title, axis.name)
            for title, part in panels.items()
        ],
        title=line.name,
    )


def _section(cube: Cube, line: PickedLine) -> np.ndarray:
    return cube[line.plane].squeeze(line.axis)


def _table(rows: Mapping[str, Mapping[str, float | None]], name: str = "method") -> pd.DataFrame:
    return pd.DataFrame([{name: key, **row} for key, row in rows.items()])


def _kept_text(score: SplitScore) -> str:
    ours, before = score.network["iou"], score.baselines[BEFORE]["iou"]
    if ours is None or before is None:
        return ""
    lost = before - ours > MOST_LOST
    advice = " It has forgotten too much: take fewer epochs." if lost else ""
    return f" On synthetic surveys IoU {ours:.3f} after {before:.3f}.{advice}"


def _shown(number: float | None) -> str:
    return "none" if number is None else f"{number:.3f}"
