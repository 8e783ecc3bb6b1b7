"""Classes and confidence at every sample, from a trained facies network."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfseis.data.channels import Channel, margins, named_channels, uses_coordinates
from tfseis.data.regions import Reach, read_region
from tfseis.data.scaling import Cube, Scaling
from tfseis.data.sections import plane_axes
from tfseis.errors import ModelError
from tfseis.inference.dense import dense_model
from tfseis.models.recipe import FaciesRecipe, recipe_for
from tfseis.windows import blocks

MARGIN = 32  # samples of reflection around a section for a U-Net, cut off afterwards
MOST_SAMPLES = 500_000  # evaluated in one call: about 300 MB of features
Parts = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Predicted:
    """What a classifier says of part of a cube; all of one shape.

    Args:
        classes: class index, int16; 0 where not live.
        confidence: the largest class probability, float32, uncalibrated; 0 where not live.
        live: bool; False at missing and dead traces and at non-finite samples.
    """

    classes: np.ndarray
    confidence: np.ndarray
    live: np.ndarray


class DenseClassifier:
    """A trained facies network, ready to be applied to whole sections or blocks.

    Args:
        model: a patch classifier or U-Net with its recipe, as `tfseis facies` saves it.
        axis: what is constant on the sections that a 2D network is laid on: 0 inline, 1 crossline,
            2 time; the model's own unless given.

    Attributes:
        recipe: of the model.
        channels: of its input.
        reach: samples that it sees around a position, along each axis of the cube.
        network: what is evaluated: the U-Net, or the dense twin of a patch classifier.

    Raises:
        ModelError: the model carries no recipe, or cannot be evaluated densely.
    """

    def __init__(self, model: keras.Model, axis: int | None = None) -> None:
        recipe = recipe_for(model, "facies")
        self.recipe: FaciesRecipe = recipe if axis is None else replace(recipe, axis=axis)
        self.channels = named_channels(self.recipe.channels)
        unet = self.recipe.network == "unet"
        before, after = margins(self.recipe.crop_size, self.channels)
        if unet:
            before = after = MARGIN
        around = [Reach(before, after)] * 3
        if self.flat:
            around[self.recipe.axis] = Reach()
        self.reach = (around[0], around[1], around[2])
        self.network = model if unet else dense_model(model)
        self._forward = self.forward(_best)

    @property
    def flat(self) -> bool:
        """Whether it sees sections (2D) rather than blocks (3D)."""
        return self.recipe.network != "patch3d"

    def forward(self, head: Callable[[tf.Tensor], Any]) -> Callable:
        """A graph of the network on scaled planes or blocks, with their margins.

        Args:
            head: what to make of the logits (planes, rows, .., classes).

        Returns:
            A function of amplitudes (planes, rows, ..) of any size, of where they begin in the
            section, and of the last index of the section along its axes.
        """
        if self.recipe.network == "unet":
            return _window_forward(self.network, head)
        return _forward(self.network, self.channels, self.recipe.crop_size, head)

    def check_grid(self, cube: Cube) -> None:
        """Refuse another survey if positions are an input of the model.

        Raises:
            ModelError: the model has coordinate channels, and the grids differ.
        """
        grid = cube.geometry.signature()
        if uses_coordinates(self.channels) and grid != self.recipe.grid:
            raise ModelError(
                f"Expected the survey on which the model was trained, {self.recipe.grid}, since "
                f"coordinates are among its inputs; got {grid}. Train one without coordinate "
                "channels: --channels amplitude."
            )

    def predict(self, cube: Cube, parts: Parts, scaling: Scaling) -> Predicted:
        """Predict ``cube[parts]`` (slices with positive steps); reads what lies around it too."""
        whole, thin = [], []
        for part, length, around in zip(parts, cube.shape, self.reach, strict=True):
            start, stop, step = part.indices(length)
            if around == Reach():
                whole.append(slice(start, stop, step))
                thin.append(slice(None))
            else:  # neighbours are needed: predict every sample, then keep each step-th
                whole.append(slice(start, max(range(start, stop, step), default=start) + 1))
                thin.append(slice(None, None, step))
        region = (whole[0], whole[1], whole[2])
        amplitude, live = read_region(cube, region, self.reach, scaling)
        keep = tuple(thin)
        classes, confidence = self._evaluate(amplitude, region, cube.shape)
        live = live[keep]
        return Predicted(
            classes=np.where(live, classes[keep], 0).astype("int16"),
            confidence=np.where(live, confidence[keep], 0).astype("float32"),
            live=live,
        )

    def _evaluate(
        self, amplitude: np.ndarray, region: Parts, shape: tuple[int, int, int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Split into calls of bounded size along the section axis (2D) or the samples (3D)."""
        if self.flat:
            rows, columns = plane_axes(self.recipe.axis)
            origin = [region[rows].start, region[columns].start]
            last = [max(shape[rows] - 1, 1), max(shape[columns] - 1, 1)]
            stack = np.moveaxis(amplitude, self.recipe.axis, 0)
            count = max(1, MOST_SAMPLES // (stack.shape[1] * stack.shape[2]))
            results = [
                self._forward(stack[part], origin, last) for part in blocks(len(stack), count)
            ]
            along = 0
        else:
            margin, along = sum((self.reach[2].before, self.reach[2].after)), 2
            count = max(1, MOST_SAMPLES // (amplitude.shape[0] * amplitude.shape[1]))
            results = [
                self._forward(amplitude[np.newaxis, ..., b.start : b.stop + margin], [], [])
                for b in blocks(amplitude.shape[2] - margin, count)
            ]
            results = [(classes[0], confidence[0]) for classes, confidence in results]
        classes, confidence = (
            np.concatenate([np.asarray(r[i]) for r in results], along) for i in (0, 1)
        )
        if self.flat:
            classes, confidence = (
                np.moveaxis(values, 0, self.recipe.axis) for values in (classes, confidence)
            )
        return classes, confidence


def _forward(
    dense: keras.Model, channels: tuple[Channel, ...], crop_size: int,
    head: Callable[[tf.Tensor], Any],
) -> Callable:  # fmt: skip
    """Scaled amplitudes with margins (planes, rows, ..) -> what the head makes of the logits."""
    axes = len(dense.input_shape) - 2
    reach = margins(crop_size, channels)[0] - crop_size // 2

    def window(stack: tf.Tensor, channel: Channel, origin: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        sizes = tf.shape(stack)[1:] - 2 * reach
        if channel.coordinate is not None:
            at = channel.coordinate
            first = tf.cast(origin[at] - crop_size // 2, tf.float32)
            line = (first + tf.range(tf.cast(sizes[at], tf.float32))) / tf.cast(
                last[at], tf.float32
            )
            line = tf.reshape(line, [-1 if axis == at + 1 else 1 for axis in range(axes + 1)])
            return tf.broadcast_to(line, tf.concat([tf.shape(stack)[:1], sizes], 0))
        shift = (*channel.shift, 0)[:axes]
        begin = [0, *[reach + crop_size * step for step in shift]]
        return tf.slice(stack, begin, tf.concat([tf.shape(stack)[:1], sizes], 0))

    @tf.function(
        input_signature=[
            tf.TensorSpec([None] * (axes + 1), tf.float32),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None], tf.int32),
        ]
    )
    def forward(stack: tf.Tensor, origin: tf.Tensor, last: tf.Tensor) -> Any:
        inputs = tf.stack([window(stack, c, origin, last) for c in channels], axis=-1)
        return head(dense(inputs, training=False))

    return forward.get_concrete_function()


def _window_forward(model: keras.Model, head: Callable[[tf.Tensor], Any]) -> Callable:
    """As `_forward`, for a U-Net, which is told to look `MARGIN` beyond what is wanted."""
    poolings = sum(isinstance(layer, keras.layers.MaxPooling2D) for layer in model.layers)
    factor = 2**poolings

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None, None], tf.float32),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None], tf.int32),
        ]
    )
    def forward(stack: tf.Tensor, origin: tf.Tensor, last: tf.Tensor) -> Any:
        sizes = tf.shape(stack)[1:]
        more = -sizes % factor
        padded = tf.pad(stack, [[0, 0], [0, more[0]], [0, more[1]]], "SYMMETRIC")
        logits = model(padded[..., tf.newaxis], training=False)
        return head(logits[:, MARGIN : sizes[0] - MARGIN, MARGIN : sizes[1] - MARGIN])

    return forward.get_concrete_function()


def _best(logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The class with the largest probability, and that probability."""
    best = tf.reduce_max(logits, axis=-1, keepdims=True)
    confidence = 1 / tf.reduce_sum(tf.exp(logits - best), axis=-1)
    return tf.argmax(logits, axis=-1, output_type=tf.int32), confidence
