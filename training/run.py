"""Train and score experiments by ID; prints Markdown rows for training/results.md.

``python -m training.run 100 101``; add ``--quick`` for the same in seconds on made-up data.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from training.experiments import EXPERIMENTS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the experiments that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="+", type=int, choices=sorted(EXPERIMENTS), metavar="ID")
    parser.add_argument("--quick", action="store_true", help="seconds, on made-up data")
    options = parser.parse_args(arguments)
    for number in options.ids:
        run, family = EXPERIMENTS[number]
        for row in family.cells(family.quick(run) if options.quick else run):
            machine = f"{os.cpu_count()} x {platform.machine()}"
            words = [number, run.note, *row, machine, run.settings.seed, commit()]
            print("| " + " | ".join(map(str, words)) + " |", flush=True)
    return 0


def commit() -> str:
    """Short hash of the code that ran."""
    words = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
