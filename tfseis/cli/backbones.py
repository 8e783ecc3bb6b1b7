"""`tfseis backbones`: the encoders that image networks can stand on."""

import argparse

from tfseis.backend import quiet_start


def add(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command has no arguments."""


def run(options: argparse.Namespace) -> int:
    """List the pretrained encoders of image networks.

    A line holds the name, the parameters in millions, the library, and where the ImageNet weights
    come from. Weights are fetched when they are first used; without access to the internet, put
    the file into the folder that the first line names.
    """
    with quiet_start():
        from tfseis.models import backbone_table  # noqa: PLC0415 - loads Keras

    print(backbone_table())
    return 0
