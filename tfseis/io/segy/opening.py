"""The arguments of `open_segy`, and their spelling on the command line."""

import math
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypedDict

from tfseis.errors import FormatError, GeometryError
from tfseis.io.segy.layout import CODES, DTYPES, ORDERS, UNITS, Said

GRIDS = ("numbers", "coordinates")
DUPLICATES = ("refuse", "first", "last")
NUMBER_FORMATS = ("integer", "ieee", "ibm")
LARGEST_SCALAR = 2**15 - 1  # in the two bytes of the header


class LayoutArguments(TypedDict):
    """The arguments of `read_layout`."""

    endian: str | None
    sample_format: int | None
    text_headers: int | None
    said: Said


@dataclass(frozen=True)
class Opening:
    """The arguments of `open_segy`, which explains them."""

    inline_byte: int = 189
    crossline_byte: int = 193
    x_byte: int = 181
    y_byte: int = 185
    endian: str | None = None
    sample_format: int | None = None
    text_headers: int | None = None
    grid: str = "numbers"
    duplicates: str = "refuse"
    skip_traces: tuple[int, ...] | None = None
    samples: int | None = None
    sample_interval: float | None = None
    start: float | None = None
    sample_unit: str | None = None
    coordinate_scalar: int | None = None
    line_format: str = "integer"
    coordinate_format: str = "integer"

    def __post_init__(self) -> None:
        self._check_samples()
        if self.endian not in (None, *ORDERS):
            raise FormatError(
                f"Expected endian='big', 'little' or None; got {self.endian!r}. "
                "Leave it out to detect it."
            )
        if self.sample_format is not None and self.sample_format not in DTYPES:
            raise FormatError(
                f"Expected a sample format among {CODES}; got {self.sample_format!r}. "
                "Leave it out to use byte 3225."
            )
        if self.grid not in GRIDS or self.duplicates not in DUPLICATES:
            raise GeometryError(
                f"Expected grid among {GRIDS} and duplicates among {DUPLICATES}; "
                f"got {self.grid!r} and {self.duplicates!r}. Choose one of these."
            )
        if not {self.line_format, self.coordinate_format} <= set(NUMBER_FORMATS):
            raise GeometryError(
                f"Expected line_format and coordinate_format among {NUMBER_FORMATS}; got "
                f"{self.line_format!r} and {self.coordinate_format!r}. Choose one of these."
            )
        if self.text_headers is not None and self.text_headers < 0:
            raise FormatError(
                f"Expected text_headers of 0 or more; got {self.text_headers}. "
                "Leave it out to use byte 3505."
            )

    def _check_samples(self) -> None:
        """Refuse values that no sample axis and no coordinate scalar has."""
        limits = {
            "samples": (1, math.inf, "a number of samples of 1 or more"),
            "sample_interval": (math.ulp(0.0), math.inf, "a sample interval above 0"),
            "start": (-math.inf, math.inf, "a finite time or depth"),
            "coordinate_scalar": (
                -LARGEST_SCALAR,
                LARGEST_SCALAR,
                f"a coordinate scalar from -{LARGEST_SCALAR} to {LARGEST_SCALAR}",
            ),
        }
        for name, (lowest, highest, what) in limits.items():
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and lowest <= value <= highest):
                raise FormatError(
                    f"Expected {what}; got {name}={value}. Leave it out to use the headers."
                )
        if self.sample_unit is not None and self.sample_unit not in UNITS:
            raise FormatError(
                f"Expected a unit among {', '.join(UNITS)}; got {self.sample_unit!r}. "
                "Leave it out for time in ms."
            )

    def layout_arguments(self) -> LayoutArguments:
        """The arguments of `read_layout`."""
        return {
            "endian": self.endian,
            "sample_format": self.sample_format,
            "text_headers": self.text_headers,
            "said": Said(self.samples, self.sample_interval, self.start, self.sample_unit),
        }

    def fields(self) -> dict[str, int]:
        """First bytes of the trace-header fields that the grid needs, by name."""
        return {
            "inline": self.inline_byte,
            "crossline": self.crossline_byte,
            "x": self.x_byte,
            "y": self.y_byte,
            "offset": 37,
            "scalar": 71,
            "delay": 109,
            "delay_scalar": 215,
        }

    def changes(self) -> dict[str, object]:
        """The arguments that differ from their defaults."""
        default = Opening()
        return {
            name: value for name, value in vars(self).items() if value != getattr(default, name)
        }


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
        numbers.extend(range(int(first), int(last or first) + 1))
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
