"""Arguments that several commands share, and how they are read."""

import argparse
from typing import Any

from tfseis.io import OPTIONS, SegyCube, open_segy


def add_selection(parser: argparse.ArgumentParser, *, times: bool = True) -> None:
    """What part of a cube to predict, and how to open it."""
    add = parser.add_argument_group("what to predict").add_argument
    whole = (None, None)
    if times:
        add("--time", type=line_range, default=whole, metavar="A:B", help="times, in ms")
    add("--inlines", type=line_range, default=whole, metavar="A:B", help="inline numbers")
    add(
        "--crosslines",
        type=line_range,
        default=whole,
        metavar="A:B",
        help="crossline numbers",
    )
    add("--stride", type=int, default=1, metavar="S", help="every S-th inline, crossline, sample")
    add("--overwrite", action="store_true", help="replace results that are there already")
    add_opening(parser)


def add_opening(parser: argparse.ArgumentParser) -> None:
    """The arguments of `open_segy`; `tfseis doctor` finds out which a file needs."""
    add = parser.add_argument_group("reading the SEG-Y file (see tfseis doctor)").add_argument
    for option in OPTIONS:
        add(
            option.flag,
            dest=option.name,
            type=option.parse,
            metavar=option.metavar,
            choices=option.choices or None,
            help=option.help,
        )


def open_cube(options: argparse.Namespace) -> SegyCube:
    """Open the cube that a command was given."""
    return open_segy(options.cube, **opening_arguments(options))


def opening_arguments(options: argparse.Namespace) -> dict[str, Any]:
    """What the command says of how a SEG-Y file is opened."""
    given = {option.name: getattr(options, option.name) for option in OPTIONS}
    return {name: value for name, value in given.items() if value is not None}


def line_range(text: str) -> tuple[float | None, float | None]:
    """Read A:B, both included; either may be left out."""
    first, colon, last = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"expected A:B, both included; got {text!r}")
    return float(first) if first else None, float(last) if last else None
