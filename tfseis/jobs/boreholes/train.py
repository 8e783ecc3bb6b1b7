"""From borehole patches to a trained network, marks and a report: `tfseis boreholes train`."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from tfseis.errors import OutputError
from tfseis.io.images.wells import Patches, read_patches
from tfseis.io.labels.labels import UNLABELLED
from tfseis.io.output import complete_folder, complete_or_absent
from tfseis.jobs.boreholes.apply import write_masks
from tfseis.jobs.boreholes.hole import hole_of
from tfseis.jobs.boreholes.patches import label_counts
from tfseis.jobs.boreholes.pipeline import Task, build, check_own, probability, train_network
from tfseis.jobs.boreholes.pipeline import training as plan
from tfseis.jobs.boreholes.report import boreholes_report
from tfseis.jobs.boreholes.scores import well_scores
from tfseis.jobs.boreholes.settings import BoreholeSettings
from tfseis.jobs.boreholes.split import SYNTHETIC, Split, split_patches, with_unlabelled
from tfseis.jobs.contract import Finished
from tfseis.jobs.metrics import Metrics, SplitScore, Verdict
from tfseis.jobs.run import RunFolder, check_folder
from tfseis.jobs.verdict import UNKNOWN, compared
from tfseis.learning.fitting import Fitted
from tfseis.learning.saving import as_model, save_model
from tfseis.scores.label_audit import label_audit
from tfseis.wording import counted

RESULTS = ("model.keras", "planes.csv", "audit.csv", "report.html")
NOTHING_LEFT = "One well is labelled, and all of it trains: nothing is left to score."
MASKS, PICTURES = "masks", ["*.png"]


def train_boreholes(
    patches: str | Path | Patches,
    *,
    out: str | Path,
    labels: str | Path | None = None,
    synthetic: int = 0,
    held_out: Sequence[int] | None = None,
    settings: BoreholeSettings | None = None,
    teacher: keras.Model | str | Path | None = None,
    overwrite: bool = False,
    command: str = "",
    progress: bool = True,
) -> Finished:
    """Train a network on some wells, score it on others, and mark every patch.

    Writes into `out`: model.keras, masks/ (a PNG for each patch, 255 where marked), planes.csv,
    audit.csv, report.html, metrics.json, and training/, from which an interrupted run is resumed.

    Args:
        patches: folder of patches, see `tfseis.io.read_patches`; or patches in memory.
        out: folder for the results; is made.
        labels: folder of masks, or a csv file, where `patches` is a folder.
        synthetic: number of synthetic patches to train on instead of labelled ones; then all
            labelled wells are scored, or synthetic patches of another seed where there are none.
            0 for labels.
        held_out: numbers of the wells that do not train but are scored; None for one well in five,
            or for no score where only one well is labelled.
        settings: network and training; None for the defaults.
        teacher: larger trained network that this one also learns from, also on patches without
            labels and on wells whose labels do not line up with their images.
        overwrite: replace a finished run in `out`.
        command: recorded in metrics.json.
        progress: print what was found and show bars.

    Raises:
        TfseisError: what is wrong with the input, and what to do.
    """
    began, settings, out = time.monotonic(), settings or BoreholeSettings(), Path(out)
    check_folder(out, overwrite=overwrite)
    source = None if isinstance(patches, Patches) else Path(patches)
    if source is not None and out.resolve() == source.resolve():
        raise OutputError(
            f"{out}: expected a folder of its own for the results; it is that of the patches. "
            "Choose another --out."
        )
    found = patches if isinstance(patches, Patches) else read_patches(patches, labels=labels)
    split = split_patches(found, synthetic=synthetic, held_out=held_out, seed=settings.seed)
    taught_by = None if teacher is None else as_model(teacher)
    training = split.training
    if taught_by is not None and not synthetic:
        training = with_unlabelled(found, split)
    task = Task(settings, training, split.testing, taught_by)
    plan(settings)
    build(settings, task.columns)
    check_own(task)
    run = RunFolder.begin(
        out,
        job="boreholes",
        settings=settings,
        identity=task.identity(),
        results=RESULTS,
        folders={MASKS: PICTURES},
        inputs=[path for path in (source, labels, teacher) if isinstance(path, (str, Path))],
        overwrite=overwrite,
        command=command,
        began=began,
    )
    if progress:
        print(_opening(found, split))
    fitted = train_network(task, run.training / "all", progress=progress)
    what = {"synthetic_patches": synthetic, "teacher": _named(teacher)}
    return _deliver(run, task, fitted, found, split=split, what=what, progress=progress)


def _deliver(
    run: RunFolder,
    task: Task,
    fitted: Fitted,
    found: Patches,
    *,
    split: Split,
    what: dict[str, Any],
    progress: bool,
) -> Finished:
    """Score the network, mark every patch, and write all results.

    Args:
        run: the folder.
        task: what trained.
        fitted: the trained network and its history.
        found: all patches that were read.
        split: which of them train, and which are scored.
        what: synthetic patches and the teacher, for the record.
        progress: show bars.
    """
    settings, out, model = task.settings, run.out, fitted.model
    score = None
    if split.testing is not None:
        found_there = probability(model, split.testing)
        score = well_scores(split.testing, found_there, settings.threshold, split.kind)
    save_model(model, out / "model.keras")
    marks = probability(model, found) > settings.threshold
    with complete_folder(out / MASKS, results=PICTURES, overwrite=True) as draft:
        hole = hole_of(settings.hole_diameter, settings.row_height)
        planes = write_masks(found, marks, draft, hole=hole, progress=progress)
    audit = _audit(found, marks)
    for name, table in (("planes.csv", planes), ("audit.csv", audit)):
        with complete_or_absent(out / name, overwrite=True) as partial:
            table.to_csv(partial, index=False)
    metrics = Metrics(
        data={
            "patches": dict(found.counts),
            "wells_trained": split.wells_trained,
            "wells_held_out": split.wells_held_out,
            "wells_dropped": split.dropped,
            "labels": label_counts(split.training),
            **what,
        },
        parameters=model.count_params(),
        scores=[] if score is None else [score],
        epochs=[len(fitted.history)],
        training_minutes=float(fitted.history["minutes"].iloc[-1]),
        verdict=_verdict(score),
    )
    report = boreholes_report(
        score, history=fitted.history, patches=found, found=marks, audit=audit, planes=planes
    )
    return run.finish(metrics, score_text(score, settings), [*RESULTS[:-1], MASKS], report)


def _verdict(score: SplitScore | None) -> Verdict:
    """Whether the network is better than none, as far as the wells have labels."""
    if score is None:
        return Verdict(rank=UNKNOWN, text=NOTHING_LEFT)
    verdict = compared([score], "dice", words="Dice")
    if score.split != SYNTHETIC:
        return verdict
    text = f"No score on your wells exists, since none has labels that can be used. {verdict.text}"
    return Verdict(rank=UNKNOWN, text=text)


def score_text(score: SplitScore | None, settings: BoreholeSettings) -> str:
    """The scores as a table to print."""
    if score is None:
        return NOTHING_LEFT
    rows = {score.split: score.network, **score.baselines, **score.details}
    table = pd.DataFrame(rows).T.round(3)
    return f"{score.split}, at threshold {settings.threshold}\n{table.to_string()}"


def _audit(patches: Patches, found: np.ndarray) -> pd.DataFrame:
    masks = patches.masks if patches.masks is not None else np.full(found.shape, UNLABELLED)
    return label_audit(masks, found, patches.names())


def _opening(patches: Patches, split: Split) -> str:
    wells = np.unique(patches.wells)
    read = counted(len(patches), "patch", "patches")
    lines = [f"{read} of {counted(len(wells), 'well')}: {', '.join(map(str, wells))}"]
    lines += [f"  {name}: {count}" for name, count in patches.counts.items()]
    if split.testing is None:
        lines.append(NOTHING_LEFT)
    lines += [
        f"well {well}: its labels do not line up with its images and are not used"
        for well in split.dropped
    ]
    return "\n".join(lines)


def _named(teacher: keras.Model | str | Path | None) -> str | None:
    if teacher is None:
        return None
    return teacher.name if isinstance(teacher, keras.Model) else Path(teacher).name
