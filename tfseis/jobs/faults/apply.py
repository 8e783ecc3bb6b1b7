"""Fault models applied to a cube."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import keras

from tfseis.data.scaling import Scaling, survey_scaling
from tfseis.errors import GeometryError, ModelError
from tfseis.inference.fingerprints import resumed_backend
from tfseis.io.cube import Cube, open_cube
from tfseis.io.labels.sticks import FORMS
from tfseis.io.output import check_outputs
from tfseis.io.publishing import until_all_are_written
from tfseis.jobs.contract import Applied
from tfseis.jobs.faults.apply_report import write_report
from tfseis.jobs.faults.cubes import FaultCubes, FaultPrediction, write_faults
from tfseis.jobs.faults.likeness import likeness_text, survey_measures
from tfseis.jobs.faults.model import FaultModel
from tfseis.jobs.faults.picture import write_picture
from tfseis.jobs.faults.surface_files import (
    FaultFiles,
    check_objects,
    smallest_fault,
    write_surfaces,
)
from tfseis.selection import SCALINGS, Parts, Range, select
from tfseis.tasks.run import HERE
from tfseis.tasks.workers import Workers
from tfseis.view.fault_scene import can_draw
from tfseis.wording import counted

NO_FILES = FaultFiles()
Given: TypeAlias = keras.Model | FaultModel | str | Path


def apply_faults(
    model: Given | Sequence[Given],
    cube: Cube | str | Path,
    out: str | Path,
    *,
    files: FaultFiles = NO_FILES,
    tta: bool = False,
    overlap: int | None = None,
    threshold: float | None = None,
    inlines: Range = (None, None),
    crosslines: Range = (None, None),
    time: Range = (None, None),
    stride: int = 1,
    scaling: str = "survey",
    backend: str = "auto",
    precision: str = "auto",
    workers: Workers = HERE,
    overwrite: bool = False,
    progress: bool = True,
) -> Applied:
    """Write the probability of faults in a cube, as SEG-Y with the cube's headers or as Zarr.

    Memory does not grow with the cube: it holds a row of windows and, for skeleton, sticks and
    objects, the samples of thin faults.

    Args:
        model: a trained fault model: an object, a `FaultModel`, a file, or "faults" for the one
            that comes with tfseis; or a sequence of several, whose mean is taken.
        cube: the survey, as `tfseis.open_segy` gives it, any other cube, or a path.
        out: SEG-Y file, or ``.zarr``, of the probability, float32; 0 at dead and missing samples.
        files: what else to write.
        tta: average over mirror images and quarter turns of the map, at eight times the work.
        overlap: samples that neighbouring windows share; None for what the model asks for.
        threshold: a sample is a fault where its probability is above this, 0 to 1; None for that
            of the model.
        inlines: first and last inline number; None for that of the survey.
        crosslines: first and last crossline number.
        time: first and last time in ms.
        stride: keep every stride-th inline, crossline and sample.
        scaling: "survey" estimates the amplitude statistics of this cube, "model" takes those of
            the training data.
        backend: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.
        precision: "float32"; "bfloat16"; "int8", which is refused where windows of this cube show
            other faults than in float32; or "auto" for bfloat16 where the processor computes it
            itself and windows of this cube show the same faults, and float32 elsewhere.
        workers: who predicts: `tfseis.Workers`. The result is the same whoever does.
        overwrite: replace files of these names, and what an earlier run left of others.
        progress: show progress bars.

    Returns:
        Files that were written; facts: ``shape`` of the probability, ``seams``, ``share``,
        ``backend``, ``precision`` and why, see `tfseis.inference.precision.Computed`, ``scaling``,
        ``threshold``, ``nonfinite``, ``survey`` (its measures, None for a model of labelled
        cubes), and numbers of ``faults`` and ``sticks`` where thin faults are wanted.

    Raises:
        TfseisError: a model, the cube, a range or an output cannot be used; the message says what
            to do.
    """
    models = members_of(model)
    with ExitStack() as stack:
        survey = open_cube(cube)
        if survey is not cube:
            stack.enter_context(survey)
        parts = select(
            survey.geometry, inlines=inlines, crosslines=crosslines, time=time, stride=stride
        )
        inputs = [survey.path, *(one for one in models if isinstance(one, (str, Path)))]
        check_outputs([out, *files.paths], inputs, overwrite)
        check_wanted(files, threshold, scaling, models, tta)
        check_cube(files, survey, parts)
        loaded = loaded_models(models, resumed_backend(out, backend))
        threshold = loaded[0].recipe.threshold if threshold is None else threshold
        cubes = [path for path in (out, files.mask, files.spread) if path]
        further = [path for path in files.paths if path not in cubes]
        stack.enter_context(until_all_are_written(cubes, further))
        found = write_faults(
            loaded,
            survey,
            parts,
            _scaling(survey, loaded, scaling),
            FaultCubes(out, files.mask, files.spread),
            tta=tta,
            overlap=overlap,
            threshold=threshold,
            precision=precision,
            workers=workers,
            overwrite=overwrite,
            progress=progress,
        )
        counts, objects = write_surfaces(
            found.cubes[0], files, survey, parts, threshold, overwrite=overwrite, progress=progress
        )
        if files.picture:
            write_picture(files.picture, survey, found.cubes[0], overwrite=overwrite)
        known = survey_measures(survey) if not loaded[0].recipe.scaling else None
        facts = {
            "shape": found.cubes[0].shape,
            "threshold": threshold,
            "nonfinite": found.nonfinite,
            "survey": known,
            **counts,
        }
        paths = [path for path in (out, *files.paths) if path is not files.scene or can_draw()]
        applied = _applied(found, paths, facts, files)
        if files.report:
            probability = found.cubes[0]
            write_report(files.report, survey, probability, objects, applied)
        return applied


def _applied(
    found: FaultPrediction, paths: Sequence[str | Path], facts: dict, files: FaultFiles
) -> Applied:
    """The result, told as facts and as text."""
    lines = [f"scaling used here: {found.scaling}", found.text()]
    if "faults" in facts:
        sticks = f", {counted(facts['sticks'], 'stick')}" if "sticks" in facts else ""
        least = files.smallest or smallest_fault(found.cubes[0].geometry)
        faults = counted(facts["faults"], "fault")
        lines.append(f"{faults} of at least {counted(least, 'sample')}{sticks}")
    if facts["survey"] is not None:
        lines.append(likeness_text(facts["survey"]))
    if facts["nonfinite"]:
        lines.append(
            f"{facts['nonfinite']} times a sample read had no value; such samples count as dead."
        )
    if files.scene and not can_draw():
        lines.append(
            f"{files.scene} was not drawn: PyVista is not installed. Run pip install 'tfseis[3d]'."
        )
    known = {
        "seams": found.seams,
        "share": found.share,
        **found.computed.facts(),
        "scaling": found.scaling.as_dict(),
    }
    return Applied(
        files=tuple(Path(path) for path in paths), facts={**known, **facts}, text="\n".join(lines)
    )


def members_of(model: Given | Sequence[Given]) -> list[Given]:
    """The models whose mean is taken."""
    single = isinstance(model, (keras.Model, FaultModel, str, Path))
    return [model] if single else list(model)  # type: ignore[arg-type]


def loaded_models(models: Sequence[Given], backend: str) -> list[FaultModel]:
    """The models, ready to compute; those that are so already stay."""
    return [one if isinstance(one, FaultModel) else FaultModel(one, backend) for one in models]


def check_wanted(
    files: FaultFiles, threshold: float | None, scaling: str, models: Sequence[Given], tta: bool
) -> None:
    """Refuse what can be refused before a cube is seen.

    Raises:
        ModelError: a value out of range, no model, or a spread of one answer.
    """
    if scaling not in SCALINGS:
        raise ModelError(f"Expected scaling {' or '.join(SCALINGS)}; got {scaling!r}.")
    if not models:
        raise ModelError("Expected one or more fault models; got none. Give one, or 'faults'.")
    if threshold is not None and not 0 < threshold < 1:
        raise ModelError(f"Expected a threshold between 0 and 1; got {threshold:g}. Use 0.5.")
    if files.smallest is not None and files.smallest < 1:
        raise ModelError(
            f"Expected faults of at least 1 sample; got {files.smallest} (--smallest). Use 400, or "
            "20 on a single line."
        )
    if files.spread and len(models) == 1 and not tta:
        raise ModelError(
            "Expected several answers for a spread; got one model that is asked once. Add --tta, "
            "or more models."
        )


def check_cube(files: FaultFiles, cube: Cube, parts: Parts) -> None:
    """Refuse files that this part of a cube cannot give.

    Raises:
        TfseisError: sticks or objects that need what the cube has not.
    """
    check_objects(files, cube.geometry.sliced(parts))
    if files.form not in {None, *FORMS}:
        raise ModelError(f"Expected sticks as {' or '.join(FORMS)}; got {files.form!r}.")
    if files.sticks and files.form == "charisma" and cube.geometry.affine is None:
        raise GeometryError(
            "Expected map coordinates for Charisma sticks; the cube has none. Use --form opendtect."
        )


def _scaling(cube: Cube, models: Sequence[FaultModel], scaling: str) -> Scaling:
    if scaling == "survey":
        return survey_scaling(cube)
    stored = models[0].recipe.scaling
    if not stored:
        raise ModelError(
            "Expected a model that knows the amplitudes of its survey; this one was trained on "
            "cubes that were scaled one by one. Use --scaling survey."
        )
    return Scaling(**stored)
