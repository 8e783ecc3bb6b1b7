"""A facies network on whole sections: class probabilities in place of the best class alone."""

from dataclasses import dataclass

import numpy as np

from tfseis.data.regions import read_region
from tfseis.data.scaling import Scaling
from tfseis.io.cube import Cube
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.log_probabilities import bounded, planes
from tfseis.jobs.facies.sections import line_parts


@dataclass(frozen=True)
class SeenSection:
    """A section as a network sees it.

    Args:
        seen: scaled amplitudes with their context, float32 (1, rows, columns).
        amplitude: the same of the section alone, (traces, samples).
        live: bool (traces, samples).
    """

    seen: np.ndarray
    amplitude: np.ndarray
    live: np.ndarray


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

    def read(self, index: int) -> SeenSection:
        """A section and its context.

        Args:
            index: array index of the section along the axis of the network.
        """
        halo, parts = self.classifier.halo, line_parts(self.axis, index)
        block, live = read_region(self.cube, parts, halo, self.scaling)
        stack = np.moveaxis(block, self.axis, 0)
        rows, columns = (around for axis, around in enumerate(halo) if axis != self.axis)
        sizes = [length for axis, length in enumerate(self.cube.shape) if axis != self.axis]
        amplitude = stack[
            0, rows.before : rows.before + sizes[0], columns.before : columns.before + sizes[1]
        ]
        return SeenSection(stack, np.ascontiguousarray(amplitude), live.squeeze(self.axis))

    def log_probability(self, section: SeenSection) -> np.ndarray:
        """Logarithms of the class probabilities of a section, at least `SURE`.

        Returns:
            float32 planes (classes, traces, samples).
        """
        last = [max(size - 1, 1) for size in section.amplitude.shape]
        logits = self.classifier.logits(section.seen, [0, 0], last)[0]
        return bounded(planes(logits.numpy()), axis=0)
