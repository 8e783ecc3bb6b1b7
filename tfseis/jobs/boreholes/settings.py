"""How a borehole network is built and trained; loads no Keras."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tfseis.errors import ModelError
from tfseis.fields import COUNTS, RATES, SEEDS, Between, Range, check_numbers
from tfseis.jobs.boreholes.hole import hole_of
from tfseis.named import check_choice

NETWORKS = ("vanilla", "stacked", "unet", "flexible", "micro")
PADDINGS = ("azimuth", "zero")
LOSSES = ("bce", "weighted-bce", "dice", "dice-bce")
VARIATIONS = ("usual", "none")


@dataclass(frozen=True, kw_only=True)
class BoreholeSettings:
    """How a borehole network is built and trained.

    Args:
        network: architecture of the network: a name, or a function that takes the shape of one
            image, (None, columns, 1), and returns a Keras model with one logit a sample.
        width: filters of the first stage of the networks flexible and micro; 0 for their own.
        filters: filters of each stage of the networks vanilla, stacked and unet; none for their
            own.
        padding: how convolutions continue past the first and the last column: "azimuth" wraps
            around the borehole; "zero" is the same network without that knowledge.
        loss: loss on the logits: a name, or a function of masks (1 marked, 0 not, -1 unlabelled)
            and logits.
        variation: how training images vary: "usual" rolls, mirrors, scales them and adds noise;
            "none" leaves them as they are; or a function of (images, masks, seed).
        epochs: largest number of epochs.
        patches_per_epoch: number of patches that are drawn in an epoch.
        batch_size: number of patches in a batch.
        learning_rate: initial step size of the Adam optimiser; it falls to 0 along a cosine.
        patience: number of epochs without a lower loss after which training stops.
        noise: standard deviation of the noise that the usual variation adds, in units of the
            spread of a well.
        threshold: a sample is marked where its probability is above this, 0 to 1.
        hole_diameter: diameter of the hole in mm, for the dips of planes. None if unknown: dips are
            then apparent ones, of samples as high as they are wide.
        row_height: distance of two rows of the images along the hole, in mm; together with the
            diameter, or None.
        seed: seed of the initial weights, of dropout and of every random choice.

    Raises:
        ModelError: a name that is not known, or a number out of its range.
    """

    network: str | Callable = field(default="unet", metadata={"choices": NETWORKS})
    width: int = field(default=0, metadata={"range": Range(0, 4096)})
    filters: tuple[int, ...] = field(default=(), metadata={"range": Range(1, 4096)})
    padding: str = field(default="azimuth", metadata={"choices": PADDINGS})
    loss: str | Callable = field(default="dice-bce", metadata={"choices": LOSSES})
    variation: Any = field(default="usual", metadata={"choices": VARIATIONS})
    epochs: int = field(default=30, metadata={"range": COUNTS})
    patches_per_epoch: int = field(default=1024, metadata={"range": COUNTS})
    batch_size: int = field(default=32, metadata={"range": COUNTS})
    learning_rate: float = field(default=2e-3, metadata={"range": RATES})
    patience: int = field(default=10, metadata={"range": COUNTS})
    noise: float = field(default=0.1, metadata={"range": Range(0, 1000)})
    threshold: float = field(default=0.5, metadata={"range": Between(0, 1)})
    hole_diameter: float | None = field(default=None, metadata={"range": Between(0)})
    row_height: float | None = field(default=None, metadata={"range": Between(0)})
    seed: int = field(default=0, metadata={"range": SEEDS})

    def __post_init__(self) -> None:
        check_numbers(self)
        hole_of(self.hole_diameter, self.row_height)
        check_choice(self.network, NETWORKS, "network")
        check_choice(self.loss, LOSSES, "loss")
        check_choice(self.variation, VARIATIONS, "variation")
        if self.padding not in PADDINGS:
            raise ModelError(
                f"Expected padding {' or '.join(PADDINGS)}; got {self.padding!r}. Choose one."
            )
