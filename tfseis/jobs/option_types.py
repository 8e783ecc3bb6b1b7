"""How numbers on the command line are read: finite, and in the range that an option has."""

import argparse
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from tfseis.errors import FormatError, TfseisError
from tfseis.fields import Range

LARGEST = 10**15  # no line number, time, byte or count comes near

READER_HELP = (
    "Function 'package.module:function' that takes the path and returns a cube. By default the "
    "ending of the name chooses: .zarr, .mdio, .zgy, .vds, .sgz, .npy, .npz, .dat; all others are "
    "SEG-Y."
)


def whole(text: str) -> int:
    """Read a whole number of the size that a number in a file may have.

    Raises:
        ArgumentTypeError: something else.
    """
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number; got {text[:30]!r}") from None
    return int(_checked(value, text))


def finite(text: str) -> float:
    """Read a finite number.

    Raises:
        ArgumentTypeError: something else, NaN and infinity among it.
    """
    try:
        return _checked(float(text), text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number; got {text[:30]!r}") from None


def _checked(value: float, text: str) -> float:
    if not abs(value) <= LARGEST:  # neither is NaN
        raise argparse.ArgumentTypeError(
            f"expected a finite number up to {LARGEST:.0e}; got {text[:30]!r}"
        )
    return value


def within(read: Callable[[str], Any], wanted: Range) -> Callable[[str], Any]:
    """A reader of numbers that refuses those out of a range.

    Args:
        read: `int` or `float`.
        wanted: the range.

    Examples:
        >>> within(int, Range(1, 9))("3")
        3
    """
    kind = whole if read is int else finite

    def reader(text: str) -> Any:
        value = kind(text)
        if not wanted.holds(value):
            raise argparse.ArgumentTypeError(f"expected a number {wanted}; got {text[:30]!r}")
        return value

    return reader


def reader(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """The reader of an option of `open_segy`, whose refusal a parser prints in its own words.

    Args:
        parse: what the option names as its reader; `int` and `float` take whole and finite numbers.
    """
    known: dict[Any, Callable[[str], Any]] = {int: whole, float: finite}

    @wraps(parse)
    def read(text: str) -> Any:
        try:
            return known.get(parse, parse)(text)
        except TfseisError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def check_reader(path: str, reader: str | None, headers: Mapping[str, Any]) -> None:
    """Refuse a reader of an own format beside options of `open_segy`, which it would not see.

    Args:
        path: the file that is opened.
        reader: what ``--reader`` says; None without it.
        headers: options of `open_segy` that are given for the file.

    Raises:
        FormatError: both are given.
    """
    if reader is not None and headers:
        raise FormatError(
            f"{path}: expected --reader or options of SEG-Y headers; got {reader} and "
            f"--{next(iter(headers)).replace('_', '-')}. Leave one out."
        )
