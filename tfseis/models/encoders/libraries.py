"""Encoders and decoders as segmentation-models and keras.applications build them.

They are imported here alone, and only when a network is built, since that takes seconds.

Source: segmentation-models 1.0.1, https://github.com/qubvel/segmentation_models, and
keras.applications.
Differs from them: layers that do not reload (Lambda, classes and functions made while building)
are replaced by registered ones that compute the same.
"""

import contextlib
import io
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import keras

from tfseis.errors import MissingPackageError
from tfseis.models.encoders.backbones import KERAS, Backbone
from tfseis.models.encoders.image_layers import ChannelSlice, ScaledSum
from tfseis.models.sections.blocks import scse
from tfseis.models.sections.upsampling import upsampling

SCALES = (16, 8, 4, 2)  # of the features that a decoder takes besides the coarsest


def bare_encoder(backbone: Backbone, channels: int) -> tuple[keras.Model, list[Any]]:
    """The encoder as its library builds it, untrained, in layers that reload.

    Args:
        backbone: the encoder.
        channels: number of input channels.

    Returns:
        Model from (batch, rows, columns, channels) to the coarsest features, which weights files
        fit; and the features inside it at 1/16, 1/8, 1/4 and, but for ConvNeXt, 1/2.
    """
    shape = (None, None, channels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that ImageNet weights have three channels
        if backbone.source == KERAS:
            build = {n.lower(): n for n in dir(keras.applications)}[backbone.name]
            raw = {} if "densenet" in backbone.name else {"include_preprocessing": False}
            model = getattr(keras.applications, build)(
                include_top=False, weights=None, input_shape=shape, **raw
            )
            names: tuple[str, ...] = backbone.features
        else:
            library, modules = _library()
            factory = library.backbones.backbones_factory.Backbones
            model = factory.get_backbone(
                backbone.name, input_shape=shape, weights=None, include_top=False, **modules
            )
            places = factory.get_feature_layers(backbone.name, n=len(SCALES))
            names = tuple(p if isinstance(p, str) else model.layers[p].name for p in places)
            model = keras.models.clone_model(
                model, clone_function=_registered, call_function=_called
            )
    return model, [_feature(model, name) for name in names]


def _feature(model: keras.Model, name: str) -> Any:
    layer, _, side = name.partition(":")
    return getattr(model.get_layer(layer), side or "output")


def _registered(layer: keras.layers.Layer) -> keras.layers.Layer:
    """A layer that computes the same and reloads in safe mode, in any process."""
    config = layer.get_config()
    name = layer.name
    match type(layer).__name__:
        case "Lambda":
            given = layer.arguments or {}
            if "start" in given:  # of a grouped convolution
                return ChannelSlice(given["start"], given["stop"], name=name)
            if "channels_axis" in given:  # behind global pooling
                return keras.layers.Reshape((1, 1, -1), name=name)
            return ScaledSum(given["scale"], name=name)
        case "FixedDropout":
            return keras.layers.Dropout(layer.rate, noise_shape=layer.noise_shape, name=name)
    if "swish" in getattr(getattr(layer, "activation", None), "__name__", ""):
        config["activation"] = "silu"
    return type(layer).from_config(config)


def _called(layer: keras.layers.Layer, *inputs: Any, **given: Any) -> Any:
    given.pop("mask", None)  # a Lambda took one; what replaces it does not
    return layer(*inputs, **given)


def _library() -> tuple[ModuleType, dict[str, Any]]:
    """segmentation-models, and the modules of Keras that its builders want to be told."""
    os.environ.setdefault("SM_FRAMEWORK", "tf.keras")  # its default fails on Keras 3
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import segmentation_models as library  # noqa: PLC0415  slow
    except ImportError as error:
        raise MissingPackageError(
            f"Expected segmentation-models on TensorFlow; {error.name!r} is not installed. "
            "Run pip install segmentation-models 'tfseis[cpu]'."
        ) from error
    modules = {
        "backend": library._KERAS_BACKEND,
        "layers": library._KERAS_LAYERS,
        "models": library._KERAS_MODELS,
        "utils": library._KERAS_UTILS,
    }
    for decoder in (
        library.models.unet,
        library.models.fpn,
        library.models.linknet,
        library.models.pspnet,
    ):
        decoder.backend, decoder.layers = modules["backend"], _OfAnySize(modules["layers"])
        decoder.models, decoder.keras_utils = modules["models"], modules["utils"]
    return library, modules


@dataclass(frozen=True)
class _OfAnySize:
    """The layers of Keras, but for those that fail on images whose size a graph does not know."""

    layers: Any

    def __getattr__(self, name: str) -> Any:
        return upsampling if name == "UpSampling2D" else getattr(self.layers, name)


@dataclass(frozen=True)
class _Standing:
    """The attributes of an encoder that the decoders of the library use."""

    input: Any
    outputs: list[Any]
    layers: list[keras.layers.Layer]

    @property
    def output(self) -> Any:
        return self.outputs[0]

    def get_layer(self, *, index: int) -> "_Standing":
        return _Standing(self.input, self.outputs[index:], [])


Decoder = Callable[[ModuleType, _Standing, int, tuple[int, ...]], keras.Model]


def _unet(library: ModuleType, on: _Standing, classes: int, filters: tuple[int, ...]) -> Any:
    return _unet_of(library.models.unet.DecoderUpsamplingX2Block, library, on, classes, filters)


def _unet_scse(library: ModuleType, on: _Standing, classes: int, filters: tuple[int, ...]) -> Any:
    def block(width: int, stage: int, use_batchnorm: bool) -> Callable[..., Any]:
        plain = library.models.unet.DecoderUpsamplingX2Block(width, stage, use_batchnorm)
        return lambda x, skip=None: scse(plain(x, skip), name=f"decoder_stage{stage}_scse")

    return _unet_of(block, library, on, classes, filters)


def _unet_of(
    block: Any, library: ModuleType, on: _Standing, classes: int, filters: tuple[int, ...]
) -> Any:
    return library.models.unet.build_unet(
        on, block, range(1, 1 + len(SCALES)), filters, len(filters), classes, "linear"
    )


def _linknet(library: ModuleType, on: _Standing, classes: int, filters: tuple[int, ...]) -> Any:
    module = library.models.linknet
    return module.build_linknet(
        on,
        module.DecoderUpsamplingX2Block,
        range(1, 1 + len(SCALES)),
        filters,
        len(filters),
        classes,
        "linear",
    )


def _fpn(library: ModuleType, on: _Standing, classes: int, filters: tuple[int, ...]) -> Any:
    return library.models.fpn.build_fpn(
        on,
        range(1, 1 + len(SCALES)),
        filters[0],
        filters[1],
        classes,
        "linear",
        aggregation="concat",
    )


def _pspnet(library: ModuleType, on: _Standing, classes: int, filters: tuple[int, ...]) -> Any:
    return library.models.pspnet.build_psp(
        on,
        0,
        conv_filters=2 * filters[0],
        final_upsampling_factor=8,
        classes=classes,
        activation="linear",
    )


DECODERS: dict[str, Decoder] = {
    "unet": _unet,
    "unet-scse": _unet_scse,
    "fpn": _fpn,
    "linknet": _linknet,
    "pspnet": _pspnet,
}


def decoded(
    decoder: str,
    inputs: Any,
    features: list[Any],
    encoder: keras.Model,
    *,
    classes: int,
    filters: tuple[int, ...],
) -> keras.Model:
    """A decoder of segmentation-models on the features of an encoder.

    Args:
        decoder: a key of `DECODERS`.
        inputs: input tensor of the model.
        features: at 1/32, 1/16, 1/8, 1/4 and 1/2 of the image; for "pspnet" at 1/8 alone.
        encoder: encoder that the features come from.
        classes: number of logits.
        filters: widths of the decoder, from the coarsest level.

    Returns:
        Model from the inputs to the logits.
    """
    library, _ = _library()
    return DECODERS[decoder](library, _Standing(inputs, features, encoder.layers), classes, filters)
