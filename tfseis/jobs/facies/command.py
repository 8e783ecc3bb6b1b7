"""`tfseis facies train` and `tfseis facies apply`."""

import argparse

from tfseis.fields import Range
from tfseis.jobs import facies
from tfseis.jobs.arguments import (
    WHOLE,
    add_backend,
    add_computing,
    add_scaling,
    add_selection,
    line_range,
    open_cube,
)
from tfseis.jobs.contract import Applied, Finished
from tfseis.jobs.facies.settings import DEFAULTS, FaciesSettings
from tfseis.jobs.label_arguments import add_ignore, add_label_reading, label_reading
from tfseis.jobs.option_types import finite, within
from tfseis.jobs.worker_arguments import add_workers, workers_of

INPUT = "Cube to classify, of any format that tfseis reads."
OUTPUT = (
    "SEG-Y file, with the headers of the input, or .zarr to write: the class of every sample, "
    "int16."
)
BY_NETWORK = DEFAULTS
ACCEPTED = ("network", "baseline")
LINES = (("inline", 0), ("crossline", 1))  # axis of the cube by option


def add_train(parser: argparse.ArgumentParser) -> None:
    """Add the cube, its labels, and what is predicted and scored."""
    argument = parser.add_argument
    argument("cube", metavar="CUBE", help="Cube to label, of any format that tfseis reads.")
    argument(
        "labels",
        nargs="*",
        metavar="LABELS",
        help="Label files, one for each class: points (.pts), horizons, sticks, polygons, or "
        "painted sections (PNG).",
    )
    argument(
        "--label-cube",
        metavar="FILE",
        help="Label cube (SEG-Y, .npy or .npz) whose lines named below train, instead of LABELS.",
    )
    for name, _ in LINES:
        argument(
            f"--{name}",
            type=float,
            action="append",
            default=[],
            metavar="N",
            help=f"Number of one {name} of the label cube to train on; may be repeated.",
        )
    argument(
        "--code",
        dest="codes",
        type=_code,
        action="append",
        default=[],
        metavar="NAME=CODE",
        help="Number of a class in the labelled cube, by the name of the class, such as salt=7; "
        "may be repeated. Without it label files are numbered from 0 in the order of their names.",
    )
    argument(
        "--truth",
        metavar="FILE",
        help="Label cube to score the result against, on lines that did not train.",
    )
    for name in ("inlines", "crosslines"):
        argument(
            f"--truth-{name}",
            type=line_range,
            metavar="A:B",
            help=f"First and last of the {name} of the truth that are scored, both included.",
        )
    add_label_reading(parser)
    add_ignore(parser)
    add_selection(parser, times=False)
    argument(
        "--time",
        type=_time,
        action="append",
        default=[],
        metavar="T|A:B",
        help="T: time in ms of one time slice of the label cube to train on; may be repeated. "
        "A:B: first and last sample time to predict, in ms, both included.",
    )
    _add_abstain(parser)
    argument(
        "--accept",
        choices=ACCEPTED,
        help="What is delivered where a baseline is better than the network in held-out blocks: "
        "the network, or the baseline. Without it you are asked, or in a script get the network "
        "and are told; and a network that finds a class nowhere is refused.",
    )
    add_backend(parser, " the labelled cube")
    add_workers(parser)
    parser.set_defaults(more="labels")


def train(options: argparse.Namespace, settings: FaciesSettings) -> Finished:
    """Train a facies network on a few labels of a cube, and label the whole cube.

    Labels are one file for each class, or some lines of a label cube. The folder holds the
    labelled cube, its confidence, the model, scores and a report afterwards.
    """
    lines = [(axis, number) for name, axis in LINES for number in getattr(options, name)]
    lines += [(2, time) for time in options.time if not isinstance(time, tuple)]
    ranges = [time for time in options.time if isinstance(time, tuple)]
    with open_cube(options.cube, options) as cube:
        return facies.train_facies(
            cube,
            options.labels,
            out=options.out,
            label_cube=options.label_cube,
            lines=lines,
            reading={**label_reading(options), "ignore": options.ignore},
            codes=dict(options.codes),
            truth=options.truth,
            truth_inlines=options.truth_inlines,
            truth_crosslines=options.truth_crosslines,
            settings=settings,
            inlines=options.inlines,
            crosslines=options.crosslines,
            time=ranges[-1] if ranges else WHOLE,
            stride=options.stride,
            abstain=options.abstain,
            accept=options.accept,
            backend=options.backend,
            workers=workers_of(options),
            overwrite=options.overwrite,
            command=options.command,
        )


def add_apply(parser: argparse.ArgumentParser) -> None:
    """Add what else is written, and which part of the cube is predicted."""
    parser.add_argument(
        "--confidence",
        metavar="FILE.sgy",
        help="Also write the largest class probability at every sample, as SEG-Y.",
    )
    _add_abstain(parser)
    add_computing(parser, "classes")
    add_scaling(parser)
    add_workers(parser)
    add_selection(parser)


def apply(options: argparse.Namespace) -> Applied:
    """Classify every sample of a cube with a trained facies model.

    The cube is read, predicted and written part by part, so that memory does not grow with it.
    """
    with open_cube(options.input, options) as cube:
        return facies.apply_facies(
            options.model,
            cube,
            options.output,
            confidence=options.confidence,
            abstain=options.abstain,
            inlines=options.inlines,
            crosslines=options.crosslines,
            time=options.time,
            stride=options.stride,
            scaling=options.scaling,
            backend=options.backend,
            precision=options.precision,
            workers=workers_of(options),
            overwrite=options.overwrite,
        )


def _add_abstain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--abstain",
        type=within(float, Range(0, 1)),
        metavar="P",
        help="Least confidence of a sample, 0 to 1. Where it is less, the sample gets a class of "
        "its own, unsure; a legend file says which.",
    )


def _code(text: str) -> tuple[str, int]:
    name, _, code = text.rpartition("=")
    if not name or not code.lstrip("-").isdigit():
        raise argparse.ArgumentTypeError(f"expected NAME=CODE, such as salt=7; got {text!r}")
    return name, int(code)


def _time(text: str) -> float | tuple[float | None, float | None]:
    return line_range(text) if ":" in text else finite(text)
