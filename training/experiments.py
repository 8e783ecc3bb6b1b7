"""Every reported run, by ID. An ID is never reused or edited.

A family of runs is a file: frozen dataclasses with `id`, `note` and settings; `quick`, which gives
the same run in seconds; and `rows`, which does a run in a folder, where an interrupted one goes on,
and gives what results.md says of it.
"""

from types import ModuleType
from typing import Any

from training import (
    borehole_distillation,
    borehole_experiments,
    facies_blocks,
    facies_experiments,
    facies_sampling,
    facies_surveys,
    fault_experiments,
    gather_experiments,
    salt_experiments,
)

FAMILIES: tuple[tuple[dict[int, Any], ModuleType], ...] = (
    (facies_experiments.FACIES, facies_experiments),
    (facies_surveys.SURVEYS, facies_surveys),
    (facies_blocks.BLOCKS, facies_blocks),
    (facies_sampling.SAMPLINGS, facies_sampling),
    (salt_experiments.SALT, salt_experiments),
    (borehole_experiments.BOREHOLES, borehole_experiments),
    (borehole_distillation.DISTILLATIONS, borehole_distillation),
    (fault_experiments.FAULTS, fault_experiments),
    (gather_experiments.GATHERS, gather_experiments),
)
EXPERIMENTS: dict[int, tuple[Any, ModuleType]] = {
    number: (run, family) for runs, family in FAMILIES for number, run in runs.items()
}
