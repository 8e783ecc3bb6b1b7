"""From a SEG-Y cube and a few labels to a labelled SEG-Y cube: `tfseis facies`."""

import json
import shutil
import sys
import time as clock
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import tfseis
from tfseis.data.scaling import survey_scaling
from tfseis.errors import LabelError
from tfseis.io.labels.files import read_labels
from tfseis.io.labels.label_cube import LabelCube, open_label_cube, read_lines
from tfseis.io.labels.legend import legend_path
from tfseis.io.labels.points import Labels
from tfseis.io.output import check_outputs, complete_or_absent
from tfseis.io.output_folder import job_folder
from tfseis.io.segy.cube import SegyCube
from tfseis.jobs.facies.apply import write_prediction
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.followed_training import train_following
from tfseis.jobs.facies.forecast import forecast
from tfseis.jobs.facies.pipeline import Survey
from tfseis.jobs.facies.report import write_report
from tfseis.jobs.facies.scores import blocked_score, leaking_score, line_score
from tfseis.jobs.facies.settings import Settings
from tfseis.learning.fitting.fit import same_run
from tfseis.learning.saving import save_model
from tfseis.selection import Range, select

RESULTS = ("model.keras", "facies.sgy", "confidence.sgy", "report.html")
SEED_POINTS = 1000  # drawn for the random-point score of the system that this replaces
Line = tuple[int, float]


def facies(
    cube: SegyCube,
    points: Sequence[str | Path] = (),
    *,
    out: str | Path,
    labels: str | Path | None = None,
    lines: Sequence[Line] = (),
    truth: str | Path | None = None,
    truth_inlines: Range | None = None,
    truth_crosslines: Range | None = None,
    settings: Settings | None = None,
    inlines: Range = (None, None),
    crosslines: Range = (None, None),
    time: Range = (None, None),
    stride: int = 1,
    overwrite: bool = False,
    command: str = "",
) -> dict[str, Any]:
    """Train on a few labels, score in blocks that the training never saw, label the whole cube.

    Writes into `out`: model.keras (trained on all labels), facies.sgy with its legend
    facies.classes.csv, confidence.sgy, metrics.json, report.html, and training/ (checkpoints and
    logs, from which an interrupted run goes on).

    Args:
        cube: the survey, as `tfseis.open_segy` gives it.
        points: label files, one a class: ``.pts`` points, horizons, fault sticks, polygons, painted
            PNG (see `tfseis.io.read_labels`); or else `labels` and `lines`.
        out: folder for the results; is made.
        labels: label cube: SEG-Y, ``.npy`` or ``.npz``.
        lines: which of its lines train: (0, inline), (1, crossline) or (2, time in ms).
        truth: label cube to score against on whole lines that did not train.
        truth_inlines: first and last inline of the truth to score; all it holds by default.
        truth_crosslines: score these crosslines instead.
        settings: network and training; the defaults if None.
        inlines: first and last inline number to predict.
        crosslines: first and last crossline number.
        time: first and last time in ms.
        stride: predict every stride-th inline, crossline and sample.
        overwrite: replace results in `out`, and start training anew.
        command: recorded in metrics.json.

    Returns:
        What metrics.json holds.

    Raises:
        TfseisError: what is wrong with the input, and what to do.
    """
    began = clock.monotonic()
    settings, out = settings or Settings(), Path(out)
    parts = select(cube.geometry, inlines=inlines, crosslines=crosslines, time=time, stride=stride)
    known = _read_labels(cube, points, labels, lines)
    other, others = _open_truth(cube, truth, (truth_inlines, truth_crosslines), known)
    inputs = [cube.path, *points, *(path for path in (labels, truth) if path)]
    _prepare_folder(out, inputs, overwrite)

    survey = Survey.of(cube, known, survey_scaling(cube), settings)
    if overwrite:
        _forget_finished(out, survey)
    print(_opening(survey), forecast(survey, parts, out), sep="\n")

    blocked = blocked_score(survey, out / "training")
    model, history, guide = train_following(survey, out / "training")
    leaking = leaking_score(survey, model, SEED_POINTS)
    on_lines = line_score(survey, model, other, others, guide) if other else None

    cubes = write_prediction(
        DenseClassifier(model), cube, parts, survey.scaling, out / "facies.sgy",
        confidence=out / "confidence.sgy", follower=guide, overwrite=True,
    )  # fmt: skip
    save_model(model, out / "model.keras")
    metrics = {
        "tfseis": tfseis.__version__,
        "command": command or " ".join(sys.argv),
        **_about(survey),
        "kept_from_line_to_line": guide and guide.keep,
        "blocked": blocked and blocked.as_dict(),
        "lines": on_lines and on_lines.as_dict(),
        "random_points_leaking": leaking,
        "epochs": len(history),
        "minutes": round((clock.monotonic() - began) / 60, 2),
    }
    write_report(
        out, survey, metrics, cubes=cubes, history=history, blocked=blocked, on_lines=on_lines
    )
    with complete_or_absent(out / "metrics.json", overwrite=True) as partial:
        partial.write_text(json.dumps(metrics, indent=1))
    return metrics


def _read_labels(
    cube: SegyCube, points: Sequence[str | Path], labels: str | Path | None, lines: Sequence[Line]
) -> Labels:
    if bool(points) == bool(labels):
        raise LabelError(
            "Expected label files, one a class, or a label cube with the lines to train on; got "
            f"{'both' if points else 'neither'}. Give POINTS, or --labels FILE --inline N."
        )
    if labels:
        return read_lines(open_label_cube(labels, cube.geometry), lines)
    return read_labels(points, cube.geometry, lines=lines)


def _open_truth(
    cube: SegyCube,
    truth: str | Path | None,
    wanted: tuple[Range | None, Range | None],
    known: Labels,
) -> tuple[LabelCube | None, list[Line]]:
    """The truth and its lines to score: those wanted that hold no training label."""
    if truth is None:
        if any(wanted):
            raise LabelError("Expected a truth for the lines to score; got none. Add --truth FILE.")
        return None, []
    opened = open_label_cube(truth, cube.geometry)
    axis = 1 if wanted[1] else 0
    first, last = wanted[axis] or (None, None)
    trained = set(cube.geometry.axes[axis].numbers[np.unique(known.positions[:, axis])].tolist())
    lines = [
        (axis, number)
        for number in opened.lines(axis)
        if (first is None or number >= first) and (last is None or number <= last)
    ]
    lines = [line for line in lines if line[1] not in trained]
    if not lines:
        raise LabelError(
            f"{Path(truth).name}: expected lines to score that hold no training label; got none "
            f"from {first} to {last}. Score other lines: --truth-inlines A:B."
        )
    return opened, lines


def _prepare_folder(out: Path, inputs: Sequence[str | Path], overwrite: bool) -> None:
    """Refuse to replace a finished run; an interrupted one is gone on with.

    metrics.json is written last: results without it belong to a run that was interrupted.
    """
    job_folder(out, overwrite=overwrite)
    resumed = (out / "training").is_dir()
    names = (*RESULTS, legend_path("facies.sgy").name)
    check_outputs([out / name for name in names], inputs, overwrite or resumed)


def _forget_finished(out: Path, survey: Survey) -> None:
    """Remove what shall be replaced, but not an interrupted run of the same data and settings."""
    runs = list((out / "training").glob("*/run.txt"))
    same = all(
        same_run(note.parent, survey.settings.training, survey.fingerprint()) for note in runs
    )
    if (out / "metrics.json").exists() or not same:
        shutil.rmtree(out / "training", ignore_errors=True)
    (out / "metrics.json").unlink(missing_ok=True)


def _opening(survey: Survey) -> str:
    cube, labels = survey.cube, survey.labels
    return (
        f"{cube.path.name}: {' x '.join(map(str, cube.shape))}, {survey.scaling}\n"
        f"{len(labels)} labelled samples of {len(labels.legend)} classes on "
        f"{len(survey.sections)} section(s); {survey.guard()} samples "
        "between training and test blocks"
    )


def _about(survey: Survey) -> dict[str, object]:
    """Data and settings, as metrics.json records them."""
    cube, labels = survey.cube, survey.labels
    return {
        "settings": asdict(survey.settings),
        "cube": {
            "file": cube.path.name,
            "shape": cube.shape,
            "grid": cube.geometry.signature(),
            "missing_traces": int((~cube.live).sum()),
            "nonfinite_samples_read": cube.nonfinite,
        },
        "scaling": survey.scaling.as_dict(),
        "legend": labels.legend.table().to_dict("records"),
        "labels": np.bincount(labels.classes, minlength=len(labels.legend)).tolist(),
        "guard_gap": survey.guard(),
    }
