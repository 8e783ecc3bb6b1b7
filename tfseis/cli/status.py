"""`tfseis status`: how far a result is that is being made, or was interrupted."""

import argparse

from tfseis.tasks.status import statuses


def add(parser: argparse.ArgumentParser) -> None:
    """Add the results."""
    parser.add_argument(
        "outputs",
        nargs="+",
        metavar="OUTPUT",
        help="Result that a command makes, or a folder in which such results lie.",
    )


def run(options: argparse.Namespace) -> int:
    """Show how far a result is: parts done, time spent and left, and whether a process makes it.

    It reads what lies beside the unfinished result alone, so it works from any machine that sees
    the folder.
    """
    for output in options.outputs:
        found = statuses(output)
        print("\n\n".join(one.text() for one in found) or f"{output}: nothing is unfinished")
    return 0
