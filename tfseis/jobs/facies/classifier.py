"""Classes and confidence at every sample, from a trained facies network."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfseis.data.regions import Halo, read_region
from tfseis.data.scaling import Scaling
from tfseis.errors import ModelError
from tfseis.inference.dense import dense_model
from tfseis.inference.moved import restored, stored
from tfseis.inference.runtime import Runtime
from tfseis.io.cube import Cube
from tfseis.jobs.facies.channels import margins, named_channels, uses_coordinates
from tfseis.jobs.facies.forward import Head, best_class, every_sample_framing, middle_framing
from tfseis.jobs.facies.networks import context
from tfseis.jobs.facies.recipe import FaciesRecipe
from tfseis.jobs.facies.sections import plane_axes
from tfseis.models.recipe import recipe_for
from tfseis.selection import Parts
from tfseis.windows import blocks

MOST_SAMPLES = 500_000  # evaluated in one call: about 300 MB of features
MOST_IN_BLOCK = 2_000_000  # the same of a 3D network of every sample, context included: 600 MB


@dataclass(frozen=True)
class Predicted:
    """The prediction of a part of a cube; all arrays are of one shape.

    Args:
        classes: class index, int16; 0 where not live.
        confidence: the largest class probability, float32; 0 where not live.
        live: bool; False at missing and dead traces and at non-finite samples.
    """

    classes: np.ndarray
    confidence: np.ndarray
    live: np.ndarray


class DenseClassifier:
    """A trained facies network, ready to be applied to whole sections or blocks.

    Args:
        model: trained network with its recipe, as `tfseis facies train` saves it.
        axis: what is constant on the sections that a 2D network is applied to: 0 inline number,
            1 crossline number, 2 time; that of the model's training if None.
        backend: what computes: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.

    Attributes:
        recipe: recipe of the model.
        channels: input channels of the model.
        sections: number of neighbouring sections that are its input channels.
        halo: samples of context around what is predicted, along each axis of the cube.
        multiples: samples at whose multiples blocks begin, along each axis of the cube.
        temperature: divides the logits before they become probabilities; 1 if not calibrated.
        network: network that is evaluated: the model itself, or the dense twin of one that
            classifies the middle of a crop.
        runtime: computes the network; may be replaced by one in another precision.

    Raises:
        ModelError: the model carries no recipe, or cannot be evaluated densely.
    """

    def __init__(
        self, model: keras.Model, axis: int | None = None, *, backend: str = "keras"
    ) -> None:
        recipe = recipe_for(model, "facies")
        self.recipe: FaciesRecipe = recipe if axis is None else replace(recipe, axis=axis)
        self.channels = named_channels(self.recipe.channels)
        self.sections = recipe.sections or model.input_shape[-1] // len(self.channels)
        multiple = sizes = 1
        before, after = margins(self.recipe.crop_size, self.channels)
        if recipe.every_sample:
            sizes, whole = context(model)
            multiple = sizes if recipe.multiple is None else recipe.multiple
            before = after = whole if recipe.halo is None else recipe.halo
        around, multiples = [Halo(before, after)] * 3, [multiple] * 3
        if self.flat:
            around[self.recipe.axis] = Halo(self.sections // 2, self.sections // 2)
            multiples[self.recipe.axis] = 1
        self._before = before  # samples of context along the axes of a section or block
        self.halo = (around[0], around[1], around[2])
        self.multiples = (multiples[0], multiples[1], multiples[2])
        self._model = model
        self.network = model if recipe.every_sample else dense_model(model)
        self.temperature = recipe.temperature or 1.0
        self.runtime = Runtime(self.network, backend)
        self._model = model
        axes = len(self.network.input_shape) - 2
        self._framing = (
            every_sample_framing(sections=self.sections, halo=before, multiple=sizes, axes=axes)
            if recipe.every_sample
            else middle_framing(self.channels, recipe.crop_size, axes)
        )
        self.inputs = self._framing.graph(self._framing.inputs)

    def __reduce__(self) -> tuple:
        """Another process computes by the same library in the same precision."""
        return _moved, (stored(self._model), self.recipe.axis, self.runtime)

    @property
    def flat(self) -> bool:
        """Whether it sees sections (2D) rather than blocks (3D)."""
        return self.recipe.flat

    def forward(self, head: Head) -> Callable:
        """A graph of the network on scaled planes or blocks, with their context.

        Args:
            head: function of the logits (planes, rows, .., classes).

        Returns:
            A function of amplitudes (planes, rows, ..) of any size, of where they begin in the
            section, and of the last index of the section along its axes; it returns what the head
            does. The planes of a network of several sections come with their neighbours, so the
            first and the last ``sections // 2`` of them have no prediction.
        """
        return self._framing.around(self.network, head)

    def logits(self, stack: np.ndarray, origin: list[int], last: list[int]) -> tf.Tensor:
        """Logits (planes, rows, .., classes), by the runtime; arguments as those of `forward`."""
        found = self.runtime(self.inputs(stack, origin, last))
        return self._framing.inside(tf.constant(found), stack)

    def window(self, cube: Cube, region: Parts, scaling: Scaling) -> tuple[np.ndarray, np.ndarray]:
        """What the network sees of a section or a block, and which samples of its outputs count.

        Args:
            cube: cube to read from.
            region: range along each axis, with steps of 1; one line along the axis of a 2D network.
            scaling: centre and spread of the cube's amplitudes.

        Returns:
            Inputs, float32 (rows, .., channels), and bool (rows, ..) of the outputs.
        """
        block, live = read_region(cube, region, self.halo, scaling)
        origin: list[int] = []
        last: list[int] = []
        block, live = block[np.newaxis], live[np.newaxis]
        if self.flat:
            axis = self.recipe.axis
            block, live = np.moveaxis(block[0], axis, 0), np.moveaxis(live[0], axis, 0)
            origin, last = _places(axis, region, cube.shape)
        inputs = self.inputs(block, origin, last).numpy()
        if self.recipe.every_sample:
            before = self._before
            beside = zip(inputs.shape[1:-1], live.shape[1:], strict=True)
            live = np.pad(live, [(0, 0), *((before, n - before - m) for n, m in beside)])
        return inputs[0], live[0]

    def compute_by(self, backend: str, samples: int) -> None:
        """Compute by this library from now on.

        Args:
            backend: "auto", "keras" or "openvino".
            samples: samples that the network is applied to in all.
        """
        self.runtime = Runtime(self.network, backend, work=samples)

    def check_grid(self, cube: Cube) -> None:
        """Refuse another survey than that of the training if positions are an input of the model.

        Raises:
            ModelError: the model has position channels, and the grids differ.
        """
        grid = cube.geometry.signature()
        if uses_coordinates(self.channels) and grid != self.recipe.grid:
            raise ModelError(
                f"Expected the survey on which the model was trained, {self.recipe.grid}, since "
                f"coordinates are among its inputs; got {grid}. Train one without coordinate "
                "channels: --channels amplitude."
            )

    def predict(self, cube: Cube, parts: Parts, scaling: Scaling) -> Predicted:
        """Predict ``cube[parts]``, slices with positive steps; the context around it is read too.

        Args:
            cube: cube to read from.
            parts: range and stride along each axis.
            scaling: centre and spread of the cube's amplitudes.
        """
        whole, thin = self._whole(parts, cube.shape)
        amplitude, live = read_region(cube, whole, self.halo, scaling)
        live = live[thin[0], thin[1], thin[2]]
        if self.flat:
            every, thin[self.recipe.axis] = thin[self.recipe.axis].step or 1, slice(None)
            classes, confidence = self._predicted_sections(amplitude, whole, cube.shape, every)
        else:
            classes, confidence = self._predicted_blocks(amplitude)
        keep = tuple(thin)
        return Predicted(
            classes=np.where(live, classes[keep], 0).astype("int16"),
            confidence=np.where(live, confidence[keep], 0).astype("float32"),
            live=live,
        )

    def evaluated_samples(self, numbers: tuple[range, range, range]) -> int:
        """Samples, context included, that the network is applied to in order to `predict` these."""
        extra = np.array([around.before + around.after for around in self.halo])
        if self.flat:
            planes = len(numbers[self.recipe.axis])
            sizes = [r.step * (len(r) - 1) + 1 + m for r, m in zip(numbers, extra, strict=True)]
            return planes * int(np.prod(np.delete(sizes, self.recipe.axis)))
        wanted = np.array([r.step * (len(r) - 1) + 1 for r in numbers])
        size = self._block(wanted, extra)
        return int(np.prod(np.ceil(wanted / size)) * np.prod(size + extra))

    def _whole(self, parts: Parts, shape: tuple[int, int, int]) -> tuple[Parts, list[slice]]:
        """What is predicted for ``parts``, and which of it is kept.

        Where context is needed, every sample from the multiple before is predicted.
        """
        whole, thin = [], []
        for part, length, around, multiple in zip(
            parts, shape, self.halo, self.multiples, strict=True
        ):
            start, stop, step = part.indices(length)
            if around == Halo():
                whole.append(slice(start, stop, step))
                thin.append(slice(None))
            else:
                more = start % multiple
                stop = max(range(start, stop, step), default=start) + 1
                whole.append(slice(start - more, stop))
                thin.append(slice(more, None, step))
        return (whole[0], whole[1], whole[2]), thin

    def _predicted_sections(
        self, amplitude: np.ndarray, region: Parts, shape: tuple[int, int, int], every: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Class and confidence from a 2D network, in calls of bounded size."""
        origin, last = _places(self.recipe.axis, region, shape)
        stack, more = np.moveaxis(amplitude, self.recipe.axis, 0), self.sections - 1
        wanted = range(0, len(stack) - more, every)
        count = MOST_SAMPLES // (stack.shape[1] * stack.shape[2]) if every == 1 else 1
        results = [
            self._best(stack[wanted[b][0] : wanted[b][-1] + 1 + more], origin, last)
            for b in blocks(len(wanted), max(1, count))
        ]
        classes, confidence = (np.concatenate([np.asarray(r[i]) for r in results]) for i in (0, 1))
        return (
            np.moveaxis(classes, 0, self.recipe.axis),
            np.moveaxis(confidence, 0, self.recipe.axis),
        )

    def _predicted_blocks(self, amplitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Class and confidence from a 3D network, in calls of bounded size."""
        extra = np.array([around.before + around.after for around in self.halo])
        wanted = amplitude.shape - extra
        size = self._block(wanted, extra)
        classes, confidence = np.zeros(wanted, "int32"), np.zeros(wanted, "float32")
        for begin in itertools.product(*map(range, [0] * 3, wanted.tolist(), size.tolist())):
            core = tuple(slice(b, b + n) for b, n in zip(begin, size, strict=True))
            seen = tuple(slice(c.start, c.stop + m) for c, m in zip(core, extra, strict=True))
            best, sure = self._best(amplitude[seen][np.newaxis], [], [])
            classes[core], confidence[core] = best[0], sure[0]
        return classes, confidence

    def _best(self, stack: np.ndarray, origin: list[int], last: list[int]) -> Any:
        """Class and confidence."""
        return best_class(self.logits(stack, origin, last), temperature=self.temperature)

    def _block(self, wanted: np.ndarray, extra: np.ndarray) -> np.ndarray:
        """Samples along each axis that are predicted in one call, each a multiple."""
        multiple = self.multiples[0]
        size = -(-wanted // multiple)
        if not self.recipe.every_sample:
            traces = int(np.prod((wanted + extra)[:2]))
            size[2] = min(size[2], max(1, MOST_SAMPLES // traces))
            return size
        while np.prod(size * multiple + extra) > MOST_IN_BLOCK and size.max() > 1:
            size[size.argmax()] = -(-size.max() // 2)
        return size * multiple


def _places(axis: int, region: Parts, shape: tuple[int, int, int]) -> tuple[list[int], list[int]]:
    """Where a part begins in the sections across an axis, and the last index of these."""
    both = plane_axes(axis)
    return [region[a].start for a in both], [max(shape[a] - 1, 1) for a in both]


def _moved(model: Any, axis: int, runtime: Runtime) -> DenseClassifier:
    classifier = DenseClassifier(restored(model), axis)
    classifier.runtime = runtime
    return classifier
