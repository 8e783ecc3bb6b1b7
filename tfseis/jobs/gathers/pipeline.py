"""How a gather network is built, and its trainings on synthetic and on real gathers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

import tfseis
from tfseis.data.synthetic.gather_settings import SyntheticGatherSettings
from tfseis.errors import ModelError
from tfseis.io.gathers.gather import Gather
from tfseis.io.gathers.opening import Gathers
from tfseis.jobs.contract import recorded
from tfseis.jobs.gathers.batches import TARGETS, PatchLayout, blind_batches, synthetic_batches
from tfseis.jobs.gathers.patches import PatchIndex
from tfseis.jobs.gathers.recipe import GatherRecipe
from tfseis.jobs.gathers.settings import GatherSettings
from tfseis.jobs.gathers.variation import GATHER_VARIATIONS
from tfseis.learning.fitting import Training, fit
from tfseis.learning.losses.denoising import GATHER_LOSSES, kept_accuracy
from tfseis.learning.own import check_kept, check_loss, tried
from tfseis.models.own import built
from tfseis.models.recipe import with_recipe
from tfseis.models.sections.separable_unet import GATHER_NETWORKS
from tfseis.named import chosen, name_of

SYNTHETIC = "synthetic"
SYNTHETIC_LOSS, REAL_LOSS = "orthogonal", "square"
INTERVAL = 4.0  # ms, of synthetic gathers
WINDOW = 2  # traces and samples of a window to predict, in those of a patch
OVERLAP = 2  # windows that see a sample, along each axis


def build(settings: GatherSettings, trained_on: str, interval: float) -> keras.Model:
    """The untrained network with its recipe, for gathers of any size.

    Args:
        settings: network and patches.
        trained_on: "synthetic", or what is predicted of real gathers.
        interval: sample interval of the training gathers, ms.

    Raises:
        ModelError: the network does not return one amplitude a sample.
    """
    builder = chosen(settings.network, GATHER_NETWORKS, "network")
    widths = {"filters": settings.filters} if settings.filters else {}
    shape = (None, None, len(settings.channels))
    network = built(lambda: builder(shape, **widths), name_of(settings.network))
    _check_network(network, len(settings.channels))
    size = WINDOW * settings.size[0], WINDOW * settings.size[1]
    recipe = GatherRecipe(
        network=name_of(settings.network),
        channels=settings.channels,
        size=size,
        stride=(max(1, size[0] // OVERLAP), max(1, size[1] // OVERLAP)),
        sample_interval=interval,
        trained_on=trained_on,
        seed=settings.seed,
        version=tfseis.__version__,
    )
    return with_recipe(network, recipe)


def train_synthetic(
    settings: GatherSettings,
    folder: Path,
    generator: SyntheticGatherSettings | None = None,
    *,
    progress: bool = True,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train on synthetic gathers; an interrupted run in `folder` is resumed.

    Args:
        settings: network and training.
        folder: folder for checkpoints and history.
        generator: settings of the synthetic gathers; None for the usual ones.
        progress: show a progress bar.

    Returns:
        The trained network, and one row an epoch.
    """
    generator = generator or SyntheticGatherSettings()
    fitted = fit(
        lambda: build(settings, SYNTHETIC, INTERVAL),
        lambda first: synthetic_batches(
            generator,
            _layout(settings),
            samples=settings.samples,
            seed=settings.seed,
            first_batch=first,
        ),
        training_of(settings),
        folder=folder,
        loss=_loss(settings, SYNTHETIC_LOSS),
        metrics={"accuracy": kept_accuracy},
        run=f"{recorded(settings)} {generator}",
        title="train on synthetic gathers",
        progress=progress,
    )
    return fitted.model, fitted.history


def train_real(
    settings: GatherSettings,
    gathers: Gathers,
    index: PatchIndex,
    folder: Path,
    *,
    progress: bool = True,
) -> tuple[keras.Model, pd.DataFrame]:
    """Train on some gathers without truth; an interrupted run in `folder` is resumed.

    Args:
        settings: network and training.
        gathers: gathers to read from.
        index: patches of those that train, see `patch_index`.
        folder: folder for checkpoints and history.
        progress: show a progress bar.

    Returns:
        The trained network, and one row an epoch.
    """
    fitted = fit(
        lambda: build(settings, settings.learn, gathers.sample_interval),
        lambda first: blind_batches(
            gathers,
            index,
            _layout(settings),
            kind=settings.learn,
            seed=settings.seed,
            variation=chosen(settings.variation, GATHER_VARIATIONS, "variation"),
            first_batch=first,
        ),
        training_of(settings),
        folder=folder,
        loss=_loss(settings, REAL_LOSS),
        metrics={"accuracy": kept_accuracy},
        run=f"{recorded(settings)} patches {index.digest()}",
        title=f"train, {settings.learn}",
        progress=progress,
    )
    return fitted.model, fitted.history


def check_own(settings: GatherSettings, gather: Gather | None) -> None:
    """Refuse an own loss or variation that fails, before anything is written.

    Args:
        settings: network and training.
        gather: one of the real gathers; None where synthetic gathers train.

    Raises:
        ModelError: a function takes or returns something else than it should.
    """
    loss = _loss(settings, SYNTHETIC_LOSS if gather is None else REAL_LOSS)
    batch = settings.batch_size, *settings.size
    check_loss(loss, name_of(settings.loss), (*batch, TARGETS), (*batch, 1), dtype="float32")
    if gather is None or settings.variation in GATHER_VARIATIONS:
        return
    vary = chosen(settings.variation, GATHER_VARIATIONS, "variation")
    what, rng = f"the variation {name_of(settings.variation)}", np.random.default_rng(settings.seed)
    found = tried(lambda: vary(gather, rng), what, "a gather and random numbers")
    parts = [getattr(found, part, None) for part in ("amplitude", "live", "offset")]
    shapes = gather.shape, gather.shape, gather.shape[:1]
    check_kept(parts, shapes, what, "a gather with amplitude, live and offset")


def training_of(settings: GatherSettings) -> Training:
    """What `tfseis.learning.fitting` needs to know of the settings."""
    return Training(
        epochs=settings.epochs,
        steps=max(1, settings.patches_per_epoch // settings.batch_size),
        learning_rate=settings.learning_rate,
        patience=settings.patience,
        seed=settings.seed,
    )


def patch_index(settings: GatherSettings, gathers: Gathers, numbers: list[int]) -> PatchIndex:
    """The patches of some gathers; neighbours overlap by half."""
    stride = max(1, settings.size[0] // 2), max(1, settings.size[1] // 2)
    return PatchIndex(gathers.shapes, numbers, settings.size, stride)


def _layout(settings: GatherSettings) -> PatchLayout:
    return PatchLayout(
        channels=settings.channels, size=settings.size, batch_size=settings.batch_size
    )


def _loss(settings: GatherSettings, usual: str) -> Callable[[Any, Any], Any]:
    """The loss that a setting stands for; a class of losses is called with the seed."""
    found = chosen(settings.loss or usual, GATHER_LOSSES, "loss")
    if not isinstance(found, type):
        return found
    name = f"the loss {name_of(settings.loss)}"
    return tried(lambda: found(settings.seed), name, "a seed, since it is a class")


def _check_network(network: keras.Model, channels: int) -> None:
    takes, gives = network.input_shape, network.output_shape
    section = (
        isinstance(takes, tuple) and isinstance(gives, tuple) and len(takes) == len(gives) == 4
    )
    if not section or takes[-1] != channels or gives[-1] != 1:
        raise ModelError(
            f"Expected a gather network from (batch, traces, samples, {channels}) to one amplitude "
            f"a sample; got one from {takes} to {gives}. Change its function."
        )
