"""Training and scoring of borehole networks by well."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

import tfseis
from tfseis.errors import ModelError
from tfseis.io.images.wells import UNLABELLED, Patches
from tfseis.jobs.boreholes.patches import scaled_images
from tfseis.jobs.boreholes.prediction import predict_patches, with_whole_rows
from tfseis.jobs.boreholes.recipe import BoreholeRecipe
from tfseis.jobs.boreholes.variation import Tool, vary
from tfseis.learning.distillation import Distillation, taught
from tfseis.learning.fitting.fit import Training, fit
from tfseis.learning.losses.labelled_masks import BOREHOLE_LOSSES, labelled_mask_accuracy
from tfseis.models import CIRCULAR_NETWORKS, PADDINGS
from tfseis.models.recipe import recipe_for, with_recipe
from tfseis.scores.classes import accuracy, class_scores, confusion_matrix

SEAM = 2  # columns on either side of it that are scored alone
NAMES = ("background", "mark")


@dataclass(frozen=True, kw_only=True)
class BoreholeSettings:
    """How a borehole network is built and trained.

    Args:
        network: one of `CIRCULAR_NETWORKS`.
        width: of the first stage of flexible and micro; the network's own if 0.
        filters: widths of vanilla, stacked and unet; the network's own if empty.
        padding: "azimuth", or "zero" for the twin that does not know of the seam.
        loss: one of `BOREHOLE_LOSSES`.
        epochs: at most.
        patches_per_epoch: patches drawn in an epoch.
        batch_size: patches in a batch.
        learning_rate: of Adam at the start.
        patience: epochs without a lower loss after which training stops.
        noise: of the training images, in spreads of a well.
        threshold: a sample whose probability is above it is marked.
        seed: of everything random.
    """

    network: str = "unet"
    width: int = 0
    filters: tuple[int, ...] = ()
    padding: str = "azimuth"
    loss: str = "dice-bce"
    epochs: int = 30
    patches_per_epoch: int = 1024
    batch_size: int = 32
    learning_rate: float = 2e-3
    patience: int = 10
    noise: float = 0.1
    threshold: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        named: dict[str, Collection[str]] = {
            "network": CIRCULAR_NETWORKS,
            "padding": PADDINGS,
            "loss": BOREHOLE_LOSSES,
        }
        for name, known in named.items():
            if getattr(self, name) not in known:
                raise ModelError(
                    f"Expected {name} {', '.join(known)}; got {getattr(self, name)!r}. Choose one."
                )
        if not 0 < self.threshold < 1 or min(self.batch_size, self.patches_per_epoch) < 1:
            raise ModelError(
                "Expected a threshold between 0 and 1, and batches of at least one patch; got "
                f"{self.threshold}, {self.batch_size} and {self.patches_per_epoch}."
            )

    @property
    def training(self) -> Training:
        """The part that `tfseis.learning.fitting.fit` needs."""
        return Training(
            epochs=self.epochs,
            steps=max(1, self.patches_per_epoch // self.batch_size),
            learning_rate=self.learning_rate,
            patience=self.patience,
            seed=self.seed,
        )


def build(settings: BoreholeSettings, columns: int) -> keras.Model:
    """The untrained network with its recipe, for images of any depth."""
    widths: dict[str, int | tuple[int, ...]] = {}
    if settings.width:
        widths = {"width": settings.width}
    if settings.filters:
        widths = {"filters": settings.filters}
    network = CIRCULAR_NETWORKS[settings.network]
    try:
        model = network((None, columns, 1), padding=PADDINGS[settings.padding], **widths)
    except TypeError:
        raise ModelError(
            f"Expected one width for flexible and micro, and several filters for the others; got "
            f"{widths} for {settings.network}. Leave them out for the network's own."
        ) from None
    recipe = BoreholeRecipe(
        network=settings.network, padding=settings.padding, columns=columns,
        threshold=settings.threshold, seed=settings.seed, version=tfseis.__version__,
    )  # fmt: skip
    return with_recipe(model, recipe)


def train(
    patches: Patches,
    settings: BoreholeSettings,
    folder: Path,
    held_out: Patches | None = None,
    *,
    teacher: keras.Model | None = None,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train on labelled patches, or go on with the run in `folder`.

    Args:
        patches: that train.
        settings: network and training.
        folder: for checkpoints.
        held_out: only drawn beside the loss.
        teacher: a larger network, already trained, from whose logits this one learns too.

    Returns:
        The network, and the history of its training.

    Raises:
        ModelError: patches without masks, or a teacher for images of another width.
    """
    columns = patches.images.shape[2]
    models = [build(settings, columns), *([] if teacher is None else [teacher])]
    inputs, masks = _pairs(patches, models)
    digest = hashlib.sha256(inputs.tobytes() + masks.tobytes())
    validation = None if held_out is None else _pairs(held_out, models)
    loss = BOREHOLE_LOSSES[settings.loss]
    if teacher is not None:
        _check_teacher(teacher, columns)
        loss = Distillation(loss, kind="loss")
        for weight in teacher.get_weights():
            digest.update(weight.tobytes())
        if validation is not None:
            images, marks = validation
            logits = teacher.predict(images, batch_size=settings.batch_size, verbose=0)
            validation = images, np.concatenate([marks, logits], axis=-1)

    def batches(first: int) -> Iterator[tuple]:
        drawn = drawn_batches(inputs, masks, settings, first)
        return drawn if teacher is None else taught(drawn, teacher)

    return fit(
        lambda: build(settings, columns),
        batches,
        settings.training,
        folder=folder,
        loss=loss,
        accuracy=labelled_mask_accuracy,
        validation=validation
        and tf.data.Dataset.from_tensor_slices(validation).batch(settings.batch_size),
        run=f"{settings} patches {digest.hexdigest()[:12]}",
        title=f"train {settings.network}",
    )


def _check_teacher(teacher: keras.Model, columns: int) -> None:
    taken = recipe_for(teacher, "boreholes").columns
    if taken != columns:
        raise ModelError(
            f"Expected a teacher for images of {columns} columns; got one for {taken}. Train one "
            "on the same patches."
        )


def well_scores(patches: Patches, probability: np.ndarray, threshold: float) -> pd.DataFrame:
    """Scores of marks in all patches, at the seam, and of each well, one row each.

    Beside them the same of no marks at all: its accuracy is the part of the background.
    """
    if patches.masks is None:
        return pd.DataFrame()
    found = (probability > threshold).astype("int64")
    around = np.arange(-SEAM, SEAM)  # the last columns and the first
    parts = {"all wells": (patches.masks, found)}
    parts["seam, 4 columns"] = patches.masks[:, :, around], found[:, :, around]
    parts["all background"] = patches.masks, np.zeros_like(found)
    for well in np.unique(patches.wells).tolist():
        on = patches.wells == well
        parts[f"well {well}"] = patches.masks[on], found[on]
    return pd.DataFrame({name: mark_scores(*part) for name, part in parts.items()}).T


def mark_scores(masks: np.ndarray, found: np.ndarray) -> dict[str, float]:
    """Accuracy, precision, recall, Dice and IoU of the marks; 0 where a score has no value.

    Examples:
        >>> mark_scores(np.array([1, 1, 0, -1]), np.array([1, 0, 0, 1]))["dice"]
        0.667
    """
    confusion = confusion_matrix(masks, found, 2)
    row = class_scores(confusion, NAMES).fillna(0.0).to_dict("index")["mark"]
    ours = {name: float(row[name]) for name in ("precision", "recall", "iou")}
    return {"accuracy": accuracy(confusion), **ours, "dice": float(row["f1"])}


def probability(model: keras.Model, patches: Patches) -> np.ndarray:
    """Probability of a mark, (patches, rows, columns)."""
    return predict_patches(model, scaled_images(patches))


def _pairs(patches: Patches, models: Sequence[keras.Model]) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and masks (patches, rows, columns, 1), with as many rows as the networks take."""
    if patches.masks is None:
        raise ModelError("Expected patches with masks to train on; got none. Give labels.")
    inputs = with_whole_rows(scaled_images(patches), *models)
    added = inputs.shape[1] - patches.masks.shape[1]
    rows = [(0, 0), (0, added), (0, 0)]
    masks = np.pad(patches.masks, rows, constant_values=UNLABELLED)
    return inputs, masks[..., np.newaxis].astype("float32")


def drawn_batches(
    inputs: np.ndarray, masks: np.ndarray, settings: BoreholeSettings, first: int
) -> Iterator[tuple]:
    """Endless batches; number n depends on the seed and n alone.

    Where some patches have no labels, every other one drawn has: few labels still count for half.
    """
    tool, number = Tool(noise=settings.noise), first
    labelled = np.flatnonzero((masks != UNLABELLED).any(axis=(1, 2, 3)))
    partly = 0 < len(labelled) < len(inputs)
    while True:
        rng = np.random.default_rng([settings.seed, number])
        some = rng.integers(0, len(inputs), settings.batch_size)
        if partly:
            some[::2] = rng.choice(labelled, len(some[::2]))
        seed = int(rng.integers(2**24))
        images, marks = keras.ops.convert_to_tensor(inputs[some]), masks[some]
        yield vary(images, keras.ops.convert_to_tensor(marks), tool=tool, seed=seed)
        number += 1
