"""Networks that a function of the user's builds, checked at the door."""

from collections.abc import Callable
from typing import Any

import keras

from tfseis.errors import ModelError, TfseisError
from tfseis.models.functional import functional


def built(make: Callable[[], Any], name: Any) -> keras.Model:
    """Build a network, and refuse in one line what fails or is no model.

    Args:
        make: builds the network; takes nothing.
        name: what the network is called in messages.

    Returns:
        The functional model; a sequential one is converted.

    Raises:
        ModelError: the function fails, or returns something else than a Keras model.

    Examples:
        >>> chain = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        >>> built(lambda: chain, "mine").output_shape
        (None, 2)
    """
    try:
        model = make()
    except TfseisError:
        raise
    except Exception as error:
        cause = (str(error).strip().splitlines() or [""])[0]
        raise ModelError(
            f"Expected the network {name} to be a function that builds a Keras model; it failed "
            f"with {type(error).__name__}: {cause}. Call it by itself to see where."
        ) from error
    if not isinstance(model, keras.Model):
        raise ModelError(
            f"Expected {name} to return a Keras model; got {type(model).__name__}. Return "
            "keras.Model(inputs, logits)."
        )
    return functional(model)
