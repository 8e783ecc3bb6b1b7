"""The progress bar of a training."""

from typing import Any

from tqdm import tqdm

from tfseis.learning.fitting.training import Training

HIDDEN = ("epoch", "steps", "minutes", "learning_rate")


class ProgressBar:
    """One bar for a training; it counts minutes where there is a time limit, else epochs.

    Args:
        training: its limits.
        title: the words before the bar.
        shown: whether it is shown at all.
    """

    def __init__(self, training: Training, title: str, shown: bool) -> None:
        self.unit = "minutes" if training.minutes else "epochs"
        self.bar = tqdm(
            total=training.minutes or training.epochs,
            desc=title,
            disable=not shown,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} "
            + f"{self.unit}{{postfix}}",
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
        done = row["minutes"] if self.unit == "minutes" else row["epoch"] + 1
        self.bar.update(done - self.bar.n)
        shown = {name: value for name, value in row.items() if name not in HIDDEN}
        self.bar.set_postfix({name: f"{value:.3f}" for name, value in shown.items()})
