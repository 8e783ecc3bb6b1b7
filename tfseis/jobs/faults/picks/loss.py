"""The loss of batches of picked crops and synthetic ones: each crop counts the same."""

from collections.abc import Callable

from keras import KerasTensor


class EachCrop:
    """Mean of a loss over the crops of a batch.

    A picked crop has labels on one line, a synthetic one everywhere: in a mean over all samples
    picks would hardly count.

    Args:
        loss: takes labels and logits, and leaves out samples whose label is negative.
        count: number of crops in a batch.
    """

    def __init__(self, loss: Callable, count: int) -> None:
        self.loss, self.count = loss, count
        self.__name__ = "each_crop"

    def __call__(self, labels: KerasTensor, logits: KerasTensor) -> KerasTensor:
        """The mean, a scalar."""
        each = (slice(place, place + 1) for place in range(self.count))
        return sum(self.loss(labels[one], logits[one]) for one in each) / self.count
