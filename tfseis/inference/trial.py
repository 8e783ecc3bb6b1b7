"""Whether OpenVINO computes a network: it and TensorFlow on a part of the first batch."""

import time
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from tfseis.errors import ModelError
from tfseis.inference.backends import Forward
from tfseis.inference.openvino_models import CUBE
from tfseis.models.receptive import receptive_field

SIDES = {5: 64, 4: 256}  # samples of the part along each axis of a cube, of an image
SIDE = 4096  # the same of a line
SAMPLES = 2**17  # of the part, where examples are smaller
TOLERANCE = 1e-4  # between OpenVINO and Keras, relative to the largest logit if that is above 1
ROUNDS, SECONDS = 3, 1.0  # both are timed so often, or so long
LONG = 20.0  # seconds that TensorFlow takes in all, from which on converting a network is repaid


@dataclass(frozen=True)
class Verdict:
    """What computes.

    Args:
        openvino: whether OpenVINO does.
        reason: why, in a few words.
        cause: why its answers cannot be used; empty where they can, or were not asked for.
    """

    openvino: bool
    reason: str
    cause: str = ""


def tried(
    batch: np.ndarray,
    tensorflow: Forward,
    openvino: Forward,
    multiples: tuple[int, ...] | None,
    work: int | None = None,
) -> Verdict:
    """Compare the answers of OpenVINO with those of TensorFlow, and the time that both take.

    Networks over cubes are not timed: OpenVINO is faster there, and a command that is given twice
    gives the same bytes.

    Args:
        batch: inputs, (batch, .., channels).
        tensorflow: the network in float32.
        openvino: the same network.
        multiples: what sizes of inputs must be multiples of; None where that is not known.
        work: samples that the network is applied to in all; None for many.
    """
    part = part_of(batch, multiples)
    expected = tensorflow(part)
    if batch.ndim == CUBE:
        cause = _difference(expected, openvino, part)
        reason = f"OpenVINO: {cause}" if cause else "OpenVINO answers as TensorFlow does"
        return Verdict(not cause, reason, cause)
    slow = _seconds(tensorflow, part)
    if work is not None and slow * work / part[..., 0].size < LONG:
        return Verdict(False, "there is too little to compute to gain from OpenVINO")
    cause = _difference(expected, openvino, part)
    if cause:
        return Verdict(False, f"OpenVINO: {cause}", cause)
    fast, rounds, spent = _seconds(openvino, part), 1, slow
    while rounds < ROUNDS and spent < SECONDS:
        slow, fast = min(slow, _seconds(tensorflow, part)), min(fast, _seconds(openvino, part))
        rounds, spent = rounds + 1, spent + slow + fast
    if fast < slow:
        return Verdict(True, f"OpenVINO is {slow / fast:.2f} times as fast as TensorFlow")
    return Verdict(False, f"TensorFlow is {fast / slow:.2f} times as fast as OpenVINO")


def sizes_of(model: keras.Model | Path) -> tuple[int, ...] | None:
    """What sizes of inputs must be multiples of along each axis; None where that is not known."""
    if isinstance(model, Path) or any(size is not None for size in model.input_shape[1:-1]):
        return None
    try:
        return receptive_field(model).stride
    except ModelError:
        return None


def part_of(batch: np.ndarray, multiples: tuple[int, ...] | None) -> np.ndarray:
    """A part of a batch around its largest value, which costs a fraction of the whole.

    Args:
        batch: inputs, (batch, .., channels).
        multiples: what its sizes must be multiples of; None for examples that are not cut.

    Returns:
        The same axes; examples that are cut, or as many as a part may hold.
    """
    peak = np.unravel_index(np.abs(batch[..., 0]).argmax(), batch.shape[:-1])
    inside = []
    if multiples is not None:
        side = SIDES.get(batch.ndim, SIDE)
        for place, length, multiple in zip(peak[1:], batch.shape[1:-1], multiples, strict=True):
            size = min(length, max(multiple, side // multiple * multiple))
            start = int(np.clip(place - size // 2, 0, length - size))
            inside.append(slice(start, start + size))
    example = batch[(slice(1), *inside)]
    count = max(1, SAMPLES // max(example[..., 0].size, 1))
    first = min(int(peak[0]), max(0, len(batch) - count))
    return np.ascontiguousarray(batch[(slice(first, first + count), *inside)])


def _difference(expected: np.ndarray, openvino: Forward, part: np.ndarray) -> str:
    """Why the logits are not those expected; empty if they are."""
    try:
        apart = np.abs(openvino(part) - expected).max() / max(1, np.abs(expected).max())
    except Exception as error:  # TensorFlow can compute what the converter cannot
        return (str(error).strip().splitlines() or ["it failed"])[-1]
    return "" if apart <= TOLERANCE else f"its answers differ by {apart:.2g}"


def _seconds(forward: Forward, part: np.ndarray) -> float:
    began = time.perf_counter()
    forward(part)
    return max(time.perf_counter() - began, 1e-9)
