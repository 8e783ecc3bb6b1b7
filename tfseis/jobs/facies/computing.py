"""What computes a facies network, and in which precision, as the user and the survey want it."""

from functools import partial

import numpy as np
import tensorflow as tf

from tfseis.data.scaling import Scaling
from tfseis.inference.agreement import Chosen, class_agreement
from tfseis.inference.numbered import Numbered, Window
from tfseis.inference.precision import precision_of
from tfseis.io.cube import Cube
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.cube import evaluated_samples
from tfseis.selection import Parts

SIDES = {True: 256, False: 48}  # samples of a window of a 2D network, and of a 3D one


def choose_computing(
    classifier: DenseClassifier,
    cube: Cube,
    parts: Parts,
    scaling: Scaling,
    *,
    backend: str = "auto",
    precision: str = "auto",
    progress: bool = True,
) -> Chosen:
    """Let a classifier compute by a library and in a precision that suit a survey.

    Args:
        classifier: trained network; its runtime is replaced.
        cube: the survey.
        parts: range and stride along each axis that will be predicted.
        scaling: centre and spread of its amplitudes.
        backend: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.
        precision: "auto", "float32", "bfloat16" or "int8", see
            `tfseis.inference.precision.with_precision`.
        progress: whether a bar is shown.

    Raises:
        TfseisError: an unknown name, or what cannot be computed here.
    """
    classifier.compute_by(backend, evaluated_samples(classifier, cube, parts))
    classifier.runtime, chosen = precision_of(
        classifier.runtime,
        precision,
        windows_of(classifier, cube, parts, scaling),
        class_agreement,
        answer=partial(_probability, temperature=classifier.temperature),
        progress=progress,
    )
    return chosen


def windows_of(classifier: DenseClassifier, cube: Cube, parts: Parts, scaling: Scaling) -> Numbered:
    """Windows over the part of a cube that is predicted, as the network sees them."""
    ends = [range(*part.indices(length)) for part, length in zip(parts, cube.shape, strict=True)]
    sizes = [SIDES[classifier.flat]] * 3
    if classifier.flat:
        sizes[classifier.recipe.axis] = 1
    counts = [-(-(r.stop - r.start) // size) for r, size in zip(ends, sizes, strict=True)]

    def read(number: int) -> Window:
        region = []
        for place, whole, size, multiple in zip(
            np.unravel_index(number, counts), ends, sizes, classifier.multiples, strict=True
        ):
            start = whole.start + int(place) * size
            region.append(slice(start - start % multiple, min(start + size, whole.stop)))
        return classifier.window(cube, (region[0], region[1], region[2]), scaling)

    return Numbered(int(np.prod(counts)), read)


def _probability(logits: np.ndarray, temperature: float) -> np.ndarray:
    return tf.nn.softmax(logits / temperature).numpy()
