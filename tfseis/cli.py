"""The command `tfseis`: thin; every job is a function of `tfseis.workflows`."""

import argparse
import json
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from tfseis.backend import quiet_start
from tfseis.cli_arguments import command_parser
from tfseis.errors import TfseisError
from tfseis.io import OPTIONS, SegyCube, describe, diagnose, open_segy, read_labels

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
    parser = command_parser()
    options, left = parser.parse_known_args(words)
    files = [word for word in left if not word.startswith("-")]  # files after an option
    more = getattr(options, "more", None)  # what they belong to
    if len(files) < len(left) or (files and more is None):
        parser.error(f"unrecognized arguments: {' '.join(left)}")
    if more is not None:
        setattr(options, more, [*getattr(options, more), *files])
    options.run = JOBS[options.job]
    return options


def _run_facies(options: argparse.Namespace) -> int:
    with quiet_start():  # TensorFlow only when needed
        from tfseis.workflows import DEFAULTS, Settings, facies, score_text  # noqa: PLC0415

    given = {name: getattr(options, name) for name in Settings.__dataclass_fields__}
    changes = {name: value for name, value in given.items() if value is not None}
    settings = replace(DEFAULTS[options.network or "unet"], **changes)
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


def _run_view(options: argparse.Namespace) -> int:
    from tfseis.view import show, write_png  # noqa: PLC0415  Matplotlib only when needed

    wanted = (options.inline, options.crossline, options.time)
    axis, number = next(((a, n) for a, n in enumerate(wanted) if n is not None), (0, None))
    with ExitStack() as stack:
        opened = [
            stack.enter_context(open_segy(path, **_opening(options)))
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


def _run_score(options: argparse.Namespace) -> int:
    with quiet_start():
        from tfseis.workflows import score  # noqa: PLC0415

    arrays = (".npy", ".npz")
    with ExitStack() as stack:
        truth, prediction = (
            path
            if path.endswith(arrays)
            else stack.enter_context(open_segy(path, **_opening(options)))
            for path in (options.truth, options.prediction)
        )
        found = score(
            truth,
            prediction,
            inlines=options.inlines,
            crosslines=options.crosslines,
            json_file=options.json,
            html_file=options.html,
            overwrite=options.overwrite,
        )
    print(found.text())
    return 0


def _open(options: argparse.Namespace) -> SegyCube:
    return open_segy(options.cube, **_opening(options))


def _opening(options: argparse.Namespace) -> dict[str, Any]:
    given = {option.name: getattr(options, option.name) for option in OPTIONS}
    return {name: value for name, value in given.items() if value is not None}


JOBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "facies": _run_facies,
    "predict": _run_predict,
    "doctor": _run_doctor,
    "demo": _run_demo,
    "view": _run_view,
    "score": _run_score,
}
