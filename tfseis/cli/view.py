"""`tfseis view`: step through the slices of a cube, with overlays and points."""

import argparse
from contextlib import ExitStack

from tfseis.cli.arguments import add_opening, opening_arguments
from tfseis.io import open_segy, read_labels


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "view",
        help="step through the slices of a cube, with overlays and points",
        description="A window; press h in it for the keys. Or, with --png, a picture.",
        allow_abbrev=False,
    )
    argument = parser.add_argument
    argument("cube", metavar="CUBE.sgy")
    argument(
        "overlays", nargs="*", metavar="OVERLAY.sgy", help="class cubes, confidence, amplitudes"
    )
    argument(
        "--points",
        dest="marked",
        nargs="+",
        default=[],
        metavar="FILE",
        help="label files to mark: points, horizons, sticks, polygons, PNG",
    )
    argument("--png", metavar="FILE", help="write a picture instead of opening a window")
    at = parser.add_mutually_exclusive_group().add_argument
    at("--inline", type=float, metavar="N", help="begin at this inline")
    at("--crossline", type=float, metavar="N", help="begin at this crossline")
    at("--time", type=float, metavar="T", help="begin at this time slice, in ms")
    argument("--overwrite", action="store_true", help="replace a picture that is there already")
    add_opening(parser)
    parser.set_defaults(run=run, more="overlays", resumes=False)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    from tfseis.view import show, write_png  # noqa: PLC0415  Matplotlib only when needed

    wanted = (options.inline, options.crossline, options.time)
    axis, number = next(((a, n) for a, n in enumerate(wanted) if n is not None), (0, None))
    with ExitStack() as stack:
        opened = [
            stack.enter_context(open_segy(path, **opening_arguments(options)))
            for path in (options.cube, *options.overlays)
        ]
        cube, overlays = opened[0], opened[1:]
        points = read_labels(options.marked, cube.geometry) if options.marked else None
        if options.png:
            write_png(
                options.png,
                cube,
                overlays,
                points=points,
                axis=axis,
                number=number,
                overwrite=options.overwrite,
            )
        else:
            show(cube, overlays, points=points, axis=axis, number=number)
    return 0
