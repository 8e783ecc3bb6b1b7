"""Time of a training step on this device, for ways of computing it."""

import time
from collections.abc import Iterator

import jax
import numpy as np

from tfseis.models.cubes.networks import fault_network
from training.gpu.crops import SurveyPool
from training.gpu.draws import CropRules
from training.gpu.planes import by_planes
from training.gpu.step import LOSSES, Learner

WAYS = ("cubes", "planes")
STEPS = 20


def times(
    network: str, *, crop: int, batch: int, side: int, ways: tuple[str, ...] = WAYS
) -> Iterator[dict[str, float | str]]:
    """Seconds to compile and milliseconds a step, one row a way of computing convolutions.

    Args:
        network: name of the network.
        crop: length of a crop along each axis, in samples.
        batch: crops in a step.
        side: length of a survey along each axis, in samples.
        ways: "cubes" for convolutions in three dimensions, "planes" for ones in two.
    """
    rng, key = np.random.default_rng(0), jax.random.key(0)
    pool = SurveyPool(4, side)
    shape = (side, side, side)
    pool.add(rng.normal(size=shape).astype("float16"), (rng.random(shape) < 0.04).astype("int8"))
    (arrays, _), rules = pool.block(0), CropRules(size=crop)
    for way in ways:
        built = fault_network(network)
        if way == "planes":
            by_planes(built)
        learner = Learner(built, LOSSES["ce-dice"], memory=0.99, crop=crop)
        began = time.monotonic()
        drawn = rules.drawn(batch, side, 1, rng)
        float(learner.learn(arrays, drawn, key, 1e-3))  # waits for it
        compiled = time.monotonic()
        for _ in range(STEPS):
            loss = learner.learn(arrays, rules.drawn(batch, side, 1, rng), key, 1e-3)
        last = float(loss)
        seconds = (time.monotonic() - compiled) / STEPS
        yield {
            "way": way,
            "network": network,
            "crop": crop,
            "batch": batch,
            "compile_seconds": round(compiled - began, 1),
            "milliseconds_a_step": round(1000 * seconds, 1),
            "crops_a_second": round(batch / seconds, 1),
            "loss": round(last, 4),
        }
