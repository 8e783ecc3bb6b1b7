"""Kinds of label files: how each is recognised and read, today's and those of your own.

| kind | ending, or content of ``.dat .txt .asc .csv .xyz`` |
|---|---|
| points | ``.pts``; a title "class"; three columns, several times a trace |
| horizon | ``.hor .horizon``; forms and titles of horizons; three columns that run along lines |
| surface | none: a horizon that is a class of its own, the samples nearest to it |
| sticks | ``.sticks .flt .fss``; Charisma's ``INLINE-``; a title "stick"; sticks and their nodes |
| polygon | ``.poly .pol``; a first line ``# polygon``; a title "polygon"; two columns |
| painted | ``.png`` |
| cube | ``.sgy .segy .npy .npz`` |

Content that leaves several kinds open is asked about: see `tfseis.io.labels.recognised`.

A kind of your own is a function that takes `LabelFiles` and returns `Labels`. Give it, or its name
as 'package.module:function', to `read_labels` as ``kind``; or put it into `LABEL_KINDS` with an
ending by which its files are recognised::

    def read_picks(files: LabelFiles) -> Labels:
        rows = np.concatenate([np.loadtxt(path) for path in files.paths])
        return Labels.at_numbers(rows[:, :3], rows[:, 3], files.geometry)

    LABEL_KINDS["picks"] = LabelKind(read_picks, endings=(".picks",))
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfseis.geometry import Geometry
from tfseis.io.labels.between_horizons import intervals
from tfseis.io.labels.horizons import Horizon, nearest_samples, read_horizon
from tfseis.io.labels.label_cube import open_label_cube, read_lines
from tfseis.io.labels.labels import Labels, Line
from tfseis.io.labels.nodes import Reading
from tfseis.io.labels.painted import read_painted
from tfseis.io.labels.parts import LabelPart
from tfseis.io.labels.points import point_parts
from tfseis.io.labels.polygons import polygon_parts
from tfseis.io.labels.sticks import stick_part
from tfseis.io.labels.text import Table


@dataclass(frozen=True)
class LabelFiles:
    """What a reader of label files is given.

    Args:
        paths: files of one kind, sorted by name.
        geometry: geometry of the cube that they label.
        lines: (axis, number) of the lines that are wanted: 0 inline, 1 crossline, 2 time; empty
            for all. Labels on other lines are left out afterwards, so a reader may ignore it.
        unit: unit of times in text files: "ms", "s", "us", "m", "ft" or "sample"; None to
            recognise it.
        readings: what the user says of some files; others have `unit` alone.
        tables: text files that are read already.
        ignore: codes of a label cube, or of a column of classes, that mean unlabelled.
    """

    paths: tuple[Path, ...]
    geometry: Geometry
    lines: tuple[Line, ...] = ()
    unit: str | None = None
    readings: Mapping[Path, Reading] = field(default_factory=dict)
    tables: Mapping[Path, Table] = field(default_factory=dict, repr=False)
    ignore: tuple[int, ...] = ()

    def reading(self, path: Path) -> Reading:
        """What the user says of a file."""
        return self.readings.get(path, Reading(unit=self.unit))

    def source(self, path: Path) -> Path | Table:
        """The table of a file where it is read already, else its path."""
        return self.tables.get(path, path)


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


def _points(files: LabelFiles) -> list[LabelPart]:
    readings = [files.reading(path) for path in files.paths]
    sources = [files.source(path) for path in files.paths]
    return point_parts(sources, files.geometry, readings, files.ignore)


def _sticks(files: LabelFiles) -> list[LabelPart]:
    read = files.source, files.reading
    return [stick_part(read[0](path), files.geometry, read[1](path)) for path in files.paths]


def _polygons(files: LabelFiles) -> list[LabelPart]:
    readings = [files.reading(path) for path in files.paths]
    sources = [files.source(path) for path in files.paths]
    return polygon_parts(sources, files.geometry, readings)


def _horizons(files: LabelFiles) -> list[LabelPart]:
    return intervals(_read_horizons(files), files.geometry, lines=files.lines)


def _surfaces(files: LabelFiles) -> list[LabelPart]:
    return [
        LabelPart(
            path.name, path.stem, nearest_samples(horizon, files.geometry), taken=horizon.taken
        )
        for path, horizon in zip(files.paths, _read_horizons(files), strict=True)
    ]


def _read_horizons(files: LabelFiles) -> list[Horizon]:
    found = []
    for path in files.paths:
        said = files.reading(path)
        source = files.source(path)
        found.append(read_horizon(source, files.geometry, unit=said.unit, columns=said.columns))
    return found


def _painted(files: LabelFiles) -> Labels:
    return read_painted(files.paths, files.geometry)


def _cube(files: LabelFiles) -> Labels:
    return read_lines(
        open_label_cube(files.paths[0], files.geometry, ignore=files.ignore), files.lines
    )


LABEL_KINDS: dict[str, LabelKind] = {
    "points": LabelKind(_points, (".pts",), own_codes=False),
    "horizon": LabelKind(_horizons, (".hor", ".horizon"), own_codes=False),
    "surface": LabelKind(_surfaces, own_codes=False),
    "sticks": LabelKind(_sticks, (".sticks", ".flt", ".fss"), own_codes=False),
    "polygon": LabelKind(_polygons, (".poly", ".pol"), own_codes=False),
    "painted": LabelKind(_painted, (".png",)),
    "cube": LabelKind(_cube, (".sgy", ".segy", ".npy", ".npz"), single=True),
}
