"""Runs on synthetic gathers, by ID from 500: trained on gathers of one kind, scored on another.

Every row trains on the usual `SyntheticGatherSettings`, tunes its filters on gathers of these at
0 dB, and is scored on 60 gathers of `UNSEEN` at 0 dB, whose velocities, frequencies, spacings and
statics reach beyond.
"""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from tfseis.jobs.gathers import GatherSettings, denoiser
from tfseis.jobs.gathers.pipeline import train_synthetic
from tfseis.jobs.gathers.scores import NETWORK, SCORED, TUNING, synthetic_scores

SEED_OF_SCORES = 7


@dataclass(frozen=True, kw_only=True)
class GatherExperiment:
    """One run: how the network is trained, and why.

    Args:
        id: number of the run.
        note: why it was run.
        settings: network and training.
        tuning: gathers on which filters are tuned.
        scored: gathers that are scored.
    """

    id: int
    note: str
    settings: GatherSettings = field(default_factory=GatherSettings)
    tuning: int = TUNING
    scored: int = SCORED


unet = GatherExperiment(id=500, note="The U-Net as it stands, amplitude alone.")
square = replace(
    unet,
    id=501,
    note="As 500, least squares alone.",
    settings=replace(unet.settings, loss="square"),
)
attributes = replace(
    unet,
    id=502,
    note="As 500, with offset and two bands.",
    settings=replace(unet.settings, channels=("amplitude", "offset", "band16", "band32")),
)
autoencoder = replace(
    unet,
    id=503,
    note="The autoencoder of 587 weights, taught the signal.",
    settings=replace(unet.settings, network="autoencoder", loss="square", size=(32, 32)),
)
longer = replace(
    unet,
    id=504,
    note="As 500, three times as long.",
    settings=replace(unet.settings, epochs=120),
)

GATHERS = {run.id: run for run in (unet, square, attributes, autoencoder, longer)}


def quick(experiment: GatherExperiment) -> GatherExperiment:
    """The same in seconds."""
    settings = replace(
        experiment.settings,
        epochs=2,
        patches_per_epoch=16,
        batch_size=8,
        size=(16, 32),
        samples=100,
        filters=(4, 8),
    )
    return replace(experiment, settings=settings, tuning=1, scored=2)


def rows(experiment: GatherExperiment, folder: Path) -> list[dict[str, object]]:
    """Train and score."""
    began, settings = time.monotonic(), experiment.settings
    model, history = train_synthetic(settings, folder)
    minutes = (time.monotonic() - began) / 60
    scores, filters, _ = synthetic_scores(
        denoiser(model),
        seed=SEED_OF_SCORES + settings.seed,
        samples=settings.samples,
        tuning=experiment.tuning,
        scored=experiment.scored,
    )
    network = scores.loc[NETWORK]
    beside = "; ".join(
        f"{name} {scores['gain dB'][name]:.1f} ({scores['leakage'][name]:.2f})" for name in filters
    )
    bands = " / ".join(f"{network[f'gain {band} dB']:.1f}" for band in ("near", "middle", "far"))
    return [
        {
            "weights": f"{model.count_params():,}",
            "gain, dB": f"{network['gain dB']:.1f}",
            "near / middle / far offsets": bands,
            "leakage": f"{network['leakage']:.3f} ({network['chance leakage']:.3f})",
            "filters: gain, dB (leakage)": beside,
            "epochs": len(history),
            "minutes": f"{minutes:.1f}",
        }
    ]
