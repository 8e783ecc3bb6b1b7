"""A training step of Wu's 3D U-Net, beside the same step in PyTorch.

Weights, batch, loss and rate are the same; loss and weights after a step are equal before anything
is timed. PyTorch is needed for that alone: pip install torch. Without it our own steps are printed.
"""

from collections.abc import Callable
from importlib.util import find_spec

import keras
import numpy as np
import pandas as pd

from benchmarks.sliding import torch_twin, wu_model
from benchmarks.timing import fastest
from tfseis.learning.losses.surfaces import fault_crossentropy

CROP, BATCH, TURNS = 64, 2, 8
RATE = 0.1  # of plain gradient descent, so that the weights after a step show the gradient
TOLERANCE = 1e-4
PRECISIONS = ("float32", "mixed_bfloat16")


def run(crop: int = CROP, turns: int = TURNS) -> pd.DataFrame:
    """Seconds a step, the best of some turns, and the ratio to PyTorch in float32.

    Args:
        crop: samples along each axis of the two crops of a batch.
        turns: steps of each that are timed, by turns.
    """
    rng = np.random.default_rng(0)
    amplitude = rng.normal(size=(BATCH, crop, crop, crop, 1)).astype("float32")
    faults = (rng.uniform(size=amplitude.shape) < 0.05).astype("float32")
    steps = {f"TensorFlow, {name}": keras_step(amplitude, faults, name) for name in PRECISIONS}
    if find_spec("torch"):
        theirs = {f"PyTorch, {name}": torch_step(amplitude, faults, name) for name in PRECISIONS}
        check_equal(steps["TensorFlow, float32"], theirs["PyTorch, float32"])
        steps |= theirs
    for step in steps.values():
        step()  # compiled
    best = fastest(steps, turns)
    ratio = best["PyTorch, float32"] / best if "PyTorch, float32" in best else np.nan
    return pd.DataFrame({"what": best.index, "seconds": best.values, "ratio": np.asarray(ratio)})


def check_equal(ours: Callable, theirs: Callable) -> None:
    """One step of each: the same loss, the same weights after it."""
    (one, weights), (two, others) = ours(), theirs()
    assert abs(one - two) < TOLERANCE, (one, two)
    for here, there in zip(weights, others, strict=True):
        np.testing.assert_allclose(here, there, atol=TOLERANCE)


def keras_step(amplitude: np.ndarray, faults: np.ndarray, precision: str) -> Callable:
    """A step that gives the loss before it and the weights after it."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    model = wu_model(amplitude.shape[1])
    keras.config.set_dtype_policy(before)
    model.compile(keras.optimizers.SGD(RATE), loss=fault_crossentropy)

    def step() -> tuple[float, list[np.ndarray]]:
        model.reset_metrics()
        loss = model.train_on_batch(amplitude, faults)
        return float(loss), model.get_weights()

    return step


def torch_step(amplitude: np.ndarray, faults: np.ndarray, precision: str) -> Callable:
    """The same in PyTorch."""
    import torch  # noqa: PLC0415

    model = wu_model(amplitude.shape[1])
    weights = [torch.tensor(w, requires_grad=True) for w in model.get_weights()]
    values, labels = (
        torch.from_numpy(np.moveaxis(cube, -1, 1).copy()) for cube in (amplitude, faults)
    )

    def step() -> tuple[float, list[np.ndarray]]:
        with torch.autocast("cpu", torch.bfloat16, enabled=precision != "float32"):
            logits = torch_twin(weights)(values)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), labels)
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.sub_(RATE * gradient)
        return loss.item(), [w.detach().numpy() for w in weights]

    return step


if __name__ == "__main__":
    print(run().round(2).to_string(index=False))
