"""What a training is given: the cube, its labels, and a truth to score against."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.files import read_labels
from tfseis.io.labels.label_cube import LabelCube, open_label_cube, read_lines
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.per_file import ALL
from tfseis.selection import Range

Line = tuple[int, float]  # axis (0 inline, 1 crossline, 2 time) and number


def paths_among(*sources: Any) -> list[Path]:
    """Those of some sources that are paths, for the check that no result replaces them."""
    return [Path(source) for source in sources if isinstance(source, (str, os.PathLike))]


def given_labels(
    geometry: Geometry,
    labels: Sequence[str | Path] | Labels,
    label_cube: Any,
    lines: Sequence[Line],
    *,
    kind: Any = None,
    reading: Mapping[str, Any] | None = None,
) -> Labels:
    """The labels that train.

    Args:
        geometry: geometry of the cube.
        labels: paths of label files, or labels in memory; empty where `label_cube` is given.
        label_cube: label cube, as `tfseis.io.open_label_cube` takes it, or None.
        lines: axis and number of the lines that train; all if empty, which a label cube refuses.
        kind: kind of the label files, as `tfseis.io.read_labels` takes it; `reading` goes before.
        reading: arguments ``kind``, ``columns``, ``unit`` and ``ignore`` of `read_labels`.

    Raises:
        FormatError: a file cannot be read.
        LabelError: both kinds of labels, none, or labels that do not fit the cube.
    """
    if (len(labels) > 0) == (label_cube is not None):
        raise LabelError(
            "Expected label files, one a class, or a label cube with the lines to train on; got "
            f"{'both' if len(labels) else 'neither'}. Give LABELS, or --label-cube FILE --inline N."
        )
    if label_cube is not None:
        ignore = (reading or {}).get("ignore", ())
        return read_lines(open_label_cube(label_cube, geometry, ignore=ignore), lines)
    if isinstance(labels, Labels):
        return _in_memory(labels, geometry, lines)
    told = dict(reading or {})
    if kind is not None and isinstance(told.get("kind", {}), Mapping):
        told["kind"] = {ALL: kind, **told.get("kind", {})}
    return read_labels(labels, geometry, lines=lines, **told)


def given_truth(
    geometry: Geometry,
    truth: Any,
    wanted: tuple[Range | None, Range | None],
    known: Labels,
    *,
    ignore: Sequence[int] = (),
) -> tuple[LabelCube | None, list[Line]]:
    """The truth, and its lines to score: those wanted that hold no training label.

    Args:
        geometry: geometry of the cube.
        truth: label cube, as `tfseis.io.open_label_cube` takes it, or None.
        wanted: first and last inline number to score, and the same of crosslines.
        known: labels that train.
        ignore: codes of the truth that mean unlabelled.

    Raises:
        FormatError: the truth cannot be read.
        LabelError: lines without a truth, or none that holds no training label.
    """
    if truth is None:
        if any(wanted):
            raise LabelError("Expected a truth for the lines to score; got none. Add --truth FILE.")
        return None, []
    opened_truth = open_label_cube(truth, geometry, ignore=ignore)
    axis = 1 if wanted[1] else 0
    first, last = wanted[axis] or (None, None)
    trained = set(geometry.axes[axis].numbers[np.unique(known.positions[:, axis])].tolist())
    lines = [
        (axis, number)
        for number in opened_truth.lines(axis)
        if (first is None or number >= first) and (last is None or number <= last)
    ]
    lines = [line for line in lines if line[1] not in trained]
    if not lines:
        raise LabelError(
            f"{opened_truth.path.name}: expected lines to score that hold no training label; got "
            f"none from {first} to {last}. Score other lines: --truth-inlines A:B."
        )
    return opened_truth, lines


def _in_memory(labels: Labels, geometry: Geometry, lines: Sequence[Line]) -> Labels:
    """Labels on some lines, checked: they may come from anywhere."""
    positions, classes = np.asarray(labels.positions), np.asarray(labels.classes)
    whole = positions.dtype.kind in "iu" and classes.dtype.kind in "iu"
    if positions.shape != (len(classes), 3) or not whole:
        raise LabelError(
            f"Expected labels with integer positions (labels, 3) and one class index each; got "
            f"{positions.dtype} {positions.shape} and {classes.dtype} {classes.shape}. Give array "
            "indices, not line numbers."
        )
    outside = ((positions < 0) | (positions >= geometry.shape)).any(axis=1)
    unknown = (classes < 0) | (classes >= len(labels.legend))
    if outside.any() or unknown.any():
        raise LabelError(
            f"Expected labels inside the cube {geometry.shape} and of {len(labels.legend)} "
            f"classes; got {outside.sum()} outside and {unknown.sum()} of other classes. Give "
            "array indices and class indices from 0."
        )
    keep = np.zeros(len(classes), bool) if lines else np.ones(len(classes), bool)
    for axis, number in lines:
        keep |= positions[:, axis] == geometry.axes[axis].index(number)
    if not keep.any():
        raise LabelError("Expected labels on the chosen lines; got none. Choose other lines.")
    kept = positions[keep].astype("int64"), classes[keep].astype("int64")
    return Labels(*kept, labels.legend)
