"""A salt network applied to a cube: probability of salt, and its mask."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import tfseis
from tfseis.data.scaling import Scaling
from tfseis.inference.result_cubes import Prediction, write_cubes
from tfseis.inference.runtime import Runtime
from tfseis.io.cube import Cube
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.jobs.salt.sections import SectionWork, mean_probability, section_tasks
from tfseis.selection import Parts
from tfseis.tasks.run import HERE
from tfseis.tasks.task import Arrays, Box
from tfseis.tasks.workers import Workers


def write_salt(
    runtime: Runtime,
    cube: Cube,
    parts: Parts,
    scaling: Scaling,
    out: str | Path,
    *,
    recipe: SaltRecipe,
    mask: str | Path | None,
    workers: Workers = HERE,
    overwrite: bool,
    progress: bool = True,
) -> float:
    """Predict ``cube[parts]`` into a cube of probabilities and, if wanted, one of 0 and 1.

    Args:
        runtime: what computes a trained salt model.
        cube: the survey.
        parts: range and stride along each axis.
        scaling: statistics of the survey, by which amplitudes become grey.
        out: SEG-Y file to write: probability, IEEE float; 0 at dead and missing samples.
        recipe: the recipe of the model.
        mask: SEG-Y file for the mask, int16: 1 where the probability is above the threshold of
            the model; None for none.
        workers: who predicts.
        overwrite: replace files of these names.
        progress: show a bar.

    Returns:
        The share of the live samples that are salt, 0 to 1.
    """
    about = [
        f"Made by tfseis {tfseis.__version__}: salt, {recipe.network}, seed {recipe.seed}, "
        f"{scaling}, {runtime.precision}",
        "mean of the networks on inlines and on crosslines",
    ]
    out = Path(out)
    wanted = (
        (out, "probability", (*about, "probability of salt")),
        (mask, "classes", (*about, f"1 is probability above {recipe.threshold:g}")),
    )

    def blocks(values: Arrays, _: Box) -> tuple[Sequence[np.ndarray], dict[str, Any]]:
        probability, live = values
        above = (probability > recipe.threshold) & live
        counts = {"salt": int(above.sum()), "live": int(live.sum())}
        return (probability, above.astype("int16")), counts

    prediction = Prediction(
        cube=cube,
        parts=parts,
        wanted=wanted,
        tasks=section_tasks(cube, parts),
        work=SectionWork(runtime, recipe, cube, parts, scaling),
        networks=[runtime],
        arguments={
            "scaling": scaling.as_dict(),
            "threshold": recipe.threshold,
            "recipe": asdict(recipe),
        },
        unit=" sections",
        merge=mean_probability,
    )
    written = write_cubes(
        prediction, blocks, workers=workers, overwrite=overwrite, progress=progress
    )
    return written.total("salt") / max(written.total("live"), 1)
