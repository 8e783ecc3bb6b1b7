"""Groups of gathers denoised and scored one by one, here or in other processes."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from typing import Any

import keras
import numpy as np

from tfseis.inference.moved import restored, stored
from tfseis.inference.runtime import Runtime
from tfseis.io.gathers.opening import Gathers
from tfseis.jobs.gathers.denoiser import GatherDenoiser, denoiser
from tfseis.scores.denoising import GatherScore, gather_score
from tfseis.tasks.task import Arrays, Box, Found, Task, Tick

SAMPLES = 2_000_000  # of the gathers of a group
GATHERS = 64  # most gathers of a group


@dataclass(frozen=True)
class Denoised:
    """A gather without noise.

    Args:
        kept: amplitudes, float (traces, samples).
        changed: the live samples from which something was removed, bool (traces, samples).
        removed: what was removed, float (traces, samples).
        live: bool (traces, samples).
        score: how well it was denoised.
    """

    kept: np.ndarray
    changed: np.ndarray
    removed: np.ndarray
    live: np.ndarray
    score: GatherScore


@dataclass(frozen=True)
class DenoiseWork:
    """Denoises groups of gathers.

    Args:
        model: a trained gather model.
        gathers: all gathers.
        truth: the same without noise; None for none.
        measured: numbers of the gathers whose leakage is measured.
        size, stride: traces and samples of windows; None for those of the model.
        runtime: what computes the model.
    """

    model: keras.Model
    gathers: Gathers
    truth: Gathers | None
    measured: Sequence[int]
    size: tuple[int, int] | None
    stride: tuple[int, int] | None
    runtime: Runtime

    @cached_property
    def denoise(self) -> GatherDenoiser:
        """The network on gathers, made once in each process."""
        return denoiser(self.model, size=self.size, stride=self.stride, runtime=self.runtime)

    def __getstate__(self) -> dict[str, Any]:
        """All but the network, which each process makes itself."""
        rest = {name: value for name, value in self.__dict__.items() if name != "denoise"}
        return rest | {"model": stored(self.model)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state | {"model": restored(state["model"])})

    def run(self, task: Task, state: Arrays | None, tick: Tick) -> Found:
        """The gathers of a group, each as a `Denoised`."""
        found = []
        for number in range(task.box[0].start, task.box[0].stop):
            gather = self.gathers.read(number)
            kept = self.denoise(gather)
            signal = None if self.truth is None else self.truth.read(number).amplitude
            score = gather_score(gather, kept, signal, leakage=number in self.measured)
            changed = gather.live & (kept != gather.amplitude)
            found.append(Denoised(kept, changed, gather.amplitude - kept, gather.live, score))
            tick(1)
        return Found(found)


def gather_tasks(shapes: np.ndarray) -> list[Task]:
    """Groups of gathers that follow each other.

    Args:
        shapes: number of traces and samples of each gather, integers (gathers, 2).
    """
    tasks: list[Task] = []
    first, samples = 0, 0
    for number, size in enumerate(np.prod(shapes, axis=1).tolist()):
        if number > first and (samples + size > SAMPLES or number - first == GATHERS):
            tasks.append(_group(len(tasks), first, number))
            first, samples = number, 0
        samples += size
    return [*tasks, _group(len(tasks), first, len(shapes))]


def _group(number: int, first: int, stop: int) -> Task:
    return Task(number, (slice(first, stop), slice(0, 1)), stop - first)


def write_group(writers: Sequence[Any], found: Sequence[Denoised], box: Box) -> dict[str, Any]:
    """Write a group of gathers.

    Args:
        writers: writer of the gathers, and of what was removed or None.
        found: the gathers.
        box: their numbers, and one column.

    Returns:
        Their scores as plain values, for `scores_of`.
    """
    new, rest = writers
    for number, one in zip(range(box[0].start, box[0].stop), found, strict=True):
        new.write(number, one.kept, one.changed)
        if rest is not None:
            rest.write(number, one.removed, one.live)
    return {"scores": [astuple(one.score) for one in found]}


def scores_of(facts: Sequence[dict[str, Any]]) -> list[GatherScore]:
    """The scores of all gathers in order, from what `write_group` returned."""
    rows = (row for fact in facts for row in fact["scores"])
    return [
        GatherScore(leakage, chance, removed, gain, tuple(bands))
        for leakage, chance, removed, gain, bands in rows
    ]
