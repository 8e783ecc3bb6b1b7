"""A trained facies model applied to a cube."""

from pathlib import Path

import keras
import numpy as np

import tfseis
from tfseis.data.scaling import Scaling, survey_scaling
from tfseis.errors import ModelError
from tfseis.io.cube import Cube, opened
from tfseis.io.labels.labels import UNLABELLED
from tfseis.io.labels.legend import Legend, legend_path, write_legend
from tfseis.io.output import check_outputs
from tfseis.io.segy.results import create_results
from tfseis.jobs.contract import Applied
from tfseis.jobs.facies.classifier import DenseClassifier, Predicted
from tfseis.jobs.facies.cube import predict_cube
from tfseis.jobs.facies.following import Lines, follow_cube
from tfseis.jobs.facies.given import paths_among
from tfseis.learning.saving import as_model
from tfseis.selection import SCALINGS, Parts, Range, select

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
    overwrite: bool = False,
    progress: bool = True,
) -> Applied:
    """Write the facies that a trained model predicts in a cube, as SEG-Y.

    The result has the headers of the cube, and new ones where the cube is no SEG-Y file. The
    legend is written beside it (``OUT.classes.csv``). Memory does not grow with the cube.

    Args:
        model: trained facies model, or the file that holds it.
        cube: survey to predict: a cube, or what `tfseis.io.open_cube` takes.
        out: SEG-Y file for the class codes, int16; -1 at dead and missing samples.
        confidence: SEG-Y file for the largest class probability, IEEE float, calibrated if the
            model was; None if it is not wanted.
        abstain: least confidence of a sample, 0 to 1; where it is less, the sample gets a class of
            its own, ``unsure``. None for none.
        inlines: first and last inline number to predict; None for the survey's.
        crosslines: first and last crossline number.
        time: first and last time in ms.
        stride: every stride-th inline, crossline and sample is kept.
        scaling: "survey" estimates the amplitude statistics of this cube; "model" takes those of
            the training survey.
        overwrite: whether files of these names are replaced.
        progress: whether a bar is shown.

    Returns:
        The files written, the class codes first; and the statistics that were used.

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
        write_prediction(
            classifier,
            source,
            parts,
            used,
            out,
            confidence=confidence,
            abstain=abstain,
            overwrite=overwrite,
            progress=progress,
        )
        text = f"scaling of the training survey: {stored}\nscaling used here:             {used}"
        if source.nonfinite:
            text += (
                f"\n{source.nonfinite} times a sample read had no value; such samples count as "
                "dead."
            )
        facts = {
            "scaling": used.as_dict(),
            "training_scaling": stored.as_dict(),
            "nonfinite_samples_read": source.nonfinite,
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
    overwrite: bool,
    progress: bool = True,
) -> list[Cube]:
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
        overwrite: whether files of these names are replaced.
        progress: whether a bar is shown.

    Returns:
        The cubes written, the classes first.
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
    geometry = cube.geometry.sliced(parts)
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
    with create_results(wanted, cube, geometry=geometry, overwrite=overwrite) as writers:

        def write(block: Predicted, inline: int, crossline: int) -> None:
            sure = block.confidence >= (abstain or 0)
            values = np.where(sure, codes[block.classes], unsure)
            values = np.where(block.live, values, UNLABELLED).astype("int16")
            for writer, part in zip(writers, (values, block.confidence), strict=True):
                if writer:
                    writer.write(part, inline=inline, crossline=crossline)

        if follower is None:
            predict_cube(
                classifier, cube, parts=parts, scaling=scaling, write=write, progress=progress
            )
        else:
            follow_cube(follower, parts, write, progress=progress)
    write_legend(legend_path(out), legend)
    return [writer.cube() for writer in writers if writer]
