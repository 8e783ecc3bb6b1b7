"""`tfseis view`: step through the slices of a cube, with overlays and points."""

import argparse
from contextlib import ExitStack
from pathlib import Path

from tfseis import io, view
from tfseis.jobs.label_arguments import add_label_reading, label_reading
from tfseis.jobs.several_cubes import add_openings, open_cubes

CUBES = (".sgy", ".segy")  # no label file ends like this


def add(parser: argparse.ArgumentParser) -> None:
    """Add the cube, what is shown over it, and where to begin."""
    argument = parser.add_argument
    argument("cube", metavar="CUBE", help="Cube to look at, of any format that tfseis reads.")
    argument(
        "overlays",
        nargs="*",
        metavar="OVERLAY",
        help="Cubes to lay over it: classes, confidence, probabilities, or amplitudes.",
    )
    argument(
        "--points",
        dest="marked",
        nargs="+",
        default=[],
        metavar="FILE",
        help="Label files to mark: points, horizons, sticks, polygons, PNG.",
    )
    argument("--png", metavar="FILE", help="Write a picture instead of opening a window.")
    at = parser.add_mutually_exclusive_group().add_argument
    at("--inline", type=float, metavar="N", help="Number of the inline to begin at.")
    at("--crossline", type=float, metavar="N", help="Number of the crossline to begin at.")
    at("--time", type=float, metavar="T", help="Time of the time slice to begin at, in ms.")
    argument("--overwrite", action="store_true", help="Replace a picture of this name.")
    add_openings(parser, "CUBE", reader=True)
    add_label_reading(parser)
    parser.set_defaults(more="overlays")


def run(options: argparse.Namespace) -> int:
    """Step through the slices of a cube, with overlays and points.

    Opens a window, in which the key h shows all keys; or writes a picture with --png. Each cube
    is opened as it needs it.
    """
    wanted = (options.inline, options.crossline, options.time)
    axis, number = next(((a, n) for a, n in enumerate(wanted) if n is not None), (0, None))
    over = [path for path in options.marked if Path(path).suffix.lower() in CUBES]
    marked = [path for path in options.marked if path not in over]
    with ExitStack() as stack:
        cube, *overlays = open_cubes([options.cube, *options.overlays, *over], options, stack)
        points = None
        if marked:
            points = io.read_marks(marked, cube.geometry, **label_reading(options))
            print(*points.notes, sep="\n")
        if options.png:
            view.write_png(
                options.png,
                cube,
                overlays,
                points=points,
                axis=axis,
                number=number,
                overwrite=options.overwrite,
            )
        else:
            view.show(cube, overlays, points=points, axis=axis, number=number)
    return 0
