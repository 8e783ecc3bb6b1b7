"""A cube predicted task by task into result cubes, whichever job predicts."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfseis.inference.fingerprints import head_of
from tfseis.inference.runtime import Runtime
from tfseis.io.cube import Cube
from tfseis.io.results import ResultWriter, create_results
from tfseis.selection import Parts
from tfseis.tasks.mosaic import Merge
from tfseis.tasks.plan import Plan, only_one
from tfseis.tasks.run import HERE, carry_out
from tfseis.tasks.task import Arrays, Box, Task, Work
from tfseis.tasks.workers import Workers

# from what a task gave for a part of the result, and where that lies, to a block for each wanted
# result, and facts of the part as plain values
Blocks = Callable[[Arrays, Box], tuple[Sequence[np.ndarray], dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What is predicted of a cube, by which tasks, and what it depends on.

    Args:
        cube: the cube to read.
        parts: range and stride along each axis.
        wanted: path, kind and provenance of each result, as in `tfseis.io.create_results`.
        tasks: the tasks, those that others continue before them.
        work: what does them.
        networks: what predicts.
        arguments: further facts that the result depends on, plain values by name.
        title, unit: what progress bars call the work and its units.
        merge: makes one part of several that overlap, in the order of their tasks.
    """

    cube: Cube
    parts: Parts
    wanted: Sequence[tuple[str | Path | None, str, Sequence[str]]]
    tasks: Sequence[Task]
    work: Work
    networks: Sequence[Runtime | keras.Model]
    arguments: Mapping[str, Any]
    title: str = "predict"
    unit: str = " windows"
    merge: Merge = field(default=only_one)


@dataclass(frozen=True)
class WrittenCubes:
    """Result cubes that were written, and what is known of them.

    Args:
        cubes: the cubes, opened, in the order in which they were wanted.
        facts: facts of all parts, in the order of the parts.
        nonfinite: how many times a sample without a value was read.
    """

    cubes: tuple[Cube, ...]
    facts: list[dict[str, Any]]
    nonfinite: int

    def total(self, name: str) -> int:
        """A number that is a fact of each part, added up."""
        return sum(fact[name] for fact in self.facts)


def write_cubes(
    prediction: Prediction,
    blocks: Blocks,
    *,
    workers: Workers = HERE,
    writing: Callable[[], AbstractContextManager] = nullcontext,
    overwrite: bool,
    progress: bool = True,
) -> WrittenCubes:
    """Predict a cube into results with its headers, or go on with what an earlier run left.

    Args:
        prediction: what is predicted.
        blocks: makes the blocks of the results from what tasks give.
        workers: who predicts; the results are the same whoever does.
        writing: context in which blocks are written, such as one that measures time.
        overwrite: whether results of these names, and what was left of others, are replaced.
        progress: whether a bar is shown.

    Raises:
        TfseisError: as `tfseis.tasks.run.carry_out` and `tfseis.io.create_results`.
    """
    cube, parts, wanted = prediction.cube, prediction.parts, prediction.wanted
    geometry, read = cube.geometry.sliced(parts), cube.nonfinite

    def write(writers: Sequence[ResultWriter | None], values: Arrays, box: Box) -> dict[str, Any]:
        made, facts = blocks(values, box)
        with writing():
            for writer, block in zip(writers, made, strict=True):
                if writer:
                    writer.write(block, inline=box[0].start, crossline=box[1].start)
        return facts

    made = carry_out(
        Plan(
            results=[Path(path) for path, *_ in wanted if path],
            head=head_of(cube, parts, prediction.networks, workers, prediction.arguments),
            tasks=prediction.tasks,
            shape=geometry.shape[:2],
            inputs=[cube.path],
            title=prediction.title,
            unit=prediction.unit,
            merge=prediction.merge,
        ),
        prediction.work,
        lambda: create_results(
            wanted, cube, geometry=geometry, overwrite=overwrite, unfinished=True
        ),
        write,
        workers=workers,
        overwrite=overwrite,
        progress=progress,
    )
    cubes = tuple(writer.cube() for writer in made.writers if writer)
    return WrittenCubes(cubes, made.facts, read + made.counts["nonfinite"])
