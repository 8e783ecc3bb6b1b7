"""The sections of the report of a facies training: scores, pictures, curves and tables."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tfseis.io.cube import Cube
from tfseis.jobs.facies.blocks import Blocks
from tfseis.jobs.facies.channels import named_channels
from tfseis.jobs.facies.patches import all_patches
from tfseis.jobs.facies.survey import Survey
from tfseis.scores.comparison import Score, add_score
from tfseis.view import (
    Report,
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
) -> Report:
    """The report of a finished training, without its last section, Run.

    Args:
        survey: cube, labels and settings.
        cubes: predicted classes and confidence.
        history: history of the delivered model, one row an epoch.
        blocks: what held-out blocks say.
        on_lines: score on other lines, if there is one.
        leaking: scores at random training points.
    """
    report, blocked = Report(f"Facies of {survey.cube.name}"), blocks.score
    report.section("Scores")
    _add_scores(report, survey, blocked, on_lines, leaking)
    report.section("Sections")
    for axis in range(3):
        _add_section(report, survey, cubes, axis)
    report.section("Training")
    if blocked and blocked.history is not None:
        report.figure(
            learning_curve_figure(blocked.history),
            "Training without the first block; dashed: that block. Nothing is chosen by it.",
        )
    report.figure(learning_curve_figure(history), "Training on all labels, as delivered.")
    _add_crop(report, survey)
    legend, classes = survey.labels.legend, survey.labels.classes
    counts = np.bincount(classes, minlength=len(legend))
    report.section("Data").facts({"scaling": str(survey.scaling)})
    return report.table(legend.table().assign(labels=counts), "Classes")


def _add_scores(
    report: Report,
    survey: Survey,
    blocked: Score | None,
    on_lines: Score | None,
    leaking: Mapping[str, float],
) -> None:
    if blocked is None:
        report.text(
            "No blocked score: none was asked for, or the labels are too narrow to be cut into "
            "blocks with a guard gap between them."
        )
    else:
        add_score(
            report,
            blocked,
            f"Each of {len(blocked.folds)} blocks of the labelled sections, by a network trained "
            f"on the rest without the {survey.guard()} samples around the block.",
        )
    if on_lines is not None:
        add_score(report, on_lines, "Whole other lines, by the delivered network.")
    report.text(LEAK.format(**leaking))


def _add_section(report: Report, survey: Survey, cubes: Sequence[Cube], axis: int) -> None:
    """Amplitude, labels, prediction and confidence along one axis of the result."""
    with cubes[0] as classes, cubes[1] as sure:
        geometry = classes.geometry
        index = _labelled_index(survey, classes, axis)
        key = [slice(None)] * 3
        key[axis] = slice(index, index + 1)
        place = key[0], key[1], key[2]
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
    prediction = np.searchsorted(legend.codes, codes)
    dead = ~(live.squeeze(axis) & alive.squeeze(axis))
    first, second = (a for a in range(3) if a != axis)
    number = geometry.axes[axis].numbers[index]
    report.figure(
        section_panel(
            survey.scaling.apply(values, alive).squeeze(axis),
            legend=legend,
            labels=_label_image(survey, whole, axis, index),
            prediction=np.where(dead, -1, prediction),
            confidence=np.where(dead, np.nan, confidence),
            trace_numbers=geometry.axes[first].numbers,
            sample_numbers=geometry.axes[second].numbers,
            title=f"{AXES[axis]} {number:g}",
            trace_label="inline" if first == 0 else "crossline",
            sample_label="crossline" if second == 1 else "time (ms)",
        ),
        f"{AXES[axis]} {number:g}. Confidence is the largest class probability, uncalibrated.",
    )


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
