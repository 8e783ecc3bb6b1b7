"""A 3D U-Net with up-sampling and the convolution after it in one step: the same with less work.

A 3 x 3 x 3 convolution over values that were repeated twice along each axis multiplies equal values
by several weights: of its 27 products a sample, 8 have different values. It therefore equals a
transposed convolution of 4 x 4 x 4 with stride 2, whose weights are sums of the old ones. Nothing
is approximated; only rounding differs.
"""

from typing import Any

import keras
import numpy as np
from keras import layers

from tfseis.models.cubes.blocks3d import CropTo
from tfseis.models.functional import functional
from tfseis.models.receptive import nodes

NAME = "merged"


def merged(model: keras.Model, shape: tuple[int | None, ...]) -> keras.Model:
    """The same network with each up-sampling by 2 merged with the convolution after it.

    Args:
        model: a functional or sequential network over cubes, (batch, inlines, crosslines, samples,
            channels).
        shape: shape of its input with batch and channels. None is any size that is a multiple of
            what the poolings need.

    Returns:
        A network that gives the same logits. Where the up-sampled cube is known to be cut to an
        odd size, both steps stay.
    """
    model = functional(model)
    inputs = keras.Input(batch_shape=shape, name=f"{NAME}_input")
    known = {id(model.inputs[0]): inputs}  # tensors of the old network -> of the new one
    for node in nodes(model):
        if node.is_input:
            continue
        parts = _parts(node, known)
        if any(doubled for _, doubled in parts):
            found = _convolved(node.operation, parts, known)
        else:
            arguments, options = node.arguments.fill_in(known)
            found = node.operation(*arguments, **options)
        for old, new in zip(node.outputs, keras.tree.flatten(found), strict=True):
            known[id(old)] = new
    return keras.Model(inputs, known[id(model.outputs[0])], name=model.name)


Part = tuple[Any, bool]  # a tensor of the old network, and whether it is up-sampled first


def _parts(node: Any, known: dict[int, Any]) -> list[Part]:
    """The tensors that a 3 x 3 x 3 convolution takes, concatenated; empty for other layers."""
    layer = node.operation
    plain = isinstance(layer, layers.Conv3D) and not isinstance(layer, layers.Conv3DTranspose)
    if not plain or layer.padding != "same" or layer.groups != 1:
        return []
    if {*layer.kernel_size} != {3} or {*layer.strides, *layer.dilation_rate} != {1}:
        return []
    made = _made_by(node.input_tensors[0])
    together = made is not None and isinstance(made.operation, layers.Concatenate)
    return [_part(t, known) for t in (made.input_tensors if together else node.input_tensors)]


def _part(tensor: Any, known: dict[int, Any]) -> Part:
    """The tensor that was up-sampled to make this one, or this one."""
    made = _made_by(tensor)
    if made is not None and isinstance(made.operation, CropTo):
        whole, like = made.input_tensors
        if known[id(whole)].shape[1:4] != known[id(like)].shape[1:4]:
            return tensor, False  # one sample is cut off
        made = _made_by(whole)
    doubling = made is not None and isinstance(made.operation, layers.UpSampling3D)
    if doubling and {*made.operation.size} == {2}:
        return made.input_tensors[0], True
    return tensor, False


def _made_by(tensor: Any) -> Any:
    """The call that a tensor came from; None for an input."""
    history = tensor._keras_history
    node = history.operation._inbound_nodes[history.node_index]
    return None if node.is_input else node


def _convolved(layer: Any, parts: list[Part], known: dict[int, Any]) -> Any:
    """The convolution as a sum of convolutions over each concatenated tensor."""
    name = f"{NAME}_{len(known)}"  # names that Keras gives may exist in a loaded model
    kernel, *bias = (np.asarray(weight) for weight in layer.get_weights())
    sums: list[Any] = []
    first = 0
    for tensor, doubled in parts:
        x = known[id(tensor)]
        own = kernel[:, :, :, first : first + x.shape[-1]]
        first += x.shape[-1]
        last = bool(bias) and first == kernel.shape[3]
        options = {"padding": "same", "use_bias": last, "name": f"{name}_{len(sums)}"}
        if doubled:
            new = layers.Conv3DTranspose(layer.filters, 4, 2, **options)
            own = _spread(own).swapaxes(3, 4)  # (4, 4, 4, outputs, inputs)
        else:
            new = layers.Conv3D(layer.filters, 3, **options)
        sums.append(new(x))
        new.set_weights([own, *bias] if last else [own])
    return layer.activation(layers.Add(name=name)(sums) if len(sums) > 1 else sums[0])


def _spread(kernel: np.ndarray) -> np.ndarray:
    """Weights (4, 4, 4, ..) of the transposed convolution, from (3, 3, 3, ..)."""
    for axis in range(3):
        turned = np.flip(kernel, axis)
        ahead, behind = ([(0, 0)] * kernel.ndim for _ in range(2))
        ahead[axis], behind[axis] = (0, 1), (1, 0)
        kernel = np.pad(turned, ahead) + np.pad(turned, behind)
    return kernel
