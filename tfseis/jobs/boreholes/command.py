"""`tfseis boreholes train` and `tfseis boreholes apply`."""

import argparse

from tfseis.fields import Between, Range
from tfseis.jobs import boreholes
from tfseis.jobs.arguments import add_computing, numbers
from tfseis.jobs.boreholes.settings import BoreholeSettings
from tfseis.jobs.contract import Applied, Finished
from tfseis.jobs.option_types import within

INPUT = "Folder of patches of borehole images, well_W_patch_P.npy or .png."
OUTPUT = "Folder to write: a mask for each patch, and the planes that marks lie on."


def add_train(parser: argparse.ArgumentParser) -> None:
    """Add the patches, their labels, and the wells that are scored."""
    argument = parser.add_argument
    argument(
        "patches",
        metavar="FOLDER",
        help="Folder of patches well_W_patch_P (.npy or .png), or of images/ and masks/.",
    )
    argument(
        "--labels",
        metavar="PATH",
        help="Folder of masks, or the challenge's CSV file. Default: masks/ beside images/.",
    )
    argument(
        "--synthetic",
        type=within(int, Range(0, 1_000_000)),
        default=0,
        metavar="N",
        help="Train on N synthetic patches instead of the labels; labelled wells are scored. "
        "Default: 0.",
    )
    argument(
        "--held-out",
        type=numbers,
        metavar="W,W,..",
        help="Numbers of the wells that are scored and do not train. Default: one in five.",
    )
    argument(
        "--teacher",
        metavar="MODEL",
        help="Larger trained borehole model (.keras) that the network also learns from; patches "
        "without labels train too then.",
    )


def train(options: argparse.Namespace, settings: BoreholeSettings) -> Finished:
    """Train a network that marks lines and fractures in borehole images.

    Wells are scored that did not train. The folder holds a mask for each patch, the planes that
    marks lie on, the model, scores and a report afterwards.
    """
    return boreholes.train_boreholes(
        options.patches,
        out=options.out,
        labels=options.labels,
        synthetic=options.synthetic,
        held_out=options.held_out,
        settings=settings,
        teacher=options.teacher,
        overwrite=options.overwrite,
        command=options.command,
    )


def add_apply(parser: argparse.ArgumentParser) -> None:
    """Add how patches are predicted."""
    parser.add_argument(
        "--wells",
        action="store_true",
        help="Join the patches of each well in the order of depth and predict along the whole "
        "well, so that the network sees past the borders of a patch.",
    )
    parser.add_argument(
        "--hole-diameter",
        type=within(float, Between(0)),
        metavar="MM",
        help="Diameter of the hole, for the dips of planes. Default: that of the training.",
    )
    parser.add_argument(
        "--row-height",
        type=within(float, Between(0)),
        metavar="MM",
        help="Distance of two rows of the images along the hole. Default: that of the training.",
    )
    add_computing(parser, "marks")


def apply(options: argparse.Namespace) -> Applied:
    """Mark lines and fractures in patches of borehole images with a trained model."""
    return boreholes.apply_boreholes(
        options.model,
        options.input,
        options.output,
        wells=options.wells,
        hole_diameter=options.hole_diameter,
        row_height=options.row_height,
        backend=options.backend,
        precision=options.precision,
        overwrite=options.overwrite,
    )
