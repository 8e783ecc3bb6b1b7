"""The network that a setting stands for, and whether a model to start from fits it."""

from typing import Any

import keras

from tfseis.errors import ModelError
from tfseis.jobs.faults.model import check_fault_network
from tfseis.models.cubes.networks import FAULT_NETWORKS
from tfseis.models.own import built
from tfseis.named import chosen, name_of

WINDOW_SHAPE = (None, None, None, 1)


def built_network(network: Any) -> keras.Model:
    """The untrained network that a setting stands for.

    Args:
        network: as `FaultSettings.network`.

    Returns:
        A functional model from (batch, inlines, crosslines, samples, 1) to logits.

    Raises:
        ModelError: an unknown name, or a network that gives no fault logits.
    """
    builder = chosen(network, FAULT_NETWORKS, "network")
    model = built(lambda: builder(WINDOW_SHAPE), name_of(network))
    check_fault_network(model)
    return model


def check_base(network: keras.Model, base: keras.Model, names: tuple[str, str]) -> None:
    """Refuse a model to start from whose weights do not fit the network.

    Args:
        network: the untrained network.
        base: the model to start from.
        names: what both are called, the base first.

    Raises:
        ModelError: their weights differ in number or shape.
    """
    shapes = [[weight.shape for weight in model.get_weights()] for model in (network, base)]
    if shapes[0] != shapes[1]:
        raise ModelError(
            f"Expected the network of the model to start from, {names[0]}; got {names[1]}. Leave "
            "--network out."
        )
