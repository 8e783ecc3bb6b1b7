"""A salt network applied to a cube: probability of salt, and its mask."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import tfseis
from tfseis.data.scaling import Scaling
from tfseis.inference.fingerprints import head_of
from tfseis.inference.runtime import Runtime
from tfseis.io.cube import Cube
from tfseis.io.results import ResultWriter, create_results
from tfseis.jobs.salt.recipe import SaltRecipe
from tfseis.jobs.salt.sections import SectionWork, mean_probability, section_tasks
from tfseis.selection import Parts
from tfseis.tasks.plan import Plan
from tfseis.tasks.run import HERE, carry_out
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
    geometry = cube.geometry.sliced(parts)

    def write(writers: Sequence[ResultWriter | None], values: Arrays, box: Box) -> dict[str, int]:
        probability, live = values
        above = (probability > recipe.threshold) & live
        for writer, block in zip(writers, (probability, above.astype("int16")), strict=True):
            if writer:
                writer.write(block, inline=box[0].start, crossline=box[1].start)
        return {"salt": int(above.sum()), "live": int(live.sum())}

    made = carry_out(
        Plan(
            results=[Path(path) for path, *_ in wanted if path],
            head=head_of(
                cube,
                parts,
                [runtime],
                workers,
                {
                    "scaling": scaling.as_dict(),
                    "threshold": recipe.threshold,
                    "recipe": asdict(recipe),
                },
            ),
            tasks=section_tasks(cube, parts),
            shape=geometry.shape[:2],
            inputs=[cube.path],
            unit=" sections",
            merge=mean_probability,
        ),
        SectionWork(runtime, recipe, cube, parts, scaling),
        lambda: create_results(
            wanted, cube, geometry=geometry, overwrite=overwrite, unfinished=True
        ),
        write,
        workers=workers,
        overwrite=overwrite,
        progress=progress,
    )
    salt, live = (sum(fact[name] for fact in made.facts) for name in ("salt", "live"))
    return salt / max(live, 1)
