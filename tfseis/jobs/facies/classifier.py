"""Classes and confidence at every sample, from a trained facies network."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfseis.data.regions import Reach, read_region
from tfseis.data.scaling import Cube, Scaling
from tfseis.errors import ModelError
from tfseis.inference.dense import dense_model
from tfseis.jobs.facies.channels import Channel, margins, named_channels, uses_coordinates
from tfseis.jobs.facies.recipe import FaciesRecipe
from tfseis.jobs.facies.sections import plane_axes
from tfseis.models.recipe import recipe_for
from tfseis.models.sections.unet import unet_reach
from tfseis.selection import Parts
from tfseis.windows import blocks

MARGIN = 32  # samples of reflection around a section for a U-Net, cut off afterwards
MOST_SAMPLES = 500_000  # evaluated in one call: about 300 MB of features
MOST_IN_BLOCK = 2_000_000  # the same of a 3D U-Net, with its margins: about 600 MB


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
        sections: neighbouring sections that are channels of its input; 1 unless it is 2.5D.
        factor: samples at whose multiples blocks begin; 1 unless it is a 3D U-Net.
        reach: samples that it sees around a position, along each axis of the cube.
        network: what is evaluated: the U-Net, or the dense twin of a patch classifier.

    Raises:
        ModelError: the model carries no recipe, or cannot be evaluated densely.
    """

    def __init__(self, model: keras.Model, axis: int | None = None) -> None:
        recipe = recipe_for(model, "facies")
        self.recipe: FaciesRecipe = recipe if axis is None else replace(recipe, axis=axis)
        self.channels = named_channels(self.recipe.channels)
        self.sections = model.input_shape[-1] if self.recipe.network == "unet25" else 1
        self.factor = 1
        before, after = margins(self.recipe.crop_size, self.channels)
        if self.windows:
            levels = 1 + _poolings(model)
            before = after = MARGIN
            if not self.flat:
                self.factor = 2 ** (levels - 1)
                before = after = -(-unet_reach(levels) // self.factor) * self.factor
        around = [Reach(before, after)] * 3
        if self.flat:
            around[self.recipe.axis] = Reach(self.sections // 2, self.sections // 2)
        self.reach = (around[0], around[1], around[2])
        self.network = model if self.windows else dense_model(model)
        self._forward = self.forward(_best)

    @property
    def flat(self) -> bool:
        """Whether it sees sections (2D) rather than blocks (3D)."""
        return self.recipe.network not in {"unet3d", "patch3d"}

    @property
    def windows(self) -> bool:
        """Whether it is a U-Net, rather than a patch classifier."""
        return self.recipe.network.startswith("unet")

    def forward(self, head: Callable[[tf.Tensor], Any]) -> Callable:
        """A graph of the network on scaled planes or blocks, with their margins.

        Args:
            head: what to make of the logits (planes, rows, .., classes).

        Returns:
            A function of amplitudes (planes, rows, ..) of any size, of where they begin in the
            section, and of the last index of the section along its axes. Planes of a 2.5D network
            come with their neighbours: it says nothing of the first and last ``sections // 2``.
        """
        if self.windows:
            margin = MARGIN if self.flat else self.reach[0].before
            return _window_forward(self.network, self.sections, margin, head)
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
                more = start % self.factor
                stop = max(range(start, stop, step), default=start) + 1
                whole.append(slice(start - more, stop))
                thin.append(slice(more, None, step))
        region = (whole[0], whole[1], whole[2])
        amplitude, live = read_region(cube, region, self.reach, scaling)
        live = live[thin[0], thin[1], thin[2]]
        if self.flat:
            every, thin[self.recipe.axis] = thin[self.recipe.axis].step or 1, slice(None)
            classes, confidence = self._sections(amplitude, region, cube.shape, every)
        else:
            classes, confidence = self._blocks(amplitude)
        keep = tuple(thin)
        return Predicted(
            classes=np.where(live, classes[keep], 0).astype("int16"),
            confidence=np.where(live, confidence[keep], 0).astype("float32"),
            live=live,
        )

    def evaluated_samples(self, numbers: tuple[range, range, range]) -> int:
        """Samples, with margins, that the network is applied to in order to `predict` these."""
        margin = np.array([around.before + around.after for around in self.reach])
        if self.flat:
            planes = len(numbers[self.recipe.axis])
            sizes = [r.step * (len(r) - 1) + 1 + m for r, m in zip(numbers, margin, strict=True)]
            return planes * int(np.prod(np.delete(sizes, self.recipe.axis)))
        wanted = np.array([r.step * (len(r) - 1) + 1 for r in numbers])
        size = self._block(wanted, margin)
        return int(np.prod(np.ceil(wanted / size)) * np.prod(size + margin))

    def _sections(
        self, amplitude: np.ndarray, region: Parts, shape: tuple[int, int, int], every: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """What a 2D network says, in calls of bounded size along the section axis.

        Of sections that come with their neighbours (2.5D), each `every`-th is wanted.
        """
        rows, columns = plane_axes(self.recipe.axis)
        origin = [region[rows].start, region[columns].start]
        last = [max(shape[rows] - 1, 1), max(shape[columns] - 1, 1)]
        stack, more = np.moveaxis(amplitude, self.recipe.axis, 0), self.sections - 1
        wanted = range(0, len(stack) - more, every)
        count = MOST_SAMPLES // (stack.shape[1] * stack.shape[2]) if every == 1 else 1
        results = [
            self._forward(stack[wanted[b][0] : wanted[b][-1] + 1 + more], origin, last)
            for b in blocks(len(wanted), max(1, count))
        ]
        classes, confidence = (np.concatenate([np.asarray(r[i]) for r in results]) for i in (0, 1))
        return (
            np.moveaxis(classes, 0, self.recipe.axis),
            np.moveaxis(confidence, 0, self.recipe.axis),
        )

    def _blocks(self, amplitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What a 3D network says, in calls of bounded size."""
        margin = np.array([around.before + around.after for around in self.reach])
        wanted = amplitude.shape - margin
        size = self._block(wanted, margin)
        classes, confidence = np.zeros(wanted, "int32"), np.zeros(wanted, "float32")
        for begin in itertools.product(*map(range, [0] * 3, wanted.tolist(), size.tolist())):
            core = tuple(slice(b, b + n) for b, n in zip(begin, size, strict=True))
            seen = tuple(slice(c.start, c.stop + m) for c, m in zip(core, margin, strict=True))
            best, sure = self._forward(amplitude[seen][np.newaxis], [], [])
            classes[core], confidence[core] = best[0], sure[0]
        return classes, confidence

    def _block(self, wanted: np.ndarray, margin: np.ndarray) -> np.ndarray:
        """Samples along each axis that are predicted in one call: multiples of the factor."""
        size = -(-wanted // self.factor)
        if not self.windows:
            traces = int(np.prod((wanted + margin)[:2]))
            size[2] = min(size[2], max(1, MOST_SAMPLES // traces))
            return size
        while np.prod(size * self.factor + margin) > MOST_IN_BLOCK and size.max() > 1:
            size[size.argmax()] = -(-size.max() // 2)
        return size * self.factor


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


def _window_forward(
    model: keras.Model, sections: int, margin: int, head: Callable[[tf.Tensor], Any]
) -> Callable:
    """As `_forward`, for a U-Net, which is told to look `margin` beyond what is wanted."""
    axes = len(model.input_shape) - 2
    factor = 2 ** _poolings(model)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None] * (axes + 1), tf.float32),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None], tf.int32),
        ]
    )
    def forward(stack: tf.Tensor, origin: tf.Tensor, last: tf.Tensor) -> Any:
        sizes = tf.shape(stack)[1:]
        after = tf.stack([0, *tf.unstack(-sizes % factor, axes)])
        padded = tf.pad(stack, tf.stack([tf.zeros_like(after), after], axis=1), "SYMMETRIC")
        planes = tf.shape(stack)[0] - (sections - 1)
        inputs = tf.stack([padded[i : i + planes] for i in range(sections)], axis=-1)
        logits = model(inputs, training=False)
        inside = tf.concat([[planes], sizes - 2 * margin, [model.output_shape[-1]]], 0)
        return head(tf.slice(logits, [0, *[margin] * axes, 0], inside))

    return forward.get_concrete_function()


def _poolings(model: keras.Model) -> int:
    kinds = (keras.layers.MaxPooling2D, keras.layers.MaxPooling3D)
    return sum(isinstance(layer, kinds) for layer in model.layers)


def _best(logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The class with the largest probability, and that probability."""
    best = tf.reduce_max(logits, axis=-1, keepdims=True)
    confidence = 1 / tf.reduce_sum(tf.exp(logits - best), axis=-1)
    return tf.argmax(logits, axis=-1, output_type=tf.int32), confidence
