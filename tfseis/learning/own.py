"""Losses and other functions of the user's, tried at the door: before anything is written."""

from collections.abc import Callable, Sequence
from typing import Any

import keras

from tfseis.errors import ModelError, TfseisError

Shape = Sequence[int | None]
TRACED = "in user code", "Could not automatically infer"  # lines above what a traced loss raised


class _Traced(keras.Operation):
    """A loss that Keras traces on shapes alone."""

    def __init__(self, loss: Callable) -> None:
        super().__init__()
        self.loss = loss

    def call(self, labels: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
        return self.loss(labels, logits)


def tried(function: Callable[[], Any], what: str, takes: str) -> Any:
    """What a function of the user's returns; what it raises is refused in one line.

    Args:
        function: calls it; takes nothing.
        what: what it is called in the message.
        takes: what it is given.

    Raises:
        ModelError: it fails.

    Examples:
        >>> tried(lambda: 3, "the loss mine:loss", "labels and logits")
        3
    """
    try:
        return function()
    except TfseisError:
        raise
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        cause = lines[-1 if lines[0].startswith(TRACED) else 0].strip()
        raise ModelError(
            f"Expected {what} to be a function of {takes}; it failed with {type(error).__name__}: "
            f"{cause}. Call it by itself to see where."
        ) from error


def check_loss(loss: Any, name: Any, labels: Shape, logits: Shape, *, dtype: str) -> None:
    """Refuse a loss that cannot be computed, by tracing it once on shapes alone.

    Nothing is computed, and no random number is drawn.

    Args:
        loss: function of labels and logits, or a Keras loss.
        name: what the loss is called in messages.
        labels: shape of the labels of a batch.
        logits: shape of what the network gives for it, float32.
        dtype: of the labels.

    Raises:
        ModelError: it is no function, it fails on these shapes, or it gives no number.
    """
    given = f"labels {tuple(labels)} and logits {tuple(logits)}"
    if not callable(loss):
        raise ModelError(
            f"Expected the loss {name} to be a function of labels and logits; got "
            f"{type(loss).__name__}. Give a function or a keras.losses.Loss."
        )
    tensors = keras.KerasTensor(labels, dtype), keras.KerasTensor(logits, "float32")
    trace = _Traced(loss).compute_output_spec
    found = tried(lambda: trace(*tensors), f"the loss {name}", given)
    if not (isinstance(found, keras.KerasTensor) and "float" in found.dtype):
        kind = getattr(found, "dtype", type(found).__name__)
        raise ModelError(
            f"Expected the loss {name} to return one number, float32; got {kind} for {given}. "
            "Return the mean over the labelled samples, made with keras.ops."
        )


def check_kept(found: Any, shapes: Sequence[Shape], what: str, takes: str) -> None:
    """Refuse a variation that does not return what it was given in the same shapes.

    Args:
        found: what it returned.
        shapes: shapes of what it was given.
        what: what it is called in the message.
        takes: what it was given.

    Raises:
        ModelError: another number of arrays, or other shapes.
    """
    pair = isinstance(found, (tuple, list)) and len(found) == len(shapes)
    got = [tuple(getattr(one, "shape", ())) for one in found] if pair else type(found).__name__
    if got != [tuple(shape) for shape in shapes]:
        raise ModelError(
            f"Expected {what} to return {takes} of the shapes {_listed(shapes)} that it was given; "
            f"got {got if isinstance(got, str) else _listed(got)}. Keep them."
        )


def _listed(shapes: Sequence[Shape]) -> str:
    return " and ".join(str(tuple(shape)) for shape in shapes)
