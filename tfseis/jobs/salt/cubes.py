"""A salt network applied to a cube: probability of salt, and its mask."""

from pathlib import Path

import keras
import numpy as np

import tfseis
from tfseis.data.scaling import Scaling
from tfseis.io.cube import Cube
from tfseis.io.partial import partial_path
from tfseis.io.segy.results import create_results
from tfseis.jobs.salt.sections import salt_cube, section_network
from tfseis.models.recipe import recipe_for
from tfseis.selection import Parts


def write_salt(
    model: keras.Model,
    cube: Cube,
    parts: Parts,
    scaling: Scaling,
    out: str | Path,
    *,
    mask: str | Path | None,
    overwrite: bool,
    progress: bool = True,
) -> float:
    """Predict ``cube[parts]`` into a cube of probabilities and, if wanted, one of 0 and 1.

    Args:
        model: trained salt model.
        cube: the survey.
        parts: range and stride along each axis.
        scaling: statistics of the survey, by which amplitudes become grey.
        out: SEG-Y file to write: probability, IEEE float; 0 at dead and missing samples.
        mask: SEG-Y file for the mask, int16: 1 where the probability is above the threshold of
            the model; None for none.
        overwrite: replace files of these names.
        progress: show a bar.

    Returns:
        The share of the live samples that are salt, 0 to 1.
    """
    recipe = recipe_for(model, "salt")
    about = [
        f"Made by tfseis {tfseis.__version__}: salt, {recipe.network}, seed {recipe.seed}, "
        f"{scaling}",
        "mean of the networks on inlines and on crosslines",
    ]
    out = Path(out)
    wanted = (
        (out, "probability", (*about, "probability of salt")),
        (mask, "classes", (*about, f"1 is probability above {recipe.threshold:g}")),
    )
    counts = np.zeros(2, "int64")  # samples of salt, live samples
    geometry = cube.geometry.sliced(parts)
    with create_results(wanted, cube, geometry=geometry, overwrite=overwrite) as writers:

        def write(probability: np.ndarray, live: np.ndarray, crossline: int) -> None:
            above = (probability > recipe.threshold) & live
            counts[:] += int(above.sum()), int(live.sum())
            for writer, block in zip(writers, (probability, above.astype("int16")), strict=True):
                if writer:
                    writer.write(block, inline=0, crossline=crossline)

        salt_cube(
            section_network(model, recipe),
            cube,
            parts=parts,
            scaling=scaling,
            scratch=partial_path(out.with_name(f"{out.name}.sections")),
            write=write,
            progress=progress,
        )
    return float(counts[0] / max(counts[1], 1))
