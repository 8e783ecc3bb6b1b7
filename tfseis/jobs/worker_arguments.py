"""Arguments of commands whose work may be shared by several processes."""

import argparse

from tfseis.fields import Range
from tfseis.jobs.option_types import within
from tfseis.tasks.workers import MOST, Workers


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Add who does the work: this process, several ones, or a cluster."""
    group = parser.add_argument_group(
        "who does the work",
        "The result is the same whoever does it. The same command goes on with a result that an "
        "interruption left; tfseis status OUTPUT says how far it is.",
    )
    group.add_argument(
        "--workers",
        type=within(int, Range(1, MOST)),
        metavar="N",
        help="Number of processes on this machine, each with one thread and its own copy of the "
        "model. Default: one process with as many threads as there are cores.",
    )
    group.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="Address of a Dask scheduler whose workers do the work, such as tcp://10.0.0.1:8786; "
        "they must see the input under the same path (tfseis[dask]).",
    )


def workers_of(options: argparse.Namespace) -> Workers:
    """Who does the work, from parsed options.

    Raises:
        ModelError: both options are given.
    """
    return Workers(options.workers, options.scheduler)
