"""`tfseis summary`: what a trained model takes, holds and sees."""

import argparse

from tfseis.backend import quiet_start


def add(parser: argparse.ArgumentParser) -> None:
    """Add the model."""
    parser.add_argument(
        "model",
        metavar="MODEL",
        help=".keras file of a model, or the name of one that comes with tfseis.",
    )


def run(options: argparse.Namespace) -> int:
    """Print what a model takes and gives, its parameters, and its receptive field.

    The halo is the number of samples at the border of a window that are cut off after prediction.
    Multiply-adds are those of one input of the printed size.
    """
    with quiet_start():
        from tfseis.inference import summary  # noqa: PLC0415 - loads Keras

    print(summary(options.model))
    return 0
