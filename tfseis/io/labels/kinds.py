"""Kinds of label files: how each is recognised and read, today's and those of your own.

| kind | ending, or content of ``.dat .txt .asc .csv .xyz`` |
|---|---|
| points | ``.pts``; three columns, several times a trace |
| horizon | ``.hor .horizon``; Charisma's ``INLINE : XLINE :``; three columns, one time a trace |
| sticks | ``.sticks .flt .fss``; Charisma's ``INLINE-`` with a stick number; stick numbers |
| polygon | ``.poly .pol``; a first line ``# polygon``; two columns |
| painted | ``.png`` |
| cube | ``.sgy .segy .npy .npz`` |

A kind of your own is a function that takes `LabelFiles` and returns `Labels`. Give it, or its name
as 'package.module:function', to `read_labels` as ``kind``; or put it into `LABEL_KINDS` with an
ending by which its files are recognised::

    def read_picks(files: LabelFiles) -> Labels:
        rows = np.concatenate([np.loadtxt(path) for path in files.paths])
        return Labels.at_numbers(rows[:, :3], rows[:, 3], files.geometry)

    LABEL_KINDS["picks"] = LabelKind(read_picks, endings=(".picks",))
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.between_horizons import intervals
from tfseis.io.labels.horizons import read_horizon
from tfseis.io.labels.label_cube import open_label_cube, read_lines
from tfseis.io.labels.labels import Labels, Line
from tfseis.io.labels.painted import read_painted
from tfseis.io.labels.parts import LabelPart
from tfseis.io.labels.points import point_parts
from tfseis.io.labels.polygons import polygon_part
from tfseis.io.labels.positions import place_bins, place_kind
from tfseis.io.labels.sticks import CHARISMA_WORDS, stick_part
from tfseis.io.labels.text import Table, is_number, read_table

TEXT = (".dat", ".txt", ".asc", ".csv", ".xyz", "")
COLUMNS = "inline crossline time, or x y time"
ONE_TIME = 0.99  # share of the traces of a horizon that hold one node


@dataclass(frozen=True)
class LabelFiles:
    """What a reader of label files is given.

    Args:
        paths: files of one kind, sorted by name.
        geometry: geometry of the cube that they label.
        lines: (axis, number) of the lines that are wanted: 0 inline, 1 crossline, 2 time; empty
            for all. Labels on other lines are left out afterwards, so a reader may ignore it.
        unit: unit of times in text files: "ms", "s", "m" or "sample"; None to recognise it.
    """

    paths: tuple[Path, ...]
    geometry: Geometry
    lines: tuple[Line, ...] = ()
    unit: str | None = None


Reader = Callable[[LabelFiles], Labels | Sequence[LabelPart]]


@dataclass(frozen=True)
class LabelKind:
    """One kind of label files.

    Args:
        read: function that reads the files. It returns `Labels`, whose classes have codes of
            their own; or a `LabelPart` for each class, which are merged with those of other kinds.
        endings: endings of file names, such as ".pts", by which files are recognised.
        own_codes: whether `read` returns `Labels`; such files come without files of other kinds.
        single: whether only one file of the kind can be given.
    """

    read: Reader
    endings: tuple[str, ...] = ()
    own_codes: bool = True
    single: bool = False


def label_kind(path: str | Path, geometry: Geometry) -> str:
    """The kind of a label file, a key of `LABEL_KINDS`, from its ending or its content.

    Raises:
        FormatError: the file is missing or is no text.
        LabelError: neither its name nor its content says.
    """
    path = Path(path)
    ending = path.suffix.lower()
    endings = {end: name for name, kind in LABEL_KINDS.items() for end in kind.endings}
    if ending in endings:
        return endings[ending]
    if ending not in TEXT:
        raise LabelError(
            f"{path.name}: expected a label file; got the ending {ending!r}. Rename it to one of "
            f"{' '.join(endings)}."
        )
    return _text_kind(path, geometry)


def _text_kind(path: Path, geometry: Geometry) -> str:
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


def _numbered_sticks(table: Table) -> bool:
    """Whether the fourth column counts sticks: whole, rising, at least two nodes for most."""
    if not all(len(row.words) > 3 and is_number(row.words[3]) for row in table.rows):
        return False
    numbers = np.array([float(row.words[3]) for row in table.rows])
    rising = bool((numbers == np.rint(numbers)).all() and (np.diff(numbers) >= 0).all())
    sticks = np.unique(numbers)
    return rising and 0 <= numbers[0] <= 1 and 2 * len(sticks) <= len(numbers)


def _points(files: LabelFiles) -> list[LabelPart]:
    return [part for part, _ in point_parts(files.paths, files.geometry, files.unit)]


def _sticks(files: LabelFiles) -> list[LabelPart]:
    return [stick_part(path, files.geometry, files.unit) for path in files.paths]


def _polygons(files: LabelFiles) -> list[LabelPart]:
    return [polygon_part(path, files.geometry, files.unit) for path in files.paths]


def _horizons(files: LabelFiles) -> list[LabelPart]:
    horizons = [read_horizon(path, files.geometry, unit=files.unit) for path in files.paths]
    return intervals(horizons, files.geometry, lines=files.lines)


def _painted(files: LabelFiles) -> Labels:
    return read_painted(files.paths, files.geometry)


def _cube(files: LabelFiles) -> Labels:
    return read_lines(open_label_cube(files.paths[0], files.geometry), files.lines)


LABEL_KINDS: dict[str, LabelKind] = {
    "points": LabelKind(_points, (".pts",), own_codes=False),
    "horizon": LabelKind(_horizons, (".hor", ".horizon"), own_codes=False),
    "sticks": LabelKind(_sticks, (".sticks", ".flt", ".fss"), own_codes=False),
    "polygon": LabelKind(_polygons, (".poly", ".pol"), own_codes=False),
    "painted": LabelKind(_painted, (".png",)),
    "cube": LabelKind(_cube, (".sgy", ".segy", ".npy", ".npz"), single=True),
}
