"""Arguments of `tfseis faults train` that say which faults were picked; loads no Keras."""

import argparse
from typing import Any

from tfseis.jobs.arguments import add_reading
from tfseis.jobs.label_arguments import add_ignore, add_label_reading, label_reading

CUBE = "With LABELS the cube on which faults were picked, of any format that tfseis reads."
LABELS = (
    "Files of faults that were picked on some inlines or crosslines of CUBE: sticks, points, label "
    "cubes or painted sections, in which 0 is no fault."
)
LINES = (("inline", 0), ("crossline", 1))  # axis of the cube by option


def add_picks(parser: argparse.ArgumentParser) -> None:
    """Add what is said of picked lines and their files."""
    add = parser.add_argument_group("picked lines").add_argument
    add(
        "--complete",
        action="append",
        default=[],
        metavar="FILE",
        help="Label file on whose lines every fault was picked, so that all other samples train as "
        "background; 'all' for all files; may be repeated. Without it samples farther than 10 from "
        "every pick are unlabelled.",
    )
    for name, _ in LINES:
        add(
            f"--{name}",
            type=float,
            action="append",
            default=[],
            metavar="N",
            help=f"Number of one {name} to train on; may be repeated. Default: the lines that hold "
            "the picks; label cubes need it.",
        )
    add_label_reading(parser)
    add_ignore(parser)
    add_reading(parser)


def told_of_picks(options: argparse.Namespace) -> dict[str, Any]:
    """What a command was told of the picks, as `train_faults` takes it."""
    return {
        "lines": [(axis, number) for name, axis in LINES for number in getattr(options, name)],
        "complete": options.complete,
        "reading": {**label_reading(options), "ignore": options.ignore},
    }
