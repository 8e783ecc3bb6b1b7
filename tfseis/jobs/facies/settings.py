"""How a facies network is built and trained, and the defaults of each network."""

from dataclasses import dataclass, replace

from tfseis.errors import ModelError
from tfseis.jobs.facies.channels import named_channels
from tfseis.learning.fitting.fit import Training
from tfseis.models.sections.unet import pooling_factor

NETWORKS = ("unet", "unet25", "unet3d", "patch", "patch3d")
UNETS = ("unet", "unet25", "unet3d")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a facies network is built and trained; `DEFAULTS` holds those of each network.

    Args:
        network: "unet" (2D, labels every sample of a window), "unet25" (the same, with the
            neighbouring sections as channels), "unet3d", "patch" (2D, the sample in the middle of a
            crop) or "patch3d".
        channels: name of a channel set of `tfseis.jobs.facies.channels`; others than "amplitude" for
            "patch" only.
        layout: blocks of a patch classifier.
        filters: width of each block, or of each level of the U-Net.
        crop_size: samples along each axis of a crop, or of a U-Net's training window.
        sections: that unet25 sees, the middle one being classified: 3, 5, ..; 1 for all others.
        epochs: at most.
        crops_per_epoch: crops drawn in an epoch.
        batch_size: crops in a batch.
        learning_rate: of Adam at the start.
        patience: epochs without a lower loss after which training stops.
        folds: blocks of the blocked score; 0 for none.
        follow: whether a U-Net also learns from lines around the labelled ones, and predicts, by
            following reflections from the labels.
        seed: of everything random.
    """

    network: str = "unet"
    channels: str = "amplitude"
    layout: str = ""
    filters: tuple[int, ...] = (16, 32, 64, 64)
    crop_size: int = 48
    sections: int = 1
    epochs: int = 20
    crops_per_epoch: int = 640
    batch_size: int = 16
    learning_rate: float = 2e-3
    patience: int = 10
    folds: int = 4
    follow: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if self.network not in NETWORKS:
            raise ModelError(f"Expected network {' or '.join(NETWORKS)}; got {self.network!r}.")
        if self.network != "patch" and self.channels != "amplitude":
            raise ModelError(
                f"Expected channels 'amplitude' for {self.network}; got {self.channels!r}. "
                "Use --network patch for others."
            )
        named_channels(self.channels)
        self._check_sizes()
        for name in ("crop_size", "epochs", "crops_per_epoch", "batch_size", "patience"):
            if getattr(self, name) < 1:
                raise ModelError(
                    f"Expected {name} of at least 1; got {getattr(self, name)}. Leave it out for "
                    "the default."
                )
        if self.folds == 1 or self.folds < 0:
            raise ModelError(f"Expected 2 folds or more, or 0 for no score; got {self.folds}.")

    def _check_sizes(self) -> None:
        stacked = self.network == "unet25"
        if self.sections % 2 == 0 or stacked != (self.sections > 1):
            wanted = "an odd number of sections from 3 on" if stacked else "1 section"
            raise ModelError(
                f"Expected {wanted} for {self.network}; got {self.sections}. Leave it out for the "
                "default, or use --network unet25 --sections 5."
            )
        factor = pooling_factor(self.filters) if self.windows else 1
        if self.crop_size % factor:
            raise ModelError(
                f"Expected a crop size that is a multiple of {factor} for a U-Net of "
                f"{len(self.filters)} levels; got {self.crop_size}. Use "
                f"{-(-self.crop_size // factor) * factor}."
            )

    @property
    def flat(self) -> bool:
        """Whether sections are classified, rather than blocks."""
        return self.network not in {"unet3d", "patch3d"}

    @property
    def windows(self) -> bool:
        """Whether every sample of a crop is classified, rather than that in the middle."""
        return self.network in UNETS

    @property
    def crop_shape(self) -> tuple[int, ...]:
        """Samples of a crop along each axis of what it is cut from."""
        plane = (self.crop_size, self.crop_size)
        if self.flat:
            return (self.sections, *plane) if self.sections > 1 else plane
        return (self.crop_size, *plane)

    @property
    def training(self) -> Training:
        """The part that `tfseis.learning.fitting.fit` needs."""
        return Training(
            epochs=self.epochs,
            steps=max(1, self.crops_per_epoch // self.batch_size),
            learning_rate=self.learning_rate,
            patience=self.patience,
            seed=self.seed,
        )


_PATCH = Settings(
    network="patch", layout="cnap cnap cnapd", filters=(16, 24, 32), crop_size=40, epochs=30,
    crops_per_epoch=1000, batch_size=50, learning_rate=1e-3, folds=5,
)  # fmt: skip
DEFAULTS = {
    "unet": Settings(),
    "unet25": Settings(network="unet25", sections=3),
    "unet3d": Settings(
        network="unet3d", filters=(8, 16, 32), crop_size=32, crops_per_epoch=256, batch_size=4
    ),
    "patch": _PATCH,
    "patch3d": replace(_PATCH, network="patch3d", crop_size=22),
}
