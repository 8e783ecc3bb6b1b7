"""Diagnosis of a SEG-Y file: what it is, why it does not open, and arguments that open it."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from tfseis.errors import GeometryError
from tfseis.io.doctor.facts import facts_of, layout_facts, told
from tfseis.io.doctor.gathers import is_pre_stack, maybe_gathers
from tfseis.io.doctor.header_search import Search, searched
from tfseis.io.doctor.layout import readable_layouts
from tfseis.io.doctor.map_search import with_map
from tfseis.io.doctor.repair import repaired
from tfseis.io.segy.grid import StartTimesError, grid_from
from tfseis.io.segy.layout import Layout
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.options import command_line
from tfseis.io.segy.padding import scan_with_padding

EXIT_CODES = {"opens": 0, "opens with arguments": 3, "cannot": 4}
OTHER_FIELDS = {
    "kind": 29,
    "shot": 9,
    "channel": 13,
    "shot_point": 17,
    "cdp": 21,
    "source_x": 73,
    "source_y": 77,
    "group_x": 81,
    "group_y": 85,
}
EVENLY = 0.9  # share of equal steps from trace to trace that makes a line


@dataclass(frozen=True)
class Diagnosis:
    """Result of trying to open a file as a cube.

    Args:
        path: the file.
        verdict: "opens", "opens with arguments" or "cannot".
        exit_code: exit code of the command: 0, 3 or 4 in the order of these verdicts.
        kind: "cube", "pre-stack", "2D line", "single trace", "unstructured" or "broken".
        reason: why the file does not open with the given arguments; "" where it does.
        arguments: all arguments of `open_segy` that are needed, including the given ones.
        facts: facts about the file, by name.
    """

    path: str
    verdict: str
    exit_code: int
    kind: str
    reason: str
    arguments: dict[str, object]
    facts: dict[str, object]

    def as_dict(self) -> dict[str, object]:
        """All fields in types that JSON has, with the arguments as options of the command line."""
        return {**asdict(self), "command_line": command_line(self.arguments)}


def diagnose(
    path: str | Path,
    *,
    inline_byte: int = 189,
    crossline_byte: int = 193,
    x_byte: int = 181,
    y_byte: int = 185,
    endian: str | None = None,
    sample_format: int | None = None,
    text_headers: int | None = None,
    grid: str = "numbers",
    duplicates: str = "refuse",
    skip_traces: Sequence[int] | None = None,
    samples: int | None = None,
    sample_interval: float | None = None,
    start: float | None = None,
    sample_unit: str | None = None,
    coordinate_scalar: int | None = None,
    line_format: str = "integer",
    coordinate_format: str = "integer",
) -> Diagnosis:
    """Find out what a SEG-Y file is and how it opens as a cube.

    The verdict is "opens" for a file that `open_segy` opens with these arguments. In another file
    the header fields are searched for a grid, and then the coordinates. Only the samples of some
    traces are read.

    Args:
        path: any file.
        inline_byte: first byte of the inline number in the trace header, counted from 1; this and
            all further arguments are those of `open_segy`.
        crossline_byte: first byte of the crossline number.
        x_byte: first byte of the map x coordinate.
        y_byte: first byte of the map y coordinate.
        endian: byte order, "big" or "little"; None to detect it.
        sample_format: sample format code; None to use byte 3225.
        text_headers: number of extended textual headers; None to use byte 3505.
        grid: "numbers" or "coordinates", from which the grid is formed.
        duplicates: "refuse", "first" or "last", for several traces at one place.
        skip_traces: numbers of traces to leave out, from 1.
        samples: number of samples in a trace, where bytes 3221 and 115 are wrong; None to use
            these and the size of the file.
        sample_interval: distance between samples in `sample_unit`; None to use bytes 3217 and 117.
        start: time or depth of the first sample in `sample_unit`; None to use byte 109.
        sample_unit: "ms" for time, "m" or "ft" for depth; None for what the file says, mostly ms.
        coordinate_scalar: scalar of the map coordinates, where byte 71 is wrong: one below 0
            divides them, one above 0 multiplies them; None to use that byte.
        line_format: "integer", or "ieee" or "ibm" where the headers hold line numbers as floats.
        coordinate_format: the same for map coordinates.

    Raises:
        FormatError: `endian`, `sample_format` or `text_headers` has no such value.
        GeometryError: `grid` or `duplicates` has no such value.
    """
    skipped = None if skip_traces is None else tuple(int(number) for number in skip_traces)
    opening = Opening(
        inline_byte,
        crossline_byte,
        x_byte,
        y_byte,
        endian,
        sample_format,
        text_headers,
        grid,
        duplicates,
        skipped,
        samples,
        sample_interval,
        start,
        sample_unit,
        coordinate_scalar,
        line_format,
        coordinate_format,
    )
    path = Path(path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        diagnosis = _diagnosed(path, opening)
    notes = list(dict.fromkeys(str(w.message) for w in caught if w.category is UserWarning))
    return replace(diagnosis, facts={**diagnosis.facts, "warnings": notes})


def describe(diagnosis: Diagnosis) -> str:
    """Describe a diagnosis in several lines of plain words."""
    name = Path(diagnosis.path).name
    words = command_line(diagnosis.arguments)
    if diagnosis.verdict == "opens":
        lines = [f"{name} opens as a cube" + (f" with {words}." if words else " as it is.")]
    elif diagnosis.verdict == "cannot":
        lines = [f"{name} cannot be opened as a cube: {diagnosis.kind}.", diagnosis.reason]
    else:
        lines = [
            f"{name} does not open as it is, but with these arguments:",
            f"  {words}",
            f"Why: {diagnosis.reason}",
        ]
    return "\n".join([*lines, *told(diagnosis.facts)])


def _diagnosed(path: Path, opening: Opening) -> Diagnosis:
    layouts, reason = readable_layouts(path, opening)
    if not layouts:
        return _cannot(path, "broken", reason, {})
    kind = "broken"
    for tried, layout in layouts:
        columns = scan_with_padding(path, layout, {**tried.fields(), **OTHER_FIELDS})
        search, refusal = _solved(path, layout, tried, columns)
        why = " ".join(filter(None, [reason or str(refusal or ""), search.question]))
        if search.found:
            good, grid = search.found
            mapped = with_map(path, layout, good, grid)
            if good != opening:
                good, grid = mapped
            facts = facts_of(path, layout, good, grid, columns)
            facts["map_arguments"] = _difference(mapped[0], good)
            verdict = "opens" if good == opening else "opens with arguments"
            return Diagnosis(
                str(path), verdict, EXIT_CODES[verdict], "cube", why, good.changes(), facts
            )
        if refusal and not reason:
            kind = "pre-stack" if search.question else _kind(refusal, columns)
    return _cannot(path, kind, why, layout_facts(path, layouts[0][1]))


def _difference(opening: Opening, other: Opening) -> dict[str, object]:
    """The arguments of one opening that another one has not."""
    return {k: value for k, value in vars(opening).items() if value != getattr(other, k)}


def _cannot(path: Path, kind: str, reason: str, facts: dict[str, object]) -> Diagnosis:
    return Diagnosis(str(path), "cannot", EXIT_CODES["cannot"], kind, reason, {}, facts)


def _solved(
    path: Path, layout: Layout, opening: Opening, columns: Mapping[str, np.ndarray]
) -> tuple[Search, GeometryError | None]:
    """Arguments that open the file, with their grid; and why the given ones do not."""
    try:
        return Search((opening, grid_from(path.name, layout, opening, columns))), None
    except GeometryError as error:
        refusal = error
    try:
        return Search(repaired(path.name, layout, opening, columns)), refusal
    except GeometryError:
        if (
            opening.grid == "coordinates"
            or isinstance(refusal, StartTimesError)
            or is_pre_stack(refusal, columns)
        ):
            return Search(None), refusal
    return searched(path, layout, opening, gathers=maybe_gathers(columns)), refusal


def _kind(error: GeometryError, columns: Mapping[str, np.ndarray]) -> str:
    if len(columns["inline"]) == 1:
        return "single trace"
    if isinstance(error, StartTimesError):
        return "unstructured"
    if is_pre_stack(error, columns) or maybe_gathers(columns):
        return "pre-stack"
    for name in ("cdp", "shot_point", "inline", "crossline", "x", "y"):
        steps = np.diff(columns[name].astype("int64"))
        if (steps == np.median(steps)).mean() >= EVENLY and np.median(steps) != 0:
            return "2D line"
    return "unstructured"
