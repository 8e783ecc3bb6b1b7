"""Pretrained weights of an encoder: where they are kept, how they fit any number of channels."""

import os
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfseis.errors import ModelError
from tfseis.models.encoders.backbones import BACKBONES, Backbone
from tfseis.models.encoders.image_layers import Colours
from tfseis.models.encoders.libraries import bare_encoder

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, red green blue
BYTE_MEAN = (123.68, 116.779, 103.939)  # the older ones, of VGG
# by family of weights: factor and offset of red, green and blue from 0 to 1, and their order
COLOURS: dict[str, tuple[tuple[float, ...], tuple[float, ...], tuple[int, ...]]] = {
    "bytes": ((255.0,) * 3, (0.0,) * 3, (0, 1, 2)),
    "torch": (
        tuple(1 / d for d in DEVIATION),
        tuple(-m / d for m, d in zip(MEAN, DEVIATION, strict=True)),
        (0, 1, 2),
    ),
    "caffe": ((255.0,) * 3, tuple(-m for m in BYTE_MEAN), (2, 1, 0)),
    "signed": ((2.0,) * 3, (-1.0,) * 3, (0, 1, 2)),
    "signed128": ((255 / 128,) * 3, (-1.0,) * 3, (0, 1, 2)),
}


def colours_of(backbone: Backbone, channels: int, white: float) -> Colours:
    """The layer that scales and orders the channels of an image as the weights of an encoder need.

    Args:
        backbone: the encoder.
        channels: number of channels of the image. One is grey, and repeated to red, green and blue;
            three are red, green and blue; of others, channel k is treated as colour k modulo 3.
        white: value of white in the image.
    """
    scale, offset, order = COLOURS[backbone.colours]
    if channels == 1:
        source, roles = [0, 0, 0], list(order)
    elif channels == 3:
        source, roles = list(order), list(order)
    else:
        source, roles = list(range(channels)), [k % 3 for k in range(channels)]
    return Colours(
        source, [scale[r] / white for r in roles], [offset[r] for r in roles], name="colours"
    )


def encoder_with_weights(
    backbone: Backbone, channels: int, weights: str | Path | None
) -> tuple[keras.Model, list[Any]]:
    """An encoder of an image of any number of channels, trained or not.

    With one or three channels it has three inputs, red, green and blue, and the weights fit. With
    others, the kernel of input channel k in the first convolution is that of colour k modulo 3,
    times 3 / channels; other weights of the encoder for each colour are taken without the factor.

    Args:
        backbone: the encoder.
        channels: number of channels of the image.
        weights: "imagenet", a file of weights, or None for random ones.

    Returns:
        A model and its features as `bare_encoder` returns them.

    Raises:
        ModelError: the weights cannot be fetched or do not fit.
    """
    file = weights_file(backbone, weights) if weights is not None else None
    inputs = 3 if channels in (1, 3) else channels
    if file is None or inputs == 3:
        model, features = bare_encoder(backbone, inputs)
        if file is not None:
            _load(model, file, backbone)
        return model, features
    trained, _ = bare_encoder(backbone, 3)
    _load(trained, file, backbone)
    model, features = bare_encoder(backbone, channels)
    order = COLOURS[backbone.colours][2]
    colours = [order.index(k % 3) for k in range(channels)]
    model.set_weights(
        [
            _adapted(np.asarray(old), tuple(new.shape), colours)
            for old, new in zip(trained.weights, model.weights, strict=True)
        ]
    )
    return model, features


def weights_folder() -> Path:
    """The folder in which Keras keeps the weights that it fetches."""
    try:
        return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
    except RuntimeError:  # an account without a home directory
        return Path(tempfile.gettempdir()) / ".keras" / "models"


def backbone_table() -> str:
    """A line for each backbone: name, parameters, library, URL of its weights."""
    lines = [f"ImageNet weights are kept in {weights_folder()}"]
    lines += [
        f"{b.name:18} {b.parameters / 1e6:6.1f} M  {b.source:19}  {b.weights}"
        for b in BACKBONES.values()
    ]
    return "\n".join(lines)


def weights_file(backbone: Backbone, weights: str | Path) -> Path:
    """The file with the weights, which is fetched if it is not there.

    Raises:
        ModelError: there is no such file, or it cannot be fetched; the message says what to put
            where.
    """
    if weights != "imagenet":
        if Path(weights).is_file():
            return Path(weights)
        raise ModelError(
            f"Expected a file with weights of {backbone.name}; there is none at {weights}. Check "
            f"the name, or fetch {backbone.weights}"
        )
    path = weights_folder() / backbone.weights.rpartition("/")[2]
    if path.is_file():
        return path
    try:
        return Path(
            keras.utils.get_file(
                path.name,
                backbone.weights,
                cache_subdir=path.parent.name,
                cache_dir=str(path.parent.parent),
            )
        )
    except Exception as error:  # whatever the network says
        path.unlink(missing_ok=True)
        cause = " ".join(str(error).split()) or type(error).__name__
        raise ModelError(
            f"Expected the ImageNet weights of {backbone.name} at {path}; they are not there and "
            f"could not be fetched ({cause}). Fetch {backbone.weights} and put it there, or give "
            "the file itself as weights; without weights (None) it trains from scratch."
        ) from error


def _load(model: keras.Model, file: Path, backbone: Backbone) -> None:
    try:
        model.load_weights(str(file))
    except Exception as error:  # Keras and HDF5 raise whatever they meet
        cause = " ".join(str(error).split()) or type(error).__name__
        raise ModelError(
            f"{file}: expected weights of {backbone.name} without its top, as "
            f"{backbone.weights.rpartition('/')[2]}; they could not be loaded: {cause} "
            "Fetch the file again, or give another."
        ) from error


def _adapted(old: np.ndarray, shape: tuple[int, ...], colours: list[int]) -> np.ndarray:
    if old.shape == shape:
        return old
    if old.ndim == 1:
        return old[colours]
    return np.asarray(old[:, :, colours] * (3 / len(colours)))
