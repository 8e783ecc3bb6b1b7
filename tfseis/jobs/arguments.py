"""Arguments that the commands of several jobs share, and how they are read."""

import argparse
from collections.abc import Callable
from typing import Any, NamedTuple

from tfseis import io
from tfseis.errors import FormatError
from tfseis.fields import COUNTS
from tfseis.jobs.option_types import READER_HELP, check_reader, finite, reader, whole, within

WHOLE = (None, None)  # a range without limits


class Further(NamedTuple):
    """A further command of a job, besides ``train`` and ``apply``.

    Args:
        add: adds the arguments to a parser.
        run: runs the command from its parsed options and returns the text to print. Its docstring
            is the description in the help.
    """

    add: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], str]


def add_selection(parser: argparse.ArgumentParser, *, times: bool = True) -> None:
    """Add the options that choose a part of a cube, and those that open it.

    Args:
        parser: parser of the command.
        times: whether to add ``--time``; False where a command gives it another meaning.
    """
    add = parser.add_argument_group("part of the cube to predict").add_argument
    if times:
        add(
            "--time",
            type=line_range,
            default=WHOLE,
            metavar="A:B",
            help="First and last sample time to predict, in ms (m for depth cubes), both included; "
            "either may be left out.",
        )
    for lines in ("inline", "crossline"):
        add(
            f"--{lines}s",
            type=line_range,
            default=WHOLE,
            metavar="A:B",
            help=f"First and last {lines} number to predict, both included; either may be left "
            "out.",
        )
    add(
        "--stride",
        type=within(int, COUNTS),
        default=1,
        metavar="S",
        help="Predict every S-th inline, crossline and sample. Default: 1.",
    )
    add_reading(parser)


def add_scaling(parser: argparse.ArgumentParser) -> None:
    """Add the option that chooses the amplitude statistics."""
    parser.add_argument(
        "--scaling",
        choices=("survey", "model"),
        default="survey",
        help="Amplitude statistics by which samples are scaled: those of this survey, or those of "
        "the training data that the model stores. Default: survey.",
    )


def add_backend(parser: argparse.ArgumentParser, what: str = "") -> None:
    """Add the option that chooses the library which computes.

    Args:
        parser: parser of the command.
        what: what is computed, where a command computes more, such as " the labelled cube".
    """
    parser.add_argument(
        "--backend",
        choices=("auto", "keras", "openvino"),
        default="auto",
        help=f"Library that computes{what}; auto takes OpenVINO on a CPU where it is installed, "
        "agrees with TensorFlow and is faster in a trial of a second. Default: auto.",
    )


def add_computing(parser: argparse.ArgumentParser, result: str) -> None:
    """Add the options that choose the library and the numeric precision.

    Args:
        parser: parser of the command.
        result: what must be the same as in float32, such as "faults".
    """
    add_backend(parser)
    parser.add_argument(
        "--precision",
        choices=("auto", "float32", "bfloat16", "int8"),
        default="auto",
        help="Numeric precision. auto takes bfloat16 where the processor computes it and this data "
        f"shows the same {result} as in float32; int8 is refused where it does not. Default: auto.",
    )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how a cube is opened, of any format."""
    group = parser.add_argument_group("reading the cube (see tfseis doctor)")
    group.add_argument(
        "--reader",
        metavar="MODULE:FUNCTION",
        help=READER_HELP,
    )
    _add_opening(group)


def add_opening(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `open_segy`; `tfseis doctor` finds out which a file needs."""
    _add_opening(parser.add_argument_group("reading the SEG-Y file (see tfseis doctor)"))


def _add_opening(group: argparse._ArgumentGroup) -> None:
    for option in io.OPTIONS:
        group.add_argument(
            option.flag,
            dest=option.name,
            type=reader(option.parse),
            metavar=option.metavar,
            choices=option.choices or None,
            help=f"{option.help[0].upper()}{option.help[1:].rstrip('.')}.",
        )


def open_cube(path: str, options: argparse.Namespace) -> "io.Cube":
    """Open a cube that a command was given, by the options of `add_reading` or `add_opening`."""
    given, reader = opening_arguments(options), getattr(options, "reader", None)
    check_reader(path, reader, given)
    return io.open_segy(path, **given) if given else io.open_cube(path, reader=reader)


def refuse_opening(options: argparse.Namespace, expected: str) -> None:
    """Refuse options of `add_reading` where no cube is opened by them.

    Args:
        options: parsed options.
        expected: what they are for, such as "a cube with label files".

    Raises:
        FormatError: one of them was given.
    """
    given = [*opening_arguments(options), *(["reader"] if options.reader is not None else [])]
    if given:
        name = f"--{given[0].replace('_', '-')}"
        raise FormatError(
            f"Expected {name} for {expected}; got none. Give one, or leave {name} out."
        )


def opening_arguments(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments of `open_segy` that a command was given."""
    given = {option.name: getattr(options, option.name) for option in io.OPTIONS}
    return {name: value for name, value in given.items() if value is not None}


def line_range(text: str) -> tuple[float | None, float | None]:
    """Read a range A:B; a side that is left out is None.

    Raises:
        ArgumentTypeError: there is no colon, a side is no finite number, or the first is larger.

    Examples:
        >>> line_range("100:"), line_range(":250.5")
        ((100.0, None), (None, 250.5))
    """
    first, colon, last = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"expected A:B, both included; got {text!r}")
    try:
        low, high = (finite(side) if side else None for side in (first, last))
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"expected two numbers as A:B; {error}") from None
    if low is not None and high is not None and low > high:
        raise argparse.ArgumentTypeError(f"expected the smaller number first; got {text!r}")
    return low, high


def numbers(text: str) -> tuple[int, ...]:
    """Read whole numbers with commas between them.

    Raises:
        ArgumentTypeError: something else.

    Examples:
        >>> numbers("1,5"), numbers("3")
        ((1, 5), (3,))
    """
    try:
        return tuple(map(whole, text.split(",")))
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"expected whole numbers with commas between them; got {text!r}"
        ) from None


def pair(text: str) -> tuple[int, int]:
    """Read two whole numbers with a comma between them.

    Raises:
        ArgumentTypeError: something else.

    Examples:
        >>> pair("48,128")
        (48, 128)
    """
    found = numbers(text)
    if len(found) != 2:
        raise argparse.ArgumentTypeError(f"expected two numbers N,N; got {text!r}")
    return found
