"""A trained facies model applied to a cube."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

import tfseis
from tfseis.data.scaling import Scaling, survey_scaling
from tfseis.errors import ModelError
from tfseis.inference.fingerprints import resumed_backend
from tfseis.inference.precision import Computed
from tfseis.inference.result_cubes import Prediction, WrittenCubes, write_cubes
from tfseis.io.cube import Cube, opened
from tfseis.io.labels.labels import UNLABELLED
from tfseis.io.labels.legend import Legend, legend_path, write_legend
from tfseis.io.output import check_outputs
from tfseis.io.publishing import until_all_are_written
from tfseis.jobs.contract import Applied
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.computing import choose_computing
from tfseis.jobs.facies.cube import BlockWork, block_tasks
from tfseis.jobs.facies.given import paths_among
from tfseis.jobs.facies.line_work import Lines, LineWork, line_tasks
from tfseis.jobs.facies.stages import WRITING, Stages
from tfseis.learning.saving import as_model
from tfseis.selection import SCALINGS, Parts, Range, select
from tfseis.tasks.run import HERE
from tfseis.tasks.task import Arrays, Box
from tfseis.tasks.workers import Workers

UNSURE, GREY = "unsure", "#b0b0b0"  # samples whose class is not said


def apply_facies(
    model: keras.Model | str | Path,
    cube: Cube | str | Path,
    out: str | Path,
    *,
    confidence: str | Path | None = None,
    abstain: float | None = None,
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
    """Write the facies that a trained model predicts in a cube, as SEG-Y or Zarr.

    A SEG-Y result has the headers of the cube, and new ones where the cube is no SEG-Y file. The
    legend is written beside it (``OUT.classes.csv``). Memory does not grow with the cube.

    Args:
        model: trained facies model, or the file that holds it.
        cube: survey to predict: a cube, or what `tfseis.io.open_cube` takes.
        out: SEG-Y file, or ``.zarr``, for the class codes, int16; -1 at dead and missing samples.
        confidence: the same for the largest class probability, float32, calibrated if the
            model was; None if it is not wanted.
        abstain: least confidence of a sample, 0 to 1; where it is less, the sample gets a class of
            its own, ``unsure``. None for none.
        inlines: first and last inline number to predict; None for the survey's.
        crosslines: first and last crossline number.
        time: first and last time in ms.
        stride: every stride-th inline, crossline and sample is kept.
        scaling: "survey" estimates the amplitude statistics of this cube; "model" takes those of
            the training survey.
        backend: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.
        precision: "float32"; "bfloat16"; "int8", which is refused where windows of this cube show
            other classes than in float32; or "auto" for bfloat16 where the processor computes it
            itself and windows of this cube show the same classes, and float32 elsewhere.
        workers: who predicts: `tfseis.Workers`. The result is the same whoever does.
        overwrite: whether files of these names are replaced, and what an earlier run left of
            others.
        progress: whether a bar is shown.

    Returns:
        The files written, the class codes first; facts: the statistics that were used, ``backend``,
        ``precision`` and why, see `tfseis.inference.precision.Computed`.

    Raises:
        TfseisError: what is wrong with the model, the cube, a range or an output, and what to do.
    """
    check_abstain(abstain)
    if scaling not in SCALINGS:
        raise ModelError(f"Expected scaling {' or '.join(SCALINGS)}; got {scaling!r}.")
    with opened(cube) as source:
        parts = select(
            source.geometry, inlines=inlines, crosslines=crosslines, time=time, stride=stride
        )
        files = [Path(out), legend_path(out), *paths_among(confidence)]
        check_outputs(files, [source.path, *paths_among(model)], overwrite)
        classifier = DenseClassifier(as_model(model))
        classifier.check_grid(source)
        stored = Scaling(**classifier.recipe.scaling)
        used = survey_scaling(source) if scaling == "survey" else stored
        chosen = choose_computing(
            classifier,
            source,
            parts,
            used,
            backend=resumed_backend(out, backend),
            precision=precision,
            progress=progress,
        )
        with until_all_are_written([out, *paths_among(confidence)], [legend_path(out)]):
            written = write_prediction(
                classifier,
                source,
                parts,
                used,
                out,
                confidence=confidence,
                abstain=abstain,
                workers=workers,
                overwrite=overwrite,
                progress=progress,
            )
        computed = Computed.by([classifier.runtime], chosen)
        text = (
            f"{computed.text()}\n"
            f"scaling of the training survey: {stored}\nscaling used here:             {used}"
        )
        if written.nonfinite:
            text += (
                f"\n{written.nonfinite} times a sample read had no value; such samples count as "
                "dead."
            )
        facts = {
            **computed.facts(),
            "scaling": used.as_dict(),
            "training_scaling": stored.as_dict(),
            "nonfinite_samples_read": written.nonfinite,
        }
    return Applied(files=tuple(files), facts=facts, text=text)


def check_abstain(abstain: float | None) -> None:
    """Refuse a least confidence out of range.

    Raises:
        ModelError: it is no number from 0 to 1.
    """
    if abstain is not None and not 0 <= abstain <= 1:
        raise ModelError(
            f"Expected a least confidence (--abstain) from 0 to 1; got {abstain}. Try 0.6."
        )


def write_prediction(
    classifier: DenseClassifier,
    cube: Cube,
    parts: Parts,
    scaling: Scaling,
    out: str | Path,
    *,
    confidence: str | Path | None,
    abstain: float | None = None,
    follower: Lines | None = None,
    calibrated: bool | None = None,
    by: str = "",
    identity: str = "",
    workers: Workers = HERE,
    stages: Stages | None = None,
    overwrite: bool,
    progress: bool = True,
) -> WrittenCubes:
    """Predict ``cube[parts]`` into a class cube, its legend and, if wanted, a confidence cube.

    Args:
        classifier: trained network.
        cube: cube to read from.
        parts: range and stride along each axis, as slices with positive steps.
        scaling: centre and spread of the cube's amplitudes.
        out: SEG-Y file for the class codes, -1 at dead and missing samples.
        confidence: SEG-Y file for the largest class probability, or None.
        abstain: least confidence of a sample that is classified; None for 0.
        follower: classifies line after line, such as a `Follower`; None to predict block by block.
        calibrated: whether confidence is calibrated; None for what the recipe says.
        by: what classifies, for the textual header; the network if empty.
        identity: what else tells this prediction from others, such as a digest of labels that are
            followed.
        workers: who predicts.
        stages: gets the time that writing takes; None if nobody asks.
        overwrite: whether files of these names are replaced.
        progress: whether a bar is shown.
    """
    recipe = classifier.recipe
    legend, codes = (
        Legend(recipe.codes, recipe.names, recipe.colours),
        np.array(recipe.codes, "int16"),
    )
    unsure = 0
    if abstain is not None:
        unsure = min(set(range(len(legend) + 1)) - set(legend.codes))
        rows = sorted([*legend.rows(), (unsure, UNSURE, GREY)])
        legend = Legend(*(tuple(column) for column in zip(*rows, strict=True)))
    about = (
        f"Made by tfseis {tfseis.__version__}: {by or f'{recipe.network} network'}, "
        f"seed {recipe.seed}, {scaling}"
    )
    if calibrated is None:
        calibrated = recipe.temperature is not None
    meaning = "calibrated on held-out blocks" if calibrated else "uncalibrated"
    wanted = (
        (out, "classes", (about, *legend.lines())),
        (confidence, "probability", (about, f"largest class probability, {meaning}")),
    )

    def blocks(values: Arrays, _: Box) -> tuple[Sequence[np.ndarray], dict[str, Any]]:
        classes, sure, live = values
        said = np.where(sure >= (abstain or 0), codes[classes], unsure)
        return (np.where(live, said, UNLABELLED).astype("int16"), sure), {}

    if follower is None:
        how: dict[str, Any] = {
            "tasks": block_tasks(classifier, cube, parts),
            "work": BlockWork(classifier, cube, parts, scaling),
            "unit": " traces",
        }
    else:
        how = {
            "tasks": line_tasks(follower, parts),
            "work": LineWork(follower, parts),
            "title": "follow",
            "unit": " lines",
        }
    prediction = Prediction(
        cube=cube,
        parts=parts,
        wanted=wanted,
        networks=[classifier.runtime],
        arguments={
            "scaling": scaling.as_dict(),
            "recipe": asdict(recipe),
            "abstain": abstain,
            "calibration": calibrated,
            "classifier": by,
            "labels": identity,
        },
        **how,
    )
    written = write_cubes(
        prediction,
        blocks,
        workers=workers,
        writing=nullcontext if stages is None else partial(stages.of, WRITING),
        overwrite=overwrite,
        progress=progress,
    )
    write_legend(legend_path(out), legend)
    return written
