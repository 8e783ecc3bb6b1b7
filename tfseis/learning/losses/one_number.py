"""Losses that give one number for a whole batch, as Keras reduces them.

Where several devices train together, Keras divides what it reduces by their number, and leaves a
loss that is one number already as it is: its gradient would be that of all devices added up.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import keras
import numpy as np
from keras import ops

PACKAGE = "tfseis"
KNOWN: dict[str, "BatchLoss"] = {}


@keras.saving.register_keras_serializable(PACKAGE)
class BatchLoss(keras.losses.Loss):
    """A function of targets and outputs that returns one number for a batch, as a loss of Keras.

    Call it as the function. With several devices it is the mean of their losses.

    Args:
        function: function of (targets, outputs) that returns a scalar.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(name=function.__name__)
        update_wrapper(self, function)
        self.function = function

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss, a scalar; one number, in place of weights, is an argument of the function."""
        if sample_weight is not None and np.ndim(sample_weight) == 0:
            return self.function(y_true, y_pred, sample_weight)
        return super().__call__(y_true, y_pred, sample_weight)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss, (1,): a shape that Keras reduces."""
        if len(y_pred.shape) == len(y_true.shape) + 1 and y_pred.shape[-1] == 1:
            y_true = ops.expand_dims(y_true, -1)  # as Keras does for functions
        return ops.reshape(self.function(y_true, y_pred), (1,))

    def get_config(self) -> dict[str, Any]:
        """The name of the function."""
        return {"function": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "BatchLoss":
        """The loss that `get_config` names."""
        return KNOWN[config["function"]]


def one_number(function: Callable[..., Any]) -> BatchLoss:
    """A loss of tfseis, under the name that saved models know.

    Args:
        function: function of (targets, outputs) that returns a scalar.
    """
    loss = BatchLoss(function)
    KNOWN[loss.name] = loss
    keras.saving.register_keras_serializable(PACKAGE, loss.name)(loss)
    return loss


def unreduced(loss: Callable[..., Any]) -> Callable[..., Any]:
    """What a loss computes before Keras averages it, for losses that are made of others.

    Args:
        loss: a function of (targets, outputs), or a loss of Keras.
    """
    return loss.call if isinstance(loss, keras.losses.Loss) else loss
