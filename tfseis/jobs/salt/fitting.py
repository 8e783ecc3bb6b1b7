"""One training of a salt network: all folds but one."""

from pathlib import Path

import keras

from tfseis.data.fingerprint import record_digest
from tfseis.errors import ModelError
from tfseis.jobs.salt.batches import ImageSet, image_batches
from tfseis.jobs.salt.objective import (
    OUTPUT_WEIGHTS,
    changing_shares,
    output_losses,
    output_truth,
)
from tfseis.jobs.salt.pipeline import SaltTask
from tfseis.jobs.salt.probabilities import probabilities
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.jobs.salt.settings import SaltSettings
from tfseis.jobs.salt.variation import AS_RECORDED, ImageVariation
from tfseis.learning.fitting import Fitted, RiseAndFall, Training, fit
from tfseis.learning.own import check_loss
from tfseis.models.sections.light_unet import MASK
from tfseis.named import chosen, name_of
from tfseis.scores.masks import decided, kaggle_scores

WEIGHT_DECAY, LARGEST_NORM = 1e-3, 5.0  # of AdamW and its gradients
MEMORY = 0.998  # of the averaged weights
WARM_UP = 0.03  # part of the training until the learning rate is reached
VARIATIONS = {"usual": ImageVariation(), "none": AS_RECORDED}


def check_own(task: SaltTask) -> None:
    """Refuse an own loss or variation that cannot be used, before anything is written.

    Raises:
        ModelError: the loss takes or returns something else than it should, or the variation is no
            `ImageVariation`.
    """
    settings, size = task.settings, task.recipe.size
    shape = settings.batch_size, size, size, 1
    loss = output_losses(settings.loss)[MASK]
    check_loss(loss, name_of(settings.loss), shape, shape, dtype="float32")
    variation = chosen(settings.variation, VARIATIONS, "variation")
    if not isinstance(variation, ImageVariation):
        raise ModelError(
            f"Expected variation {', '.join(VARIATIONS)} or an ImageVariation; got "
            f"{name_of(variation)}. Give tfseis.jobs.salt.variation.ImageVariation(..)."
        )


def train_fold(task: SaltTask, fold: int, folder: Path, *, progress: bool = True) -> Fitted:
    """Train a network on all other folds, or resume the run in `folder`.

    Args:
        task: images, folds and settings.
        fold: number of the fold that does not train.
        folder: folder of the checkpoints.
        progress: show a bar.

    Returns:
        The averaged network of the epoch with the best score, and the history.
    """
    settings = task.settings
    train, held_out = task.data.only(task.folds != fold), task.data.only(task.folds == fold)
    losses = output_losses(settings.loss)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(settings.precision)
    try:
        return fit(
            task.build,
            lambda first: image_batches(
                train,
                task.recipe,
                batch_size=settings.batch_size,
                seed=settings.seed,
                variation=chosen(settings.variation, VARIATIONS, "variation"),
                first_batch=first,
            ),
            training(settings, len(train.images)),
            folder=folder,
            loss=losses,
            loss_weights=OUTPUT_WEIGHTS,
            score=lambda model: _score(model, held_out, task.recipe),
            teach=output_truth,
            on_step=changing_shares(losses[MASK]),
            run=f"fold {fold} images {record_digest(task.identity())}",
            title=f"train, fold {fold + 1} of {settings.folds}",
            progress=progress,
        )
    finally:
        keras.config.set_dtype_policy(before)


def training(settings: SaltSettings, images: int) -> Training:
    """The part of the settings that the training engine needs, for one network.

    Args:
        settings: settings of the job.
        images: number of images that train.
    """
    count = settings.networks or settings.folds
    return Training(
        epochs=settings.epochs,
        steps=max(1, images // settings.batch_size),
        minutes=None if settings.minutes is None else settings.minutes / count,
        learning_rate=settings.learning_rate,
        rate=RiseAndFall(WARM_UP),
        optimizer="adamw",
        weight_decay=WEIGHT_DECAY,
        clipnorm=LARGEST_NORM,
        memory=MEMORY,
        patience=settings.patience,
        best="score",
        seed=settings.seed,
    )


def trained_network(task: SaltTask, best: keras.Model) -> keras.Model:
    """The best network of a fold, in float32, with one logit a pixel."""
    network = task.build()
    network.set_weights(best.get_weights())
    return keras.Model(network.inputs[0], network.output[MASK])


def _score(model: keras.Model, held_out: ImageSet, recipe: SaltRecipe) -> float:
    """The challenge's score at one half, without mirror images."""
    masks = keras.Model(model.input, model.output[MASK])
    found = probabilities(masks, held_out.images, held_out.depths, recipe, mirrored=False)
    return float(kaggle_scores(held_out.masks, decided(found, 0.5, 0)).mean())
