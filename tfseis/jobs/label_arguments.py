"""Arguments that say how label files are read, for every command that reads some."""

import argparse
from collections.abc import Callable
from typing import Any

GRAMMAR = "[FILE=]"  # before a value: the file that it holds for, all others without
UNITS = ("ms", "s", "us", "m", "ft", "sample")


def add_label_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what label files hold."""
    add = parser.add_argument_group("reading label files").add_argument
    for flag, metavar, told in (
        (
            "--kind",
            "KIND",
            "What a label file holds: points, horizon, surface, sticks, polygon, painted, cube, or "
            "'package.module:function'. May be repeated, with the name of a file before it, such "
            "as top.dat=horizon. Default: by the ending of the name, or by titles and form.",
        ),
        (
            "--columns",
            "NAMES",
            "Columns of a label file in their order, such as inline,crossline,time or "
            "top.dat=-,x,y,time, with - for one that is not used. Default: by titles and form.",
        ),
        (
            "--unit",
            "UNIT",
            "Unit of the times of a label file: ms, s, us, m, ft, or sample for sample numbers "
            "from 0. Default: by titles and values.",
        ),
    ):
        add(
            flag,
            type=_one_file(UNITS if flag == "--unit" else ()),
            action="append",
            default=[],
            metavar=f"{GRAMMAR}{metavar}",
            help=told,
        )


def add_ignore(parser: argparse.ArgumentParser) -> None:
    """Add the option that says which codes of labels are no classes."""
    parser.add_argument(
        "--ignore",
        type=int,
        action="append",
        default=[],
        metavar="CODE",
        help="Code in a label cube, or in a column of classes, that means unlabelled, such as 255; "
        "may be repeated. Negative codes always do, and 255 in cubes of unsigned bytes whose "
        "legend does not name it.",
    )


def label_reading(options: argparse.Namespace) -> dict[str, Any]:
    """What a command was told of its label files, as `tfseis.io.read_labels` takes it."""
    told = {name: dict(getattr(options, name)) for name in ("kind", "columns", "unit")}
    return {name: values for name, values in told.items() if values}


def _one_file(choices: tuple[str, ...]) -> Callable[[str], tuple[str, str]]:
    """A reader of [FILE=]VALUE, into the file, "" for all, and the value."""

    def value(text: str) -> tuple[str, str]:
        file, _, said = text.rpartition("=")
        if not said or (choices and said not in choices):
            wanted = f", {', '.join(choices)}" if choices else ""
            raise argparse.ArgumentTypeError(f"expected [FILE=]VALUE{wanted}; got {text!r}")
        return file, said

    return value
