"""From patches to training batches, a network and its training."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np

import tfseis
from tfseis.data.fingerprint import digest, digests, record_digest
from tfseis.errors import ModelError
from tfseis.io.images.wells import Patches
from tfseis.io.labels.labels import UNLABELLED
from tfseis.jobs.boreholes.patches import scaled_images
from tfseis.jobs.boreholes.prediction import predict_patches, with_whole_rows
from tfseis.jobs.boreholes.recipe import BoreholeRecipe
from tfseis.jobs.boreholes.settings import VARIATIONS, BoreholeSettings
from tfseis.jobs.boreholes.variation import Variation, unvaried
from tfseis.learning.distillation import Distillation, taught
from tfseis.learning.fitting import Fitted, Training, fit
from tfseis.learning.losses.labelled_masks import BOREHOLE_LOSSES, labelled_mask_accuracy
from tfseis.learning.own import check_kept, check_loss, tried
from tfseis.models import CIRCULAR_NETWORKS, PADDINGS
from tfseis.models.own import built
from tfseis.models.recipe import recipe_for, with_recipe
from tfseis.named import chosen, name_of

Batch = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Task:
    """What one training learns from.

    Args:
        settings: network and training.
        training: patches that train.
        held_out: patches whose loss is only recorded beside that of the training; or None.
        teacher: larger trained network that the network also learns from; or None.
    """

    settings: BoreholeSettings
    training: Patches
    held_out: Patches | None = None
    teacher: keras.Model | None = None
    columns: int = field(init=False)

    def __post_init__(self) -> None:
        columns = self.training.images.shape[2]
        object.__setattr__(self, "columns", columns)
        if self.teacher is not None:
            taken = recipe_for(self.teacher, "boreholes").columns
            if taken != columns:
                raise ModelError(
                    f"Expected a teacher for images of {columns} columns; got one for {taken}. "
                    "Train one on the same patches."
                )

    def identity(self) -> dict[str, str | dict[str, str]]:
        """Tells this data from other data, by patch, to resume the right run."""
        images: dict[str, str] = {}
        masks: dict[str, str] = {}
        for patches, role in ((self.training, ""), (self.held_out, "held out: ")):
            if patches is not None and patches.masks is not None:
                names = [role + name for name in patches.names()]
                images |= digests(names, patches.images)
                masks |= digests(names, patches.masks)
        teacher = "none" if self.teacher is None else digest(self.teacher.get_weights())
        return {"images": images, "labels": masks, "teacher": teacher}


def build(settings: BoreholeSettings, columns: int) -> keras.Model:
    """The untrained network with its recipe, for images of any number of rows.

    Args:
        settings: network, widths and padding.
        columns: columns of an image, once around the borehole.

    Raises:
        ModelError: widths that the network does not have, or a network of one's own that does not
            give one logit a sample.
    """
    network = chosen(settings.network, CIRCULAR_NETWORKS, "network")
    shape = (None, columns, 1)
    if settings.network in CIRCULAR_NETWORKS:
        model = _named_network(network, settings, shape)
    else:
        model = built(lambda: network(shape), name_of(settings.network))
    _check_network(model, columns)
    recipe = BoreholeRecipe(
        network=name_of(settings.network),
        padding=settings.padding,
        columns=columns,
        threshold=settings.threshold,
        hole_diameter=settings.hole_diameter,
        row_height=settings.row_height,
        seed=settings.seed,
        version=tfseis.__version__,
    )
    return with_recipe(model, recipe)


def _named_network(
    network: Callable, settings: BoreholeSettings, shape: tuple[None, int, int]
) -> keras.Model:
    widths: dict[str, int | tuple[int, ...]] = {}
    if settings.width:
        widths = {"width": settings.width}
    if settings.filters:
        widths = {"filters": settings.filters}
    try:
        return network(shape, padding=PADDINGS[settings.padding], **widths)
    except TypeError:
        raise ModelError(
            f"Expected one width for flexible and micro, and several filters for the others; got "
            f"{widths} for {settings.network}. Leave them out for the network's own."
        ) from None


def _check_network(model: keras.Model, columns: int) -> None:
    takes, gives = model.input_shape, model.output_shape
    if len(takes) != 4 or takes[2:] != (columns, 1) or gives[2:] != (columns, 1):
        raise ModelError(
            f"Expected a network from (batch, rows, {columns}, 1) to one logit a sample of the "
            f"same shape; got one from {takes} to {gives}. Change its input or its last layer."
        )


def check_own(task: Task) -> None:
    """Refuse an own loss or variation that fails, before anything is written.

    Raises:
        ModelError: a function takes or returns something else than it should.
    """
    settings = task.settings
    shape = (settings.batch_size, *task.training.images.shape[1:], 1)
    loss = chosen(settings.loss, BOREHOLE_LOSSES, "loss")
    check_loss(loss, name_of(settings.loss), shape, shape, dtype="float32")
    vary = variation_of(settings)
    if settings.variation not in VARIATIONS:
        what, zeros = f"the variation {name_of(settings.variation)}", keras.ops.zeros(shape)
        found = tried(lambda: vary(zeros, zeros, settings.seed), what, "images, masks and a seed")
        check_kept(found, [shape, shape], what, "images and masks")


def variation_of(settings: BoreholeSettings) -> Callable:
    """The function of (images, masks, seed) that a setting stands for."""
    known = {"usual": Variation(noise=settings.noise), "none": unvaried}
    return chosen(settings.variation, known, "variation")


def train_network(task: Task, folder: Path, *, progress: bool = True) -> Fitted:
    """Train on labelled patches, or resume the run in `folder`.

    Args:
        task: patches, settings and teacher.
        folder: folder of the checkpoints.
        progress: show a bar.

    Returns:
        The trained network, and the history of its training.

    Raises:
        ModelError: patches without masks.
    """
    settings, teacher = task.settings, task.teacher
    models = [build(settings, task.columns), *([] if teacher is None else [teacher])]
    inputs, masks = _pairs(task.training, models)
    validation = None if task.held_out is None else _pairs(task.held_out, models)
    loss = chosen(settings.loss, BOREHOLE_LOSSES, "loss")
    if teacher is not None:
        loss = Distillation(loss, kind="loss")
        if validation is not None:
            images, marks = validation
            logits = teacher.predict(images, batch_size=settings.batch_size, verbose=0)
            validation = images, np.concatenate([marks, logits], axis=-1)

    def batches(first: int) -> Iterator[tuple]:
        drawn = drawn_batches(inputs, masks, settings, first)
        return drawn if teacher is None else taught(drawn, teacher)

    return fit(
        lambda: build(settings, task.columns),
        batches,
        training(settings),
        folder=folder,
        loss=loss,
        metrics={"accuracy": labelled_mask_accuracy},
        validation=validation and Batches(validation, settings.batch_size),
        run=f"patches {record_digest(task.identity())}",
        title=f"train {name_of(settings.network)}",
        progress=progress,
    )


def training(settings: BoreholeSettings) -> Training:
    """The part of the settings that the training engine needs."""
    return Training(
        epochs=settings.epochs,
        steps=max(1, settings.patches_per_epoch // settings.batch_size),
        learning_rate=settings.learning_rate,
        patience=settings.patience,
        seed=settings.seed,
    )


def probability(model: keras.Model, patches: Patches) -> np.ndarray:
    """Probability of a mark in each sample, float32 (patches, rows, columns), 0 to 1."""
    return predict_patches(model, scaled_images(patches))


def drawn_batches(
    inputs: np.ndarray, masks: np.ndarray, settings: BoreholeSettings, first: int
) -> Iterator[tuple]:
    """Endless batches; number n depends on the seed and n alone.

    Where some patches have no labels, every other patch of a batch has labels, so that few
    labelled patches still make up half of the loss.

    Args:
        inputs: float32 (patches, rows, columns, 1), scaled.
        masks: float32 of the same shape: 1 marked, 0 not, -1 unlabelled.
        settings: batch size, variation and seed.
        first: number of the first batch.
    """
    vary = variation_of(settings)
    labelled = np.flatnonzero((masks != UNLABELLED).any(axis=(1, 2, 3)))
    partly = 0 < len(labelled) < len(inputs)
    number = first
    while True:
        rng = np.random.default_rng([settings.seed, number])
        some = rng.integers(0, len(inputs), settings.batch_size)
        if partly:
            some[::2] = rng.choice(labelled, len(some[::2]))
        seed = int(rng.integers(2**24))
        images, marks = (keras.ops.convert_to_tensor(part[some]) for part in (inputs, masks))
        yield vary(images, marks, seed)
        number += 1


def _pairs(patches: Patches, models: Sequence[keras.Model]) -> Batch:
    """Inputs and masks (patches, rows, columns, 1), with as many rows as the networks take."""
    if patches.masks is None:
        raise ModelError("Expected patches with masks to train on; got none. Give labels.")
    inputs = with_whole_rows(scaled_images(patches), *models)
    added = inputs.shape[1] - patches.masks.shape[1]
    rows = [(0, 0), (0, added), (0, 0)]
    masks = np.pad(patches.masks, rows, constant_values=UNLABELLED)
    return inputs, masks[..., np.newaxis].astype("float32")


class Batches(keras.utils.PyDataset):
    """Finite batches of inputs and masks, in order, for the loss that is recorded beside."""

    def __init__(self, arrays: Batch, size: int) -> None:
        super().__init__()
        self.arrays, self.size = arrays, size

    def __len__(self) -> int:
        return (len(self.arrays[0]) + self.size - 1) // self.size

    def __getitem__(self, number: int) -> Batch:
        part = slice(number * self.size, (number + 1) * self.size)
        return self.arrays[0][part], self.arrays[1][part]
