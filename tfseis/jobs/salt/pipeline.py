"""Training of salt networks, fold by fold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

import tfseis
from tfseis.data.fingerprint import digests
from tfseis.errors import LabelError, ModelError
from tfseis.io.images.folder import ImageFolder
from tfseis.jobs.salt.batches import ImageSet
from tfseis.jobs.salt.folds import image_folds
from tfseis.jobs.salt.preparation import check_preparation
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.jobs.salt.settings import LIGHT, SaltSettings
from tfseis.models.encoders.backbone_unet import backbone_unet
from tfseis.models.encoders.backbones import BACKBONES
from tfseis.models.own import built
from tfseis.models.sections.light_unet import MASK, light_unet
from tfseis.named import check_choice, chosen, name_of

LIGHT_SIZE, ENCODER_SIZE = 112, 128  # rows and columns that networks see by default
NO_WEIGHTS = "none"
HALVED = 32  # five poolings, of which no network here has more


@dataclass(frozen=True)
class SaltTask:
    """Images, their folds, and the network that is trained on them."""

    found: ImageFolder
    settings: SaltSettings
    recipe: SaltRecipe
    folds: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, found: ImageFolder, settings: SaltSettings) -> "SaltTask":
        """Divide the images into folds.

        Raises:
            LabelError: fewer images than a batch or than folds, or images that are not square.
            ModelError: an unknown network, or a preparation that cannot be followed.
        """
        check_choice(settings.network, (LIGHT, *BACKBONES), "network")
        rows, columns = found.images.shape[1:]
        if rows != columns:
            raise LabelError(
                f"Expected square images, as the challenge's; got {rows} x {columns}. Cut them."
            )
        size = settings.size or (LIGHT_SIZE if settings.network == LIGHT else ENCODER_SIZE)
        recipe = SaltRecipe(
            network=name_of(settings.network),
            size=size,
            preparation=settings.preparation,
            image_size=rows,
            channels=settings.channels,
            threshold=0.5,
            smallest=0,
            seed=settings.seed,
            version=tfseis.__version__,
        )
        check_preparation(recipe)
        folds = image_folds(found.masks, found.depths, folds=settings.folds)
        fewest = int(len(folds) - np.bincount(folds).max())
        if fewest < settings.batch_size:
            raise LabelError(
                f"Expected at least {settings.batch_size} training images, one batch; got {fewest}."
                " Lower the batch size."
            )
        return cls(found, settings, recipe, folds)

    @property
    def data(self) -> ImageSet:
        """All images with masks."""
        return ImageSet(self.found.images, self.found.depths, self.found.masks)

    def build(self) -> keras.Model:
        """The untrained network, which returns a dict with the logits under ``mask``."""
        settings, channels = self.settings, len(self.settings.channels)
        if settings.network == LIGHT:
            return light_unet((None, None, channels), supervised=True)
        if settings.network in BACKBONES:
            return with_mask_output(self._encoder_network(channels))
        shape = (self.recipe.size, self.recipe.size, channels)
        own = chosen(settings.network, {}, "network")
        return with_mask_output(built(lambda: own(shape), name_of(settings.network)))

    def _encoder_network(self, channels: int) -> keras.Model:
        settings = self.settings
        size = self.recipe.size if settings.decoder == "pspnet" else None  # it needs a fixed size
        return backbone_unet(
            (size, size, channels),
            backbone=str(settings.network),
            classes=1,
            weights=None if settings.weights == NO_WEIGHTS else settings.weights,
            decoder=settings.decoder,
        )

    def identity(self) -> dict[str, dict[str, str]]:
        """Tells these images from others, by name, to resume the right run."""
        found = self.found
        depths = np.nan_to_num(found.depths, nan=-1)
        return {
            "images": digests(found.train, found.images),
            "masks": digests(found.train, found.masks),
            "depths": digests(found.train, depths),
        }


def check_size(model: keras.Model, size: int) -> None:
    """Refuse a size that the network cannot halve as often as it does, before it trains.

    Args:
        model: the network.
        size: rows and columns of its input.

    Raises:
        ModelError: such a size.
    """
    try:
        model(np.zeros((1, size, size, model.input_shape[-1]), "float32"), training=False)
    except Exception:  # each backend of Keras has its own
        below = size // HALVED * HALVED
        raise ModelError(
            f"Expected a size that the network can halve as often as it does; got {size}. Use "
            f"{below or HALVED} or {below + HALVED} (--size)."
        ) from None


def with_mask_output(model: Any) -> keras.Model:
    """A network of one output as one that returns a dict with the logits under ``mask``.

    Raises:
        ModelError: the network does not give one logit a pixel.
    """
    takes, gives = model.input_shape, model.output_shape
    if len(takes) != 4 or len(gives) != 4 or gives[-1] != 1 or takes[1:3] != gives[1:3]:
        raise ModelError(
            "Expected a network from (batch, rows, columns, channels) to (batch, rows, columns, 1);"
            f" got one from {takes} to {gives}. Change its last layer."
        )
    return keras.Model(model.inputs[0], {MASK: model.outputs[0]}, name=model.name)


def joined(networks: Sequence[keras.Model]) -> keras.Model:
    """One network that returns the mean of the logits of several.

    Raises:
        ModelError: there is none.
    """
    if not networks:
        raise ModelError("Expected at least one network; got none. Train one first.")
    if len(networks) == 1:
        return networks[0]
    inputs = keras.Input(networks[0].input_shape[1:], name="image")
    for number, network in enumerate(networks):
        network.name = f"fold_{number}"
    logits = keras.layers.Average(name="mean")([network(inputs) for network in networks])
    return keras.Model(inputs, logits, name="folds")


def fold_folder(training: Path, fold: int) -> Path:
    """Where a fold keeps its checkpoints."""
    return training / f"fold-{fold}"
