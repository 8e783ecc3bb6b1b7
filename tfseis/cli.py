"""The command `tfseis`: thin; every job is a function of `tfseis.workflows`."""

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from typing import Any

from tfseis import __version__
from tfseis.backend import quiet_start
from tfseis.errors import TfseisError
from tfseis.io import OPTIONS, SegyCube, describe, diagnose, open_segy

REFUSED = 1  # refused input; 0 is done, and argparse itself exits with 2 on wrong usage


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 refused input, 2 wrong usage."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parse(words)
    options.command = shlex.join(["tfseis", *words])
    try:
        return int(options.run(options))
    except TfseisError as error:
        print(f"tfseis: {error}", file=sys.stderr)
    except OSError as error:
        print(f"tfseis: {error}. Check the file, its folder and the disk.", file=sys.stderr)
    except KeyboardInterrupt:
        what = "the same command goes on from here" if options.resumes else "nothing was written"
        print(f"tfseis: interrupted; {what}.", file=sys.stderr)
    return REFUSED


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tfseis", description="Deep-learning seismic interpretation.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"tfseis {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (_add_facies, _add_predict, _add_doctor, _add_demo):
        add(commands)
    options, left = parser.parse_known_args(words)
    points = [word for word in left if not word.startswith("-")]  # files after an option
    if len(points) < len(left) or (points and not hasattr(options, "points")):
        parser.error(f"unrecognized arguments: {' '.join(left)}")
    if points:
        options.points = [*options.points, *points]
    return options


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
    parser.set_defaults(run=_run_facies, resumes=True)


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
    parser.set_defaults(run=_run_predict, resumes=False)


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
    parser.set_defaults(run=_run_doctor, resumes=False)


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
    parser.set_defaults(run=_run_demo, resumes=False)


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


def _run_facies(options: argparse.Namespace) -> int:
    with quiet_start():  # TensorFlow only when needed
        from tfseis.workflows import Settings, facies, score_text, settings_for  # noqa: PLC0415

    given = {name: getattr(options, name) for name in Settings.__dataclass_fields__}
    settings = settings_for(**{name: value for name, value in given.items() if value is not None})
    slices = [value for value in options.time if not isinstance(value, tuple)]
    ranges = [value for value in options.time if isinstance(value, tuple)]
    lines = [(0, n) for n in options.inline] + [(1, n) for n in options.crossline]
    with _open(options) as cube:
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


def _run_predict(options: argparse.Namespace) -> int:
    with quiet_start():
        from tfseis.workflows import predict  # noqa: PLC0415

    with _open(options) as cube:
        predict(
            options.model,
            cube,
            options.out,
            confidence=options.confidence,
            inlines=options.inlines,
            crosslines=options.crosslines,
            time=options.time,
            stride=options.stride,
            scaling=options.scaling,
            overwrite=options.overwrite,
        )
    return 0


def _run_demo(options: argparse.Namespace) -> int:
    with quiet_start():
        from tfseis.workflows import demo  # noqa: PLC0415

    beaten = demo(options.out, seed=options.seed, overwrite=options.overwrite)
    return 0 if beaten else REFUSED


def _run_doctor(options: argparse.Namespace) -> int:
    diagnosis = diagnose(options.cube, **_opening(options))
    if options.json:
        print(json.dumps(diagnosis.as_dict(), indent=1))
    else:
        print(describe(diagnosis))
    return diagnosis.exit_code


def _open(options: argparse.Namespace) -> SegyCube:
    return open_segy(options.cube, **_opening(options))


def _opening(options: argparse.Namespace) -> dict[str, Any]:
    given = {option.name: getattr(options, option.name) for option in OPTIONS}
    return {name: value for name, value in given.items() if value is not None}


def _range(text: str) -> tuple[float | None, float | None]:
    first, colon, last = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"expected A:B, both included; got {text!r}")
    return float(first) if first else None, float(last) if last else None


def _time(text: str) -> float | tuple[float | None, float | None]:
    return _range(text) if ":" in text else float(text)


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))
