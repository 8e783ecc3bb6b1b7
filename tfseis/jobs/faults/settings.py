"""How a fault network is built and trained; loads no Keras."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tfseis.errors import ModelError
from tfseis.fields import COUNTS, MINUTES, RATES, SEEDS, Between, Range, check_batch, check_numbers
from tfseis.named import check_choice

NETWORKS = (
    "light",
    "wide",
    "wu",
    "vnet",
    "vnet-modified",
    "res1",
    "res2",
    "ds8",
    "ds16",
    "ds32",
    "attention",
    "recurrent",
)
WITH_LEVELS = ("ds8", "ds16", "ds32")  # networks that also give logits of coarser levels
LOSSES = ("ce-dice", "ce-stochastic-dice", "bce", "balanced", "thin")
VARIATIONS = ("usual", "none")
GENERATORS = ("gaussian", "spectral", "rift")
KNOWN_GENERATORS = (*GENERATORS, "steep")  # long steep faults, and much that resembles faults
PRECISIONS = ("float32", "mixed_bfloat16")
SMALLEST_CROP = 16
RATE, STEPS = 1e-3, 50
PICKED_RATE, PICKED_STEPS = 3e-4, 10  # few steps from a trained model
PICKED_EPOCHS, PICKED_MINUTES = 5, 8.0


@dataclass(frozen=True, kw_only=True)
class FaultSettings:
    """How a fault network is built and trained.

    Args:
        network: architecture of the network: a name, or a function that takes the shape of a
            window, (None, None, None, 1), and returns a Keras model with one or two logits a
            sample; of two the second is that of a fault.
        crop_size: length of a training crop along each axis, in samples, at least 16.
        batch_size: number of crops in a batch.
        loss: loss on the logits: a name; a function of labels (1 fault, 0 none, negative where
            unknown) and logits; a Keras loss; or a class of losses, which is called with the seed.
        learning_rate: step size of the Adam optimiser; it rises from 0 at the start and falls to
            0 at the end. None for 0.001, and for 0.0003 where picked lines train.
        epochs: largest number of epochs; everything is saved after each. None for 200, or for as
            many as the minutes allow where these are given; for 5 where picked lines train.
        steps: number of batches in an epoch. None for 50, and for 10 where picked lines train.
        minutes: longest time of training in minutes, interrupted runs included; None for no limit,
            and for 8 where picked lines train, all trainings together.
        score_minutes: time in minutes between two scores on cubes that do not train.
        generators: generators of the synthetic surveys: names, or functions that take a shape and
            a keyword `seed` and return a `tfseis.data.synthetic.FaultSurvey`.
        survey_size: length of the usual synthetic survey along each axis, in samples.
        salty: share of the synthetic surveys with salt, 0 to 1, for generators given by name. The
            flanks of salt look like faults, and few surveys would hold salt otherwise.
        variation: how training crops vary: "usual" turns and mirrors them about the vertical and
            changes amplitudes, wavelets and noise; "none" leaves them as they are; or a
            `tfseis.jobs.faults.Variation`, or a function of (amplitude, faults, rng).
        deep: whether the coarser levels of the network have a loss of their own; the networks
            ds8, ds16 and ds32 have such levels.
        temperature: divides the logits of teacher and student before they are compared.
        teacher_share: weight of the loss against the teacher; the loss against labels weighs 1.
        teacher_dropout: whether the teacher predicts with its dropout switched on.
        student_noise: standard deviation of the noise that is added to what the student sees, in
            units of the scaled amplitudes.
        precision: numeric precision of training: "float32", or "mixed_bfloat16", which is faster
            on processors that support it.
        seed: seed of the initial weights, of dropout and of every random choice.

    Raises:
        ModelError: a name that is not known, or a size that is too small.
    """

    network: str | Callable = field(default="light", metadata={"choices": NETWORKS})
    crop_size: int = field(default=64, metadata={"range": Range(SMALLEST_CROP, 1024)})
    batch_size: int = field(default=2, metadata={"range": COUNTS})
    loss: str | Callable = field(default="ce-dice", metadata={"choices": LOSSES})
    learning_rate: float | None = field(default=None, metadata={"range": RATES})
    epochs: int | None = field(default=None, metadata={"range": COUNTS})
    steps: int | None = field(default=None, metadata={"range": COUNTS})
    minutes: float | None = field(default=None, metadata={"range": MINUTES})
    score_minutes: float = field(default=15.0, metadata={"range": Range(0, 1e12)})
    generators: tuple[str | Callable, ...] = field(
        default=GENERATORS, metadata={"choices": KNOWN_GENERATORS}
    )
    survey_size: int = field(default=128, metadata={"range": Range(8, 1024)})
    salty: float = field(default=0.25, metadata={"range": Range(0, 1)})
    variation: Any = field(default="usual", metadata={"choices": VARIATIONS})
    deep: bool = False
    temperature: float = field(default=1.0, metadata={"range": Between(0, 1e6)})
    teacher_share: float = field(default=1.0, metadata={"range": Range(0, 1e6)})
    teacher_dropout: bool = False
    student_noise: float = field(default=0.0, metadata={"range": Range(0, 1000)})
    precision: str = field(default="float32", metadata={"choices": PRECISIONS})
    seed: int = field(default=0, metadata={"range": SEEDS})

    def __post_init__(self) -> None:
        check_numbers(self)
        check_choice(self.network, NETWORKS, "network")
        check_choice(self.loss, LOSSES, "loss")
        check_choice(self.variation, VARIATIONS, "variation")
        if not self.generators:
            raise ModelError(
                f"Expected generators among {', '.join(KNOWN_GENERATORS)}; got none. Choose some."
            )
        for generator in self.generators:
            check_choice(generator, KNOWN_GENERATORS, "generators")
        if self.precision not in PRECISIONS:
            raise ModelError(
                f"Expected precision among {', '.join(PRECISIONS)}; got {self.precision!r}. "
                "Choose one of these."
            )
        if self.deep and self.network in NETWORKS and self.network not in WITH_LEVELS:
            raise ModelError(
                f"Expected a network with losses at its levels, {', '.join(WITH_LEVELS)}; got "
                f"{self.network!r}. Choose one of these, or leave --deep out."
            )
        check_batch((self.batch_size, *self.crop_shape))

    @property
    def crop_shape(self) -> tuple[int, int, int]:
        """Shape of a training crop, (inlines, crosslines, samples)."""
        return (self.crop_size, self.crop_size, self.crop_size)

    def completed(self, *, picked: bool) -> "FaultSettings":
        """The settings with numbers for those that depend on what trains.

        Args:
            picked: whether picked lines train.

        Examples:
            >>> FaultSettings().completed(picked=False).learning_rate
            0.001
        """
        rate, steps = (PICKED_RATE, PICKED_STEPS) if picked else (RATE, STEPS)
        found = replace(
            self,
            learning_rate=_given(self.learning_rate, rate),
            steps=_given(self.steps, steps),
        )
        if not picked:
            return found
        epochs, minutes = _given(self.epochs, PICKED_EPOCHS), _given(self.minutes, PICKED_MINUTES)
        return replace(found, epochs=epochs, minutes=minutes)


def _given(value: Any, usual: Any) -> Any:
    return usual if value is None else value
