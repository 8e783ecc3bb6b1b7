"""`tfseis summary`: what a trained model takes, holds and sees."""

import argparse

from tfseis.backend import quiet_start


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "summary",
        help="what a model takes, holds and sees",
        description="Input contract, parameters, receptive field, halo and multiply-adds.",
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="MODEL.keras")
    parser.set_defaults(run=run, resumes=False)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    with quiet_start():
        from tfseis.inference.summary import summary

    print(summary(options.model))
    return 0
