"""Fault sticks, and the samples that they run through.

Forms: Charisma, ``INLINE- inline crossline x y time name stick``; OpendTect, ``inline crossline
time [stick [node]]`` or ``x y time [stick [node]]``, followed by a line name where the stick was
picked on a 2D line; without stick numbers, an empty line begins a new stick.
Source: Petrel's Charisma fault sticks; OpendTect, uiexpfault.cc, its export of faults.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.parts import LabelPart, class_files, merge
from tfseis.io.labels.positions import place_bins, placed_columns, sample_numbers
from tfseis.io.labels.text import Table, check_finite, is_number, read_table
from tfseis.io.output import complete_or_absent

COLUMNS = "inline crossline time stick, or x y time stick"
CHARISMA = "inline crossline x y time name stick"
CHARISMA_WORDS = 7
FORMS = ("charisma", "opendtect")


@dataclass(frozen=True)
class Sticks:
    """The sticks of a fault.

    Args:
        name: name of the fault.
        nodes: for each stick its nodes in order, float64 (nodes, 3): inline number, crossline
            number and time in ms (depth in m for depth cubes), not rounded.
        confidence: confidence of each stick, from 0 to 1; empty where it is not known.
    """

    name: str
    nodes: tuple[np.ndarray, ...]
    confidence: tuple[float, ...] = ()


def read_sticks(path: str | Path, geometry: Geometry, *, unit: str | None = None) -> Sticks:
    """Read fault sticks; they may reach beyond the survey.

    Sticks come in the order of the file. Charisma rows are placed by their line numbers where these
    fit the survey, otherwise by x and y. Several faults in one file become one set of sticks.

    Args:
        path: a text file in one of the forms of this module.
        geometry: geometry of the cube.
        unit: unit of the times: "ms", "s", "m" or "sample"; None to recognise it.

    Raises:
        FormatError: the file is missing or is no text.
        LabelError: a row without numbers, or line numbers mixed with map coordinates.
    """
    table = read_table(path, COLUMNS)
    if table.rows[0].marked:
        pairs, times, kind, keys = _charisma(table, geometry)
    else:
        pairs, times, kind, keys = _columns(table, geometry)
    bins = place_bins(pairs, kind, geometry)
    axes = geometry.axes[:2]
    numbers = [axis.first + axis.step * bins[:, i] for i, axis in enumerate(axes)]
    nodes = np.column_stack([*numbers, sample_numbers(times, geometry, unit)])
    order: dict[object, list[int]] = {}
    for index, key in enumerate(keys):
        order.setdefault(key, []).append(index)
    return Sticks(table.path.stem, tuple(nodes[indices] for indices in order.values()))


def stick_positions(sticks: Sticks, geometry: Geometry) -> np.ndarray:
    """The samples inside the cube that the sticks run through.

    Neighbouring nodes are joined by a straight line one sample thick. Sticks are not joined with
    each other.

    Returns:
        Array indices, int64 (samples, 3), each once.

    Raises:
        LabelError: no sample lies inside the cube.
    """
    from skimage.draw import line_nd  # noqa: PLC0415 - slow to import, and rarely needed

    found = [np.empty((0, 3), "int64")]
    for nodes in sticks.nodes:
        bins = [axis.fractional(nodes[:, i]) for i, axis in enumerate(geometry.axes)]
        corners = np.rint(np.stack(bins, axis=1)).astype("int64")
        found.append(corners)
        for start, stop in pairwise(corners):
            found.append(np.stack(line_nd(start, stop, endpoint=True), axis=1))
    samples = np.unique(np.concatenate(found), axis=0)
    samples = samples[((samples >= 0) & (samples < geometry.shape)).all(1)]
    if not len(samples):
        first = ", ".join(f"{number:.10g}" for number in sticks.nodes[0][0])
        ranges = ", ".join(f"{axis.name} {axis.first:g} to {axis.last:g}" for axis in geometry.axes)
        raise LabelError(
            f"{sticks.name}: expected sticks inside the survey, {ranges}; got none, the first node "
            f"is {first}. Check that sticks and cube are of one survey, and the unit of the times."
        )
    return samples


def read_faults(
    paths: Sequence[str | Path], geometry: Geometry, *, unit: str | None = None
) -> Labels:
    """Read fault sticks as labels: one class for each file, in sorted order of file names.

    Raises:
        FormatError: a file is missing or is no text.
        LabelError: as `read_sticks` and `stick_positions`; or two files label one sample.
    """
    files = class_files(paths, "file of fault sticks")
    return merge([stick_part(path, geometry, unit) for path in files], geometry)


def stick_part(path: Path, geometry: Geometry, unit: str | None = None) -> LabelPart:
    """Read the samples that the sticks of one file run through."""
    sticks = read_sticks(path, geometry, unit=unit)
    return LabelPart(path.name, sticks.name, stick_positions(sticks, geometry))


def write_sticks(
    path: str | Path,
    sticks: Sticks | Sequence[Sticks],
    geometry: Geometry,
    *,
    form: str = "charisma",
    overwrite: bool = False,
) -> None:
    """Write fault sticks, of one fault or of several.

    In Charisma files the mean confidence of the sticks is part of the name of their fault,
    ``fault_1_0.87``; in OpendTect files the confidence of each stick is the last column.

    Args:
        path: the new file.
        sticks: sticks of one fault, or of several.
        geometry: geometry of their cube, which needs map coordinates for Charisma.
        form: "charisma", or "opendtect": inline, crossline, time, stick, node; sticks are numbered
            through all faults.
        overwrite: whether a file of that name may be replaced.

    Raises:
        GeometryError: Charisma needs map coordinates, and the cube has none.
        LabelError: an unknown form.
        OutputError: the file exists, or its folder cannot be written to.
    """
    if form not in FORMS:
        raise LabelError(f"Expected a form among {', '.join(FORMS)}; got {form!r}. Choose one.")
    faults = [sticks] if isinstance(sticks, Sticks) else sticks
    rows: list[str] = []
    first = 0
    for fault in faults:
        rows += _charisma_rows(fault, geometry) if form == "charisma" else _rows(fault, first)
        first += len(fault.nodes)
    with complete_or_absent(Path(path), overwrite) as partial:
        partial.write_text("".join(rows), encoding="utf-8")


def _charisma_rows(fault: Sticks, geometry: Geometry) -> Iterator[str]:
    name = f"{fault.name}_{np.mean(fault.confidence):.2f}" if fault.confidence else fault.name
    name = f'"{name}"' if " " in name else name
    for stick, nodes in enumerate(fault.nodes, start=1):
        for inline, crossline, time in nodes:
            x, y = geometry.to_map(inline, crossline)
            yield (
                f"INLINE- {inline:8.2f} {crossline:8.2f} {x:14.2f} {y:14.2f} {time:12.4f} "
                f"{name} {stick}\n"
            )


def _rows(fault: Sticks, first: int) -> Iterator[str]:
    for stick, nodes in enumerate(fault.nodes):
        sure = f"\t{fault.confidence[stick]:.2f}" if fault.confidence else ""
        for node, (inline, crossline, time) in enumerate(nodes):
            place = f"{inline:.10g}\t{crossline:.10g}\t{time:.10g}"
            yield f"{place}\t{first + stick}\t{node}{sure}\n"


def _charisma(
    table: Table, geometry: Geometry
) -> tuple[np.ndarray, np.ndarray, str, list[tuple[str, ...]]]:
    """Positions and times of the rows, kind of the positions, and the stick of each row."""
    for row in table.rows:
        if len(row.words) < CHARISMA_WORDS or not is_number(row.words[-1]):
            raise LabelError(
                f"{table.path.name}, line {row.line}: expected {CHARISMA}; got "
                f"{' '.join(row.words)[:60]!r}. Correct or remove the line."
            )
    values = table.numbers((0, 1, 2, 3, 4), CHARISMA)
    check_finite(table, values, CHARISMA)
    keys = [row.words[5:] for row in table.rows]
    fits = [axis.inside(values[:, i]) for i, axis in enumerate(geometry.axes[:2])]
    by_lines = bool((fits[0] & fits[1]).any()) or geometry.affine is None
    pairs = values[:, :2] if by_lines else values[:, 2:4]
    return pairs, values[:, 4], "lines" if by_lines else "map", keys


def _columns(
    table: Table, geometry: Geometry
) -> tuple[np.ndarray, np.ndarray, str, list[tuple[str, ...]]]:
    """The same from plain columns."""
    values, kind = placed_columns(table, (0, 1, 2), COLUMNS, geometry)
    if all(len(row.words) > 3 and is_number(row.words[3]) for row in table.rows):
        keys = [row.words[3:4] for row in table.rows]
    else:
        parts = np.cumsum([row.opens for row in table.rows])
        keys = [(str(part),) for part in parts.tolist()]
    return values[:, :2], values[:, 2], kind, keys
