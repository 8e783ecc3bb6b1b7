"""One facies network trained on labels of a survey."""

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from tfseis.jobs.facies.channels import named_channels
from tfseis.jobs.facies.crops import Volume
from tfseis.jobs.facies.patches import (
    all_patches,
    changed,
    patch_dataset,
    sections_as_channels,
    window_dataset,
)
from tfseis.jobs.facies.settings import FaciesSettings
from tfseis.jobs.facies.survey import Survey
from tfseis.learning.fitting import Training, fit
from tfseis.learning.losses.classes import labelled_accuracy, labelled_crossentropy
from tfseis.learning.own import check_loss, tried
from tfseis.named import chosen as choice
from tfseis.named import name_of

MOST_CROPS = 2000  # held-out crops scored after each epoch, for the learning curve
MOST_WINDOWS = 64  # the same where every sample of a crop has a label


def train(
    survey: Survey,
    folder: Path,
    volumes: Sequence[Volume],
    *,
    held_out: np.ndarray | None = None,
    title: str,
    progress: bool = True,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train a network, or resume an interrupted training in a folder.

    Args:
        survey: cube, labels and settings.
        folder: folder for checkpoints and logs.
        volumes: labelled volumes that train, such as `survey.volumes`.
        held_out: mask of the labels whose loss is logged beside the training loss, bool (labels,).
        title: text before the progress bar.
        progress: whether a bar is shown.

    Returns:
        The trained model with its recipe, and its history, one row an epoch.
    """
    loss, accuracy = objective(survey)
    fitted = fit(
        survey.build,
        lambda first: batches(survey, list(volumes), first),
        training_of(survey.settings),
        folder=folder,
        loss=loss,
        metrics={"accuracy": accuracy},
        validation=None if held_out is None else _validation(survey, held_out),
        run=survey.fingerprint(),
        title=title,
        progress=progress,
    )
    return fitted.model, fitted.history


def training_of(settings: FaciesSettings) -> Training:
    """How long and how fast `tfseis.learning.fitting` trains.

    Raises:
        ModelError: a learning rate or seed out of range.
    """
    return Training(
        epochs=settings.epochs,
        steps=max(1, settings.crops_per_epoch // settings.batch_size),
        learning_rate=settings.learning_rate,
        patience=settings.patience,
        seed=settings.seed,
    )


def batches(survey: Survey, volumes: list[Volume], first: int = 0) -> tf.data.Dataset:
    """Endless training batches, as the network takes them.

    Args:
        survey: cube, labels and settings.
        volumes: labelled volumes to cut crops from.
        first: number of the first batch, from 0.
    """
    settings = survey.settings
    variation, function = survey.variation()
    cut = window_dataset if survey.facts.every_sample else patch_dataset
    crops = cut(
        volumes,
        crop_size=settings.crop_shape,
        channels=named_channels(settings.channels),
        batch_size=settings.batch_size,
        seed=settings.seed,
        variation=variation,
        first_batch=first,
    )
    crops = _as_seen(crops, settings)
    if function is None:
        return crops
    return changed(crops, function, seed=settings.seed, first_batch=first)


def check_own(survey: Survey) -> None:
    """Refuse an own loss or variation that fails, by tracing it before anything is written.

    Raises:
        ModelError: a function takes or returns something else than it should.
    """
    settings, network = survey.settings, survey.build()
    size = [settings.crop_size] * (len(network.input_shape) - 2) * survey.facts.every_sample
    labels = settings.batch_size, *size
    name, logits = name_of(settings.loss), (*labels, network.output_shape[-1])
    check_loss(objective(survey)[0], name, labels, logits, dtype="int32")
    if survey.variation()[1] is not None:
        what = f"the variation {name_of(settings.variation)}"
        tried(lambda: batches(survey, survey.volumes), what, "crops, labels and a seed")


def objective(survey: Survey) -> tuple[Callable, Callable]:
    """Loss and accuracy on logits, of one label a crop or of one a sample.

    Raises:
        ModelError: the name of the loss is not known.
    """
    if survey.facts.every_sample:
        crossentropy, accuracy = labelled_crossentropy, labelled_accuracy
    else:
        crossentropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        accuracy = keras.metrics.sparse_categorical_accuracy
    return choice(survey.settings.loss, {"crossentropy": crossentropy}, "loss"), accuracy


def _validation(survey: Survey, held_out: np.ndarray) -> tf.data.Dataset:
    """Some crops around held-out labels, the same after each epoch."""
    settings, every = survey.settings, survey.facts.every_sample
    outside = survey.only(held_out)
    count = sum(len(volume.classes) for volume in outside)
    rng = np.random.default_rng(settings.seed)
    most = MOST_WINDOWS if every else MOST_CROPS
    crops = all_patches(
        outside,
        crop_size=settings.crop_shape,
        channels=named_channels(settings.channels),
        batch_size=most // 4,
        chosen=np.sort(rng.permutation(count)[:most]),
        windows=every,
    )
    return _as_seen(crops, settings)


def _as_seen(crops: tf.data.Dataset, settings: FaciesSettings) -> tf.data.Dataset:
    return crops.map(sections_as_channels) if settings.sections > 1 else crops
