"""What the command `tfseis` takes: its jobs, their arguments, and how these are read."""

import argparse

from tfseis import __version__
from tfseis.io import OPTIONS


def command_parser() -> argparse.ArgumentParser:
    """The parser of the whole command; `job` in its result names what is to be done."""
    parser = argparse.ArgumentParser(
        prog="tfseis", description="Deep-learning seismic interpretation.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"tfseis {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="job")
    for add in (_add_facies, _add_predict, _add_doctor, _add_demo, _add_view, _add_score):
        add(commands)
    return parser


def _add_facies(commands: "argparse._SubParsersAction") -> None:
    parser = commands.add_parser(
        "facies",
        help="label a whole cube from a few labelled points or lines",
        description="From a SEG-Y cube and a few labels to a labelled SEG-Y cube, with scores.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("cube", metavar="CUBE.sgy")
    add(
        "points",
        nargs="*",
        metavar="POINTS",
        help="label files, one a class: .pts points, horizons, sticks, polygons, PNG",
    )
    add("--out", required=True, metavar="DIR", help="folder for the results")
    add("--labels", metavar="FILE", help="label cube (SEG-Y, .npy, .npz) instead of POINTS")
    add(
        "--inline",
        type=float,
        action="append",
        default=[],
        metavar="N",
        help="inline of the label cube to train on; repeatable",
    )
    add(
        "--crossline",
        type=float,
        action="append",
        default=[],
        metavar="N",
        help="crossline to train on; repeatable",
    )
    add("--truth", metavar="FILE", help="label cube to score on other lines")
    add("--truth-inlines", type=_range, metavar="A:B", help="inlines of the truth to score")
    add("--truth-crosslines", type=_range, metavar="A:B", help="crosslines of the truth to score")
    _add_settings(parser)
    _add_selection(parser)
    add(
        "--time",
        type=_time,
        action="append",
        default=[],
        metavar="T|A:B",
        help="time slice of the label cube to train on (T), or times to predict (A:B)",
    )
    parser.set_defaults(more="points", resumes=True)


def _add_predict(commands: "argparse._SubParsersAction") -> None:
    parser = commands.add_parser(
        "predict",
        help="apply a trained model to a SEG-Y cube",
        description="Read, predict and write block by block; memory does not grow with the cube.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("model", metavar="MODEL.keras")
    add("cube", metavar="CUBE.sgy")
    add("out", metavar="OUT.sgy")
    add("--confidence", metavar="FILE.sgy", help="also write the largest class probability")
    add(
        "--scaling",
        choices=("survey", "model"),
        default="survey",
        help="amplitude statistics of this survey (default), or of the training survey",
    )
    _add_selection(parser)
    add("--time", type=_range, default=(None, None), metavar="A:B", help="times to predict, in ms")
    parser.set_defaults(resumes=False)


def _add_doctor(commands: "argparse._SubParsersAction") -> None:
    parser = commands.add_parser(
        "doctor",
        help="say what a SEG-Y file is, and which arguments open it",
        description="Exit code 0: opens as it is; 3: opens with the printed arguments; 4: cannot "
        "be opened as a cube.",
        allow_abbrev=False,
    )
    parser.add_argument("cube", metavar="FILE.sgy")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    _add_opening(parser)
    parser.set_defaults(resumes=False)


def _add_demo(commands: "argparse._SubParsersAction") -> None:
    parser = commands.add_parser(
        "demo",
        help="make a synthetic survey and run the whole facies job on it",
        description="A synthetic survey with points on parts of one inline, labelled and scored.",
        allow_abbrev=False,
    )
    parser.add_argument("--out", default="demo-result", metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--overwrite", action="store_true", help="replace results in DIR")
    parser.set_defaults(resumes=False)


def _add_view(commands: "argparse._SubParsersAction") -> None:
    parser = commands.add_parser(
        "view",
        help="step through the slices of a cube, with overlays and points",
        description="A window; press h in it for the keys. Or, with --png, a picture.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("cube", metavar="CUBE.sgy")
    add("overlays", nargs="*", metavar="OVERLAY.sgy", help="class cubes, confidence, amplitudes")
    add(
        "--points",
        dest="marked",
        nargs="+",
        default=[],
        metavar="FILE",
        help="label files to mark: points, horizons, sticks, polygons, PNG",
    )
    add("--png", metavar="FILE", help="write a picture instead of opening a window")
    at = parser.add_mutually_exclusive_group().add_argument
    at("--inline", type=float, metavar="N", help="begin at this inline")
    at("--crossline", type=float, metavar="N", help="begin at this crossline")
    at("--time", type=float, metavar="T", help="begin at this time slice, in ms")
    add("--overwrite", action="store_true", help="replace a picture that is there already")
    _add_opening(parser)
    parser.set_defaults(more="overlays", resumes=False)


def _add_score(commands: "argparse._SubParsersAction") -> None:
    parser = commands.add_parser(
        "score",
        help="score a class cube against another",
        description="Class cubes are SEG-Y, .npz with line numbers, or .npy; they are matched by "
        "line numbers and times where both have them.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("truth", metavar="TRUTH")
    add("prediction", metavar="PREDICTION")
    add("--inlines", type=_range, default=(None, None), metavar="A:B", help="inlines to score")
    add("--crosslines", type=_range, default=(None, None), metavar="A:B", help="and crosslines")
    add("--json", metavar="FILE", help="also write every number as JSON")
    add("--html", metavar="FILE", help="also write the tables as one page")
    add("--overwrite", action="store_true", help="replace files that are there already")
    _add_opening(parser)
    parser.set_defaults(resumes=False)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("network and training").add_argument
    add("--network", choices=("unet", "patch", "patch3d"), help="unet by default")
    add("--channels", choices=("amplitude", "neighbours", "seed"), help="what a crop shows")
    add("--layout", metavar="STRING", help="blocks of the network, such as 'cna cnapd cnapd cnapd'")
    add("--filters", type=_widths, metavar="N,N,..", help="width of each block")
    add("--crop-size", type=int, metavar="N", help="samples along each axis of a crop")
    add("--epochs", type=int, metavar="N")
    add("--crops-per-epoch", type=int, metavar="N")
    add("--batch-size", type=int, metavar="N")
    add("--learning-rate", type=float, metavar="R")
    add("--patience", type=int, metavar="N", help="epochs without a lower loss before stopping")
    add("--folds", type=int, metavar="N", help="blocks of the blocked score; 0 for none")
    add("--seed", type=int, metavar="N")


def _add_selection(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what to predict").add_argument
    add("--inlines", type=_range, default=(None, None), metavar="A:B", help="inline numbers")
    add("--crosslines", type=_range, default=(None, None), metavar="A:B", help="crossline numbers")
    add("--stride", type=int, default=1, metavar="S", help="every S-th inline, crossline, sample")
    add("--overwrite", action="store_true", help="replace results that are there already")
    _add_opening(parser)


def _add_opening(parser: argparse.ArgumentParser) -> None:
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


def _range(text: str) -> tuple[float | None, float | None]:
    first, colon, last = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"expected A:B, both included; got {text!r}")
    return float(first) if first else None, float(last) if last else None


def _time(text: str) -> float | tuple[float | None, float | None]:
    return _range(text) if ":" in text else float(text)


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))
