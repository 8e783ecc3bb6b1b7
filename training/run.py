"""Train and score experiments by ID; prints Markdown for training/results.md.

``python -m training.run 100 101``; add ``--quick`` for the same in seconds on made-up data. A run
lies in runs/experiments/ID: an interrupted one goes on, a finished one is told again.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pandas as pd

from tfseis.jobs.faults.table import markdown as ruled
from tfseis.learning.tracking import TRACKERS, tracked_by
from training.experiments import EXPERIMENTS

RUNS = Path("runs/experiments")
RESULT = "result.json"


def main(arguments: Sequence[str] | None = None, *, runs: Path = RUNS) -> int:
    """Run the experiments that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("ids", nargs="+", type=int, choices=sorted(EXPERIMENTS), metavar="ID")
    add("--quick", action="store_true", help="seconds, on made-up data; nothing is kept")
    add("--again", action="store_true", help="do a finished run anew")
    add("--track", choices=TRACKERS, help="also log the training to a service")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch, tracked_by(options.track):
        home = Path(scratch) if options.quick else runs
        for number in options.ids:
            if options.again:
                shutil.rmtree(home / str(number), ignore_errors=True)
            result = done(number, home / str(number), quick=options.quick)
            print(markdown(table([result])), flush=True)
    return 0


def done(number: int, folder: Path, *, quick: bool = False) -> dict:
    """What a run found: its rows, machine, commit; it is done first unless it was before."""
    path = folder / RESULT
    if path.exists():
        return json.loads(path.read_text())
    folder.mkdir(parents=True, exist_ok=True)
    run, family = EXPERIMENTS[number]
    run = family.quick(run) if quick else run
    result = {
        "id": number,
        "what": run.note,
        "rows": family.rows(run, folder),
        "machine": f"{os.cpu_count()} x {platform.machine()}",
        "seed": run.settings.seed,
        "commit": commit(),
    }
    path.write_text(json.dumps(result, indent=1))
    return result


def table(results: Sequence[dict]) -> pd.DataFrame:
    """One row for each row of each run."""
    return pd.DataFrame(
        [
            {
                "ID": result["id"],
                "what": result["what"],
                **row,
                **{name: result[name] for name in ("machine", "seed", "commit")},
            }
            for result in results
            for row in result["rows"]
        ]
    )


def markdown(rows: pd.DataFrame) -> str:
    """A table whose cells stay as they are; nothing where a run has no such cell."""
    cells = rows.astype(object).where(rows.notna(), "").astype(str)
    return ruled(cells).rstrip("\n")


def commit() -> str:
    """Short hash of the code that ran; commit.txt holds it where the code travelled without git."""
    travelled = Path(__file__).with_name("commit.txt")
    if travelled.exists():
        return travelled.read_text(encoding="utf-8").strip()
    words = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
