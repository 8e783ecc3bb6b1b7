"""How a salt network is built and trained; loads no Keras."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tfseis.errors import ModelError
from tfseis.fields import COUNTS, MINUTES, RATES, SEEDS, Range, check_batch, check_numbers
from tfseis.named import check_choice

LIGHT = "light"
CHANNELS = ("image", "depth", "coordinate")
DECODERS = ("unet", "unet-scse", "fpn", "linknet", "pspnet")
LOSSES = ("crossentropy-lovasz", "crossentropy", "dice", "focal", "jaccard", "lovasz")
PREPARATIONS = ("pad", "resize")
PRECISIONS = ("float32", "mixed_bfloat16")
VARIATIONS = ("usual", "none")


@dataclass(frozen=True, kw_only=True)
class SaltSettings:
    """How a salt network is built and trained.

    Args:
        network: architecture of the network: "light", which trains from scratch on a processor; the
            name of a pretrained encoder, see `tfseis backbones`; or a function that takes the shape
            of one input, (rows, columns, channels), and returns a Keras model with one logit a
            pixel.
        weights: weights of the pretrained encoder: "imagenet", the path of a file, or "none" for
            random ones.
        decoder: decoder on the pretrained encoder.
        loss: loss on the logits: "crossentropy-lovasz" begins as cross-entropy and becomes the
            Lovasz hinge; other names are used alone; or a function of masks (0 or 1) and logits.
        variation: how training images vary: "usual" mirrors, shifts, scales, shears, bends and
            brightens them; "none" leaves them as they are; or an `ImageVariation`.
        preparation: how images get the size that the network sees: "pad" by reflection, or
            "resize".
        size: rows and columns that the network sees; 112 (light) or 128 if it is not given.
        channels: channels of the input; depth in km is known from depths.csv, coordinate runs from
            0 in the first row to 1 in the last.
        folds: number of parts into which the images are divided.
        networks: number of networks to train, each on all parts but one; one for each part if it is
            not given.
        epochs: largest number of epochs of each network.
        minutes: longest training in minutes, all networks together; no limit if it is not given.
        batch_size: number of images in a batch.
        learning_rate: largest step size of the AdamW optimiser; it rises briefly and then falls to
            0 along a cosine.
        patience: number of epochs without a better score after which a training stops.
        precision: numeric precision of the training; "mixed_bfloat16" is faster where the processor
            supports it.
        seed: seed of the initial weights, of dropout and of every random choice.

    Raises:
        ModelError: a name that is not known, or a number out of its range.
    """

    network: str | Callable = LIGHT
    weights: str | None = "imagenet"
    decoder: str = field(default="unet", metadata={"choices": DECODERS})
    loss: str | Callable = field(default=LOSSES[0], metadata={"choices": LOSSES})
    variation: Any = field(default="usual", metadata={"choices": VARIATIONS})
    preparation: str = field(default="pad", metadata={"choices": PREPARATIONS})
    size: int | None = field(default=None, metadata={"range": Range(16, 4096)})
    channels: tuple[str, ...] = field(default=CHANNELS, metadata={"choices": CHANNELS})
    folds: int = field(default=5, metadata={"range": Range(2, 1000)})
    networks: int | None = field(default=None, metadata={"range": COUNTS})
    epochs: int = field(default=60, metadata={"range": COUNTS})
    minutes: float | None = field(default=None, metadata={"range": MINUTES})
    batch_size: int = field(default=16, metadata={"range": COUNTS})
    learning_rate: float = field(default=2e-3, metadata={"range": RATES})
    patience: int = field(default=20, metadata={"range": COUNTS})
    precision: str = field(default="float32", metadata={"choices": PRECISIONS})
    seed: int = field(default=0, metadata={"range": SEEDS})

    def __post_init__(self) -> None:
        check_numbers(self)
        check_choice(self.loss, LOSSES, "loss")
        check_choice(self.variation, VARIATIONS, "variation")
        for name, choices in (("precision", PRECISIONS), ("decoder", DECODERS)):
            if getattr(self, name) not in choices:
                raise ModelError(
                    f"Expected {name} {' or '.join(choices)}; got {getattr(self, name)!r}. Choose "
                    "one of these."
                )
        if self.networks is not None and not 1 <= self.networks <= self.folds:
            raise ModelError(
                f"Expected 1 to {self.folds} networks, one a fold; got {self.networks}. "
                "Leave it out to train all."
            )
        check_batch((self.batch_size, self.size or 1, self.size or 1, len(self.channels)))
