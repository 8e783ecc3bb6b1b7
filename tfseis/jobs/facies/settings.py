"""How a facies network is built and trained, and the defaults of each network; loads no Keras."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tfseis.errors import ModelError
from tfseis.fields import COUNTS, RATES, SEEDS, Range, check_batch, check_numbers
from tfseis.jobs.facies.channels import CHANNELS, named_channels
from tfseis.jobs.facies.variation import VARIATIONS, check_variation
from tfseis.named import check_choice

AXES = {"unet": 2, "unet25": 2, "unet3d": 3, "patch": 2, "patch3d": 3}  # of a crop, by network
NETWORKS = tuple(AXES)
POOLED = ("unet", "unet25", "unet3d")  # their crops are halved once for each width but the first
STACKED = "unet25"
LOSSES = ("crossentropy",)
WIDTHS = Range(1, 4096)  # filters of a layer
LABEL_KINDS = ("points", "horizon", "surface", "sticks", "polygon", "painted", "cube")


@dataclass(frozen=True, kw_only=True)
class FaciesSettings:
    """How a facies network is built and trained; `DEFAULTS` holds the settings of each network.

    Args:
        network: architecture of the network. "unet" is a 2D U-Net, which classifies every sample
            of a section; "unet25" is the same with the neighbouring sections as further channels;
            "unet3d" classifies every sample of a block; "patch" classifies the sample in the
            middle of a 2D crop, "patch3d" that of a 3D crop. An own network is a function
            (input_shape, classes=) that returns a Keras model of logits, one for every sample of
            its input or one for the sample in the middle of it.
        axes: number of axes of a crop, 2 for sections and 3 for blocks. If left out, that of the
            named network, and 2 for an own function.
        channels: input channels of a network that classifies the middle of a 2D crop:
            "amplitude"; "neighbours", which adds the four crops around it; or "seed", which adds
            the position in the section too.
        layout: blocks of the networks patch and patch3d, such as "cna cnapd": convolution (c),
            normalisation (n), activation (a), pooling (p), dropout (d).
        filters: filters of each block of a patch network, or of each level of a U-Net, the finest
            first. An own network does not use them.
        crop_size: samples along each axis of the crops that the network is trained on.
        sections: number of neighbouring sections that are the input channels of the network
            unet25 or of an own 2D network, an odd number; the middle one is classified.
        loss: loss on the logits: "crossentropy", over the labelled samples alone; or a function
            of labels (class indices, negative where unlabelled) and logits.
        variation: how training crops vary: "usual" mirrors, tilts and stretches them as far as
            their axes and channels allow; "mirrored" mirrors them only; "none" leaves them as they
            were recorded. Or a `Variation`, or a function of (crops, labels, seed).
        label_kind: what the label files hold: a key of `tfseis.io.LABEL_KINDS`, or a function that
            takes `tfseis.io.LabelFiles` and returns `tfseis.io.Labels`. If left out, the kind of
            each file is recognised by its name and content.
        epochs: largest number of epochs.
        crops_per_epoch: number of crops that are drawn in an epoch.
        batch_size: number of crops in a batch.
        learning_rate: initial step size of the Adam optimiser; it falls to 0 along a cosine.
        patience: number of epochs without a lower training loss after which training stops.
        folds: number of blocks into which the labelled sections are cut for the score, each of
            them predicted by a network that was trained without it; 0 for no such score.
        follow: whether labels are carried along the reflections to the lines between the
            labelled sections, to train on and to predict with; for the network unet or an own one
            that classifies every sample of single sections.
        seed: seed of the initial weights, of dropout and of every random choice.

    Raises:
        ModelError: a name that is not known, or numbers that do not go together.
    """

    network: str | Callable = field(default="unet", metadata={"choices": NETWORKS})
    axes: int | None = field(default=None, metadata={"range": Range(2, 3)})
    channels: str = field(default="amplitude", metadata={"choices": tuple(CHANNELS)})
    layout: str = ""
    filters: tuple[int, ...] = field(default=(16, 32, 64, 64), metadata={"range": WIDTHS})
    crop_size: int = field(default=48, metadata={"range": Range(1, 4096)})
    sections: int = field(default=1, metadata={"range": Range(1, 101)})
    loss: str | Callable = field(default="crossentropy", metadata={"choices": LOSSES})
    variation: Any = field(default="usual", metadata={"choices": VARIATIONS})
    label_kind: str | Callable | None = field(default=None, metadata={"choices": LABEL_KINDS})
    epochs: int = field(default=20, metadata={"range": COUNTS})
    crops_per_epoch: int = field(default=640, metadata={"range": COUNTS})
    batch_size: int = field(default=16, metadata={"range": COUNTS})
    learning_rate: float = field(default=2e-3, metadata={"range": RATES})
    patience: int = field(default=10, metadata={"range": COUNTS})
    folds: int = field(default=4, metadata={"range": Range(0, 100)})
    follow: bool = True
    seed: int = field(default=0, metadata={"range": SEEDS})

    def __post_init__(self) -> None:
        check_numbers(self)
        check_choice(self.network, NETWORKS, "network")
        check_choice(self.loss, LOSSES, "loss")
        check_variation(self.variation)
        named_channels(self.channels)
        self._check_axes()
        self._check_sections()
        self._check_crop_size()
        check_batch((self.batch_size, *self.crop_shape, self.input_channels))
        if self.folds == 1:
            raise ModelError(f"Expected 2 folds or more, or 0 for no score; got {self.folds}.")

    @property
    def known(self) -> bool:
        """Whether the network is one of `NETWORKS`, rather than an own function."""
        return isinstance(self.network, str) and self.network in NETWORKS

    @property
    def flat(self) -> bool:
        """Whether crops are cut from sections, rather than from blocks."""
        return self._axes == 2

    @property
    def crop_shape(self) -> tuple[int, ...]:
        """Samples of a crop along each axis of what it is cut from."""
        plane = (self.crop_size, self.crop_size)
        if self.flat:
            return (self.sections, *plane) if self.sections > 1 else plane
        return (self.crop_size, *plane)

    @property
    def input_channels(self) -> int:
        """Channels of the network's input."""
        return self.sections if self.sections > 1 else len(named_channels(self.channels))

    @property
    def _axes(self) -> int:
        if self.axes is not None:
            return self.axes
        return AXES[str(self.network)] if self.known else 2

    def _check_axes(self) -> None:
        expected = (AXES[str(self.network)],) if self.known else (2, 3)
        if self._axes not in expected:
            raise ModelError(
                f"Expected {' or '.join(map(str, expected))} axes for {self.network}; got "
                f"{self.axes}. Leave it out for the default."
            )
        amplitude_alone = self.network != "patch" if self.known else not self.flat
        if amplitude_alone and self.channels != "amplitude":
            raise ModelError(
                f"Expected channels 'amplitude' for {self.network}; got {self.channels!r}. "
                "Use --network patch for others."
            )

    def _check_sections(self) -> None:
        stacked = self.network == STACKED if self.known else self.sections > 1 and self.flat
        plain = self.channels == "amplitude"
        if self.sections % 2 == 0 or stacked != (self.sections > 1) or (stacked and not plain):
            wanted = "an odd number of sections from 3 on" if stacked else "1 section"
            raise ModelError(
                f"Expected {wanted} for {self.network}; got {self.sections}. Leave it out for the "
                "default, or use --network unet25 --sections 5."
            )

    def _check_crop_size(self) -> None:
        if self.network not in POOLED:
            return  # an own network is asked once it is built
        if len(self.filters) < 2 or min(self.filters) < 1:
            raise ModelError(
                f"Expected two or more positive widths, one a level; got {self.filters}. "
                "For example (16, 32, 64, 64)."
            )
        factor = 2 ** (len(self.filters) - 1)
        if self.crop_size % factor:
            raise ModelError(
                f"Expected a crop size that is a multiple of {factor} for a U-Net of "
                f"{len(self.filters)} levels; got {self.crop_size}. Use "
                f"{-(-self.crop_size // factor) * factor}."
            )


_PATCH = FaciesSettings(
    network="patch",
    layout="cnap cnap cnapd",
    filters=(16, 24, 32),
    crop_size=40,
    epochs=30,
    crops_per_epoch=1000,
    batch_size=50,
    learning_rate=1e-3,
    folds=5,
)
DEFAULTS = {
    "unet": FaciesSettings(),
    "unet25": FaciesSettings(network="unet25", sections=3),
    "unet3d": FaciesSettings(
        network="unet3d", filters=(8, 16, 32), crop_size=32, crops_per_epoch=256, batch_size=4
    ),
    "patch": _PATCH,
    "patch3d": replace(_PATCH, network="patch3d", crop_size=22),
}
