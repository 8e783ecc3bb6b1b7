"""The progress bar of a training."""

from math import inf
from typing import Any

from tqdm import tqdm

from tfseis.learning.fitting.training import Training

HIDDEN = ("epoch", "steps", "minutes", "learning_rate")


class ProgressBar:
    """One bar for a training, up to the limit of epochs or minutes that comes first.

    It says how long the rest takes by the time of the epochs so far; the first, in which a network
    is compiled, counts only while there is no other.

    Args:
        training: its limits.
        title: the words before the bar.
        shown: whether it is shown at all.
    """

    def __init__(self, training: Training, title: str, shown: bool) -> None:
        self.training = training
        self._first: tuple[int, float] | None = None
        self.bar = tqdm(
            total=1.0,
            desc=title,
            disable=not shown,
            bar_format="{desc}: |{bar}| {percentage:3.0f}%{postfix}",
        )

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.close()

    def move(self, row: dict[str, Any]) -> None:
        """Move to the end of an epoch and show its numbers.

        Args:
            row: the epoch's row of the history.
        """
        left = self.left(row["epoch"] + 1, row["minutes"])
        whole = row["minutes"] + left
        self.bar.update((row["minutes"] / whole if whole else 1.0) - self.bar.n)
        shown = [f"{name}={value:.3f}" for name, value in row.items() if name not in HIDDEN]
        self.bar.set_postfix_str(
            ", ".join([f"epoch {row['epoch'] + 1}", minutes_left(left), *shown])
        )

    def left(self, epochs: int, minutes: float) -> float:
        """Minutes until the end.

        Args:
            epochs: number of epochs that are over.
            minutes: minutes that they took.
        """
        known, spent = self._first or (0, 0.0)
        if self._first is None:
            self._first = epochs, minutes
        each = (minutes - spent) / max(epochs - known, 1)
        limit = inf if self.training.minutes is None else self.training.minutes - minutes
        return max(0.0, min(each * (self.training.epochs - epochs), limit))


def minutes_left(minutes: float) -> str:
    """How long something takes, for people.

    Examples:
        >>> minutes_left(0.3), minutes_left(7.4)
        ('less than 1 min left', 'about 7 min left')
    """
    return "less than 1 min left" if minutes < 1 else f"about {minutes:.0f} min left"
