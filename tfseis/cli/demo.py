"""`tfseis demo`: the whole facies job on a synthetic survey."""

import argparse

from tfseis.backend import quiet_start
from tfseis.fields import SEEDS
from tfseis.jobs import facies
from tfseis.jobs.option_types import within


def add(parser: argparse.ArgumentParser) -> None:
    """Add the folder, the seed and --overwrite."""
    parser.add_argument(
        "--out",
        default="demo-result",
        metavar="DIR",
        help="Folder for the survey and the results. Default: demo-result.",
    )
    parser.add_argument(
        "--seed",
        type=within(int, SEEDS),
        default=0,
        metavar="N",
        help="Seed of the survey, its labels and the training. Default: 0.",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="Replace what an earlier demo wrote into DIR."
    )


def run(options: argparse.Namespace) -> int:
    """Make a synthetic survey and run the whole facies job on it.

    Points on parts of one inline are the labels; the result is scored against the known facies.
    The exit code is 0 if the network is better than every simple baseline, and 1 otherwise.
    """
    with quiet_start():
        run_demo = facies.demo
    beaten = run_demo(options.out, seed=options.seed, overwrite=options.overwrite)
    return 0 if beaten else 1
