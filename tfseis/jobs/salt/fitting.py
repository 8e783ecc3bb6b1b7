"""One training of a salt network: all folds but one."""

from pathlib import Path

import keras
import pandas as pd

from tfseis.jobs.salt.batches import ImageSet, image_batches
from tfseis.jobs.salt.pipeline import SaltTask
from tfseis.jobs.salt.probabilities import probabilities
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.jobs.salt.settings import SaltSettings
from tfseis.jobs.salt.variation import AS_RECORDED, ImageVariation
from tfseis.learning.fitting.fit import check_same_run
from tfseis.learning.fitting.mask_fit import MaskTraining, fit_masks
from tfseis.learning.saving import load_model
from tfseis.models.sections.light_unet import MASK
from tfseis.named import chosen
from tfseis.scores.masks import decided, kaggle_scores

VARIATIONS = {"usual": ImageVariation(), "none": AS_RECORDED}


def train_fold(task: SaltTask, fold: int, folder: Path, *, progress: bool = True) -> pd.DataFrame:
    """Train a network on all other folds, or resume the run in `folder`.

    Args:
        task: images, folds and settings.
        fold: number of the fold that does not train.
        folder: folder of the checkpoints.
        progress: show a bar.

    Returns:
        The history: one row an epoch.
    """
    settings = task.settings
    train, held_out = task.data.only(task.folds != fold), task.data.only(task.folds == fold)
    folder.mkdir(parents=True, exist_ok=True)
    planned = training(settings, len(train.images))
    check_same_run(folder, planned, f"fold {fold} {task.identity()}")
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(settings.precision)
    try:
        return fit_masks(
            task.build,
            lambda first: image_batches(
                train,
                task.recipe,
                batch_size=settings.batch_size,
                seed=settings.seed,
                variation=chosen(settings.variation, VARIATIONS, "variation"),
                first_batch=first,
            ),
            planned,
            lambda model: _score(model, held_out, task.recipe),
            folder=folder,
            title=f"train, fold {fold + 1} of {settings.folds}",
            progress=progress,
        )
    finally:
        keras.config.set_dtype_policy(before)


def training(settings: SaltSettings, images: int) -> MaskTraining:
    """The part of the settings that the training engine needs, for one network.

    Args:
        settings: of the job.
        images: number of images that train.
    """
    count = settings.networks or settings.folds
    return MaskTraining(
        epochs=settings.epochs,
        steps=max(1, images // settings.batch_size),
        minutes=None if settings.minutes is None else settings.minutes / count,
        learning_rate=settings.learning_rate,
        patience=settings.patience,
        seed=settings.seed,
    )


def trained_network(task: SaltTask, folder: Path) -> keras.Model:
    """The best network of a fold, in float32, with one logit a pixel."""
    best = load_model(folder / "best.keras")
    network = task.build()
    network.set_weights(best.get_weights())
    return keras.Model(network.inputs[0], network.output[MASK])


def _score(model: keras.Model, held_out: ImageSet, recipe: SaltRecipe) -> float:
    """The challenge's score at one half, without mirror images."""
    masks = keras.Model(model.input, model.output[MASK])
    found = probabilities(masks, held_out.images, held_out.depths, recipe, mirrored=False)
    return float(kaggle_scores(held_out.masks, decided(found, 0.5, 0)).mean())
