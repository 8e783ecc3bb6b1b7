"""How long and how fast a network trains, and which of its weights are delivered."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from math import inf
from typing import Any

import keras

from tfseis.errors import ModelError
from tfseis.learning.fitting.rates import Rate
from tfseis.named import check_choice, chosen, name_of

LARGEST_SEED = 2**32 - 1  # that NumPy takes
LOSS, SCORE, LAST = "loss", "score", "last"
BEST = (LOSS, SCORE, LAST)
LIMITS = ("epochs", "minutes", "score_minutes")
OPTIMIZERS: dict[str, Callable] = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "sgd": keras.optimizers.SGD,
}


@dataclass(frozen=True, kw_only=True)
class Training:
    """How long and how fast to train.

    Args:
        epochs: largest number of epochs; everything is saved after each.
        steps: number of batches in an epoch.
        minutes: time limit in minutes, interrupted runs included; it may end an epoch early, but
            never before its first step. None for no limit.
        learning_rate: largest step size of the optimizer.
        rate: how the step size changes: a function of the number of the step and the part of the
            training that is over, 0 to 1, that gives a factor of `learning_rate`, such as
            `tfseis.learning.Plateau` and `RiseAndFall`. None for Keras' fall to 0 along a cosine,
            which counts steps only.
        optimizer: "adam", "adamw", "sgd", a Keras optimizer class, or a function that takes
            learning_rate and, where they are set, weight_decay and clipnorm.
        weight_decay: weight decay of the optimizer; None for its own default.
        clipnorm: largest norm of the gradient of one weight array; None for no limit.
        memory: part of the averaged weights that one step keeps, 0 to 1, such as 0.998. Scores are
            taken from, and best weights chosen among, the averaged ones. None for no averaging.
        patience: number of epochs without an improvement of what `best` names after which training
            stops; None for no such limit.
        best: which weights are delivered: those of the epoch with the lowest training "loss" or
            with the highest "score", or the "last" ones.
        score_minutes: shortest time between two scores, in minutes; 0 to score after each epoch.
        seed: seed of weights and dropout, 0 to 2**32 - 1.

    Raises:
        ModelError: a value that cannot be; the message names it.
    """

    epochs: int
    steps: int
    minutes: float | None = None
    learning_rate: float = 1e-3
    rate: Rate | None = None
    optimizer: str | Callable = "adam"
    weight_decay: float | None = None
    clipnorm: float | None = None
    memory: float | None = None
    patience: int | None = None
    best: str = LOSS
    score_minutes: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        self._check_limits()
        if not 0 <= self.learning_rate < inf:
            raise ModelError(
                f"Expected a learning rate of 0 or more; got {self.learning_rate}. Try 1e-3."
            )
        if self.memory is not None and not 0 <= self.memory < 1:
            raise ModelError(
                f"Expected a memory from 0 to less than 1; got {self.memory}. Try 0.998."
            )
        if not 0 <= self.seed <= LARGEST_SEED:
            raise ModelError(
                f"Expected a seed from 0 to {LARGEST_SEED}; got {self.seed}. Choose another."
            )
        check_choice(self.optimizer, OPTIMIZERS, "optimizer")
        if self.best not in BEST:
            raise ModelError(
                f"Expected best among {', '.join(BEST)}; got {self.best!r}. Choose one of these."
            )

    def _check_limits(self) -> None:
        if min(self.epochs, self.steps) < 1:
            raise ModelError(
                f"Expected at least one epoch of one step; got {self.epochs} epochs of "
                f"{self.steps}. Raise the smaller one."
            )
        if self.minutes is not None and not self.minutes > 0:
            raise ModelError(
                f"Expected a time limit above 0 minutes; got {self.minutes}. Raise it, or leave it "
                "out for no limit."
            )
        if self.minutes is not None and self.rate is None:
            raise ModelError(
                "Expected a rate that follows the time, since there is a time limit; got none. "
                "Choose RiseAndFall() or Plateau()."
            )

    @property
    def identity(self) -> str:
        """What tells this training from others, without addresses of functions.

        Limits do not count where the rate allows a run to go on with higher ones.
        """
        free = LIMITS if getattr(self.rate, "goes_on", False) else ()
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in free}
        return ", ".join(f"{name} {_recorded(value)}" for name, value in values.items())

    def make_optimizer(self) -> keras.optimizers.Optimizer:
        """The optimizer, with its schedule where the rate counts steps only."""
        rate: Any = self.learning_rate
        if self.rate is None:
            steps = self.epochs * self.steps
            rate = keras.optimizers.schedules.CosineDecay(self.learning_rate, steps)
        wanted = {"weight_decay": self.weight_decay, "clipnorm": self.clipnorm}
        given = {name: value for name, value in wanted.items() if value is not None}
        return chosen(self.optimizer, OPTIMIZERS, "optimizer")(learning_rate=rate, **given)


def _recorded(value: Any) -> str:
    plain = value is None or isinstance(value, (str, int, float))
    parametrised = is_dataclass(value) and not isinstance(value, type)
    return str(value) if plain or parametrised else str(name_of(value))
