"""`tfseis score`: a class cube, or one of faults, against another."""

import argparse
from contextlib import ExitStack

from tfseis.backend import quiet_start
from tfseis.cli.arguments import add_opening, line_range, opening_arguments
from tfseis.io import open_segy


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "score",
        help="score a class cube, or one of fault probabilities, against another",
        description="Cubes are SEG-Y, .npz with line numbers, or .npy; they are matched by "
        "line numbers and times where both have them. A prediction with fractions between 0 and 1 "
        "is scored as fault probabilities.",
        allow_abbrev=False,
    )
    argument = parser.add_argument
    argument("truth", metavar="TRUTH")
    argument("prediction", metavar="PREDICTION")
    argument(
        "--inlines", type=line_range, default=(None, None), metavar="A:B", help="inlines to score"
    )
    argument(
        "--crosslines", type=line_range, default=(None, None), metavar="A:B", help="and crosslines"
    )
    argument("--faults", action="store_true", help="score as faults, also cubes of 0 and 1 alone")
    argument("--json", metavar="FILE", help="also write every number as JSON")
    argument("--html", metavar="FILE", help="also write the tables as one page")
    argument("--overwrite", action="store_true", help="replace files that are there already")
    add_opening(parser)
    parser.set_defaults(run=run, resumes=False)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():
        from tfseis.scores.cubes import score

    arrays = (".npy", ".npz")
    with ExitStack() as stack:
        truth, prediction = (
            path
            if path.endswith(arrays)
            else stack.enter_context(open_segy(path, **opening_arguments(options)))
            for path in (options.truth, options.prediction)
        )
        found = score(
            truth,
            prediction,
            inlines=options.inlines,
            crosslines=options.crosslines,
            faults=options.faults,
            json_file=options.json,
            html_file=options.html,
            overwrite=options.overwrite,
        )
    print(found.text())
    return 0
