"""Segmentation networks for images: a pretrained encoder under a U-Net, FPN, Linknet or PSPNet.

Source: Ronneberger et al. 2015, U-Net, https://arxiv.org/abs/1505.04597; Lin et al. 2017, Feature
Pyramid Networks, https://arxiv.org/abs/1612.03144; Chaurasia and Culurciello 2017, LinkNet,
https://arxiv.org/abs/1707.03718; Zhao et al. 2017, Pyramid Scene Parsing Network,
https://arxiv.org/abs/1612.01105; scSE: Roy et al. 2018, https://arxiv.org/abs/1803.02579.
Differs from them: as segmentation-models builds them; batch normalisation has momentum 0.9, since
training runs are short.
"""

from pathlib import Path
from typing import Any

import keras
from keras import layers

from tfseis.errors import ModelError
from tfseis.models.encoders.backbones import named_backbone
from tfseis.models.encoders.image_layers import CropLike, PadToMultiple
from tfseis.models.encoders.libraries import DECODERS, SCALES, decoded
from tfseis.models.encoders.weights import colours_of, encoder_with_weights
from tfseis.models.sections.patch_classifier import MOMENTUM

FILTERS = (256, 128, 64, 32, 16)
MULTIPLE = 32  # pixels of the image for one of the coarsest features
PYRAMID_MULTIPLE = 48  # of pspnet: 8, times the 6 parts of its finest pooling
STEM = 64  # features at half size, for encoders that begin at a quarter
ENCODER = "encoder"


def backbone_unet(
    input_shape: tuple[int | None, int | None, int],
    *,
    backbone: str,
    classes: int,
    weights: str | Path | None = "imagenet",
    decoder: str = "unet",
    filters: tuple[int, ...] = FILTERS,
    white: float = 1.0,
    name: str = "backbone_unet",
) -> keras.Model:
    """Build a segmentation network on a pretrained encoder that returns logits at every pixel.

    It takes images from 0 (black) to `white`; the scaling that the weights of the encoder need is
    inside. Images of any size are padded by reflection, and the logits are cropped.

    Args:
        input_shape: (rows, columns, channels); rows and columns may be None, but for "pspnet". One
            channel is grey, three are red, green and blue; with others, the kernel of channel k in
            the first convolution is that of colour k modulo 3, times 3 / channels.
        backbone: the encoder, a key of `tfseis.models.BACKBONES`; `tfseis backbones` lists them.
        classes: number of logits; 1 for a mask.
        weights: weights of the encoder: "imagenet" (fetched once, into the folder of Keras), a file
            of weights, or None for random ones.
        decoder: "unet", "unet-scse", "fpn", "linknet" or "pspnet".
        filters: widths of the five levels of the decoder, from the coarsest. For "fpn" the first
            two are those of the pyramid and its head, for "pspnet" the first is half of its width.
        white: value of white in the images, 1 or 255.
        name: name of the model.

    Returns:
        Model from (batch, rows, columns, channels) to (batch, rows, columns, classes), float32,
        without activation. Its layer "encoder" is what `freeze_encoder` freezes.

    Raises:
        ModelError: the backbone or decoder is unknown, the shape or the widths do not fit, or
            weights are missing; the message says what to fetch and where to put it.

    Examples:
        >>> backbone_unet(
        ...     (101, 101, 1), backbone="mobilenetv2", classes=1, weights=None
        ... ).output_shape
        (None, 101, 101, 1)
    """
    known = named_backbone(backbone)
    _check(input_shape, classes, decoder, filters, white)
    channels = input_shape[2]
    pyramid = decoder == "pspnet"
    whole, features = encoder_with_weights(known, channels, weights)
    outputs = [whole.output, *features]
    encoder = keras.Model(whole.input, features[1:2] if pyramid else outputs, name=ENCODER)

    images = keras.Input(input_shape, name="image")
    x = PadToMultiple(PYRAMID_MULTIPLE if pyramid else MULTIPLE, name="pad")(images)
    x = colours_of(known, channels, white)(x)
    found = encoder(x)
    found = list(found) if isinstance(found, (list, tuple)) else [found]
    if not pyramid and len(features) < len(SCALES):
        found.append(_stem(x))
    padded = decoded(decoder, images, found, encoder, classes=classes, filters=tuple(filters))
    logits = CropLike(name="logits")([padded.output, images])
    model = keras.Model(images, logits, name=name)
    for layer in (*model.layers, *encoder.layers):
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = MOMENTUM
    return model


def freeze_encoder(model: keras.Model) -> None:
    """Keep the weights and batch statistics of the encoder; compile the model afterwards.

    This is the first stage of fine-tuning, in which the new decoder learns on fixed features.

    Args:
        model: a network of `backbone_unet`.

    Raises:
        ModelError: the model has no encoder.
    """
    _encoder(model).trainable = False


def unfreeze_encoder(model: keras.Model) -> None:
    """Let the encoder learn again; compile the model afterwards.

    This is the second stage of fine-tuning, at a lower learning rate.

    Args:
        model: a network of `backbone_unet`.

    Raises:
        ModelError: the model has no encoder.
    """
    _encoder(model).trainable = True


def _check(
    shape: tuple[int | None, int | None, int],
    classes: int,
    decoder: str,
    filters: tuple[int, ...],
    white: float,
) -> None:
    if decoder not in DECODERS:
        raise ModelError(
            f"Expected a decoder among {', '.join(DECODERS)}; got {decoder!r}. Choose one of these."
        )
    if len(shape) != 3 or not shape[2] or classes < 1 or white <= 0:
        raise ModelError(
            "Expected a shape (rows, columns, channels), at least one class and a positive white; "
            f"got {shape}, {classes} and {white}. For example (None, None, 1), 1 and 1."
        )
    if decoder == "pspnet" and None in shape:
        raise ModelError(
            f"Decoder pspnet expected rows and columns, into which it divides its pooling; got "
            f"{shape}. Give them, or use fpn."
        )
    if len(filters) != len(FILTERS) or min(filters) < 1:
        raise ModelError(
            f"Expected {len(FILTERS)} positive widths; got {tuple(filters)}. For example {FILTERS}."
        )


def _stem(x: Any) -> Any:
    """Features at half of the image, for encoders that begin at a quarter."""
    x = layers.Conv2D(STEM, 3, 2, padding="same", use_bias=False, name="stem_conv")(x)
    return layers.Activation("relu", name="stem_relu")(
        layers.BatchNormalization(name="stem_norm")(x)
    )


def _encoder(model: keras.Model) -> keras.Model:
    if ENCODER not in [layer.name for layer in model.layers]:
        raise ModelError(
            "Expected a model of tfseis.models.encoders.backbone_unet; got one without an encoder. "
            "Set the trainable attribute of its layers instead."
        )
    return model.get_layer(ENCODER)
