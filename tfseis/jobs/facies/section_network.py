"""A facies network on whole sections: class probabilities in place of the best class alone."""

import numpy as np
import tensorflow as tf

from tfseis.data.regions import read_region
from tfseis.data.scaling import Scaling
from tfseis.io.cube import Cube
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.reflections import SURE
from tfseis.jobs.facies.sections import line_parts


class SectionNetwork:
    """A 2D network that classifies every sample, applied to one section of a cube at a time.

    Args:
        classifier: trained network.
        cube: cube of the survey.
        scaling: centre and spread of its amplitudes.
    """

    def __init__(self, classifier: DenseClassifier, cube: Cube, scaling: Scaling) -> None:
        self.classifier, self.cube, self.scaling = classifier, cube, scaling
        self.axis = classifier.recipe.axis

    def read(
        self, index: int, *, predict: bool = True
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Amplitudes and class probabilities of a section.

        Args:
            index: array index of the section along the axis of the network.
            predict: whether the network is evaluated.

        Returns:
            Scaled amplitudes, float32 (traces, samples); logarithms of the class probabilities,
            float32 (traces, samples, classes), at least `SURE`, or nothing, (0,); and the live
            mask, bool (traces, samples).
        """
        halo, parts = self.classifier.halo, line_parts(self.axis, index)
        block, live = read_region(self.cube, parts, halo, self.scaling)
        stack = np.moveaxis(block, self.axis, 0)
        rows, columns = (around for axis, around in enumerate(halo) if axis != self.axis)
        sizes = [length for axis, length in enumerate(self.cube.shape) if axis != self.axis]
        last = [max(size - 1, 1) for size in sizes]
        predicted = np.empty(0, "float32")
        if predict:
            logits = self.classifier.logits(stack, [0, 0], last)[0]
            predicted = np.maximum(tf.nn.log_softmax(logits).numpy(), SURE)
        amplitude = stack[
            0, rows.before : rows.before + sizes[0], columns.before : columns.before + sizes[1]
        ]
        return amplitude, predicted, live.squeeze(self.axis)
