"""`tfseis backbones`: the encoders that image networks can stand on."""

import argparse

from tfseis.backend import quiet_start


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "backbones",
        help="list the encoders of image networks",
        description="Name, parameters in millions, library, and where the ImageNet weights come "
        "from. They are fetched when first used; without a network, put the file into the folder "
        "that the first line names.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=run, resumes=False)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():
        from tfseis.models import backbone_table  # noqa: PLC0415

    print(backbone_table())
    return 0
