"""Where fault sticks and polygons of a text table end, by what their format says."""

from collections.abc import Sequence

import numpy as np

from tfseis.errors import LabelError
from tfseis.io.labels.cells import Column
from tfseis.io.labels.columns import ASK, Layout
from tfseis.io.labels.fitting import LINES, MAP
from tfseis.io.labels.text import Table

END = 999.0  # in all columns of a row: Irap's end of a polygon
FIRST, MIDDLE, LAST = 6.0, 7.0, 8.0  # Landmark's point types of the nodes of a stick


def without_ends(table: Table) -> Table:
    """The table without the rows of 999 that end a polygon; the next row begins a part.

    Raises:
        LabelError: it holds no other rows.
    """
    columns = [column for column in table.columns[:3] if not column.is_text]
    if len(columns) < 2:
        return table
    ends = np.all([column.values == END for column in columns], axis=0)
    if not ends.any():
        return table
    if ends.all():
        raise LabelError(
            f"{table.path.name}: expected nodes; got rows of 999 alone. Leave out the file."
        )
    parts = table.parts + np.cumsum(ends, dtype="int32")
    return table.with_parts(parts).chosen(~ends)


def stick_numbers(table: Table, layout: Layout) -> np.ndarray:
    """Number of the stick of each row, in order of the first row of each, int64 (rows,).

    Sticks end where a part ends (or at a comment such as ``# stick 2``, where nothing else divides
    them), where Landmark's point types 6, 7 and 8 say so, or where the name
    of the fault or the number of the stick changes. Rows of one name and number belong together,
    wherever they stand; without names, numbers may restart.

    Raises:
        LabelError: the further columns may be read in two ways.
    """
    roles = layout.roles
    rest = _further(table, layout)
    for index in rest:
        if _point_types(table.columns[index].values):
            return np.cumsum(table.columns[index].values == FIRST) - 1
    if "stick" in roles or "name" in roles:
        keys = [roles[role] for role in ("name", "stick") if role in roles]
        node = roles.get("node")
    elif "node" in roles:
        keys, node = [], roles["node"]
    else:
        keys, node = _keys(table, rest)
    names = any(table.columns[index].codes is not None for index in keys)
    changes = _changes(table, keys)
    if node is not None:
        changes |= _restarts(table.columns[node].values)
    if names and len(keys) > 1 and node is None:
        return _gathered(table, keys)
    if node is None and not keys and not table.parts.any():
        changes[1:] |= np.diff(table.noted) != 0
    return np.cumsum(changes) - 1


def are_divided(table: Table, layout: Layout) -> bool:
    """Whether something tells the sticks of a fault apart, besides the name of the fault."""
    if table.parts.any() or table.noted.any() or {"stick", "node"} & set(layout.roles):
        return True
    rest = _further(table, layout)
    if any(_point_types(table.columns[index].values) for index in rest):
        return True
    keys, node = ([], None) if "name" in layout.roles else _keys(table, rest)
    return node is not None or len(keys) > any(table.columns[i].codes is not None for i in keys)


def stick_form(table: Table, layout: Layout) -> bool:
    """Whether the columns behind the time are those of sticks in a way that nothing else has.

    These are Landmark's point types; a number of sticks and one that counts the nodes of each; and
    the name of a fault with the number of a stick behind, both for two nodes or more.
    """
    rest = _further(table, layout)
    if not rest:
        return False
    if any(_point_types(table.columns[index].values) for index in rest):
        return True
    words = [index for index in rest if table.columns[index].codes is not None]
    if not words and not _whole(table.columns[rest[0]].values):
        return False
    keys, node = _keys(table, rest)
    named = bool(words) and words[0] > table.text_before and len(keys) > 1
    few = 2 * (1 + int(_changes(table, keys)[1:].sum())) <= len(table)
    return node is not None or (named and few)


def polygon_numbers(table: Table, layout: Layout, *, timed: bool) -> np.ndarray:
    """Number of the polygon of each row, as `stick_numbers`.

    Polygons end where a part ends, and where the number or the name behind the vertex changes.

    Raises:
        LabelError: the column behind may be a number of polygons or something else.
    """
    keys = [layout.roles[role] for role in ("polygon", "stick", "name") if role in layout.roles]
    if not keys:
        further = _further(table, layout)[:1] if timed else []
        keys = [index for index in further if _is_id(table, index)]
    changes = _changes(table, keys)
    if "node" in layout.roles:
        changes |= _restarts(table.columns[layout.roles["node"]].values)
    elif not keys and not table.parts.any():
        changes[1:] |= np.diff(table.noted) != 0
    return np.cumsum(changes) - 1


def _further(table: Table, layout: Layout) -> list[int]:
    """Columns that nothing names before or behind the places and times, which all rows have."""
    used = [layout.roles[role] for role in (*LINES, *MAP, "time") if role in layout.roles]
    others = [i for i in layout.others if i < table.text_before or i > max(used)]
    return [index for index in others if _in_all_rows(table.columns[index])]


def _in_all_rows(column: Column) -> bool:
    """Whether no row ends before a column, as rows without a remark do."""
    return column.codes is None or bool((column.codes >= 0).all())


def _keys(table: Table, rest: Sequence[int]) -> tuple[list[int], int | None]:
    """Columns that tell sticks apart, and the column that counts the nodes of each."""
    words = [index for index in rest if table.columns[index].codes is not None]
    numbers = [index for index in rest if index not in words]
    whole = [index for index in numbers if _whole(table.columns[index].values)]
    if words and words[0] == rest[0]:  # name, stick, node
        keys = [*words[:1], *[index for index in rest[1:] if index in whole or index in words]]
        if len(keys) > 2 and _counts_nodes(table, keys[:-1], keys[-1]):
            return keys[:-1], keys[-1]
        return keys, None
    if not numbers:
        return [], None
    if numbers[0] not in whole and not table.parts.any():
        raise LabelError(
            f"{table.path.name}: expected the number of the stick behind the time, or empty lines "
            f"between sticks; got {table.row(0)!r} in line {table.lines[0]}. "
            + ASK.format("inline,crossline,time,stick, or inline,crossline,time for a single stick")
        )
    keys = [numbers[0]] if numbers[0] in whole else []
    counts = len(numbers) > 1 and bool(keys) and _counts_nodes(table, keys, numbers[1])
    return keys, numbers[1] if counts else None


def _changes(table: Table, keys: Sequence[int]) -> np.ndarray:
    """Where a part or the words of some columns change, bool (rows,); true in the first row."""
    changes = np.zeros(len(table), bool)
    changes[0] = True
    changes[1:] |= np.diff(table.parts) != 0
    for index in keys:
        column = table.columns[index]
        words = column.values if column.codes is None else column.codes
        absent = np.isnan(column.values) if column.codes is None else column.codes < 0
        if absent.any():
            raise table.refusal(int(absent.argmax()), "the number of the stick or polygon")
        changes[1:] |= words[1:] != words[:-1]
    return changes


def _gathered(table: Table, keys: Sequence[int]) -> np.ndarray:
    """Rows of one name and number, wherever they stand, are one stick."""
    words = [table.columns[index] for index in keys]
    rows = np.stack([c.values if c.codes is None else c.codes for c in words], axis=1)
    _, first, group = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[group.ravel()]


def _restarts(nodes: np.ndarray) -> np.ndarray:
    """Where the count of nodes begins again."""
    return np.concatenate([[True], nodes[1:] <= nodes[:-1]])


def _counts_nodes(table: Table, keys: Sequence[int], column: int) -> bool:
    """Whether a column counts the nodes of each stick, from 0 or 1."""
    values = table.columns[column].values
    if not _whole(values):
        return False
    starts = _changes(table, keys) | _restarts(values)
    first = values[starts]
    steps = np.diff(values)[~starts[1:]]
    return bool((first == first[0]).all() and first[0] in {0, 1} and (steps == 1).all())


def _point_types(values: np.ndarray) -> bool:
    """Whether values are Landmark's point types: 6, any number of 7, and 8 for each stick."""
    if not len(values) or values[0] != FIRST or not np.isin(values, (FIRST, MIDDLE, LAST)).all():
        return False
    begins = values[1:] == FIRST
    return bool((begins == (values[:-1] == LAST)).all() and values[-1] == LAST)


def _is_id(table: Table, index: int) -> bool:
    """Whether a column behind the vertices numbers or names polygons.

    Raises:
        LabelError: it holds whole numbers that leave fewer than three vertices to a polygon.
    """
    column = table.columns[index]
    if column.codes is not None:
        return True
    if not _whole(column.values):
        return False
    runs = np.diff([*np.flatnonzero(_changes(table, [index])), len(table)])
    if runs.min() < 3 and len(runs) > table.parts.max() + 1:
        raise LabelError(
            f"{table.path.name}: expected the number of the polygon behind the time, the same for "
            f"three vertices or more; got {table.row(0)!r} in line {table.lines[0]}. "
            + ASK.format("inline,crossline,time or inline,crossline,time,polygon")
        )
    return True


def _whole(values: np.ndarray) -> bool:
    return bool((values == np.rint(values)).all())
