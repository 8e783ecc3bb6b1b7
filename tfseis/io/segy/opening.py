"""How a SEG-Y file is to be opened: the arguments of `open_segy`, and how they are spelled."""

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tfseis.errors import FormatError, GeometryError
from tfseis.io.segy.layout import CODES, DTYPES, ORDERS

GRIDS = ("numbers", "coordinates")
DUPLICATES = ("refuse", "first", "last")


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

    def __post_init__(self) -> None:
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
        if self.text_headers is not None and self.text_headers < 0:
            raise FormatError(
                f"Expected text_headers of 0 or more; got {self.text_headers}. "
                "Leave it out to use byte 3505."
            )

    def fields(self) -> dict[str, int]:
        """First bytes of the trace-header fields that the grid needs, by name."""
        return {
            "inline": self.inline_byte, "crossline": self.crossline_byte,
            "x": self.x_byte, "y": self.y_byte, "offset": 37, "scalar": 71,
            "delay": 109, "delay_scalar": 215,
        }  # fmt: skip

    def changes(self) -> dict[str, object]:
        """The arguments that are not the defaults."""
        default = Opening()
        return {
            name: value for name, value in vars(self).items() if value != getattr(default, name)
        }


@dataclass(frozen=True)
class Option:
    """One argument of `open_segy` on the command line.

    Args:
        name: of the argument.
        flag: on the command line.
        parse: from the word on the command line; its errors are ValueErrors.
        metavar: what stands for the word in the help.
        choices: allowed words, () for any.
        help: one line.
    """

    name: str
    flag: str
    parse: Callable[[str], object]
    metavar: str | None
    choices: tuple[str, ...]
    help: str


def trace_numbers(text: str) -> tuple[int, ...]:
    """Trace numbers from a list of numbers and ranges.

    Raises:
        GeometryError: something else.

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
    """The text that `trace_numbers` reads.

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


OPTIONS = (
    Option("inline_byte", "--inline-byte", int, "N", (),
           "first byte of the inline number in the trace header, from 1 (189)"),
    Option("crossline_byte", "--crossline-byte", int, "N", (),
           "first byte of the crossline number (193)"),
    Option("x_byte", "--x-byte", int, "N", (), "first byte of the map x coordinate (181)"),
    Option("y_byte", "--y-byte", int, "N", (), "first byte of the map y coordinate (185)"),
    Option("endian", "--endian", str, None, tuple(ORDERS), "byte order, where it is not detected"),
    Option("sample_format", "--sample-format", int, "CODE", (),
           "sample format code, where byte 3225 is wrong"),
    Option("text_headers", "--text-headers", int, "N", (),
           "number of extended textual headers, where byte 3505 is wrong"),
    Option("grid", "--grid", str, None, GRIDS,
           "make the grid from line numbers (default) or from map coordinates"),
    Option("duplicates", "--duplicates", str, None, DUPLICATES,
           "which of several traces at one place to keep (default: refuse)"),
    Option("skip_traces", "--skip-traces", trace_numbers, "N,N-N", (),
           "traces to leave out, by their number in the file, from 1"),
)  # fmt: skip


def command_line(arguments: Mapping[str, object]) -> str:
    """Arguments of `open_segy` as options of every command that reads a cube.

    Examples:
        >>> command_line({"inline_byte": 9, "skip_traces": (6, 7)})
        '--inline-byte 9 --skip-traces 6-7'
    """
    words: list[str] = []
    for option in OPTIONS:
        value = arguments.get(option.name)
        if value is not None:
            text = trace_ranges(value) if isinstance(value, tuple) else str(value)
            words += [option.flag, text]
    return shlex.join(words)
