"""How a gather network is built and trained."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import keras
import pandas as pd

import tfseis
from tfseis.data.synthetic.gather_settings import SyntheticGatherSettings
from tfseis.errors import ModelError
from tfseis.io.gathers.opening import Gathers
from tfseis.jobs.gathers.batches import (
    BLIND_TRACE,
    PLACES,
    PatchLayout,
    blind_batches,
    synthetic_batches,
)
from tfseis.jobs.gathers.channels import check_channels
from tfseis.jobs.gathers.patches import PatchIndex
from tfseis.jobs.gathers.recipe import GatherRecipe
from tfseis.learning.fitting.fit import Training, fit
from tfseis.learning.losses.denoising import GATHER_LOSSES, kept_accuracy
from tfseis.models.recipe import with_recipe
from tfseis.models.sections.separable_unet import FILTERS, GATHER_NETWORKS

SYNTHETIC = "synthetic"
SYNTHETIC_LOSS, REAL_LOSS = "orthogonal", "square"
INTERVAL = 4.0  # ms, of synthetic gathers
WINDOW = 2  # traces and samples of a window to predict, in those of a patch
OVERLAP = 2  # windows that see a sample, along each axis


@dataclass(frozen=True, kw_only=True)
class GatherSettings:
    """How a gather network is built and trained.

    Args:
        network: one of `GATHER_NETWORKS`.
        filters: widths of the U-Net's levels.
        channels: of the input, names of `GATHER_CHANNELS`, amplitude first.
        learn: what is foretold of real gathers: "blind-trace", "blind-spot", or "input", as
            autoencoders do.
        size: traces and samples of a training patch.
        samples: of a synthetic trace.
        loss: one of `GATHER_LOSSES`; None for "orthogonal" on synthetic gathers, whose noise is
            known to be none of the signal, and "square" on real ones.
        split: what is held out is the last "gather"s, or the last "line"s.
        epochs: at most.
        patches_per_epoch: patches drawn in an epoch.
        batch_size: patches in a batch.
        learning_rate: of Adam at the start.
        patience: epochs without a lower loss after which training stops.
        seed: of everything random.
    """

    network: str = "unet"
    filters: tuple[int, ...] = FILTERS
    channels: tuple[str, ...] = ("amplitude",)
    learn: str = BLIND_TRACE
    size: tuple[int, int] = (48, 128)
    samples: int = 512
    loss: str | None = None
    split: str = "gather"
    epochs: int = 40
    patches_per_epoch: int = 2048
    batch_size: int = 16
    learning_rate: float = 4e-3
    patience: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        named: dict[str, Collection[str]] = {
            "network": GATHER_NETWORKS, "learn": PLACES, "loss": GATHER_LOSSES,
            "split": ("gather", "line"),
        }  # fmt: skip
        for name, known in named.items():
            value = getattr(self, name)
            if value is not None and value not in known:
                raise ModelError(f"Expected {name} {', '.join(known)}; got {value!r}. Choose one.")
        check_channels(self.channels)
        if min(*self.size, self.batch_size, self.patches_per_epoch, self.samples) < 1:
            raise ModelError(
                f"Expected patches and batches of at least 1; got {self.size}, {self.batch_size} "
                f"and {self.patches_per_epoch}. Raise them."
            )

    @property
    def layout(self) -> PatchLayout:
        """What patches look like to the network."""
        return PatchLayout(channels=self.channels, size=self.size, batch_size=self.batch_size)

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

    def index(self, gathers: Gathers, numbers: list[int]) -> PatchIndex:
        """The patches of some gathers; they overlap by half."""
        stride = max(1, self.size[0] // 2), max(1, self.size[1] // 2)
        return PatchIndex(gathers.shapes, numbers, self.size, stride)


def build(settings: GatherSettings, trained_on: str, interval: float) -> keras.Model:
    """The untrained network with its recipe, for gathers of any size."""
    shape = (None, None, len(settings.channels))
    if settings.network == "unet":
        model = GATHER_NETWORKS["unet"](shape, filters=settings.filters)
    else:
        model = GATHER_NETWORKS[settings.network](shape)
    size = WINDOW * settings.size[0], WINDOW * settings.size[1]
    recipe = GatherRecipe(
        network=settings.network, channels=settings.channels, size=size,
        stride=(max(1, size[0] // OVERLAP), max(1, size[1] // OVERLAP)),
        sample_interval=interval, trained_on=trained_on, seed=settings.seed,
        version=tfseis.__version__,
    )  # fmt: skip
    return with_recipe(model, recipe)


def train_synthetic(
    settings: GatherSettings, folder: Path, generator: SyntheticGatherSettings | None = None
) -> tuple[keras.Model, pd.DataFrame]:
    """Train on synthetic gathers; resumes a run in `folder`."""
    generator = generator or SyntheticGatherSettings()
    return fit(
        lambda: build(settings, SYNTHETIC, INTERVAL),
        lambda first: synthetic_batches(
            generator, settings.layout, samples=settings.samples, seed=settings.seed, first_batch=first
        ),
        settings.training,
        folder=folder,
        loss=GATHER_LOSSES[settings.loss or SYNTHETIC_LOSS],
        accuracy=kept_accuracy,
        run=f"{settings} {generator}",
        title="train on synthetic gathers",
    )


def train_real(
    settings: GatherSettings, gathers: Gathers, numbers: list[int], folder: Path
) -> tuple[keras.Model, pd.DataFrame]:
    """Train on some of the gathers, without truth; resumes a run in `folder`."""
    index = settings.index(gathers, numbers)
    return fit(
        lambda: build(settings, settings.learn, gathers.sample_interval),
        lambda first: blind_batches(
            gathers, index, settings.layout, kind=settings.learn, seed=settings.seed,
            first_batch=first,
        ),
        settings.training,
        folder=folder,
        loss=GATHER_LOSSES[settings.loss or REAL_LOSS],
        accuracy=kept_accuracy,
        run=f"{settings} patches {index.digest()}",
        title=f"train, {settings.learn}",
    )  # fmt: skip
