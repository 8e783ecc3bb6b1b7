"""The clock of a training, which goes on where an interrupted run stopped."""

import time
from collections.abc import Callable

from tfseis.learning.fitting.training import Training


class Clock:
    """How much of a training is over, by steps or by minutes, whichever is more.

    Args:
        training: its limits.
        minutes: minutes of training in earlier runs.
        agreed: from the minutes here to those that count, for processes that train together.
    """

    def __init__(
        self, training: Training, minutes: float = 0.0, agreed: Callable[[float], float] = float
    ) -> None:
        self.training, self.began = training, time.monotonic() - 60 * minutes
        self._agreed = agreed

    @property
    def minutes(self) -> float:
        """Spent so far, earlier runs included."""
        return self._agreed((time.monotonic() - self.began) / 60)

    def part(self, step: int) -> float:
        """The part of the training that is over before a step, 0 to 1."""
        steps = step / (self.training.epochs * self.training.steps)
        limit = self.training.minutes
        return min(1.0, max(steps, self.minutes / limit if limit else 0.0))

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        limit = self.training.minutes
        return limit is not None and self.minutes >= limit
