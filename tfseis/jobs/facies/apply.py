"""A trained model applied to a SEG-Y cube: `tfseis predict`."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

import tfseis
from tfseis.data.scaling import Scaling, survey_scaling
from tfseis.errors import ModelError
from tfseis.io.labels.legend import Legend, legend_path, write_legend
from tfseis.io.output import check_outputs
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.writer import create_results
from tfseis.jobs.facies.classifier import DenseClassifier, Predicted
from tfseis.jobs.facies.cube import predict_cube
from tfseis.jobs.facies.following import Follower, follow_cube
from tfseis.jobs.faults.apply import FaultFiles, faults
from tfseis.jobs.salt.cubes import write_salt
from tfseis.learning.saving import load_model
from tfseis.models.recipe import recipe_of
from tfseis.selection import SCALINGS, Parts, Range, select


def predict(
    model: keras.Model | str | Path,
    cube: SegyCube,
    out: str | Path,
    *,
    confidence: str | Path | None = None,
    mask: str | Path | None = None,
    inlines: Range = (None, None),
    crosslines: Range = (None, None),
    time: Range = (None, None),
    stride: int = 1,
    scaling: str = "survey",
    overwrite: bool = False,
    progress: bool = True,
) -> Scaling:
    """Write what a trained model finds in a cube, as SEG-Y with the cube's headers.

    A facies model gives classes; the legend comes beside them (``OUT.classes.csv``). A salt model
    of images gives the probability of salt: the mean of what it says of every inline and of every
    crossline. A fault model gives the probability of faults, see `tfseis.jobs.faults.apply`. Memory
    does not grow with the cube.

    Args:
        model: a trained model, or the file that holds it.
        cube: the survey, as `tfseis.open_segy` gives it.
        out: SEG-Y file to write: int16 class codes, or, for salt and faults, probability, IEEE
            float; 0 at dead and missing samples.
        confidence: of a facies model: SEG-Y file for the largest class probability; IEEE float.
        mask: of a salt or fault model: SEG-Y file for the mask, int16, 1 above the model's
            threshold.
        inlines: first and last inline number; None for the survey's.
        crosslines: first and last crossline number.
        time: first and last time in ms.
        stride: keep every stride-th inline, crossline and sample.
        scaling: "survey" estimates the amplitude statistics of this cube, "model" takes those of
            the training survey, which a salt model does not have.
        overwrite: replace files of these names.
        progress: print the statistics and show a bar.

    Returns:
        The statistics that were used.

    Raises:
        TfseisError: what is wrong with the model, the cube, a range or an output, and what to do.
    """
    if scaling not in SCALINGS:
        raise ModelError(f"Expected scaling {' or '.join(SCALINGS)}; got {scaling!r}.")
    parts = select(cube.geometry, inlines=inlines, crosslines=crosslines, time=time, stride=stride)
    wanted = {"confidence": confidence, "mask": mask}
    inputs = [cube.path, *([] if isinstance(model, keras.Model) else [model])]
    check_outputs([out, *[path for path in wanted.values() if path]], inputs, overwrite)
    openvino = not isinstance(model, keras.Model) and Path(model).suffix == ".xml"
    loaded = model if isinstance(model, keras.Model) or openvino else load_model(model)
    job = "faults" if openvino else recipe_of(loaded).job
    _check_wishes(job, scaling, wanted)
    if job == "faults":
        return faults(
            cube, out, models=[loaded], files=FaultFiles(mask=mask), inlines=inlines,
            crosslines=crosslines, time=time, stride=stride, scaling=scaling,
            overwrite=overwrite, progress=progress,
        ).scaling  # fmt: skip
    if job == "salt":
        used = survey_scaling(cube)
        if progress:
            print(f"scaling used here: {used}")
        write_salt(
            loaded, cube, parts, used, out, mask=mask, overwrite=overwrite, progress=progress
        )
    else:
        results = [out, legend_path(out), *([confidence] if confidence else [])]
        check_outputs(results, inputs, overwrite)
        classifier = DenseClassifier(loaded)
        classifier.check_grid(cube)
        stored = Scaling(**classifier.recipe.scaling)
        used = survey_scaling(cube) if scaling == "survey" else stored
        if progress:
            print(
                f"scaling of the training survey: {stored}\nscaling used here:             {used}"
            )
        write_prediction(
            classifier, cube, parts, used, out, confidence=confidence, overwrite=overwrite,
            progress=progress,
        )  # fmt: skip
    if progress and cube.nonfinite:
        print(f"{cube.nonfinite} times a sample read was not finite; such samples count as dead.")
    return used


def _check_wishes(job: str, scaling: str, wanted: dict[str, str | Path | None]) -> None:
    other = {"salt": "confidence", "faults": "confidence", "facies": "mask"}.get(job)
    if other and wanted[other]:
        raise ModelError(
            f"Expected a model that gives a {other}; one of `tfseis {job}` gives none. Leave out "
            f"--{other}."
        )
    if job == "salt" and scaling == "model":
        raise ModelError(
            "Expected a model that knows the amplitudes of its survey; a salt model learned from "
            "images. Use --scaling survey."
        )


def write_prediction(
    classifier: DenseClassifier,
    cube: SegyCube,
    parts: Parts,
    scaling: Scaling,
    out: str | Path,
    *,
    confidence: str | Path | None,
    follower: Follower | None = None,
    overwrite: bool,
    progress: bool = True,
) -> list[SegyCube]:
    """Predict ``cube[parts]`` into a class cube, its legend and, if wanted, a confidence cube.

    With a follower line after line, along the reflections from its labels; else block by block.

    Returns:
        The cubes written, the classes first.
    """
    recipe = classifier.recipe
    legend = Legend(recipe.codes, recipe.names, recipe.colours)
    codes = np.array(legend.codes, "int16")
    geometry = cube.geometry.sliced(parts)
    about = provenance(f"{recipe.network} network, seed {recipe.seed}, {scaling}")
    wanted = (
        (out, "classes", (*about, *legend.lines())),
        (confidence, "probability", (*about, "largest class probability, uncalibrated")),
    )
    with create_results(wanted, cube, geometry=geometry, overwrite=overwrite) as writers:

        def write(block: Predicted, inline: int, crossline: int) -> None:
            values = np.where(block.live, codes[block.classes], 0).astype("int16")
            for writer, part in zip(writers, (values, block.confidence), strict=True):
                if writer:
                    writer.write(part, inline=inline, crossline=crossline)

        if follower is None:
            predict_cube(
                classifier, cube, parts=parts, scaling=scaling, write=write, progress=progress
            )
        else:
            follow_cube(follower, parts, write)
    write_legend(legend_path(out), legend)
    return [writer.cube() for writer in writers if writer]


def provenance(what: str) -> Sequence[str]:
    """Lines for the textual header: which program made the file, and how."""
    return [f"Made by tfseis {tfseis.__version__}: {what}"]
