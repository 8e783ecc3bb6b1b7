"""A patch classifier turned into the fully convolutional network that gives the same answers.

The classifier looks at a crop through valid convolutions and poolings of stride 2. Evaluated at
every sample of a section at once, pooling keeps its window but moves by one sample, the layers
after it are dilated by 2, and a dense layer is a convolution over what is left of the crop.

Source: Giusti et al. 2013, Fast image scanning with deep max-pooling convolutional neural
networks, https://arxiv.org/abs/1302.1700; Li et al. 2014, https://arxiv.org/abs/1412.4526.
Differs from it: batch normalisation is folded into the convolution before it.
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from tfseis.errors import ModelError
from tfseis.models.functional import functional
from tfseis.models.receptive import nodes
from tfseis.models.recipe import RecipeLayer
from tfseis.models.sections.blocks import DenseMaxPooling

CONVOLUTIONS = {2: layers.Conv2D, 3: layers.Conv3D}
CROPPINGS = {2: layers.Cropping2D, 3: layers.Cropping3D}


def dense_model(model: keras.Model) -> keras.Model:
    """Build the fully convolutional network that equals a patch classifier at every sample.

    Args:
        model: functional or sequential model from crops (batch, size, .., channels) to (batch,
            classes): a chain of `valid` convolutions, batch normalisations, activations,
            max-poolings, dropouts, one Flatten and dense layers, as
            `tfseis.models.patch_classifier` builds.

    Returns:
        Model from (batch, rows, .., channels) of any size to
        (batch, rows - size + 1, .., classes); index i holds what the classifier gives for the crop
        that begins at i.

    Raises:
        ModelError: a layer cannot be evaluated densely; the message names it and says why.
    """
    model = functional(model)
    sizes = model.input_shape[1:-1]
    if len(set(sizes)) != 1 or sizes[0] is None:
        raise ModelError(
            f"Dense evaluation expected crops of one size along every axis; got {sizes}. "
            "Build the classifier with a square or cubic crop."
        )
    inputs = keras.Input((*[None] * len(sizes), model.input_shape[-1]), name="section")
    state = _State(inputs, left=sizes[0])
    for layer in _chain(model):
        for kinds, add in _STEPS:
            if isinstance(layer, kinds):
                add(layer, state)
                break
        else:
            raise ModelError(
                f"Dense evaluation expected valid convolutions, max-poolings and dense layers; got "
                f"{layer.name!r} ({type(layer).__name__}). Predict crop by crop instead."
            )
    unseen = sizes[0] - 1 - state.lost  # samples at the end of a crop that no pooling sees
    if unseen:
        state.x = CROPPINGS[len(sizes)](((0, unseen),) * len(sizes))(state.x)
    return keras.Model(inputs, state.x, name=f"dense_{model.name}")


@dataclass
class _State:
    """The network as far as it has been built."""

    x: keras.KerasTensor
    left: int  # samples that the crop still has along an axis
    dilation: int = 1  # samples of the section between neighbours of the crop
    lost: int = 0  # samples by which an axis of the section has shrunk
    foldable: layers.Layer | None = None  # a convolution that a norm right behind it may scale


def _chain(model: keras.Model) -> list[layers.Layer]:
    """The layers of a model in the order of the data, without its input."""
    calls = [node for node in nodes(model) if not node.is_input]
    chain = [node.operation for node in calls]
    for node in calls:
        if chain.count(node.operation) > 1 or len(node.input_tensors) > 1:
            raise ModelError(
                f"Dense evaluation expected one chain of layers; {node.operation.name!r} has "
                "several inputs. Predict crop by crop instead."
            )
    return chain


def _add_convolution(layer: layers.Layer, state: _State) -> None:
    if layer.padding != "valid":
        raise ModelError(
            f"Dense evaluation expected padding 'valid'; {layer.name!r} has {layer.padding!r}, so "
            "what a sample is told depends on where the crop ends. Use 'valid' convolutions, or "
            "predict crop by crop."
        )
    if set((*layer.strides, *layer.dilation_rate)) != {1} or len(set(layer.kernel_size)) != 1:
        raise ModelError(
            f"Dense evaluation expected equal kernel sizes, stride 1 and no dilation; "
            f"{layer.name!r} has {layer.kernel_size}, {layer.strides}, {layer.dilation_rate}. "
            "Use pooling to shrink."
        )
    config = layer.get_config() | {"dilation_rate": state.dilation}
    copy = type(layer).from_config(config)
    state.x = copy(state.x)
    copy.set_weights(layer.get_weights())
    state.left -= layer.kernel_size[0] - 1
    state.lost += (layer.kernel_size[0] - 1) * state.dilation
    state.foldable = copy if layer.activation is keras.activations.linear else None


def _add_norm(layer: layers.Layer, state: _State) -> None:
    if state.foldable is None or not state.foldable.use_bias:
        _add_copy(layer, state)
        return
    scale = 1 / np.sqrt(np.asarray(layer.moving_variance, "float64") + layer.epsilon)
    if layer.scale:
        scale = scale * np.asarray(layer.gamma)
    kernel, bias = (np.asarray(weight, "float64") for weight in state.foldable.get_weights())
    bias = (bias - np.asarray(layer.moving_mean)) * scale
    if layer.center:
        bias = bias + np.asarray(layer.beta)
    state.foldable.set_weights([kernel * scale, bias])
    state.foldable = None


def _add_pooling(layer: layers.Layer, state: _State) -> None:
    if (
        layer.padding != "valid"
        or layer.strides != layer.pool_size
        or len(set(layer.pool_size)) > 1
    ):
        raise ModelError(
            f"Dense evaluation expected pooling with padding 'valid' and strides of its own size; "
            f"{layer.name!r} has {layer.padding!r}, {layer.pool_size}, {layer.strides}. "
            "Predict crop by crop instead."
        )
    state.x = DenseMaxPooling(layer.pool_size[0], state.dilation)(state.x)
    state.lost += (layer.pool_size[0] - 1) * state.dilation
    state.dilation *= layer.pool_size[0]
    state.left //= layer.pool_size[0]
    state.foldable = None


def _add_dense(layer: layers.Layer, state: _State) -> None:
    """Add a dense layer over the rest of the crop as a convolution with a kernel of that size."""
    axes = len(state.x.shape) - 2
    kernel, *bias = layer.get_weights()
    copy = CONVOLUTIONS[axes](
        layer.units,
        state.left,
        dilation_rate=state.dilation,
        use_bias=layer.use_bias,
        activation=layer.activation,
        dtype="float32",
        name=layer.name,
    )
    channels = state.x.shape[-1]
    state.x = copy(state.x)
    copy.set_weights([kernel.reshape(*[state.left] * axes, channels, layer.units), *bias])
    state.lost += (state.left - 1) * state.dilation
    state.left, state.foldable = 1, None


def _add_copy(layer: layers.Layer, state: _State) -> None:
    copy = type(layer).from_config(layer.get_config())
    state.x = copy(state.x)
    copy.set_weights(layer.get_weights())
    state.foldable = None


def _add_nothing(layer: layers.Layer, state: _State) -> None:
    """Dropout and recipes change nothing; `_add_dense` makes Flatten unnecessary."""


_STEPS = (
    ((layers.Conv2D, layers.Conv3D), _add_convolution),
    (layers.BatchNormalization, _add_norm),
    ((layers.MaxPooling2D, layers.MaxPooling3D), _add_pooling),
    (layers.Dense, _add_dense),
    ((layers.Activation, layers.ReLU, layers.LeakyReLU, layers.ELU), _add_copy),
    ((layers.Dropout, layers.Flatten, RecipeLayer), _add_nothing),
)
