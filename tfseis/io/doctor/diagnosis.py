"""What a SEG-Y file is, why it does not open as a cube, and the arguments that would open it."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from tfseis.errors import GeometryError
from tfseis.io.doctor.facts import facts_of, layout_facts, told
from tfseis.io.doctor.header_search import found_opening, repaired
from tfseis.io.doctor.layout import readable_layouts
from tfseis.io.segy.grid import Grid, PreStackError, StartTimesError, grid_from
from tfseis.io.segy.headers import scan_headers
from tfseis.io.segy.layout import Layout
from tfseis.io.segy.opening import Opening, command_line

EXIT_CODES = {"opens": 0, "opens with arguments": 3, "cannot": 4}
OTHER_FIELDS = {
    "kind": 29, "shot": 9, "channel": 13, "shot_point": 17, "cdp": 21, "source_x": 73,
    "source_y": 77, "group_x": 81, "group_y": 85,
}  # fmt: skip
SHOT_APART = 0.5  # share of traces whose source and group differ in a pre-stack file
EVENLY = 0.9  # share of steps along a line that are equal


@dataclass(frozen=True)
class Diagnosis:
    """What became of the attempt to open a file.

    Args:
        path: the file.
        verdict: "opens", "opens with arguments" or "cannot".
        exit_code: 0, 3 or 4.
        kind: "cube", "pre-stack", "2D line", "single trace", "unstructured" or "broken".
        reason: why it does not open as asked; "" where it does.
        arguments: all arguments of `open_segy` to give, those asked for included.
        facts: what was found, by name.
    """

    path: str
    verdict: str
    exit_code: int
    kind: str
    reason: str
    arguments: dict[str, object]
    facts: dict[str, object]

    def as_dict(self) -> dict[str, object]:
        """Everything, of types that JSON knows, with the command-line form of the arguments."""
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
) -> Diagnosis:
    """Find out what a SEG-Y file is and how it opens as a cube.

    A file that `open_segy` opens with these arguments "opens"; for another, the header fields are
    searched for a grid, then the coordinates. Samples are looked at in some traces only.

    Args:
        path: any file.
        inline_byte: as in `open_segy`, like all that follow.
        crossline_byte: first byte of the crossline number.
        x_byte: first byte of the map x coordinate.
        y_byte: first byte of the map y coordinate.
        endian: "big" or "little"; None to detect it.
        sample_format: format code; None to use byte 3225.
        text_headers: extended textual headers; None to use byte 3505.
        grid: "numbers" or "coordinates".
        duplicates: "refuse", "first" or "last".
        skip_traces: traces to leave out, from 1.

    Raises:
        FormatError: an argument has no such value.
        GeometryError: the same.
    """
    skipped = None if skip_traces is None else tuple(int(number) for number in skip_traces)
    opening = Opening(
        inline_byte, crossline_byte, x_byte, y_byte, endian, sample_format, text_headers, grid,
        duplicates, skipped,
    )  # fmt: skip
    path = Path(path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        diagnosis = _diagnosed(path, opening)
    notes = list(dict.fromkeys(str(w.message) for w in caught if w.category is UserWarning))
    return replace(diagnosis, facts={**diagnosis.facts, "warnings": notes})


def describe(diagnosis: Diagnosis) -> str:
    """A diagnosis in plain words, several lines."""
    name = Path(diagnosis.path).name
    words = command_line(diagnosis.arguments)
    if diagnosis.verdict == "opens":
        lines = [f"{name} opens as a cube" + (f" with {words}." if words else " as it is.")]
    elif diagnosis.verdict == "cannot":
        lines = [f"{name} cannot be opened as a cube: {diagnosis.kind}.", diagnosis.reason]
    else:
        lines = [
            f"{name} does not open as it is, but with these arguments:", f"  {words}",
            f"Why: {diagnosis.reason}",
        ]  # fmt: skip
    return "\n".join([*lines, *told(diagnosis.facts)])


def _diagnosed(path: Path, opening: Opening) -> Diagnosis:
    layouts, reason = readable_layouts(path, opening)
    if not layouts:
        return _cannot(path, "broken", reason, {})
    kind, facts = "broken", layout_facts(path, layouts[0][1])
    for tried, layout in layouts:
        columns = scan_headers(path, layout, {**tried.fields(), **OTHER_FIELDS})
        found, refusal = _solved(path, layout, tried, columns)
        why = reason or (str(refusal) if refusal else "")
        if found:
            good, grid = found
            facts = facts_of(path, layout, good, grid, columns)
            verdict = "opens" if good == opening else "opens with arguments"
            return Diagnosis(
                str(path), verdict, EXIT_CODES[verdict], "cube", why, good.changes(), facts
            )
        if refusal and not reason:
            kind = _kind(refusal, columns)
    return _cannot(path, kind, why, facts)


def _cannot(path: Path, kind: str, reason: str, facts: dict[str, object]) -> Diagnosis:
    return Diagnosis(str(path), "cannot", EXIT_CODES["cannot"], kind, reason, {}, facts)


def _solved(
    path: Path, layout: Layout, opening: Opening, columns: Mapping[str, np.ndarray]
) -> tuple[tuple[Opening, Grid] | None, GeometryError | None]:
    """An opening that works, with its grid; and why the one given does not."""
    try:
        return (opening, grid_from(path.name, layout, opening, columns)), None
    except GeometryError as error:
        refusal = error
    try:
        return repaired(path.name, layout, opening, columns), refusal
    except GeometryError:
        if (
            opening.grid == "coordinates"
            or isinstance(refusal, StartTimesError)
            or _is_pre_stack(refusal, columns)
        ):
            return None, refusal
    return found_opening(path, layout, opening), refusal


def _is_pre_stack(error: GeometryError, columns: Mapping[str, np.ndarray]) -> bool:
    """Whether traces of several offsets or channels share a place."""
    places = np.unique(np.stack([columns["inline"], columns["crossline"]]), axis=1).shape[1]
    if places == len(columns["inline"]):
        return False
    numbered = all(np.ptp(columns[name]) > 0 for name in ("inline", "crossline"))
    if isinstance(error, PreStackError) and (numbered or _many(columns["offset"])):
        return True
    shots = _many(columns["channel"]) and _runs(columns["shot"]) < len(columns["shot"]) / 2
    apart = any(
        min(np.ptp(columns[f"source_{axis}"]), np.ptp(columns[f"group_{axis}"])) > 0
        and (columns[f"source_{axis}"] != columns[f"group_{axis}"]).mean() > SHOT_APART
        for axis in "xy"
    )
    return _many(columns["offset"]) or (shots and np.ptp(columns["shot"]) > 0) or apart


def _many(column: np.ndarray) -> bool:
    """Whether a field has several values on purpose: three, or two that both come back."""
    values, counts = np.unique(column, return_counts=True)
    return len(values) > 2 or (len(values) == 2 and counts.min() > 1)


def _runs(column: np.ndarray) -> int:
    """Stretches of one value."""
    return 1 + int(np.count_nonzero(np.diff(column)))


def _kind(error: GeometryError, columns: Mapping[str, np.ndarray]) -> str:
    if len(columns["inline"]) == 1:
        return "single trace"
    if isinstance(error, StartTimesError):
        return "unstructured"
    if _is_pre_stack(error, columns):
        return "pre-stack"
    for name in ("cdp", "shot_point", "inline", "crossline", "x", "y"):
        steps = np.diff(columns[name].astype("int64"))
        if (steps == np.median(steps)).mean() >= EVENLY and np.median(steps) != 0:
            return "2D line"
    return "unstructured"
