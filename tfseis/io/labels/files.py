"""Any label file as labels: the kind is recognised by name and content.

| kind | ending, or content of ``.dat .txt .asc .csv .xyz`` |
|---|---|
| points | ``.pts``; three columns, several times a trace |
| horizon | ``.hor .horizon``; Charisma's ``INLINE : XLINE :``; three columns, one time a trace |
| fault sticks | ``.sticks .flt .fss``; Charisma's ``INLINE-`` with a stick number; stick numbers |
| polygon | ``.poly .pol``; a first line ``# polygon``; two columns |
| painted section | ``.png`` |
| label cube | ``.sgy .segy .npy .npz`` |
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.arrays import NUMBERS
from tfseis.io.labels.horizon_facies import intervals
from tfseis.io.labels.horizons import read_horizon
from tfseis.io.labels.label_cube import open_label_cube, read_lines
from tfseis.io.labels.legend import legend_path, write_legend
from tfseis.io.labels.painted import read_painted
from tfseis.io.labels.points import Labels, Line, Part, merge, on_lines, point_parts
from tfseis.io.labels.polygons import polygon_part
from tfseis.io.labels.sticks import CHARISMA_WORDS, stick_part
from tfseis.io.labels.text import Table, is_number, place_bins, place_kind, read_table
from tfseis.io.output import check_output, complete_or_absent
from tfseis.io.segy.create import write_segy

ENDINGS = {
    ".pts": "points",
    ".hor": "horizon", ".horizon": "horizon",
    ".sticks": "sticks", ".flt": "sticks", ".fss": "sticks",
    ".poly": "polygon", ".pol": "polygon",
    ".png": "painted",
    ".sgy": "cube", ".segy": "cube", ".npy": "cube", ".npz": "cube",
}  # fmt: skip
TEXT = (".dat", ".txt", ".asc", ".csv", ".xyz", "")
COLUMNS = "inline crossline time, or x y time"
ONE_TIME = 0.99  # of the traces of a horizon hold one node
UNLABELLED = -1
SEGY_INT8, SEGY_INT16 = 8, 3


def read_labels(
    paths: Sequence[str | Path],
    geometry: Geometry,
    *,
    lines: Sequence[Line] = (),
    unit: str | None = None,
) -> Labels:
    """Read label files of any kind.

    Points, fault sticks and polygons are one class a file, numbered in sorted order of file names;
    horizons, two or more, follow with one class between each and the next below it. Painted
    sections, and one label cube, carry class codes of their own and come alone.

    Args:
        paths: the files; see the module for how their kinds are recognised.
        geometry: of the cube that they label.
        lines: (axis, number) of the lines to label: 0 inline, 1 crossline, 2 time; all if empty. A
            label cube needs them.
        unit: of times in text files: "ms", "s", "m" or "sample"; None to recognise it.

    Returns:
        The labels, each sample once.

    Raises:
        FormatError: a file is missing, or is not what its name or content says.
        LabelError: labels do not fit the cube or contradict each other, kinds that do not go
            together, or a file whose kind cannot be recognised.
    """
    files = sorted((Path(path) for path in paths), key=lambda path: path.name)
    if not files:
        raise LabelError("Expected at least one label file; got none. Give points or others.")
    kinds = [label_kind(path, geometry) for path in files]
    own = {"painted", "cube"} & set(kinds)
    if own and (len(set(kinds)) > 1 or (own == {"cube"} and len(files) > 1)):
        raise LabelError(
            "Expected one label cube, or painted sections, without files of another kind; got "
            f"{', '.join(sorted(set(kinds)))}. Their class numbers would mix: give them alone."
        )
    if own == {"cube"}:
        return read_lines(open_label_cube(files[0], geometry), lines)
    if own == {"painted"}:
        return _restricted(read_painted(files, geometry), geometry, lines)
    return merge(_parts(files, kinds, geometry, lines, unit), geometry)


def label_kind(path: str | Path, geometry: Geometry) -> str:
    """What a label file holds: "points", "horizon", "sticks", "polygon", "painted" or "cube".

    Raises:
        FormatError: the file is missing or is no text.
        LabelError: neither its name nor its content says.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending in ENDINGS:
        return ENDINGS[ending]
    if ending not in TEXT:
        raise LabelError(
            f"{path.name}: expected a label file; got the ending {ending!r}. Rename it to one of "
            f"{' '.join(ENDINGS)}."
        )
    table = read_table(path, COLUMNS)
    width = len(table.rows[0].words)
    if table.notes[:1] == ("polygon",) or width == 2:
        return "polygon"
    if table.rows[0].marked:
        return "sticks" if width >= CHARISMA_WORDS else "horizon"
    if not is_number(table.rows[0].words[0]):
        return "horizon"
    if _numbered_sticks(table):
        return "sticks"
    pairs = table.numbers((0, 1), COLUMNS)
    kind = place_kind(path, pairs, table.lines, geometry)
    traces = np.unique(np.rint(place_bins(pairs, kind, geometry)), axis=0)
    return "horizon" if len(traces) >= ONE_TIME * len(pairs) else "points"


def write_labels(
    path: str | Path, labels: Labels, geometry: Geometry, *, overwrite: bool = False
) -> None:
    """Write labels as a label cube, with the legend beside; unlabelled samples are -1.

    Args:
        path: ``.npz``, which `open_label_cube` reads, or ``.sgy``.
        labels: to write, with the codes of their legend.
        geometry: of their cube.
        overwrite: whether these files may be replaced.

    Raises:
        GeometryError: SEG-Y needs whole line numbers.
        LabelError: an unknown ending, or codes that 16 bits do not hold.
        OutputError: a file exists, or the folder cannot be written to.
    """
    path = Path(path)
    if ENDINGS.get(path.suffix.lower()) != "cube" or path.suffix.lower() == ".npy":
        raise LabelError(
            f"{path.name}: expected a name that ends in .npz or .sgy; got {path.suffix!r}. Choose "
            "one of these."
        )
    check_output(path, overwrite)
    check_output(legend_path(path), overwrite)
    codes = np.array(labels.legend.codes, "int64")
    if codes.max() > np.iinfo("int16").max:
        raise LabelError(
            f"Expected class codes of 16 bits; got {codes.max()}. Number the classes from 0."
        )
    small = codes.max() <= np.iinfo("int8").max
    cube = np.full(geometry.shape, UNLABELLED, "int8" if small else "int16")
    cube[tuple(labels.positions.T)] = codes[labels.classes]
    if path.suffix.lower() == ".npz":
        numbers = dict(zip(NUMBERS, (axis.numbers for axis in geometry.axes), strict=True))
        with complete_or_absent(path, overwrite) as partial, partial.open("wb") as file:
            np.savez_compressed(file, labels=cube, **numbers)  # type: ignore[arg-type]
    else:
        format = SEGY_INT8 if small else SEGY_INT16
        text = ["CLASS CODES, -1 UNLABELLED", *labels.legend.lines()[:36]]
        write_segy(path, cube, geometry, format=format, text=text, overwrite=overwrite)
    write_legend(legend_path(path), labels.legend)


def _parts(
    files: Sequence[Path],
    kinds: Sequence[str],
    geometry: Geometry,
    lines: Sequence[Line],
    unit: str | None,
) -> list[Part]:
    """Parts of text files, in the order of the classes."""
    points = [path for path, kind in zip(files, kinds, strict=True) if kind == "points"]
    found = {part.file: part for part, _ in point_parts(points, geometry, unit)}
    readers: dict[str, Callable[..., Part]] = {"sticks": stick_part, "polygon": polygon_part}
    for path, kind in zip(files, kinds, strict=True):
        if kind in readers:
            found[path.name] = readers[kind](path, geometry, unit)
    parts = [_part_on_lines(found[p.name], geometry, lines) for p in files if p.name in found]
    surfaces = [path for path, kind in zip(files, kinds, strict=True) if kind == "horizon"]
    if surfaces:
        horizons = [read_horizon(path, geometry, unit=unit) for path in surfaces]
        parts += intervals(horizons, geometry, lines=lines)
    return parts


def _part_on_lines(part: Part, geometry: Geometry, lines: Sequence[Line]) -> Part:
    if not lines:
        return part
    positions = on_lines(part.positions, geometry, lines)
    if not len(positions):
        raise LabelError(
            f"{part.file}: expected labels on the chosen lines; got none. Choose other lines, or "
            "leave out the file."
        )
    return Part(part.file, part.name, positions)


def _restricted(labels: Labels, geometry: Geometry, lines: Sequence[Line]) -> Labels:
    if not lines:
        return labels
    kept = on_lines(np.column_stack([labels.positions, labels.classes]), geometry, lines)
    if set(kept[:, 3].tolist()) != set(labels.classes.tolist()):
        raise LabelError(
            "Expected every painted class on the chosen lines; some have no sample there. Choose "
            "more lines, or none."
        )
    return Labels(kept[:, :3], kept[:, 3], labels.legend)


def _numbered_sticks(table: Table) -> bool:
    """Whether the fourth column counts sticks: whole, rising, at least two nodes for most."""
    if not all(len(row.words) > 3 and is_number(row.words[3]) for row in table.rows):
        return False
    numbers = np.array([float(row.words[3]) for row in table.rows])
    rising = bool((numbers == np.rint(numbers)).all() and (np.diff(numbers) >= 0).all())
    sticks = np.unique(numbers)
    return rising and 0 <= numbers[0] <= 1 and 2 * len(sticks) <= len(numbers)
