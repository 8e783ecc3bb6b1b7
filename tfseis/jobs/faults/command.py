"""`tfseis faults train`, `tfseis faults apply` and `tfseis faults table`."""

import argparse
import os
from contextlib import ExitStack
from dataclasses import fields

from tfseis.fields import Between, Range
from tfseis.jobs import faults
from tfseis.jobs.arguments import (
    Further,
    add_computing,
    add_scaling,
    add_selection,
    open_cube,
    refuse_opening,
)
from tfseis.jobs.contract import Applied, Finished
from tfseis.jobs.faults.picks.arguments import CUBE, LABELS, add_picks, told_of_picks
from tfseis.jobs.faults.settings import FaultSettings
from tfseis.jobs.option_types import within
from tfseis.jobs.worker_arguments import add_workers, workers_of

SHIPPED = "faults"  # the model that comes with tfseis
INPUT = (
    "Cube or 2D line in which to find faults, of any format that tfseis reads; several are "
    "predicted one after the other."
)
OUTPUT = (
    "SEG-Y file or .zarr to write: the probability of a fault at every sample, 0 to 1. Of several "
    "INPUT, or with / at its end, the folder for LINE_faults.sgy of each LINE.sgy and for "
    "summary.csv; further files such as --mask mask.sgy are LINE_mask.sgy there."
)
SEVERAL = MODELS = True  # INPUT and --model take several
TOLD = (  # options of apply that are arguments of `apply_faults` of the same names
    *("tta", "overlap", "threshold", "inlines", "crosslines", "time", "stride"),
    *("scaling", "backend", "precision", "overwrite"),
)
FOLDER = "Folder with the amplitudes seis/N.dat and the faults fault/N.dat (or .npy) of each cube."


def add_train(parser: argparse.ArgumentParser) -> None:
    """Add the cubes, the models to start from or to learn from, and what is scored."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("cubes", nargs="?", metavar="FOLDER|CUBE", help=f"{FOLDER} {CUBE}")
    source.add_argument(
        "--synthetic",
        action="store_true",
        help="Train on synthetic surveys, which are made during the training, instead of FOLDER.",
    )
    argument = parser.add_argument
    argument("labels", nargs="*", metavar="LABELS", help=LABELS)
    argument(
        "--base",
        metavar="MODEL",
        help="Trained fault model whose weights the training starts from: a .keras file, or "
        "'faults' for the one that comes with tfseis. Default with LABELS: faults.",
    )
    argument(
        "--teacher",
        metavar="MODEL",
        help="Trained fault model that the network also learns from: a .keras file, 'faults', or "
        "'itself' for the running average of the network's own weights (mean teacher).",
    )
    argument(
        "--unseen",
        type=within(int, Range(0, 10_000)),
        metavar="N",
        help="Number of synthetic surveys of each generator that are scored at the end. "
        "Default: 10; with LABELS 2.",
    )
    add_picks(parser)
    parser.set_defaults(more="labels")


def train(options: argparse.Namespace, settings: FaultSettings) -> Finished:
    """Train a fault network on synthetic surveys, labelled cubes, or a few picked lines of a cube.

    With LABELS a trained model is fine-tuned on the picked lines of CUBE. A finished training goes
    on with the same command and a higher limit of epochs or minutes.
    """
    with ExitStack() as stack:
        cubes = None if options.synthetic else options.cubes
        if options.labels and cubes is not None:
            cubes = stack.enter_context(open_cube(cubes, options))
        else:
            refuse_opening(options, "a cube with label files")
        return faults.train_faults(
            cubes,
            options.labels,
            out=options.out,
            settings=settings,
            teacher=options.teacher,
            base=options.base,
            **told_of_picks(options),
            unseen=options.unseen,
            overwrite=options.overwrite,
            command=options.command,
        )


def add_apply(parser: argparse.ArgumentParser) -> None:
    """Add how faults are predicted, what else is written, and which part of the cube is meant."""
    argument = parser.add_argument
    argument(
        "--tta",
        action="store_true",
        help="Average the predictions of eight flips and quarter turns of each window, at eight "
        "times the work.",
    )
    argument(
        "--overlap",
        type=within(int, Range(0, 4096)),
        metavar="N",
        help="Number of samples that neighbouring windows share. Default: as the model says.",
    )
    argument(
        "--threshold",
        type=within(float, Between(0, 1)),
        metavar="P",
        help="Probability above which a sample is a fault, 0 to 1. Default: as the model says.",
    )
    add_computing(parser, "faults")
    add_scaling(parser)
    _add_files(parser)
    add_workers(parser)
    add_selection(parser)


def apply(options: argparse.Namespace) -> Applied:
    """Find the faults of a cube: their probability, a mask, thin faults, and sticks.

    The cube is read, predicted and written window by window, so that memory does not grow with it.
    Of several 2D lines or cubes each gets its own results; the model is loaded once.
    """
    wanted = {field.name: getattr(options, field.name) for field in fields(faults.FaultFiles)}
    files = faults.FaultFiles(**{name: x for name, x in wanted.items() if x is not None})
    told = {name: getattr(options, name) for name in TOLD} | {"workers": workers_of(options)}
    if len(options.input) > 1 or options.output.endswith(os.sep):
        return faults.apply_faults_to_each(
            options.model,
            options.input,
            options.output,
            files=files,
            opening=lambda path: open_cube(path, options),
            backend=told.pop("backend"),
            overwrite=told.pop("overwrite"),
            options=told,
        )
    with open_cube(options.input[0], options) as cube:
        return faults.apply_faults(options.model, cube, options.output, files=files, **told)


def add_table(parser: argparse.ArgumentParser) -> None:
    """Add the cubes, the models, and the files to write."""
    argument = parser.add_argument
    argument("folder", metavar="FOLDER", help=FOLDER)
    argument(
        "--model",
        action="extend",
        nargs="+",
        metavar="MODEL",
        help="Fault models to score: .keras files, or 'faults' for the one that comes with tfseis. "
        "Default: faults.",
    )
    argument("--out", metavar="NAME", help="Also write the table as NAME.md and NAME.csv.")
    argument("--overwrite", action="store_true", help="Replace files of these names.")


def table(options: argparse.Namespace) -> str:
    """Score fault models on labelled cubes, one by one.

    The table holds the intersection over union (IoU) of each model, at its own threshold, on each
    cube, as Markdown.
    """
    found = faults.fault_table(
        options.folder, options.model or [SHIPPED], out=options.out, overwrite=options.overwrite
    )
    return faults.markdown(found).rstrip()


MORE = {"table": Further(add_table, table)}


def _add_files(parser: argparse.ArgumentParser) -> None:
    """Add the fields of `FaultFiles`, whose help needs no Keras here."""
    add = parser.add_argument_group("further files to write").add_argument
    add(
        "--mask",
        metavar="FILE.sgy",
        help="SEG-Y file of 1 where the probability is above the threshold, and 0 elsewhere.",
    )
    add(
        "--spread",
        metavar="FILE.sgy",
        help="SEG-Y file of the standard deviation of the probability among several models and, "
        "with --tta, among flips and turns.",
    )
    add(
        "--skeleton",
        metavar="FILE.sgy",
        help="SEG-Y file of thin faults, each by its number: 1 for the largest, 0 for none.",
    )
    add("--sticks", metavar="FILE", help="Text file of fault sticks with their confidence.")
    add(
        "--form",
        choices=("charisma", "opendtect"),
        help="Format of the fault sticks. Default: charisma where the cube has map coordinates.",
    )
    add(
        "--smallest",
        type=within(int, Range(1)),
        metavar="N",
        help="Smallest number of samples of a thin fault in --skeleton, --sticks, --objects, "
        "--surfaces, --map, --scene and --report. Default: 400; of fewer than 20 lines 20 for "
        "each.",
    )
    add(
        "--objects",
        metavar="FILE.csv",
        help="CSV file with a row a fault: strike, dip, extent, area, throw, confidence, and the "
        "faults that it meets. With it, --surfaces, --map, --scene or --report, pieces of one "
        "fault are linked, and skeleton and sticks have the same numbers.",
    )
    add("--surfaces", metavar="FILE.ts", help="GOCAD TSurf file of the triangulated faults.")
    add(
        "--map",
        metavar="FILE.png",
        help="PNG file of the faults: their traces on a map at the middle time, in 3D, and a table "
        "of the largest.",
    )
    add(
        "--scene",
        metavar="FILE.png",
        help="PNG file of the faults in 3D beside slices of the cube, drawn by PyVista "
        "(tfseis[3d]); left out where it is not installed.",
    )
    add(
        "--report",
        metavar="FILE.html",
        help="HTML file of what was found: numbers, sections, and map and table of the faults.",
    )
    add(
        "--velocity",
        type=float,
        metavar="V",
        help="Velocity in m/s by which two-way times become depths, for dips and areas of the "
        "objects. Default: not known, and a sample counts as long as a bin.",
    )
    add(
        "--picture",
        metavar="FILE.png",
        help="PNG file of the sections through the middle of the cube, with the faults on them.",
    )
