"""Finished and running experiments side by side: ``python -m training.compare 300 301``.

Prints one table of what they found, and plots their learning curves in one picture.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tfseis.view import compared_curves_figure
from training.experiments import EXPERIMENTS
from training.run import RESULT, RUNS, markdown, table

CURVES = Path("curves.png")


def main(arguments: Sequence[str] | None = None, *, runs: Path = RUNS) -> int:
    """Compare the experiments that the command line names; 1 where one was not run."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("ids", nargs="+", type=int, choices=sorted(EXPERIMENTS), metavar="ID")
    add("--curves", type=Path, default=CURVES, metavar="FILE.png", help="curves.png by default")
    add("--overwrite", action="store_true", help="replace that picture")
    options = parser.parse_args(arguments)
    histories: dict[str, pd.DataFrame] = {}
    for number in options.ids:
        found = curves(runs / str(number))
        if not found:
            print(f"{number}: expected a run in {runs}; got none. Run it first.", file=sys.stderr)
            return 1
        histories |= {f"{number} {name}".strip(): part for name, part in found.items()}
    if options.curves.exists() and not options.overwrite:
        print(f"{options.curves} exists. Add --overwrite, or name another.", file=sys.stderr)
        return 1
    results = [runs / str(number) / RESULT for number in options.ids]
    finished = [json.loads(path.read_text()) for path in results if path.exists()]
    if finished:
        print(markdown(table(finished)))
    compared_curves_figure(histories).savefig(options.curves, dpi=120)
    print(options.curves)
    return 0


def curves(folder: Path) -> dict[str, pd.DataFrame]:
    """The histories of a run, by the folder within it where each training lies."""
    found = {}
    for path in sorted(folder.rglob("history.csv")):
        name = path.parent.relative_to(folder).as_posix()
        rows = pd.read_csv(path)
        if {"epoch", "loss"} <= set(rows):
            found["" if name == "." else name] = rows
    return found


if __name__ == "__main__":
    sys.exit(main())
