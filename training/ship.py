"""From a trained network to the weights that ship and their model card.

`python -m training.ship RUN` takes what `tfseis faults train --out RUN` or `tfseis gathers train
--out RUN` left and writes tfseis/weights/NAME.npz and docs/models/NAME.md.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from tfseis.data.scaling import scaled
from tfseis.data.synthetic import SURVEY_GENERATORS, gaussian_survey, synthetic_gather
from tfseis.errors import ModelError, TfseisError
from tfseis.jobs.faults.scores import (
    NETWORK,
    UNSEEN_SEED,
    cube_probability,
    recall_by_throw,
    unseen_surveys,
)
from tfseis.jobs.faults.table import markdown
from tfseis.jobs.gathers import denoiser
from tfseis.learning import load_model
from tfseis.models.pretrained import SHIPPED, pretrained, write_pretrained
from tfseis.models.recipe import recipe_of

MOST_MEGABYTES = 10
HOME = Path(__file__).resolve().parents[1]
FAULT_CARD = """# The fault network that comes with tfseis

`tfseis.models.pretrained("faults")`, the default of `tfseis faults apply`.

- **What it does**: from scaled amplitudes of a migrated, stacked cube to the probability of a fault
  at each sample. Network `{network}`, {parameters:,} weights, {megabytes:.1f} MB as float16.
- **Data**: synthetic surveys alone, made while it trained by the generators {generators} of
  `tfseis.data.synthetic`, {salty:.0%} of them with salt; no survey of anybody's, no labels under
  another licence.
- **Recipe**: {minutes:.0f} minutes on {machine}, {crops:,} crops of {crop}^3 in batches of {batch},
  loss `{loss}`, Adam at {rate:g} falling to 0 at the end, averaged weights, seed {seed}, tfseis
  {version}{before}: `{command}`
- **Licence**: that of tfseis, Apache-2.0.

## Scores

Means over {cubes} synthetic surveys of 128^3 of seeds that no training draws. Nothing was chosen by
them, but for the best threshold, which is chosen on the truth. They are of the generators that
trained: another generator, and real surveys more so, score lower. Faults of the network are counted
from a probability of {threshold:g} on, those of low semblance from 0.5.

{table}

What it finds of faults of each throw in the same surveys, exactly and with a found voxel within 2:

{throws}

Half precision moves no probability by more than {moved:.1g} on one of them.

## Limits

- Trained on 4 ms surveys with beds dipping less than 45 degrees and dominant periods of about 4 to
  45 samples, those above 15 less often; sampling much coarser or finer than that and depth cubes
  with other periods are beyond it.
- It finds less where noise is as strong as the signal, where faults are flatter than 45 degrees in
  samples a trace, and where amplitudes are a tenth of the survey's: balance such parts first.
- Flanks of salt, of diapirs that rise from below, were among its surveys and are rarely marked;
  other salt may be.
- Labels were one or two samples wide, for throws of half a sample and more: it marks thin surfaces.
- Channels, unconformities, chaotic zones and acquisition footprint can look like faults. It has met
  simple ones in training; nothing else in it tells a fault from another break of reflections.
- Real sections without scores: [pictures](../faults-on-real-sections.png) of F3, Kerry and Thebe.
  `python -m benchmarks.real_faults` scores it on picked lines.
- Its probabilities are not calibrated for real surveys.
"""

GATHER_CARD = """# The gather network that comes with tfseis

`tfseis.models.pretrained("gathers")`, the default of `tfseis gathers apply`.

- **What it does**: from gathers divided by their local level to the same without noise. Network
  `{network}`, {parameters:,} weights, {megabytes:.1f} MB as float16.
- **Data**: synthetic gathers alone, made while it trained (`SyntheticGatherSettings`). Signal:
  reflections with and without moveout, multiples, direct and refracted waves, statics. Noise:
  coloured and white noise, traces with much more of it, ground roll. Also mutes, dead and missing
  traces.
- **Recipe**: {epochs} epochs of {patches:,} patches of {size} on {machine},
  Adam at {rate:g} falling to 0 along a cosine, the epoch with the lowest training loss, seed
  {seed}, tfseis {version}{before}: `{command}`
- **Licence**: that of tfseis, Apache-2.0.

## Scores

On {scored}, whose velocities, frequencies, spacings and
statics reach beyond those that trained, at 0 dB. Leakage is the local correlation of what was
removed with what was kept. The parameters of the filters are tuned on gathers of the training
settings: for gain alone, and for gain at no more leakage than the network has there.

{table}

Half precision moves no sample of one of them by more than {moved:.1g} of its deviation.

## Limits

- It learned from 4 and 2 ms samples with peak frequencies of 13 to 50 Hz. Finer ones are taken
  apart to match where their frequencies are low enough; coarser ones and other bands are beyond it.
- Multiples and direct waves are signal to it and stay. Whatever it takes is in `--residual`: look
  at that first.
- Real gathers without truth: training/results.md, where strong ground roll is what leaks most.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Ship the model of a run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.ship", allow_abbrev=False)
    parser.add_argument("run", metavar="RUN", help="what `tfseis faults|gathers train` left")
    parser.add_argument("--machine", default="2 cores", help="what it trained on, in words")
    parser.add_argument("--before", default="", metavar="TEXT", help="what it started from")
    parser.add_argument("--weights", default=SHIPPED, metavar="DIR")
    parser.add_argument("--cards", default=HOME / "docs" / "models", metavar="DIR")
    options = parser.parse_args(arguments)
    run = Path(options.run)
    try:
        model = load_model(run / "model.keras")
        name = recipe_of(model).job
        path = write_pretrained(model, name, folder=options.weights)
        metrics = json.loads((run / "metrics.json").read_text())
        text = card(model, metrics, path, options.machine, options.before)
    except (TfseisError, OSError) as error:
        print(f"ship: {error}", file=sys.stderr)
        return 1
    Path(options.cards).mkdir(parents=True, exist_ok=True)
    written = Path(options.cards) / f"{name}.md"
    written.write_text(text, encoding="utf-8")
    print(f"{path}: {megabytes(path):.2f} MB\n{written}")
    return 0


def card(model: keras.Model, metrics: dict, path: Path, machine: str = "", before: str = "") -> str:
    """The model card; `machine` says what it trained on, `before` what it started from."""
    if megabytes(path) > MOST_MEGABYTES:
        raise ModelError(
            f"{path}: expected at most {MOST_MEGABYTES} MB; got {megabytes(path):.1f}. Ship a "
            "smaller network."
        )
    settings = metrics["settings"]
    shared = {
        "network": settings["network"],
        "parameters": metrics["parameters"],
        "machine": machine,
        "megabytes": megabytes(path),
        "rate": settings["learning_rate"],
        "seed": settings["seed"],
        "version": recipe_of(model).version,
        "command": metrics["command"],
        "before": before and f", from {before}",
    }
    if recipe_of(model).job == "gathers":
        (score,) = metrics["scores"]
        return GATHER_CARD.format(
            **shared,
            epochs=metrics["training"]["epochs"][-1],
            patches=settings["patches_per_epoch"],
            size=" x ".join(map(str, settings["size"])),
            scored=score["split"],
            table=gather_table(score),
            moved=gathers_moved(model, path),
        )
    cubes = metrics["data"]["scored_cubes"]
    return FAULT_CARD.format(
        **shared,
        generators=", ".join(settings["generators"]),
        salty=settings["salty"],
        minutes=metrics["minutes"]["training"],
        crops=metrics["details"]["crops"],
        crop=settings["crop_size"],
        batch=settings["batch_size"],
        loss=settings["loss"],
        cubes=cubes,
        threshold=recipe_of(model).threshold,
        table=fault_table(metrics["scores"]),
        throws=throw_table(model, cubes, settings["survey_size"]),
        moved=faults_moved(model, path),
    )


def fault_table(scores: list[dict]) -> str:
    """Markdown, one row a method and generator."""
    columns = {
        "method": "",
        "group": "surveys",
        "iou": "IoU",
        "best_iou": "IoU, best threshold",
        "tolerant_iou": "Tol-IoU@2",
        "average_precision": "average precision",
        "precision": "precision",
        "recall": "recall",
        "volume_ratio": "found / true voxels",
    }
    rows = [
        {"method": method, "group": score["details"]["group"], **numbers}
        for score in scores
        for method, numbers in ((NETWORK, score["network"]), *score["baselines"].items())
    ]
    return markdown(pd.DataFrame(rows)[list(columns)].rename(columns=columns)).rstrip()


def throw_table(model: keras.Model, cubes: int, size: int) -> str:
    """Markdown, one row a range of throws: recall on the unseen surveys that were scored."""
    surveys = unseen_surveys(tuple(SURVEY_GENERATORS), cubes // len(SURVEY_GENERATORS), size)
    columns = {
        "throw": "throw, samples",
        "share": "share of fault voxels",
        "recall": "found",
        "near": "found within 2",
    }
    return markdown(recall_by_throw(model, surveys).rename(columns=columns)).rstrip()


def gather_table(score: dict) -> str:
    """Markdown, one row a method."""
    rows = {"network": score["network"], **score["baselines"]}
    table = pd.DataFrame(rows).T.rename_axis("").reset_index()
    return markdown(table).rstrip()


def faults_moved(model: keras.Model, path: Path) -> float:
    """The largest change of a probability by storing weights in float16."""
    amplitude = scaled(gaussian_survey((64, 64, 64), seed=UNSEEN_SEED).amplitude)
    half = pretrained("faults", folder=path.parent)
    return float(
        np.abs(cube_probability(model, amplitude) - cube_probability(half, amplitude)).max()
    )


def gathers_moved(model: keras.Model, path: Path) -> float:
    """The same of a sample of a gather, in its standard deviation."""
    gather = synthetic_gather(512, seed=UNSEEN_SEED).gather
    half = pretrained("gathers", folder=path.parent)
    moved = denoiser(model)(gather) - denoiser(half)(gather)
    return float(np.abs(moved).max() / gather.amplitude.std())


def megabytes(path: Path) -> float:
    """Size of a file."""
    return path.stat().st_size / 1e6


if __name__ == "__main__":
    sys.exit(main())
