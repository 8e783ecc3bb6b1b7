"""How the learning rate changes in the course of a training.

A rate takes the number of a step and the part of the training that is over, 0 to 1, and gives the
factor by which the largest learning rate is multiplied. Any function of that form will do. Those
here are dataclasses, so that the record of a run names them with their parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi
from typing import ClassVar

from tfseis.errors import ModelError

Rate = Callable[[int, float], float]


@dataclass(frozen=True)
class Plateau:
    """A constant rate after a short rise, and a descent to 0 along a cosine at the end.

    A run with this rate may go on with higher limits: it then takes up the full rate again.

    Args:
        warm_up: number of steps in which the rate rises from 0.
        descent: part of the training, at its end, in which the rate falls to 0; 0 to 1.

    Raises:
        ModelError: `descent` is not between 0 and 1.

    Examples:
        >>> rate = Plateau(warm_up=10)
        >>> [rate(step, part) for step, part in ((4, 0), (99, 0.75), (99, 1))]
        [0.5, 1.0, 0.0]
    """

    warm_up: int = 50
    descent: float = 0.25
    goes_on: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 <= self.descent <= 1:
            raise ModelError(f"Expected a descent from 0 to 1; got {self.descent}. Try 0.25.")

    def __call__(self, step: int, part: float) -> float:
        """The factor of a step."""
        rising = min(1.0, (step + 1) / max(self.warm_up, 1))
        left = min(1.0, (1 - part) / self.descent) if self.descent else 1.0
        return rising * (1 - cos(pi * left)) / 2


@dataclass(frozen=True)
class RiseAndFall:
    """A brief linear rise, and from there a fall to 0 along a cosine.

    Args:
        rise: part of the training in which the rate rises from 0; 0 to less than 1.

    Raises:
        ModelError: `rise` is not in that range.

    Examples:
        >>> rate = RiseAndFall(rise=0.03)
        >>> [rate(0, part) for part in (0, 0.03, 1)]
        [0.0, 1.0, 0.0]
    """

    rise: float = 0.03

    def __post_init__(self) -> None:
        if not 0 <= self.rise < 1:
            raise ModelError(f"Expected a rise from 0 to less than 1; got {self.rise}. Try 0.03.")

    def __call__(self, step: int, part: float) -> float:
        """The factor of a step; only the part counts."""
        if part < self.rise:
            return part / self.rise
        return (1 + cos(pi * (part - self.rise) / (1 - self.rise))) / 2
