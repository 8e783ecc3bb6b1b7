"""How real gathers vary while a network trains."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tfseis.io.gathers.gather import Gather

GatherVariation = Callable[[Gather, np.random.Generator], Gather]


def random_polarity(gather: Gather, rng: np.random.Generator) -> Gather:
    """The gather, or the gather with opposite amplitudes: a reflection may have either polarity.

    The order of traces stays, and time is never reversed.

    Args:
        gather: a whole gather.
        rng: random numbers.
    """
    return replace(gather, amplitude=gather.amplitude * np.float32(rng.choice([-1, 1])))


GATHER_VARIATIONS: dict[str, GatherVariation | None] = {"usual": random_polarity, "none": None}
