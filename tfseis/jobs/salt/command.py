"""`tfseis salt train` and `tfseis salt apply`."""

import argparse

from tfseis.io.cube import is_folder_of_files
from tfseis.jobs import salt
from tfseis.jobs.arguments import add_computing, add_selection, open_cube
from tfseis.jobs.contract import Applied, Finished
from tfseis.jobs.salt.settings import SaltSettings
from tfseis.jobs.worker_arguments import add_workers, workers_of

INPUT = (
    "Cube of any format; folder of grey PNG images; or the folder of the TGS salt "
    "challenge, or a zip of it."
)
OUTPUT = (
    "SEG-Y file or .zarr of the probability of salt for a cube; folder of masks for images; .csv "
    "file to submit for the challenge's folder."
)
SKIP = "Leave out image files that cannot be used, instead of refusing the folder."
ARCHIVE = ".zip"


def add_train(parser: argparse.ArgumentParser) -> None:
    """Add the images."""
    parser.add_argument(
        "images",
        metavar="FOLDER",
        help="Folder with images and masks as in the TGS salt challenge, or a zip of it.",
    )
    parser.add_argument("--skip", action="store_true", help=SKIP)


def train(options: argparse.Namespace, settings: SaltSettings) -> Finished:
    """Train networks that mark salt on images, and write a submission.

    The images are divided into parts; each network trains on all parts but one and is scored on
    that one. The folder holds the model, scores, a report and, where there are test images,
    submission.csv afterwards.
    """
    return salt.train_salt(
        options.images,
        out=options.out,
        settings=settings,
        skip=options.skip,
        overwrite=options.overwrite,
        command=options.command,
    )


def add_apply(parser: argparse.ArgumentParser) -> None:
    """Add what else is written, and which part of a cube is predicted."""
    parser.add_argument(
        "--mask",
        metavar="FILE.sgy",
        help="For a cube: also write 1 where there is salt and 0 elsewhere, as SEG-Y.",
    )
    parser.add_argument("--skip", action="store_true", help=SKIP)
    add_computing(parser, "salt")
    add_workers(parser)
    add_selection(parser)


def apply(options: argparse.Namespace) -> Applied:
    """Mark salt in a cube, on the images of a folder, or for a submission.

    A cube gives a SEG-Y file of probabilities. A folder of images gives a folder of masks. The
    folder of the TGS salt challenge and an OUTPUT that ends in .csv give a submission.
    """
    if is_folder_of_files(options.input) or options.input.lower().endswith(ARCHIVE):
        return salt.apply_salt(
            options.model,
            options.input,
            options.output,
            skip=options.skip,
            backend=options.backend,
            precision=options.precision,
            overwrite=options.overwrite,
        )
    with open_cube(options.input, options) as cube:
        return salt.apply_salt(
            options.model,
            cube,
            options.output,
            mask=options.mask,
            inlines=options.inlines,
            crosslines=options.crosslines,
            time=options.time,
            stride=options.stride,
            backend=options.backend,
            precision=options.precision,
            workers=workers_of(options),
            overwrite=options.overwrite,
        )
