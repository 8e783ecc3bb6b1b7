"""How a gather network is built and trained; loads no Keras."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tfseis.errors import ModelError
from tfseis.fields import COUNTS, RATES, SEEDS, Range, check_batch, check_numbers
from tfseis.named import check_choice

NETWORKS = ("unet", "autoencoder")
CHANNELS = (
    "amplitude",
    "offset",
    "time",
    "envelope",
    "phase",
    "frequency",
    "band8",
    "band16",
    "band32",
    "band64",
)
LOSSES = ("square", "absolute", "orthogonal")
VARIATIONS = ("usual", "none")
BLIND_TRACE, BLIND_SPOT, INPUT = "blind-trace", "blind-spot", "input"
LEARN = (BLIND_TRACE, BLIND_SPOT, INPUT)
SPLITS = ("gather", "line")


@dataclass(frozen=True, kw_only=True)
class GatherSettings:
    """How a gather network is built and trained.

    Args:
        network: architecture of the network: a name, or a function that takes the shape of a
            window, (None, None, channels), and returns a Keras model with one amplitude a sample,
            that without noise; the first input channel is the amplitude with noise.
        filters: number of filters at each level of a network given by name; none for its own.
        channels: channels of the input, names of `tfseis.jobs.gathers.GATHER_CHANNELS`, amplitude
            first.
        learn: what is predicted of real gathers: "blind-trace" hides whole traces, "blind-spot"
            single samples; "input" hides nothing, as autoencoders are trained.
        size: number of traces and of samples of a training patch.
        samples: number of samples of a synthetic trace.
        loss: loss on the amplitudes: a name; a function of targets (batch, traces, samples, 3) and
            outputs (batch, traces, samples, 1), see `tfseis.learning.losses.denoising`; a Keras
            loss; or a class of losses, which is called with the seed. None for "orthogonal" on
            synthetic gathers, whose noise is known to be none of the signal, and "square" on real
            ones.
        variation: how real gathers vary: "usual" changes the polarity of half of them; "none"
            leaves them as they are; or a function that takes a gather and random numbers and
            returns a gather of the same shape. Synthetic gathers vary by themselves.
        split: what is held out and scored: the last "gather"s, or the last "line"s.
        epochs: largest number of epochs.
        patches_per_epoch: number of patches that are drawn in an epoch.
        batch_size: number of patches in a batch.
        learning_rate: initial step size of the Adam optimiser; it falls to 0 along a cosine.
        patience: number of epochs without a lower loss after which training stops.
        seed: seed of the initial weights, of dropout and of every random choice.

    Raises:
        ModelError: a name that is not known, or a size that is too small.
    """

    network: str | Callable = field(default="unet", metadata={"choices": NETWORKS})
    filters: tuple[int, ...] = field(default=(), metadata={"range": Range(1, 4096)})
    channels: tuple[str, ...] = field(default=("amplitude",), metadata={"choices": CHANNELS})
    learn: str = field(default=BLIND_TRACE, metadata={"choices": LEARN})
    size: tuple[int, int] = field(default=(48, 128), metadata={"range": Range(4, 8192)})
    samples: int = field(default=512, metadata={"range": Range(32, 100_000)})
    loss: str | Callable | None = field(default=None, metadata={"choices": LOSSES})
    variation: Any = field(default="usual", metadata={"choices": VARIATIONS})
    split: str = field(default="gather", metadata={"choices": SPLITS})
    epochs: int = field(default=40, metadata={"range": COUNTS})
    patches_per_epoch: int = field(default=2048, metadata={"range": COUNTS})
    batch_size: int = field(default=16, metadata={"range": COUNTS})
    learning_rate: float = field(default=4e-3, metadata={"range": RATES})
    patience: int = field(default=20, metadata={"range": COUNTS})
    seed: int = field(default=0, metadata={"range": SEEDS})

    def __post_init__(self) -> None:
        check_numbers(self)
        check_choice(self.network, NETWORKS, "network")
        check_choice(self.loss, LOSSES, "loss")
        check_choice(self.variation, VARIATIONS, "variation")
        for name, known in (("learn", LEARN), ("split", SPLITS)):
            value = getattr(self, name)
            if value not in known:
                raise ModelError(f"Expected {name} {', '.join(known)}; got {value!r}. Choose one.")
        if self.filters and self.network not in NETWORKS:
            raise ModelError(
                f"Expected filters for {' or '.join(NETWORKS)} alone; got {self.filters} for a "
                "network of another kind. Leave --filters out, and set them in its function."
            )
        check_channels(self.channels)
        check_batch((self.batch_size, *self.size, len(self.channels)))


def check_channels(names: Sequence[str]) -> None:
    """Refuse channels that are not known, or of which amplitude is not the first.

    Raises:
        ModelError: such channels, or one of them twice.
    """
    unknown = [name for name in names if name not in CHANNELS]
    if unknown or not names or names[0] != "amplitude" or len(set(names)) < len(names):
        raise ModelError(
            f"Expected different channels among {', '.join(CHANNELS)}, amplitude first; got "
            f"{', '.join(names) or 'none'}. Change the list."
        )
