"""Multiply-adds of any functional or sequential Keras model."""

from math import prod
from typing import Any

import keras

from tfseis.models.functional import functional
from tfseis.models.layer_needs import CONVOLUTIONS, DEPTHWISE, SEPARABLE, TRANSPOSED
from tfseis.models.receptive import nodes


def multiply_adds(model: keras.Model, shape: tuple[int, ...]) -> int:
    """Multiply-adds of the convolutions and dense layers of a network for one input.

    Args:
        model: a functional or sequential model.
        shape: shape of the input without batch, (axes.., channels).

    Returns:
        The number of multiplications, each of which goes with one addition.

    Examples:
        >>> inputs = keras.Input((None, None, 1))
        >>> model = keras.Model(inputs, keras.layers.Conv2D(2, 3, padding="same")(inputs))
        >>> multiply_adds(model, (10, 10, 1))
        1800
    """
    model = functional(model)
    specs = {id(model.inputs[0]): keras.KerasTensor((1, *shape), model.inputs[0].dtype)}
    total = 0
    for node in nodes(model):
        if node.is_input:
            continue
        given = [specs[id(t)] for t in node.input_tensors]
        arguments, words = node.arguments.fill_in(specs)
        results = keras.tree.flatten(node.operation.compute_output_spec(*arguments, **words))
        specs |= {id(t): result for t, result in zip(node.outputs, results, strict=True)}
        total += _multiplications(node.operation, given[0].shape[1:], results[0].shape[1:])
    return total


def _multiplications(operation: Any, before: tuple, after: tuple) -> int:
    if isinstance(operation, keras.Model):
        return multiply_adds(operation, before)
    if isinstance(operation, SEPARABLE):
        weights = operation.depthwise_kernel, operation.pointwise_kernel
        return prod(after[:-1]) * sum(prod(w.shape) for w in weights)
    if isinstance(operation, TRANSPOSED):
        return prod(before[:-1]) * prod(operation.kernel.shape)
    if isinstance(operation, (*CONVOLUTIONS, *DEPTHWISE, keras.layers.Dense)):
        return prod(after[:-1]) * prod(operation.kernel.shape)
    return 0
