"""Faults of a SEG-Y cube: `tfseis faults`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

import tfseis
from tfseis.data.scaling import Scaling, survey_scaling
from tfseis.errors import GeometryError, ModelError
from tfseis.io.labels.sticks import FORMS, write_sticks
from tfseis.io.output import check_outputs
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.writer import create_result
from tfseis.jobs.faults.cubes import FaultCubes, FaultPrediction, write_faults
from tfseis.jobs.faults.model import FaultModel
from tfseis.jobs.faults.picture import write_picture
from tfseis.jobs.faults.sticks import fault_sticks
from tfseis.jobs.faults.surfaces import FaultSurfaces, fault_surfaces
from tfseis.models.pretrained import pretrained
from tfseis.selection import SCALINGS, Range, select

SMALLEST = 400  # samples of a thin fault: 20 lines times 20 samples


@dataclass(frozen=True)
class FaultFiles:
    """What is wanted besides the probability; None for what is not.

    Args:
        mask: SEG-Y, int16, 1 where the probability is above the threshold.
        spread: SEG-Y, IEEE float: standard deviation of the probability among models and
            symmetries.
        skeleton: SEG-Y, int16: thin faults, each by its number, 1 the largest; 0 elsewhere.
        sticks: fault sticks with confidence, as text.
        picture: PNG of the sections through the middle, faults over them.
        form: of the sticks: "charisma" or "opendtect"; None for charisma where the cube has map
            coordinates.
        smallest: samples that a thin fault has at least, in skeleton and sticks.
    """

    mask: str | Path | None = None
    spread: str | Path | None = None
    skeleton: str | Path | None = None
    sticks: str | Path | None = None
    picture: str | Path | None = None
    form: str | None = None
    smallest: int = SMALLEST

    @property
    def paths(self) -> list[str | Path]:
        """Those wanted."""
        every = (self.mask, self.spread, self.skeleton, self.sticks, self.picture)
        return [path for path in every if path]


def faults(
    cube: SegyCube,
    out: str | Path,
    *,
    models: Sequence[keras.Model | str | Path] = (),
    files: FaultFiles = FaultFiles(),
    tta: bool = False,
    overlap: int | None = None,
    threshold: float | None = None,
    inlines: Range = (None, None),
    crosslines: Range = (None, None),
    time: Range = (None, None),
    stride: int = 1,
    scaling: str = "survey",
    backend: str = "auto",
    overwrite: bool = False,
    progress: bool = True,
) -> FaultPrediction:
    """Write the probability of faults in a cube, as SEG-Y with the cube's headers.

    Memory does not grow with the cube: it holds a row of windows and, for skeleton and sticks, the
    samples of thin faults.

    Args:
        cube: the survey, as `tfseis.open_segy` gives it.
        out: SEG-Y file to write: probability, IEEE float; 0 at dead and missing samples.
        models: trained fault models or their files, whose mean is taken; none for the one that
            comes with tfseis.
        files: what else to write.
        tta: average over flips and quarter turns of the map, at eight times the work.
        overlap: samples that neighbouring windows share; None for what the model wants.
        threshold: above it a sample is a fault; None for the model's.
        inlines: first and last inline number; None for the survey's.
        crosslines: first and last crossline number.
        time: first and last time in ms.
        stride: keep every stride-th inline, crossline and sample.
        scaling: "survey" estimates the amplitude statistics of this cube, "model" takes those of
            the training data.
        backend: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.
        overwrite: replace files of these names.
        progress: print what was found and show bars.

    Raises:
        TfseisError: what is wrong with a model, the cube, a range or an output, and what to do.
    """
    parts = select(cube.geometry, inlines=inlines, crosslines=crosslines, time=time, stride=stride)
    inputs = [cube.path, *(path for path in models if not isinstance(path, keras.Model))]
    check_outputs([out, *files.paths], inputs, overwrite)
    _check(files, threshold, scaling, members=max(1, len(models)) * (8 if tta else 1))
    _check_form(files, cube)
    loaded = [FaultModel(model, backend) for model in models or [pretrained("faults")]]
    used = _scaling(cube, loaded, scaling)
    if progress:
        print(f"scaling used here: {used}")
    found = write_faults(
        loaded, cube, parts, used, FaultCubes(out, files.mask, files.spread),
        tta=tta, overlap=overlap, threshold=threshold, overwrite=overwrite, progress=progress,
    )  # fmt: skip
    if progress:
        print(found.text())
    threshold = loaded[0].recipe.threshold if threshold is None else threshold
    write_surfaces(found.cubes[0], files, cube, threshold, overwrite=overwrite, progress=progress)
    if files.picture:
        write_picture(files.picture, cube, found.cubes[0], overwrite=overwrite)
    if progress and cube.nonfinite:
        print(f"{cube.nonfinite} times a sample read was not finite; such samples count as dead.")
    return found


def write_surfaces(
    probability: SegyCube, files: FaultFiles, template: SegyCube, threshold: float, *,
    overwrite: bool, progress: bool,
) -> FaultSurfaces | None:  # fmt: skip
    """Thin the faults of a cube of probabilities, and write skeleton and sticks if wanted."""
    if not (files.skeleton or files.sticks):
        return None
    surfaces = fault_surfaces(
        probability, threshold=threshold, smallest=files.smallest, progress=progress
    )
    geometry = probability.geometry
    if files.skeleton:
        about = f"Made by tfseis {tfseis.__version__}: numbers of thin faults, 1 the largest"
        with create_result(
            files.skeleton, template, kind="classes", geometry=geometry, provenance=[about],
            overwrite=overwrite,
        ) as writer:  # fmt: skip
            for inline, section in enumerate(surfaces.inlines()):
                writer.write(section[np.newaxis], inline=inline, crossline=0)
    sticks = fault_sticks(surfaces, geometry) if files.sticks else []
    if files.sticks:
        form = files.form or ("charisma" if geometry.affine is not None else "opendtect")
        write_sticks(files.sticks, sticks, geometry, form=form, overwrite=overwrite)
    if progress:
        print(
            f"{len(surfaces)} faults of at least {files.smallest} samples"
            + (f", {sum(len(fault.nodes) for fault in sticks)} sticks" if files.sticks else "")
        )
    return surfaces


def _check(files: FaultFiles, threshold: float | None, scaling: str, members: int) -> None:
    if scaling not in SCALINGS:
        raise ModelError(f"Expected scaling {' or '.join(SCALINGS)}; got {scaling!r}.")
    if threshold is not None and not 0 < threshold < 1:
        raise ModelError(f"Expected a threshold between 0 and 1; got {threshold:g}. Use 0.5.")
    if files.smallest < 1:
        raise ModelError(
            f"Expected faults of at least 1 sample; got {files.smallest} (--smallest). Use "
            f"{SMALLEST}."
        )
    if files.spread and members == 1:
        raise ModelError(
            "Expected several answers for a spread; got one model that is asked once. Add --tta, "
            "or more models."
        )


def _check_form(files: FaultFiles, cube: SegyCube) -> None:
    if files.form not in {None, *FORMS}:
        raise ModelError(f"Expected sticks as {' or '.join(FORMS)}; got {files.form!r}.")
    if files.sticks and files.form == "charisma" and cube.geometry.affine is None:
        raise GeometryError(
            "Expected map coordinates for Charisma sticks; the cube has none. Use --form opendtect."
        )


def _scaling(cube: SegyCube, models: Sequence[FaultModel], scaling: str) -> Scaling:
    if scaling == "survey":
        return survey_scaling(cube)
    stored = models[0].recipe.scaling
    if not stored:
        raise ModelError(
            "Expected a model that knows the amplitudes of its survey; this one was trained on "
            "cubes that were scaled one by one. Use --scaling survey."
        )
    return Scaling(**stored)
