"""How a fault network is built and trained."""

from collections.abc import Callable
from dataclasses import dataclass

from tfseis.data.synthetic import FAULT_LAWS
from tfseis.errors import ModelError
from tfseis.jobs.faults.variation import Augmentation
from tfseis.learning.fitting.timed_fit import TimedTraining
from tfseis.learning.losses.surfaces import (
    CrossentropyAndDice,
    balanced_crossentropy,
    fault_crossentropy,
    thin_dice,
)
from tfseis.models.cubes.networks import FAULT_NETWORKS

PRECISIONS = ("float32", "mixed_bfloat16")
LOSSES: dict[str, Callable[[int], Callable]] = {  # by name, from the seed
    "ce-dice": lambda seed: CrossentropyAndDice(seed, weights=(1.0,)),
    "ce-stochastic-dice": CrossentropyAndDice,
    "bce": lambda seed: fault_crossentropy,
    "balanced": lambda seed: balanced_crossentropy,
    "thin": lambda seed: thin_dice,
}
# Synthetic faults have any strike already; turning by odd angles would mirror a crop's borders.
# Stretching time lets the network meet longer wavelets than the laws have, or finer sampling.
VARIED = Augmentation(rotate=0.0, stretch=0.4, factors=(0.8, 2.4))
SMALLEST_CROP = 16
EPOCHS, ENDLESS = 200, 10**6


@dataclass(frozen=True, kw_only=True)
class FaultSettings:
    """How a fault network is built and trained.

    Args:
        network: one of `tfseis.models.FAULT_NETWORKS`.
        crop_size: samples along each axis of a training crop, at least 16.
        batch_size: crops in a batch.
        loss: "ce-dice" (cross-entropy plus Dice), "ce-stochastic-dice", "bce", "balanced", "thin".
        learning_rate: of Adam.
        epochs: at most, everything being saved after each; None for 200, or as many as the minutes
            allow where they are given.
        steps: batches in an epoch.
        minutes: of training at most, earlier runs included; None for no limit.
        score_minutes: between two scores on cubes that do not train.
        laws: that synthetic surveys follow.
        survey_size: samples along each axis of the usual synthetic survey.
        salty: part of the synthetic surveys that hold salt, 0 to 1: more than the laws have by
            themselves, since its flanks look like faults and are met rarely.
        varied: whether crops vary.
        deep: whether each level of a "ds" network has a loss of its own.
        temperature: of the teacher, if there is one.
        teacher_share: weight of what the teacher says; what is labelled weighs 1.
        teacher_dropout: whether the teacher runs with its dropout.
        student_noise: deviation of noise in what the student sees and the teacher does not.
        precision: of the training: "float32", or "mixed_bfloat16", faster where the processor
            knows it.
        seed: of everything random.

    Raises:
        ModelError: a name that is not known, or a size that is too small.
    """

    network: str = "light"
    crop_size: int = 64
    batch_size: int = 2
    loss: str = "ce-dice"
    learning_rate: float = 1e-3
    epochs: int | None = None
    steps: int = 50
    minutes: float | None = None
    score_minutes: float = 15.0
    laws: tuple[str, ...] = tuple(FAULT_LAWS)
    survey_size: int = 128
    salty: float = 0.25
    varied: bool = True
    deep: bool = False
    temperature: float = 1.0
    teacher_share: float = 1.0
    teacher_dropout: bool = False
    student_noise: float = 0.0
    precision: str = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        known = {
            "network": tuple(FAULT_NETWORKS), "loss": tuple(LOSSES), "precision": PRECISIONS,
        }  # fmt: skip
        for name, choices in known.items():
            if getattr(self, name) not in choices:
                raise ModelError(
                    f"Expected {name} among {', '.join(choices)}; got {getattr(self, name)!r}. "
                    "Choose one of these."
                )
        if not self.laws or not set(self.laws) <= set(FAULT_LAWS):
            raise ModelError(
                f"Expected laws among {', '.join(FAULT_LAWS)}; got {', '.join(self.laws)}. "
                "Choose one or more."
            )
        if self.deep and not self.network.startswith("ds"):
            raise ModelError(
                f"Expected a network with losses at its levels, ds8, ds16 or ds32; got "
                f"{self.network!r}. Choose one of these, or leave --deep out."
            )
        if self.crop_size < SMALLEST_CROP or self.batch_size < 1:
            raise ModelError(
                f"Expected crops of at least {SMALLEST_CROP} samples a side and a batch of at "
                f"least 1; got {self.crop_size} and {self.batch_size}. Raise the smaller one."
            )

    @property
    def training(self) -> TimedTraining:
        """The part that `tfseis.learning.fit_timed` needs."""
        return TimedTraining(
            epochs=self.epochs or (ENDLESS if self.minutes else EPOCHS),
            steps=self.steps,
            minutes=self.minutes,
            score_minutes=self.score_minutes,
            learning_rate=self.learning_rate,
            seed=self.seed,
        )

    @property
    def crop_shape(self) -> tuple[int, int, int]:
        """(inlines, crosslines, samples)."""
        return (self.crop_size, self.crop_size, self.crop_size)
