"""Runs on synthetic borehole images, by ID from 300; labels of real ones are not public.

Every network trains on the same 1200 patches of 20 synthetic wells and is scored on 480 patches of
8 wells of another seed. Widths are small: each run takes under a minute on two cores.
"""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from tfseis.jobs.boreholes.patches import synthetic_patches
from tfseis.jobs.boreholes.pipeline import Task, probability, train_network
from tfseis.jobs.boreholes.scores import BACKGROUND, SEAM_NAME, well_scores
from tfseis.jobs.boreholes.settings import BoreholeSettings

UNSEEN_SEED = 99


@dataclass(frozen=True, kw_only=True)
class BoreholeExperiment:
    """One run: what is trained, and why.

    Args:
        id: number of the run.
        note: why it was run.
        patches: synthetic patches that train.
        unseen: synthetic patches of another seed that are scored.
        settings: network and training.
    """

    id: int
    note: str
    patches: int = 1200
    unseen: int = 480
    settings: BoreholeSettings = field(
        default_factory=lambda: BoreholeSettings(filters=(8, 16, 24), epochs=12)
    )


unet = BoreholeExperiment(id=300, note="The circular U-Net, widths 8, 16, 24.")
unet_zero = replace(
    unet, id=301, note="Its zero-padded twin.", settings=replace(unet.settings, padding="zero")
)
vanilla = replace(
    unet,
    id=302,
    note="The vanilla stack, widths 8, 8, 16, 16.",
    settings=replace(unet.settings, network="vanilla", filters=(8, 8, 16, 16)),
)
stacked = replace(
    unet,
    id=303,
    note="The separable stack, four widths of 12.",
    settings=replace(unet.settings, network="stacked", filters=(12,) * 4),
)
flexible = replace(
    unet,
    id=304,
    note="The flexible U-Net of four scales, width 4.",
    settings=replace(unet.settings, network="flexible", filters=(), width=4),
)
micro = replace(
    unet,
    id=305,
    note="The micro U-Net, width 4.",
    settings=replace(unet.settings, network="micro", filters=()),
)

# circular and zero-padded once more, with other wells and weights
again = [
    replace(
        base,
        id=number,
        note=f"As {base.id}, seed {seed}.",
        settings=replace(base.settings, seed=seed),
    )
    for number, base, seed in (
        (306, unet, 1),
        (307, unet_zero, 1),
        (308, unet, 2),
        (309, unet_zero, 2),
    )
]

BOREHOLES = {run.id: run for run in (unet, unet_zero, vanilla, stacked, flexible, micro, *again)}


def quick(experiment: BoreholeExperiment) -> BoreholeExperiment:
    """The same in seconds."""
    settings = replace(experiment.settings, epochs=2, patches_per_epoch=64)
    return replace(experiment, patches=60, unseen=12, settings=settings)


def rows(experiment: BoreholeExperiment, folder: Path) -> list[dict[str, object]]:
    """Train and score."""
    began, settings = time.monotonic(), experiment.settings
    patches = synthetic_patches(experiment.patches, settings.seed)
    model = train_network(Task(settings, patches), folder).model
    unseen = synthetic_patches(experiment.unseen, UNSEEN_SEED + settings.seed)
    found = probability(model, unseen)
    scores = well_scores(unseen, found, settings.threshold, "synthetic wells of another seed")
    everywhere, parts = scores.network, scores.details
    wells = [part["dice"] for name, part in parts.items() if name.startswith("well ")]
    others = " / ".join(f"{everywhere[name]:.3f}" for name in ("precision", "recall", "iou"))
    background = scores.baselines[BACKGROUND]["accuracy"]
    return [
        {
            "parameters": f"{model.count_params():,}",
            "Dice": f"{everywhere['dice']:.3f}",
            "Dice on the 4 columns at the seam": f"{parts[SEAM_NAME]['dice']:.3f}",
            "Dice by well": f"{min(wells):.3f} to {max(wells):.3f}",
            "precision / recall / IoU": others,
            "accuracy (all background)": f"{everywhere['accuracy']:.3f} ({background:.3f})",
            "minutes": f"{(time.monotonic() - began) / 60:.1f}",
        }
    ]
