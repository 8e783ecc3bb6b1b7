"""The arguments of `open_segy` as options of the command line."""

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tfseis.errors import GeometryError
from tfseis.io.segy.layout import ORDERS, UNITS
from tfseis.io.segy.opening import DUPLICATES, GRIDS, NUMBER_FORMATS

MOST_NUMBERS = 10_000_000  # traces that are left out; a file of more is none


@dataclass(frozen=True)
class Option:
    """One argument of `open_segy` on the command line.

    Args:
        name: name of the argument.
        flag: option on the command line.
        parse: function that makes the value from the word; its errors are ValueErrors.
        metavar: placeholder of the word in the help; None for the choices.
        choices: allowed words; () for any.
        help: help text, one line.
    """

    name: str
    flag: str
    parse: Callable[[str], object]
    metavar: str | None
    choices: tuple[str, ...]
    help: str


def trace_numbers(text: str) -> tuple[int, ...]:
    """Parse a list of trace numbers and ranges of them.

    Raises:
        GeometryError: the text is something else.

    Examples:
        >>> trace_numbers("6,9-11")
        (6, 9, 10, 11)
    """
    numbers: list[int] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            raise GeometryError(
                f"Expected trace numbers such as 6,9-11; got {text!r}. Count traces from 1."
            )
        run = range(int(first), int(last or first) + 1)
        if len(numbers) + len(run) > MOST_NUMBERS or int(first) < 1 or not run:
            raise GeometryError(
                f"Expected up to {MOST_NUMBERS:,} trace numbers from 1 on, the smaller first, such "
                f"as 6,9-11; got {text[:60]!r}. Count traces from 1."
            )
        numbers.extend(run)
    return tuple(numbers)


def trace_ranges(numbers: Iterable[int]) -> str:
    """Write trace numbers as the text that `trace_numbers` parses.

    Examples:
        >>> trace_ranges([6, 9, 10, 11])
        '6,9-11'
    """
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _byte(name: str, what: str, default: int) -> Option:
    help = f"first byte of {what} in the trace header, counted from 1 (default {default})"
    return Option(name, f"--{name.replace('_', '-')}", int, "N", (), help)


OPTIONS = (
    _byte("inline_byte", "the inline number", 189),
    _byte("crossline_byte", "the crossline number", 193),
    _byte("x_byte", "the map x coordinate", 181),
    _byte("y_byte", "the map y coordinate", 185),
    Option(
        "endian",
        "--endian",
        str,
        None,
        tuple(ORDERS),
        "byte order of the file (default: detected)",
    ),
    Option(
        "sample_format",
        "--sample-format",
        int,
        "CODE",
        (),
        "sample format code of the SEG-Y standard, where byte 3225 of the file is wrong",
    ),
    Option(
        "text_headers",
        "--text-headers",
        int,
        "N",
        (),
        "number of extended textual headers, where byte 3505 of the file is wrong",
    ),
    Option(
        "grid",
        "--grid",
        str,
        None,
        GRIDS,
        "form the grid from line numbers or from map coordinates (default: numbers)",
    ),
    Option(
        "duplicates",
        "--duplicates",
        str,
        None,
        DUPLICATES,
        "refuse several traces at one place, or keep the first or the last of them in the file "
        "(default: refuse)",
    ),
    Option(
        "skip_traces",
        "--skip-traces",
        trace_numbers,
        "N,N-N",
        (),
        "traces to leave out, by their number in the file, counted from 1",
    ),
    Option(
        "samples",
        "--samples",
        int,
        "N",
        (),
        "number of samples in a trace, where bytes 3221 and 115 are wrong",
    ),
    Option(
        "sample_interval",
        "--sample-interval",
        float,
        "STEP",
        (),
        "distance between samples, in ms or the unit of --sample-unit (default: byte 3217 or 117)",
    ),
    Option(
        "start",
        "--start",
        float,
        "TIME",
        (),
        "time or depth of the first sample, in ms or the unit of --sample-unit (default: byte 109)",
    ),
    Option(
        "sample_unit",
        "--sample-unit",
        str,
        None,
        UNITS,
        "unit of the samples: ms for time, m or ft for depth (default: ms)",
    ),
    Option(
        "coordinate_scalar",
        "--coordinate-scalar",
        int,
        "N",
        (),
        "scalar of the map coordinates, where byte 71 is wrong: -100 divides by 100, 10 multiplies "
        "by 10",
    ),
    Option(
        "line_format",
        "--line-format",
        str,
        None,
        NUMBER_FORMATS,
        "how the headers hold line numbers: as integers, IEEE or IBM floats (default: integer)",
    ),
    Option(
        "coordinate_format",
        "--coordinate-format",
        str,
        None,
        NUMBER_FORMATS,
        "how the headers hold map coordinates (default: integer)",
    ),
)


def command_line(arguments: Mapping[str, object]) -> str:
    """Spell arguments of `open_segy` as options of the commands that read a cube.

    Examples:
        >>> command_line({"inline_byte": 9, "skip_traces": (6, 7)})
        '--inline-byte 9 --skip-traces 6-7'
    """
    words: list[str] = []
    for option in OPTIONS:
        value = arguments.get(option.name)
        if value is not None:
            words += [option.flag, _word(value)]
    return shlex.join(words)


def _word(value: object) -> str:
    if isinstance(value, tuple):
        return trace_ranges(value)
    return f"{value:.12g}" if isinstance(value, float) else str(value)
