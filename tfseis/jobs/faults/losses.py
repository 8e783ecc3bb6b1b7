"""Losses of fault networks by name, each made from the seed of the run."""

from collections.abc import Callable
from typing import Any

from tfseis.learning.losses.surfaces import (
    CrossentropyAndDice,
    balanced_crossentropy,
    fault_crossentropy,
    thin_dice,
)
from tfseis.learning.own import tried
from tfseis.named import chosen, name_of

FAULT_LOSSES: dict[str, Callable[[int], Callable]] = {
    "ce-dice": lambda seed: CrossentropyAndDice(seed, weights=(1.0,)),
    "ce-stochastic-dice": CrossentropyAndDice,
    "bce": lambda seed: fault_crossentropy,
    "balanced": lambda seed: balanced_crossentropy,
    "thin": lambda seed: thin_dice,
}


def fault_loss(loss: Any, seed: int) -> Callable:
    """The loss that a setting stands for.

    Args:
        loss: as `FaultSettings.loss`.
        seed: seed of the run, which named losses and classes of losses are made from.

    Returns:
        A function of labels and logits.

    Examples:
        >>> fault_loss("bce", 0) is fault_loss(fault_crossentropy, 0)
        True
        >>> fault_loss(CrossentropyAndDice, 3).seed
        3
    """
    found = chosen(loss, FAULT_LOSSES, "loss")
    named = isinstance(loss, str) and loss in FAULT_LOSSES
    if named or not isinstance(found, type):
        return found(seed) if named else found
    return tried(lambda: found(seed), f"the loss {name_of(loss)}", "a seed, since it is a class")
