"""Training of salt networks, fold by fold, and what they say of images that did not train."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

import tfseis
from tfseis.data.preparation import CHANNELS, check_preparation
from tfseis.errors import LabelError, ModelError
from tfseis.io.images.folder import ImageFolder
from tfseis.jobs.salt.batches import ImageSet, image_batches
from tfseis.jobs.salt.folds import image_folds
from tfseis.jobs.salt.images import image_probability
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.jobs.salt.variation import AS_RECORDED, ImageVariation
from tfseis.learning.fitting.fit import check_same_run
from tfseis.learning.fitting.mask_fit import MaskTraining, fit_masks
from tfseis.learning.saving import load_model
from tfseis.models.encoders.backbone_unet import backbone_unet
from tfseis.models.sections.light_unet import MASK, light_unet
from tfseis.scores.masks import decided, kaggle_scores

LIGHT = "light"
PRECISIONS = ("float32", "mixed_bfloat16")
BATCH = 40  # images predicted at once


@dataclass(frozen=True, kw_only=True)
class SaltSettings:
    """How a salt network is built and trained.

    Args:
        network: "light", or a backbone of `tfseis.models.BACKBONES`.
        weights: of the backbone: "imagenet", a file, or None for random ones.
        decoder: of the backbone.
        preparation: "pad", by reflection, or "resize".
        size: rows and columns that the network sees; None for 112 (light) or 128 samples.
        channels: of the input: "image", "depth", "coordinate".
        folds: parts into which the images are divided.
        networks: folds that a network is trained for, each on all others; None for all.
        epochs: at most.
        minutes: of training at most, all networks together; None for no limit.
        batch_size: images in a batch.
        learning_rate: the largest.
        patience: epochs without a better score after which training stops.
        varied: whether training images vary.
        precision: of the training: "float32", or "mixed_bfloat16", faster where the processor
            knows it.
        seed: of everything random.
    """

    network: str = LIGHT
    weights: str | None = "imagenet"
    decoder: str = "unet"
    preparation: str = "pad"
    size: int | None = None
    channels: tuple[str, ...] = CHANNELS
    folds: int = 5
    networks: int | None = None
    epochs: int = 60
    minutes: float | None = None
    batch_size: int = 16
    learning_rate: float = 2e-3
    patience: int = 20
    varied: bool = True
    precision: str = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ModelError(
                f"Expected precision {' or '.join(PRECISIONS)}; got {self.precision!r}."
            )
        if self.networks is not None and not 1 <= self.networks <= self.folds:
            raise ModelError(
                f"Expected 1 to {self.folds} networks, one a fold; got {self.networks}. "
                "Leave it out to train all."
            )
        if min(self.batch_size, self.patience) < 1:
            raise ModelError(
                f"Expected a batch size and a patience of at least 1; got {self.batch_size} and "
                f"{self.patience}. Leave them out for the defaults."
            )

    def training(self, images: int) -> MaskTraining:
        """The part that `tfseis.learning.fit_masks` needs, for one network."""
        count = self.networks or self.folds
        return MaskTraining(
            epochs=self.epochs,
            steps=max(1, images // self.batch_size),
            minutes=None if self.minutes is None else self.minutes / count,
            learning_rate=self.learning_rate,
            patience=self.patience,
            seed=self.seed,
        )


@dataclass(frozen=True)
class SaltJob:
    """Images, their folds, and how networks are trained on them."""

    found: ImageFolder
    settings: SaltSettings
    recipe: SaltRecipe
    folds: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, found: ImageFolder, settings: SaltSettings) -> "SaltJob":
        """Divide the images into folds.

        Raises:
            LabelError: fewer images than a batch or than folds, or images that are not square.
            ModelError: a recipe that cannot be followed.
        """
        rows, columns = found.images.shape[1:]
        if rows != columns:
            raise LabelError(
                f"Expected square images, as the challenge's; got {rows} x {columns}. Cut them."
            )
        size = settings.size or (112 if settings.network == LIGHT else 128)
        recipe = SaltRecipe(
            network=settings.network, size=size, preparation=settings.preparation, image_size=rows,
            channels=settings.channels, threshold=0.5, smallest=0, seed=settings.seed,
            version=tfseis.__version__,
        )  # fmt: skip
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
        """The untrained network, which gives a dict with ``mask``."""
        settings, channels = self.settings, len(self.settings.channels)
        if settings.network == LIGHT:
            return light_unet((None, None, channels), supervised=True)
        fixed = settings.decoder == "pspnet"
        size = self.recipe.size if fixed else None
        model = backbone_unet(
            (size, size, channels), backbone=settings.network, classes=1,
            weights=settings.weights, decoder=settings.decoder,
        )  # fmt: skip
        return keras.Model(model.input, {MASK: model.output}, name=model.name)

    def fingerprint(self) -> str:
        """Tells this data and these settings from others, to resume the right run."""
        digest = hashlib.sha256(self.found.images.tobytes() + self.found.masks.tobytes())
        digest.update(np.nan_to_num(self.found.depths, nan=-1).tobytes())
        return f"{asdict(self.settings)} images {digest.hexdigest()[:12]}"


def train_fold(job: SaltJob, fold: int, folder: Path, *, progress: bool = True) -> pd.DataFrame:
    """Train a network on all other folds; resumes a run in `folder`; gives its history."""
    train, held_out = job.data.only(job.folds != fold), job.data.only(job.folds == fold)
    training = job.settings.training(len(train.images))
    folder.mkdir(parents=True, exist_ok=True)
    check_same_run(folder, training, f"fold {fold} {job.fingerprint()}")
    variation = ImageVariation() if job.settings.varied else AS_RECORDED
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(job.settings.precision)
    try:
        return fit_masks(
            job.build,
            lambda first: image_batches(
                train, job.recipe, batch_size=job.settings.batch_size, seed=job.settings.seed,
                variation=variation, first_batch=first,
            ),
            training,
            lambda model: _score(model, held_out, job.recipe),
            folder=folder,
            title=f"train, fold {fold + 1} of {job.settings.folds}",
            progress=progress,
        )  # fmt: skip
    finally:
        keras.config.set_dtype_policy(before)


def trained_network(job: SaltJob, folder: Path) -> keras.Model:
    """The best network of a fold, in float32, that gives one logit a pixel."""
    best = load_model(folder / "best.keras")
    network = job.build()
    network.set_weights(best.get_weights())
    return keras.Model(network.input, network.output[MASK])


def joined(networks: Sequence[keras.Model]) -> keras.Model:
    """One network that gives the mean logit of several.

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


def probabilities(
    model: keras.Model,
    images: np.ndarray,
    depths: np.ndarray,
    recipe: SaltRecipe,
    *,
    flip: bool = True,
    title: str = "",
) -> np.ndarray:
    """The probability of salt at each pixel.

    Args:
        model: gives one logit a pixel.
        images: uint8 (images, rows, columns).
        depths: (images,), metres, NaN where unknown.
        recipe: how the network's images are prepared.
        flip: the mean of each image and its mirror image.
        title: of a progress bar; none without it.

    Returns:
        float32 (images, rows, columns).
    """
    result = np.empty(images.shape, np.float32)
    for start in tqdm(range(0, len(images), BATCH), desc=title, disable=not title):
        part = slice(start, start + BATCH)
        image, depth = images[part, ..., np.newaxis], depths[part].astype("float32")
        found = np.asarray(image_probability(model, image, recipe, depth))
        if flip:
            other = image_probability(model, image[:, :, ::-1], recipe, depth)
            found = (found + np.asarray(other)[:, :, ::-1]) / 2
        result[part] = found[..., 0]
    return result


def _score(model: keras.Model, held_out: ImageSet, recipe: SaltRecipe) -> float:
    """The challenge's score at one half, without mirror images."""
    masks = keras.Model(model.input, model.output[MASK])
    found = probabilities(masks, held_out.images, held_out.depths, recipe, flip=False)
    return float(kaggle_scores(held_out.masks, decided(found, 0.5, 0)).mean())
