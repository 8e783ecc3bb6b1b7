"""Kind of a label file, from its ending, from what its form says, or from its titles.

What is left open is asked about: three columns without a title or an ending that says more may be
points or a horizon, and are a horizon only where each trace of a rectangle of the survey has one
row, line by line, as exports of horizons have.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.columns import Layout, layout_of
from tfseis.io.labels.headers import CHARISMA_STICKS, HORIZON_FORMS
from tfseis.io.labels.nodes import Reading, place_rows
from tfseis.io.labels.pieces import stick_form, without_ends
from tfseis.io.labels.polygons import depth_notes, has_times
from tfseis.io.labels.text import Table, read_table
from tfseis.io.labels.titles import named_columns, role_and_unit, titles_of

TEXT = (".dat", ".txt", ".asc", ".csv", ".xyz", "")
COLUMNS = "inline crossline time, or x y time"
ONE_TIME = 0.99  # share of the rows of a horizon that lie on a trace of their own
STILL = 0.1  # steps; rows this close to each other lie on one line
FEWEST_LINES = 3  # of a horizon; picks of one kind may lie along one or two
MOST_ALONG = 0.6  # share of the rows of a horizon behind which the next trace of the line stands
SAID = {"class": "points", "stick": "sticks", "polygon": "polygon"}  # kinds by a column's title
WORDS = {"polygon": "polygon", "polygons": "polygon", "horizon": "horizon", "points": "points"}
WORDS |= {"sticks": "sticks", "faultsticks": "sticks"}


def label_kind(path: str | Path, geometry: Geometry) -> str:
    """The kind of a label file, a key of `LABEL_KINDS`, from its ending or its content.

    Raises:
        FormatError: the file is missing or is no text.
        LabelError: neither its name nor its content says.
    """
    from tfseis.io.labels.kinds import LABEL_KINDS  # noqa: PLC0415 - which lists the readers

    endings = {end: name for name, kind in LABEL_KINDS.items() for end in kind.endings}
    return kind_and_table(Path(path), geometry, Reading(), endings)[0]


def kind_and_table(
    path: Path, geometry: Geometry, reading: Reading, endings: Mapping[str, str]
) -> tuple[str, Table | None]:
    """The same, and the table of the file where it was read for that.

    Args:
        path: the file.
        geometry: geometry of the cube.
        reading: what the user says of the file.
        endings: kind of each ending of file names that says it.
    """
    ending = path.suffix.lower()
    if ending in endings:
        return endings[ending], None
    if ending not in TEXT:
        raise LabelError(
            f"{path.name}: expected a label file; got the ending {ending!r}. Rename it to one of "
            f"{' '.join(endings)}."
        )
    table = read_table(path, COLUMNS)
    return _text_kind(table, geometry, reading), table


def _text_kind(table: Table, geometry: Geometry, reading: Reading) -> str:
    said = _said(table, reading)
    if said:
        return said
    on_map = len(table.columns) == 2 or depth_notes(table) or reading.columns is not None
    if on_map and not has_times(table, reading):
        return "polygon"
    whole = without_ends(table)
    layout = layout_of(whole, geometry, COLUMNS, reading.columns)
    if whole.parts[-1] == 0 and stick_form(whole, layout):
        return "sticks"
    if _fills_lines(whole, layout, geometry):
        return "horizon"
    if whole.parts[-1] > 0:
        raise _asked(table, ("sticks", "polygon"), "rows between empty lines or other separators")
    if _whole_behind(whole, layout):
        raise _asked(table, ("points", "sticks", "polygon"), "whole numbers behind the time")
    if whole.text_before and "name" not in layout.roles:
        if len(whole.columns[0].names) > 1:
            raise _asked(table, ("sticks", "points"), "rows that begin with several names")
        return "horizon"
    if _share_of_traces(whole, layout, geometry) < ONE_TIME:
        return "points"
    raise _asked(table, ("points", "horizon"), f"rows of {layout.shown}")


def _said(table: Table, reading: Reading) -> str:
    """The kind that the user's columns, the form or a title says; "" where none does."""
    if table.header.form == CHARISMA_STICKS:
        return "sticks"
    if table.header.form in HORIZON_FORMS:
        return "horizon"
    if table.header.notes[:1] and table.header.notes[0].strip().lower() in WORDS:
        return WORDS[table.header.notes[0].strip().lower()]
    if reading.columns is not None:
        roles = set(named_columns(reading.columns))
    else:
        roles = {role_and_unit(title)[0] for title in titles_of(table)}
    for role, kind in SAID.items():
        if role in roles:
            return kind
    heading = {word.lower().strip(":") for note in table.header.notes for word in note.split()[:1]}
    return "horizon" if heading & {"horizon", "grid_size"} else ""  # the second: EarthVision


def _fills_lines(table: Table, layout: Layout, geometry: Geometry) -> bool:
    """Whether rows run along the lines of a grid, of the survey or of the map."""
    pairs = [place_rows(table, layout, geometry, COLUMNS)[:2]]
    if "x" in layout.roles:
        x, y = (table.columns[layout.roles[role]].values for role in ("x", "y"))
        pairs.append((x, y))
    return any(_along_lines(a, b) or _along_lines(b, a) for a, b in pairs)


def _along_lines(still: np.ndarray, moving: np.ndarray) -> bool:
    """Whether one coordinate stays on a line while the other goes on by even steps.

    Nodes without a value may be left out of a line.
    """
    across, along = np.abs(np.diff(still)), np.abs(np.diff(moving))
    if not len(along) or not np.isfinite(across + along).all():
        return False
    step = float(np.median(along))
    same = across < STILL * step
    even = np.abs(along[same] - step) < STILL * step
    lines = 1 + int((~same).sum())
    return lines >= FEWEST_LINES and step > 0 and int(even.sum()) >= MOST_ALONG * len(along)


def _share_of_traces(table: Table, layout: Layout, geometry: Geometry) -> float:
    """Number of different traces, divided by that of rows."""
    bins = np.rint(place_rows(table, layout, geometry, COLUMNS)[:2])
    bins = bins[:, np.isfinite(bins).all(axis=0)]
    return len(np.unique(bins[0] + 1j * bins[1])) / max(1, bins.shape[1])


def _whole_behind(table: Table, layout: Layout) -> bool:
    """Whether whole numbers that nothing names stand behind the times."""
    behind = [index for index in layout.others if index > max(layout.roles.values())]
    if not behind:
        return False
    column = table.columns[behind[0]]
    return column.codes is None and bool((column.values == np.rint(column.values)).all())


def _asked(table: Table, kinds: tuple[str, ...], got: str) -> LabelError:
    """The error for a file that may be of several kinds."""
    return LabelError(
        f"{table.path.name}: expected a file whose ending or titles say what it holds; got {got}, "
        f"which may be {', '.join(kinds[:-1])} or {kinds[-1]}. Say which: --kind "
        f"{table.path.name}={kinds[0]} (kind={kinds[0]!r}), or --kind with another of these."
    )
