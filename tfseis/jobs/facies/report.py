"""The sections of the report of a facies training: what was found, scores, curves and tables."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tfseis.io.cube import Cube
from tfseis.jobs.facies.blocks import NETWORK_DELIVERED, Blocks
from tfseis.jobs.facies.channels import named_channels
from tfseis.jobs.facies.patches import all_patches
from tfseis.jobs.facies.record import BLOCKS, LINES
from tfseis.jobs.facies.sections import line_parts
from tfseis.jobs.facies.survey import Survey
from tfseis.scores.baselines import copy_nearest
from tfseis.scores.calibration import calibration_error
from tfseis.scores.comparison import Score
from tfseis.view import (
    Report,
    calibration_figure,
    confusion_figure,
    crop_channels_figure,
    learning_curve_figure,
    section_panel,
)

AXES = ("Inline", "Crossline", "Time")
LEAK = (
    "Random points of the training section score {mean_iou:.3f} mean IoU (F1 {f1:.3f}). That "
    "number leaks: those points, or their neighbours, trained. It is given only because other "
    "tools report it."
)


def facies_report(
    survey: Survey,
    *,
    cubes: Sequence[Cube],
    history: pd.DataFrame,
    blocks: Blocks,
    on_lines: Score | None,
    leaking: Mapping[str, float],
    delivered: str = NETWORK_DELIVERED,
) -> Report:
    """The report of a finished training, without its last section, Run.

    Args:
        survey: cube, labels and settings.
        cubes: predicted classes and confidence.
        history: history of the delivered model, one row an epoch.
        blocks: what held-out blocks say.
        on_lines: score on other lines, if there is one.
        leaking: scores at random training points.
        delivered: what classified the cube: "network", or the name of what needs none.
    """
    report, blocked = Report(f"Facies of {survey.cube.name}"), blocks.score
    report.section("What was found")
    if delivered != NETWORK_DELIVERED:
        report.text(f"The cube holds {delivered}: no network took part in it.")
    calibrated = blocks.calibrated or delivered != NETWORK_DELIVERED
    meaning = "calibrated on held-out blocks" if calibrated else "uncalibrated"
    for axis in range(3):
        _add_section(report, survey, cubes, axis, meaning)
    report.section("Scores")
    _add_scores(report, survey, blocks, on_lines, leaking)
    report.section("Training")
    if blocked and blocked.history is not None:
        report.figure(
            learning_curve_figure(blocked.history),
            "Training without the first block; dashed: that block. Nothing is chosen by it.",
        )
    report.figure(learning_curve_figure(history), "Training on all labels: model.keras.")
    _add_crop(report, survey)
    legend, classes = survey.labels.legend, survey.labels.classes
    counts = np.bincount(classes, minlength=len(legend))
    report.section("Data").facts({"scaling": str(survey.scaling)})
    return report.table(legend.table().assign(labels=counts), "Classes")


def _add_scores(
    report: Report,
    survey: Survey,
    blocks: Blocks,
    on_lines: Score | None,
    leaking: Mapping[str, float],
) -> None:
    """All scores in one table with the baselines, then more of each."""
    scored = {BLOCKS: blocks.score, LINES: on_lines}
    found = {name: score for name, score in scored.items() if score is not None}
    if blocks.score is None:
        report.text(
            "No blocked score: none was asked for, or the labels are too narrow to be cut into "
            "blocks with a guard gap between them."
        )
    else:
        report.text(
            f"Held-out blocks: each of {len(blocks.score.folds)} blocks of the labelled "
            f"sections, by a network trained on the rest without the {survey.guard()} samples "
            "around the block. Baselines need no network."
        )
    if found:
        columns = {
            name: score.comparison().apply(
                lambda row: f"{row['mean IoU']:.3f} ({row['accuracy']:.3f})", axis=1
            )
            for name, score in found.items()
        }
        report.table(pd.DataFrame(columns).fillna("-"), "Mean IoU (accuracy)")
    for name, score in found.items():
        report.table(score.classes(), f"Class by class, {name}")
        if score.islands is not None:
            report.text(
                f"Connected bodies of one class in which no sample is right: {score.islands:.0f} "
                "in a million samples."
            )
        report.figure(confusion_figure(score.network, score.legend), f"{name}; rows: truth.")
    _add_calibration(report, blocks, on_lines)
    report.text(LEAK.format(**leaking))


def _add_calibration(report: Report, blocks: Blocks, on_lines: Score | None) -> None:
    if not blocks.calibrated:
        return
    tables = {BLOCKS: blocks.calibration_table}
    if on_lines is not None and on_lines.calibration is not None:
        tables[LINES] = on_lines.calibration
    errors = ", ".join(f"{calibration_error(t):.3f} on {name}" for name, t in tables.items())
    report.figure(
        calibration_figure(tables),
        f"Whether confidence means what it says. Expected calibration error: {errors}. Each block "
        "was calibrated by the others.",
    )


def _add_section(
    report: Report, survey: Survey, cubes: Sequence[Cube], axis: int, meaning: str
) -> None:
    """Amplitude, labels, prediction and confidence along one axis of the result."""
    with cubes[0] as classes, cubes[1] as sure:
        geometry = classes.geometry
        index = _labelled_index(survey, classes, axis)
        place = line_parts(axis, index)
        codes, confidence = classes[place].squeeze(axis), sure[place].squeeze(axis)
        live = np.broadcast_to(classes.live[place[:2]][..., np.newaxis], classes[place].shape)
    whole = [
        mine.indices(result.numbers)
        for mine, result in zip(survey.cube.geometry.axes, geometry.axes, strict=True)
    ]
    ours = [slice(w[0], w[-1] + 1, max(1, (w[-1] - w[0]) // max(1, len(w) - 1))) for w in whole]
    ours[axis] = slice(whole[axis][index], whole[axis][index] + 1)
    values, alive = survey.cube.read((ours[0], ours[1], ours[2]))
    legend = survey.labels.legend
    prediction = np.where(np.isin(codes, legend.codes), np.searchsorted(legend.codes, codes), -1)
    places = np.stack(np.meshgrid(*_single(whole, axis, index), indexing="ij"), axis=-1)
    seen = survey.labels.positions, survey.labels.classes
    copied = copy_nearest(*seen, places.reshape(-1, 3)).reshape(prediction.shape)
    dead = ~(live.squeeze(axis) & alive.squeeze(axis))
    first, second = (a for a in range(3) if a != axis)
    number = geometry.axes[axis].numbers[index]
    report.figure(
        section_panel(
            survey.scaling.apply(values, alive).squeeze(axis),
            legend=legend,
            labels=_label_image(survey, whole, axis, index),
            prediction=np.where(dead, -1, prediction),
            baseline=np.where(dead, -1, copied),
            confidence=np.where(dead, np.nan, confidence),
            trace_numbers=geometry.axes[first].numbers,
            sample_numbers=geometry.axes[second].numbers,
            title=f"{AXES[axis]} {number:g}",
            trace_label="inline" if first == 0 else "crossline",
            sample_label="crossline" if second == 1 else "time (ms)",
        ),
        f"{AXES[axis]} {number:g}. Confidence is the largest class probability, {meaning}. The "
        "panel before it shows the prediction where a copy of the nearest label differs.",
    )


def _single(whole: list[np.ndarray], axis: int, index: int) -> list[np.ndarray]:
    """Array indices along each axis of one line of the result."""
    return [w[index : index + 1] if a == axis else w for a, w in enumerate(whole)]


def _labelled_index(survey: Survey, result: Cube, axis: int) -> int:
    """The line of the result with most labels."""
    numbers = survey.cube.geometry.axes[axis].numbers[survey.labels.positions[:, axis]]
    bins = np.rint(result.geometry.axes[axis].fractional(numbers)).astype(int)
    inside = bins[(bins >= 0) & (bins < result.shape[axis])]
    return int(np.bincount(inside).argmax()) if inside.size else result.shape[axis] // 2


def _label_image(survey: Survey, whole: list[np.ndarray], axis: int, index: int) -> np.ndarray:
    """Class index of each labelled sample on a line of the result, -1 elsewhere."""
    rest = [a for a in range(3) if a != axis]
    image = np.full([survey.cube.shape[a] for a in rest], -1)
    on = survey.labels.positions[:, axis] == whole[axis][index]
    places = survey.labels.positions[on]
    image[places[:, rest[0]], places[:, rest[1]]] = survey.labels.classes[on]
    return image[np.ix_(whole[rest[0]], whole[rest[1]])]


def _add_crop(report: Report, survey: Survey) -> None:
    settings = survey.settings
    channels = named_channels(settings.channels)
    names = [channel.name for channel in channels]
    crops, classes = next(
        iter(
            all_patches(
                survey.volumes, crop_size=settings.crop_shape, channels=channels, batch_size=1
            )
        )
    )
    crop = crops.numpy()[0]
    if not settings.flat:
        crop = crop[settings.crop_size // 2]
    elif settings.sections > 1:
        crop = np.moveaxis(crop[..., 0], 0, -1)
        names = [f"section {i - settings.sections // 2:+d}" for i in range(settings.sections)]
    name = survey.labels.legend.names[int(classes[0])]
    report.figure(
        crop_channels_figure(crop, names),
        f"What the network sees around one sample of {name}: each channel of its crop.",
    )
