"""Which column of a text table is the inline, the crossline, x, y and the time.

Columns that the user names come first, then titles, then the form: ``inline crossline time`` or
``x y time``; of five columns that agree with each other, ``inline crossline x y time`` or
``x y inline crossline time``. A column that counts the rows may stand before them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.fitting import LINES, MAP, MOST, pairs_agree, share_inside
from tfseis.io.labels.headers import CHARISMA_HORIZON, CHARISMA_STICKS, HORIZON_WORDS
from tfseis.io.labels.positions import place_kind
from tfseis.io.labels.text import Table
from tfseis.io.labels.titles import (
    PLACES,
    UNITS,
    counts_rows,
    named_columns,
    named_unit,
    role_and_unit,
    titles_of,
    vertical_rank,
)

ASK = "Say which with --columns (columns=..), such as {}."


@dataclass(frozen=True)
class Layout:
    """Meaning of the columns of a table.

    Args:
        roles: index of the column of each role, in the order of the file; roles are those of
            `tfseis.io.labels.titles.ROLES`.
        unit: unit of the times that the file states; "" where it states none.
        told: whether titles or the user named the columns.
        others: indices of columns that nothing names.
    """

    roles: dict[str, int]
    unit: str = ""
    told: bool = False
    others: tuple[int, ...] = ()

    @property
    def shown(self) -> str:
        """The roles in the order of the file, for messages."""
        return " ".join(sorted(self.roles, key=self.roles.__getitem__))


def layout_of(
    table: Table,
    geometry: Geometry,
    expected: str,
    columns: Sequence[str] | str | None = None,
    *,
    timed: bool = True,
) -> Layout:
    """Find the columns of a table.

    Args:
        table: the table.
        geometry: geometry of the cube.
        expected: names of the columns, for messages.
        columns: names of the columns, as `named_columns` takes them; None to recognise them.
        timed: whether a column of times is needed; without, polygons lie on the map.

    Raises:
        LabelError: unknown names, titles that name no places, or columns that may be read in two
            ways.
    """
    if columns is not None:
        named = named_columns(columns)
        if len(named) > len(table.columns):
            raise LabelError(
                f"{table.path.name}: expected {len(named)} columns, "
                f"{','.join(role or '-' for role in named)}; got {table.row(0)!r} in line "
                f"{table.lines[0]}. Name those that it has."
            )
        unit = named_unit(columns)
        return _complete(table, geometry, _numbered(named), unit, timed=timed)
    if table.header.form in {CHARISMA_HORIZON, CHARISMA_STICKS}:
        return Layout(_charisma(table, geometry))
    titles = titles_of(table)
    if titles:
        return _of_titles(table, geometry, titles, timed=timed)
    roles = _by_form(table, geometry, expected, timed=timed)
    others = tuple(i for i in range(len(table.columns)) if i not in roles.values())
    return Layout(roles, UNITS.get(table.header.unit, ""), others=others)


def _numbered(roles: Sequence[str]) -> dict[str, int]:
    return {role: index for index, role in enumerate(roles) if role}


def _of_titles(table: Table, geometry: Geometry, titles: Sequence[str], *, timed: bool) -> Layout:
    """The layout that titles name; where the last column has none, the first may be an index.

    Raises:
        LabelError: the columns fit the cube with an index and without.
    """
    ways = [titles]
    in_all = table.columns[len(titles) - 1].wrong is None  # what single rows add is no column
    if titles[0] and titles[-1] == "" and "" not in titles[:-1] and in_all:
        ways.append(("", *titles[:-1]))
    found = []
    for way in ways:
        roles, unit = _titled(table, way, geometry)
        others = tuple(i for i, title in enumerate(way) if not title)
        found.append(replace(_complete(table, geometry, roles, unit, timed=timed), others=others))
    if len(found) == 1 or not timed:
        return found[0]
    fit = [share_inside(table, layout.roles, geometry) > MOST for layout in found]
    if all(fit):
        raise LabelError(
            f"{table.path.name}: expected a title for each of {len(titles)} columns; got "
            f"{len(titles) - 1}, and the first column may be an index. "
            + ASK.format(f"-,{','.join(found[0].shown.split())}")
        )
    return found[1] if fit[1] else found[0]


def _titled(table: Table, titles: Sequence[str], geometry: Geometry) -> tuple[dict[str, int], str]:
    """Roles of titled columns, and the unit of the times."""
    found: dict[str, list[int]] = {}
    words: list[int] = []
    units = {}
    for index, title in enumerate(titles):
        role, units[index] = role_and_unit(title)
        if role and (role not in PLACES or not table.columns[index].is_text):
            found.setdefault(role, []).append(index)
        elif role == "time":
            words.append(index)
    if words and "time" not in found:
        raise table.refusal(0, f"a number in the column of {titles[words[0]].strip()}")
    if len(found.get("time", [])) > 1:
        ranks = {i: vertical_rank(titles[i], geometry.sample_unit) for i in found["time"]}
        found["time"] = [i for i, rank in ranks.items() if rank == min(ranks.values())]
    for role, indices in found.items():
        if role in PLACES and len(indices) > 1:
            raise LabelError(
                f"{table.path.name}: expected one column of {role}; got titles "
                f"{' and '.join(repr(titles[i]) for i in indices)}. "
                + ASK.format("inline,crossline,-,time")
            )
    roles = {role: indices[0] for role, indices in found.items()}
    unit = units.get(roles.get("time", -1), "") or table.header.unit
    return dict(sorted(roles.items(), key=lambda pair: pair[1])), unit


def _complete(
    table: Table, geometry: Geometry, roles: dict[str, int], unit: str = "", *, timed: bool
) -> Layout:
    """The layout, checked: it has a place that the cube knows, and a time where one is needed."""
    lines, on_map = set(LINES) <= set(roles), set(MAP) <= set(roles)
    if "time" not in roles and timed:
        raise LabelError(
            f"{table.path.name}: expected a column of times; got titles of {', '.join(roles)} "
            "alone. " + ASK.format("x,y,time" if on_map else "inline,crossline,time")
        )
    if not lines and not on_map:
        raise LabelError(
            f"{table.path.name}: expected columns of inline and crossline, or of x and y; got "
            f"titles of {', '.join(roles)}. " + ASK.format("inline,crossline,time")
        )
    if not lines and geometry.affine is None:
        raise LabelError(
            f"{table.path.name}: expected inline and crossline, since the trace headers of the "
            "cube have no map coordinates; got x and y. Export line numbers, or name the bytes "
            "that hold x and y."
        )
    left = {*(LINES if not lines else ()), *(MAP if not on_map or geometry.affine is None else ())}
    roles = {role: index for role, index in roles.items() if role not in left}
    return Layout(roles, UNITS.get(unit, unit), told=True)


def _charisma(table: Table, geometry: Geometry) -> dict[str, int]:
    width = len(table.columns)
    if table.header.form == CHARISMA_HORIZON and width < HORIZON_WORDS:
        return {"inline": 0, "crossline": 1, "time": 2}
    roles = {"inline": 0, "crossline": 1, "x": 2, "y": 3, "time": 4}
    if geometry.affine is None:
        roles = {"inline": 0, "crossline": 1, "time": 4}
    if table.header.form == CHARISMA_STICKS:
        roles |= {"name": 5, "stick": 6}
    return roles


def _by_form(table: Table, geometry: Geometry, expected: str, *, timed: bool) -> dict[str, int]:
    first = table.text_before
    if not timed:
        pair = [table.numbers(first + i, expected) for i in range(2)]
        kind = place_kind(table.path, pair[0], pair[1], table.lines, geometry)
        return _placed(LINES if kind == "lines" else MAP, first)
    table.numbers(first + 2, expected)  # fewer columns are no places with times
    if first + 3 < len(table.columns) and counts_rows(table, first):
        return _with_index(table, geometry, first, expected)
    return _from(table, geometry, first, expected)


def _placed(pair: tuple[str, str], first: int) -> dict[str, int]:
    return {pair[0]: first, pair[1]: first + 1}


def _with_index(table: Table, geometry: Geometry, first: int, expected: str) -> dict[str, int]:
    """Roles where the first column counts the rows, and so may be an index."""
    readings = [_from(table, geometry, first + shift, expected) for shift in range(2)]
    fit = [share_inside(table, roles, geometry) > MOST for roles in readings]
    if all(fit):
        raise LabelError(
            f"{table.path.name}: expected columns that read in one way; the first counts the rows, "
            "and may be an index or the inline. " + ASK.format("-,inline,crossline,time")
        )
    return readings[1] if fit[1] else readings[0]


def _from(table: Table, geometry: Geometry, first: int, expected: str) -> dict[str, int]:
    """Roles of the columns from the first place on."""
    pair = [table.numbers(first + i, expected) for i in range(2)]
    numeric = _numbers_from(table, first)
    if numeric >= HORIZON_WORDS:
        for names in ((*LINES, *MAP, "time"), (*MAP, *LINES, "time")):
            roles = {name: first + i for i, name in enumerate(names)}
            if geometry.affine is not None and pairs_agree(table, roles, geometry):
                return roles
    kind = place_kind(table.path, pair[0], pair[1], table.lines, geometry)
    roles = _placed(LINES if kind == "lines" else MAP, first) | {"time": first + 2}
    if numeric >= HORIZON_WORDS and share_inside(table, roles, geometry) <= MOST:
        _ask(table, geometry, roles, roles | {"time": first + 4})
    return roles


def _ask(table: Table, geometry: Geometry, roles: dict[str, int], other: dict[str, int]) -> None:
    """Refuse rows whose third column is no time of the cube, but whose fifth is."""
    if share_inside(table, other, geometry) > MOST >= share_inside(table, roles, geometry):
        names = ",".join(
            {index: role for role, index in other.items()}.get(i, "-") for i in range(5)
        )
        raise LabelError(
            f"{table.path.name}: expected a time in the third of {len(table.columns)} columns; got "
            f"{table.row(0)!r} in line {table.lines[0]}, where the fifth fits the cube. "
            + ASK.format(names)
        )


def _numbers_from(table: Table, first: int) -> int:
    """How many columns of numbers follow each other from one on."""
    count = 0
    for column in table.columns[first:]:
        if column.is_text:
            break
        count += 1
    return count
