"""`tfseis score`: a class cube, or a cube of fault probabilities, against another."""

import argparse
from contextlib import ExitStack

from tfseis import io
from tfseis.jobs.arguments import WHOLE, line_range
from tfseis.jobs.label_arguments import add_ignore
from tfseis.jobs.several_cubes import add_openings, open_cubes

ARRAYS = (".npy", ".npz")  # classes, which are read as they are


def add(parser: argparse.ArgumentParser) -> None:
    """Add both cubes, the lines that are compared, and the files to write."""
    argument = parser.add_argument
    argument("truth", metavar="TRUTH", help="Cube of the true classes or faults.")
    argument("prediction", metavar="PREDICTION", help="Cube of predicted classes or probabilities.")
    for lines in ("inlines", "crosslines"):
        argument(
            f"--{lines}",
            type=line_range,
            default=WHOLE,
            metavar="A:B",
            help=f"First and last of the {lines} to compare, both included.",
        )
    argument(
        "--faults",
        action="store_true",
        help="Score as faults also where the prediction holds 0 and 1 alone.",
    )
    argument("--json", metavar="FILE", help="Also write every number as JSON.")
    argument("--html", metavar="FILE", help="Also write the tables as one HTML page.")
    argument("--overwrite", action="store_true", help="Replace files of these names.")
    add_ignore(parser)
    add_openings(parser, "the first SEG-Y file")


def run(options: argparse.Namespace) -> int:
    """Score a class cube, or a cube of fault probabilities, against another.

    Cubes are SEG-Y, .npz with line numbers, or .npy. They are matched by line numbers and times
    where both have them, and each is opened as it needs it. A prediction with fractions between 0
    and 1 is scored as fault probabilities.
    """
    from tfseis.scores import score  # noqa: PLC0415 - loads Matplotlib

    with ExitStack() as stack:
        paths = options.truth, options.prediction
        lazy = [path for path in paths if not path.endswith(ARRAYS)]
        cubes = iter(open_cubes(lazy, options, stack))
        truth, prediction = (
            io.open_class_cube(
                path if path.endswith(ARRAYS) else next(cubes), ignore=options.ignore
            )
            for path in paths
        )
        for cube in (truth, prediction):
            if cube.ignore:
                codes = ", ".join(map(str, cube.ignore))
                print(f"{cube.path.name}: codes that mean unlabelled: {codes}")
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
