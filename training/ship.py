"""From a trained fault network to the weights that ship and their model card.

`python -m training.ship RUN` takes what `tfseis faults train --out RUN` left and writes
tfseis/weights/faults.npz and docs/models/faults.md.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from tfseis.data.survey_crops import scaled
from tfseis.data.synthetic import gaussian_survey
from tfseis.errors import ModelError, TfseisError
from tfseis.learning import load_model
from tfseis.models.pretrained import SHIPPED, pretrained, write_pretrained
from tfseis.workflows.fault_table import markdown
from tfseis.workflows.fault_validation import UNSEEN_SEED, fault_probability

MOST_MEGABYTES = 10
HOME = Path(__file__).resolve().parents[1]
CARD = """# The fault network that comes with tfseis

`tfseis.models.pretrained("faults")`, the default of `tfseis faults`.

- **What it does**: from scaled amplitudes of a migrated, stacked cube to the probability of a fault
  at each sample. Network `{network}`, {parameters:,} weights, {megabytes:.1f} MB as float16.
- **Data**: synthetic surveys alone, made while it trained by the laws {laws} of
  `tfseis.data.synthetic`; no survey of anybody's, no labels under another licence.
- **Recipe**: {minutes:.0f} minutes on {machine}, {crops:,} crops of {crop}^3 in batches of {batch},
  loss `{loss}`, Adam at {rate:g} falling to 0 at the end, averaged weights, seed {seed}, tfseis
  {version}{before}: `{command}`
- **Licence**: that of tfseis, Apache-2.0.

## Scores

Means over {cubes} synthetic surveys of 128^3 of seeds that no training draws. Nothing was chosen by
them, but for the best threshold, which is chosen on the truth. They are of the laws that trained:
another generator, and real surveys more so, score lower.

{table}

Half precision moves no probability by more than {moved:.1g} on one of them.

## Limits

- Trained on 4 ms surveys with dips below 45 degrees and dominant periods of about 4 to 12 samples;
  coarser or finer sampling, depth cubes with other periods, and steep salt flanks are beyond it.
- Labels were one or two samples wide, for throws of half a sample and more: it marks thin surfaces.
- Channels, unconformities, chaotic zones and acquisition footprint can look like faults. Nothing in
  it tells a fault from another break of reflections.
- On F3, Kerry and Thebe there are [pictures](../faults-on-real-sections.png) only: no labels of
  theirs are available to score it. On Kerry it marks many upright breaks that look like noise.
- Its probabilities are not calibrated for real surveys.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Ship the model of a run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.ship", allow_abbrev=False)
    parser.add_argument("run", metavar="RUN", help="what `tfseis faults train` left")
    parser.add_argument("--machine", default="2 cores", help="what it trained on, in words")
    parser.add_argument("--before", default="", metavar="TEXT", help="what it started from")
    parser.add_argument("--weights", default=SHIPPED, metavar="DIR")
    parser.add_argument("--card", default=HOME / "docs" / "models" / "faults.md", metavar="FILE")
    options = parser.parse_args(arguments)
    run = Path(options.run)
    try:
        path = write_pretrained(load_model(run / "model.keras"), "faults", folder=options.weights)
        metrics = json.loads((run / "metrics.json").read_text())
        text = card(run, metrics, path, options.machine, options.before)
    except (TfseisError, OSError) as error:
        print(f"ship: {error}", file=sys.stderr)
        return 1
    Path(options.card).parent.mkdir(parents=True, exist_ok=True)
    Path(options.card).write_text(text, encoding="utf-8")
    print(f"{path}: {megabytes(path):.2f} MB\n{options.card}")
    return 0


def card(run: Path, metrics: dict, path: Path, machine: str, before: str = "") -> str:
    """The model card; `machine` says what it trained on, `before` what it started from."""
    if megabytes(path) > MOST_MEGABYTES:
        raise ModelError(
            f"{path}: expected at most {MOST_MEGABYTES} MB; got {megabytes(path):.1f}. Ship a "
            "smaller network."
        )
    settings = metrics["settings"]
    return CARD.format(
        network=settings["network"], parameters=metrics["parameters"], megabytes=megabytes(path),
        laws=" and ".join(settings["laws"]), minutes=metrics["minutes"], machine=machine,
        crops=metrics["crops"], crop=settings["crop_size"], batch=settings["batch_size"],
        loss=settings["loss"], rate=settings["learning_rate"], seed=settings["seed"],
        version=metrics["recipe"]["version"], command=metrics["command"], cubes=metrics["cubes"],
        before=before and f", from {before}",
        table=score_table(metrics["scores"]), moved=moved_by_half(run, path),
    )  # fmt: skip


def score_table(rows: list[dict]) -> str:
    """Markdown, one row a method and law."""
    columns = {
        "method": "", "group": "surveys", "iou": "IoU at 0.5", "best_iou": "IoU, best threshold",
        "tolerant_iou": "Tol-IoU@2", "average_precision": "average precision",
        "precision": "precision", "recall": "recall", "volume_ratio": "found / true voxels",
    }  # fmt: skip
    return markdown(pd.DataFrame(rows)[list(columns)].rename(columns=columns)).rstrip()


def moved_by_half(run: Path, path: Path) -> float:
    """The largest change of a probability by storing weights in float16."""
    amplitude = scaled(gaussian_survey((64, 64, 64), seed=UNSEEN_SEED).amplitude)
    whole = fault_probability(load_model(run / "model.keras"), amplitude)
    half = fault_probability(pretrained("faults", folder=path.parent), amplitude)
    return float(np.abs(whole - half).max())


def megabytes(path: Path) -> float:
    """Size of a file."""
    return path.stat().st_size / 1e6


if __name__ == "__main__":
    sys.exit(main())
