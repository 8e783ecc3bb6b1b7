"""Fault sticks, and the samples that they run through.

Titles name the columns where there are any. Forms without: Charisma, ``INLINE- inline crossline x y
time name stick``; OpendTect, ``inline crossline time [stick [node]]`` or ``x y time [stick
[node]]``, with the name of the fault before, or that of a 2D line behind; Kingdom, ``x y time name
stick``; Landmark, with point types 6, 7 and 8. Without stick numbers an empty line, ``->`` of CPS-3
or Irap's row of 999 ends a stick.
Source: Petrel's Charisma fault sticks; OpendTect, uiexpfault.cc, its export of faults.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.headers import CHARISMA_STICKS, CHARISMA_WORDS
from tfseis.io.labels.joined import refuse_joined
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.nodes import Reading, open_table, read_nodes
from tfseis.io.labels.parts import LabelPart, class_files, merge
from tfseis.io.labels.pieces import are_divided, stick_numbers, without_ends
from tfseis.io.labels.taken import Taken
from tfseis.io.labels.text import Table
from tfseis.io.output import complete_or_absent
from tfseis.wording import counted

COLUMNS = "inline crossline time stick, or x y time stick"
CHARISMA = "inline crossline x y time name stick"
FORMS = ("charisma", "opendtect")


@dataclass(frozen=True)
class Sticks:
    """The sticks of a fault.

    Args:
        name: name of the fault.
        nodes: for each stick its nodes in order, float64 (nodes, 3): inline number, crossline
            number and time in ms (depth in m for depth cubes), not rounded.
        confidence: confidence of each stick, from 0 to 1; empty where it is not known.
        taken: how the file was taken, for messages.
    """

    name: str
    nodes: tuple[np.ndarray, ...]
    confidence: tuple[float, ...] = ()
    taken: Taken | None = None


def read_sticks(
    path: str | Path | Table,
    geometry: Geometry,
    *,
    unit: str | None = None,
    columns: Sequence[str] | str | None = None,
) -> Sticks:
    """Read fault sticks; they may reach beyond the survey.

    Sticks come in the order of the file. Rows with line numbers and map coordinates are placed by
    the line numbers where these fit the survey, otherwise by x and y, row by row. Several faults in
    one file become one set of sticks.

    Args:
        path: a text file in one of the forms of this module.
        geometry: geometry of the cube.
        unit: unit of the times: "ms", "s", "us", "m", "ft" or "sample"; None to recognise it.
        columns: names of the columns, such as "x,y,time,name,stick"; None to recognise them.

    Raises:
        FormatError: the file is missing or is no text.
        LabelError: a row without numbers, line numbers mixed with map coordinates, or columns that
            may be read in two ways.
    """
    table = without_ends(open_table(path, COLUMNS))
    charisma = table.header.form == CHARISMA_STICKS and columns is None
    if charisma:
        stick = table.columns[CHARISMA_WORDS - 1] if len(table.columns) == CHARISMA_WORDS else None
        wrong = np.ones(len(table), bool) if stick is None else stick.wrong
        if wrong is not None and wrong.any():
            raise table.refusal(int(wrong.argmax()), CHARISMA)
    expected = CHARISMA if charisma else COLUMNS
    nodes = read_nodes(table, geometry, expected, Reading(columns, unit))
    numbers, of_row = nodes.numbers(geometry), stick_numbers(table, nodes.layout)
    if not are_divided(table, nodes.layout):
        refuse_joined(nodes, of_row, geometry)
    order = np.argsort(of_row, kind="stable")
    starts = np.flatnonzero(np.diff(of_row[order])) + 1
    sticks = tuple(np.split(numbers[order], starts))
    inside = np.all([axis.inside(numbers[:, i]) for i, axis in enumerate(geometry.axes)], axis=0)
    taken = Taken(
        table.path.name,
        "sticks",
        nodes.layout.shown,
        nodes.unit,
        f"{counted(len(sticks), 'stick')} of {counted(len(table), 'node')}",
        (("outside the cube", int((~inside).sum())),),
    )
    return Sticks(table.path.stem, sticks, taken=taken)


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
            f"{sticks.taken.file if sticks.taken else sticks.name}: expected sticks inside the "
            f"survey, {ranges}; got none, the first node is {first}. Check that sticks and cube "
            "are of one survey, the unit of the times (--unit) and the columns (--columns)."
        )
    return samples


def read_faults(
    paths: Sequence[str | Path],
    geometry: Geometry,
    *,
    unit: str | None = None,
    columns: Sequence[str] | str | None = None,
) -> Labels:
    """Read fault sticks as labels: one class for each file, in sorted order of file names.

    Args:
        paths: files of sticks in any order.
        geometry: geometry of the cube.
        unit: unit of the times: "ms", "s", "us", "m", "ft" or "sample"; None to recognise it.
        columns: names of the columns, such as "x,y,time"; None to recognise them.

    Raises:
        FormatError: a file is missing or is no text.
        LabelError: as `read_sticks` and `stick_positions`; or two files label one sample.
    """
    files = class_files(paths, "file of fault sticks")
    reading = Reading(columns, unit)
    return merge([stick_part(path, geometry, reading) for path in files], geometry)


def stick_part(
    source: Path | Table, geometry: Geometry, reading: Reading | None = None
) -> LabelPart:
    """Read the samples that the sticks of one file run through."""
    reading = reading or Reading()
    table = open_table(source, COLUMNS)
    sticks = read_sticks(table, geometry, unit=reading.unit, columns=reading.columns)
    positions = stick_positions(sticks, geometry)
    return LabelPart(table.path.name, sticks.name, positions, taken=sticks.taken)


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
