"""`tfseis facies`: label a whole cube from a few labelled points or lines."""

import argparse
from dataclasses import replace

from tfseis.backend import quiet_start
from tfseis.cli.arguments import add_selection, line_range, open_cube


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "facies",
        help="label a whole cube from a few labelled points or lines",
        description="From a SEG-Y cube and a few labels to a labelled SEG-Y cube, with scores.",
        allow_abbrev=False,
    )
    argument = parser.add_argument
    argument("cube", metavar="CUBE.sgy")
    argument(
        "points",
        nargs="*",
        metavar="POINTS",
        help="label files, one a class: .pts points, horizons, sticks, polygons, PNG",
    )
    argument("--out", required=True, metavar="DIR", help="folder for the results")
    argument("--labels", metavar="FILE", help="label cube (SEG-Y, .npy, .npz) instead of POINTS")
    argument(
        "--inline",
        type=float,
        action="append",
        default=[],
        metavar="N",
        help="inline of the label cube to train on; repeatable",
    )
    argument(
        "--crossline",
        type=float,
        action="append",
        default=[],
        metavar="N",
        help="crossline to train on; repeatable",
    )
    argument("--truth", metavar="FILE", help="label cube to score on other lines")
    argument(
        "--truth-inlines", type=line_range, metavar="A:B", help="inlines of the truth to score"
    )
    argument(
        "--truth-crosslines",
        type=line_range,
        metavar="A:B",
        help="crosslines of the truth to score",
    )
    _add_settings(parser)
    add_selection(parser, times=False)
    argument(
        "--time",
        type=_time,
        action="append",
        default=[],
        metavar="T|A:B",
        help="time slice of the label cube to train on (T), or times to predict (A:B)",
    )
    parser.set_defaults(run=run, more="points", resumes=True)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():  # TensorFlow only when needed
        from tfseis.jobs.facies.scores import score_text
        from tfseis.jobs.facies.settings import DEFAULTS, Settings
        from tfseis.jobs.facies.train import facies

    given = {name: getattr(options, name) for name in Settings.__dataclass_fields__}
    changes = {name: value for name, value in given.items() if value is not None}
    settings = replace(DEFAULTS[options.network or "unet"], **changes)
    slices = [value for value in options.time if not isinstance(value, tuple)]
    ranges = [value for value in options.time if isinstance(value, tuple)]
    lines = [(0, n) for n in options.inline] + [(1, n) for n in options.crossline]
    with open_cube(options) as cube:
        metrics = facies(
            cube,
            options.points,
            out=options.out,
            labels=options.labels,
            lines=[*lines, *((2, t) for t in slices)],
            truth=options.truth,
            truth_inlines=options.truth_inlines,
            truth_crosslines=options.truth_crosslines,
            settings=settings,
            inlines=options.inlines,
            crosslines=options.crosslines,
            time=ranges[-1] if ranges else (None, None),
            stride=options.stride,
            overwrite=options.overwrite,
            command=options.command,
        )
    print(score_text(metrics))
    return 0


def _add_settings(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("network and training").add_argument
    add(
        "--network",
        choices=("unet", "unet25", "unet3d", "patch", "patch3d"),
        help="unet by default",
    )
    add("--channels", choices=("amplitude", "neighbours", "seed"), help="what a crop shows")
    add("--layout", metavar="STRING", help="blocks of the network, such as 'cna cnapd cnapd cnapd'")
    add("--filters", type=_widths, metavar="N,N,..", help="width of each block")
    add("--crop-size", type=int, metavar="N", help="samples along each axis of a crop")
    add("--sections", type=int, metavar="N", help="that unet25 sees: 3 by default, 5, ..")
    add("--epochs", type=int, metavar="N")
    add("--crops-per-epoch", type=int, metavar="N")
    add("--batch-size", type=int, metavar="N")
    add("--learning-rate", type=float, metavar="R")
    add("--patience", type=int, metavar="N", help="epochs without a lower loss before stopping")
    add("--folds", type=int, metavar="N", help="blocks of the blocked score; 0 for none")
    add(
        "--no-follow",
        dest="follow",
        action="store_const",
        const=False,
        help="do not follow reflections from the labels to other lines",
    )
    add("--seed", type=int, metavar="N")


def _time(text: str) -> float | tuple[float | None, float | None]:
    return line_range(text) if ":" in text else float(text)


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))
