"""Fault networks applied to a cube window by window: probability, mask, spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

import tfseis
from tfseis.data.scaling import Scaling
from tfseis.inference.agreement import Chosen, mask_agreement
from tfseis.inference.ensemble import ensemble
from tfseis.inference.precision import Computed, with_precision
from tfseis.inference.result_cubes import Prediction, write_cubes
from tfseis.inference.seams import Seams
from tfseis.inference.volume import VolumeWork, added, result_seams, volume_tasks
from tfseis.inference.window_inputs import WindowInputs
from tfseis.io.cube import Cube
from tfseis.jobs.faults.model import FaultModel, fault_windows
from tfseis.selection import Parts
from tfseis.tasks.run import HERE
from tfseis.tasks.task import Arrays, Box
from tfseis.tasks.workers import Workers

GPU_BATCH = 4  # windows in a call; a CPU is busy with one


@dataclass(frozen=True)
class FaultCubes:
    """Where the cubes of a fault prediction are written.

    Args:
        probability: probability of a fault, float32, 0 at dead and missing samples; SEG-Y, or Zarr
            where the name ends in ``.zarr``.
        mask: the same, int16, 1 where the probability is above the threshold; None for none.
        spread: the same of the standard deviation of the probability among models and symmetries;
            None for none.
    """

    probability: str | Path
    mask: str | Path | None = None
    spread: str | Path | None = None


@dataclass(frozen=True)
class FaultPrediction:
    """Cubes that were written, and what is known of them.

    Args:
        cubes: the results, opened, the probability first.
        seams: mean difference across the borders of windows divided by that elsewhere; about 1
            means that borders do not show. NaN where there is one window.
        share: share of the live samples that are above the threshold, 0 to 1.
        computed: what computed, and in which numeric precision.
        scaling: statistics that were used.
        nonfinite: how many times a sample without a value was read.
    """

    cubes: tuple[Cube, ...]
    seams: float
    share: float
    computed: Computed
    scaling: Scaling
    nonfinite: int

    def text(self) -> str:
        """The same in a few lines, for people."""
        seams = (
            f"seam score {self.seams:.2f} (difference across the borders of windows over that "
            "elsewhere)"
            if np.isfinite(self.seams)
            else "one window, no seams"
        )
        return (
            f"{self.computed.text()}\n"
            f"{seams}\n"
            f"{self.share:.2%} of the samples are above the threshold"
        )


def write_faults(
    models: Sequence[FaultModel],
    cube: Cube,
    parts: Parts,
    scaling: Scaling,
    files: FaultCubes,
    *,
    tta: bool = False,
    overlap: int | None = None,
    threshold: float | None = None,
    precision: str = "float32",
    workers: Workers = HERE,
    overwrite: bool,
    progress: bool = True,
) -> FaultPrediction:
    """Predict ``cube[parts]``, window by window, into cubes with its headers.

    Args:
        models: one or more fault models, whose mean is taken.
        cube: the survey.
        parts: range and stride along each axis. Windows are those of the whole cube.
        scaling: statistics of the survey.
        files: files to write.
        tta: also average over the symmetries of the map.
        overlap: samples that neighbouring windows share; None for what the models ask for.
        threshold: threshold of the mask, 0 to 1; None for that of the first model.
        precision: numeric precision, see `tfseis.inference.precision.with_precision`.
        workers: who predicts.
        overwrite: replace files of these names.
        progress: show a progress bar.
    """
    windows = fault_windows(models, cube.shape, overlap)
    threshold = models[0].recipe.threshold if threshold is None else threshold
    inputs = WindowInputs(cube, windows, parts, scaling)
    models, chosen = with_precision(
        models, precision, inputs, partial(mask_agreement, threshold=threshold), progress=progress
    )
    about = _provenance(models, scaling, chosen, tta)
    wanted = (
        (files.probability, "probability", (*about, "probability of a fault")),
        (files.mask, "classes", (*about, f"1 is probability above {threshold:g}")),
        (files.spread, "probability", (*about, "standard deviation of the probability")),
    )

    def blocks(values: Arrays, box: Box) -> tuple[Sequence[np.ndarray], dict[str, Any]]:
        above = values[0] > threshold
        seams = result_seams(windows, parts, cube.shape)
        seams.measure(values[0], (box[0].start, box[1].start, 0))
        facts = {
            "above": int(above.sum()),
            "all": int((values[0] > 0).sum()),
            "seams": seams.sums.tolist(),
        }
        return (values[0], above.astype("int16"), values[-1]), facts

    prediction = Prediction(
        cube=cube,
        parts=parts,
        wanted=wanted,
        tasks=volume_tasks(windows, parts, cube.shape),
        work=VolumeWork(
            partial(ensemble, models, symmetric=tta),
            cube,
            windows,
            parts,
            scaling,
            2 if files.spread else 1,
            GPU_BATCH if tf.config.list_physical_devices("GPU") else 1,
        ),
        networks=[model.runtime for model in models],
        arguments={
            "scaling": scaling.as_dict(),
            "threshold": threshold,
            "tta": tta,
            "overlap": overlap,
            "windows": windows.sizes,
        },
        merge=added,
    )
    written = write_cubes(
        prediction, blocks, workers=workers, overwrite=overwrite, progress=progress
    )
    sums = sum((np.array(fact["seams"]) for fact in written.facts), np.zeros((2, 2)))
    return FaultPrediction(
        written.cubes,
        Seams((), sums).score,
        written.total("above") / max(written.total("all"), 1),
        Computed.by([model.runtime for model in models], chosen),
        scaling,
        written.nonfinite,
    )


def _provenance(
    models: Sequence[FaultModel], scaling: Scaling, chosen: Chosen, tta: bool
) -> list[str]:
    networks = ", ".join(f"{m.recipe.network} seed {m.recipe.seed}" for m in models)
    how = ", symmetries averaged" if tta else ""
    made = f"Made by tfseis {tfseis.__version__}: faults, {networks}{how}, {chosen.precision}"
    return [f"{made}, {scaling}"]
