"""Runs on the images of the TGS salt challenge, by ID; `training.run` does them."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from tfseis.data.synthetic import salt_images
from tfseis.errors import ModelError
from tfseis.io import encode_rle
from tfseis.jobs.salt import SaltSettings, train_salt
from training.facies_experiments import DATA

TOY_SIZE, TOY_COUNT, TOY_TESTS = 21, 24, 5
NEEDS_WEIGHTS = "needs weights"


@dataclass(frozen=True, kw_only=True)
class SaltExperiment:
    """One salt run: which network, how it is trained, and why.

    Args:
        id: number of the run.
        note: why it was run.
        settings: network and training.
        toy: made-up images instead of the challenge's.
    """

    id: int
    note: str
    settings: SaltSettings = field(default_factory=SaltSettings)
    toy: bool = False


SEED = SaltSettings(
    network="inceptionv3",
    preparation="resize",
    size=224,
    channels=("image",),
    folds=5,
    networks=1,
    epochs=30,
    batch_size=8,
    learning_rate=1e-3,
    patience=5,
    variation="none",
)
pretrained = SaltExperiment(
    id=200, settings=SEED, note="The replaced notebook's recipe, ImageNet weights; it scored 0.634."
)
untrained = SaltExperiment(
    id=201, settings=replace(SEED, weights=None), note="As 200, random weights."
)
light = SaltExperiment(
    id=202,
    note="The light network from scratch, one fold of eight, 35 minutes on a shared machine.",
    settings=SaltSettings(
        folds=8, networks=1, epochs=400, minutes=35, patience=1000, precision="mixed_bfloat16"
    ),
)
longer = replace(
    light, id=203, note="As 202, 42 minutes.", settings=replace(light.settings, minutes=42)
)
SALT = {run.id: run for run in (pretrained, untrained, light, longer)}


def quick(experiment: SaltExperiment) -> SaltExperiment:
    """The same for an epoch on made-up images, without pretrained weights."""
    size = None if experiment.settings.size is None else 64
    settings = replace(
        experiment.settings,
        epochs=1,
        folds=2,
        networks=1,
        weights=None,
        size=size,
        batch_size=8,
        minutes=None,
    )
    return replace(experiment, settings=settings, toy=True)


def rows(experiment: SaltExperiment, folder: Path) -> list[dict[str, object]]:
    """Train and score."""
    source = toy_challenge(folder / "challenge") if experiment.toy else DATA / "tgs_salt"
    try:
        done = train_salt(source, out=folder / "out", settings=experiment.settings)
    except ModelError as error:
        if experiment.settings.weights is None or "weights" not in str(error):
            raise
        return [{"out of fold": NEEDS_WEIGHTS, "at one half": "", "all masks empty": ""}]
    (score,), minutes = done.metrics["scores"], done.metrics["minutes"]["training"]
    empty = score["baselines"]["all masks empty"]["kaggle_score"]
    return [
        {
            "out of fold": f"{score['network']['kaggle_score']:.4f}",
            "at one half": f"{score['details']['kaggle_score_at_half']:.4f}",
            "all masks empty": f"{empty:.4f}",
            "minutes": f"{minutes:.1f}",
        }
    ]


def toy_challenge(folder: Path, *, train: int = TOY_COUNT, test: int = TOY_TESTS) -> Path:
    """A small folder with the traps of the challenge's.

    16-bit masks where there is salt and 8-bit ones elsewhere, RGB images, an id without depth, test
    ids that are not sorted.
    """
    images, masks = salt_images(train + test, size=TOY_SIZE)
    ids = [f"t{number:02}" for number in range(train)]
    others = [f"x{number}" for number in range(test)][::-1]
    for part in ("train/images", "train/masks", "test/images"):
        (folder / part).mkdir(parents=True)
    for key, image, mask in zip(ids, images, masks, strict=False):
        Image.fromarray(np.repeat(image[..., None], 3, -1)).save(folder / f"train/images/{key}.png")
        values = mask.astype("uint16") * 65535 if mask.any() else mask
        Image.fromarray(values).save(folder / f"train/masks/{key}.png")
    for key, image in zip(others, images[train:], strict=True):
        Image.fromarray(image).save(folder / f"test/images/{key}.png")
    runs = [encode_rle(mask) for mask in masks[:train]]
    pd.DataFrame({"id": ids, "rle_mask": runs}).to_csv(folder / "train.csv", index=False)
    sample = pd.DataFrame({"id": others, "rle_mask": "1 1"})
    sample.to_csv(folder / "sample_submission.csv", index=False)
    depths = pd.DataFrame({"id": [*ids, *others], "z": range(100, 100 + train + test)})
    depths.iloc[1:].to_csv(folder / "depths.csv", index=False)
    return folder
