"""`tfseis predict`: apply a trained model to a SEG-Y cube, or to a folder of images."""

import argparse
from pathlib import Path

from tfseis.backend import quiet_start
from tfseis.cli.arguments import add_selection, open_cube


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "predict",
        help="apply a trained model to a SEG-Y cube or a folder of images",
        description="Read, predict and write block by block; memory does not grow with the cube.",
        allow_abbrev=False,
    )
    argument = parser.add_argument
    argument("model", metavar="MODEL.keras")
    argument("cube", metavar="CUBE.sgy", help="or a folder of borehole patches or salt images")
    argument("out", metavar="OUT.sgy", help="for images a folder")
    argument("--wells", action="store_true", help="boreholes: join patches to whole wells")
    argument(
        "--confidence", metavar="FILE.sgy", help="facies: also write the largest class probability"
    )
    argument("--mask", metavar="FILE.sgy", help="salt, faults: also write the mask, 1 for these")
    argument(
        "--scaling",
        choices=("survey", "model"),
        default="survey",
        help="amplitude statistics of this survey (default), or of the training survey",
    )
    add_selection(parser)
    parser.set_defaults(run=run, resumes=False)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():
        from tfseis.jobs.facies.apply import predict
        from tfseis.jobs.salt.apply import predict_folder

    if Path(options.cube).is_dir():
        predict_folder(
            options.model, options.cube, options.out, wells=options.wells,
            overwrite=options.overwrite,
        )  # fmt: skip
        return 0
    with open_cube(options) as cube:
        predict(
            options.model,
            cube,
            options.out,
            confidence=options.confidence,
            mask=options.mask,
            inlines=options.inlines,
            crosslines=options.crosslines,
            time=options.time,
            stride=options.stride,
            scaling=options.scaling,
            overwrite=options.overwrite,
        )
    return 0
