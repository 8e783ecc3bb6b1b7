"""A borehole model applied to patches or whole wells: `tfseis boreholes apply`."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from tfseis.errors import FormatError
from tfseis.inference.precision import check_computing
from tfseis.io.images.wells import Patches, read_patches
from tfseis.io.output import complete_folder
from tfseis.jobs.boreholes.computing import predicted
from tfseis.jobs.boreholes.hole import Hole, hole_of
from tfseis.jobs.boreholes.sinusoids import fit_planes
from tfseis.jobs.contract import Applied
from tfseis.learning.saving import as_model
from tfseis.models.recipe import recipe_for
from tfseis.wording import counted

WHITE = 255
RESULTS = ("masks", "planes.csv")
DIP, APPARENT_DIP = "dip_degrees", "apparent_dip_of_square_samples_degrees"  # titles of columns
APPARENT = (
    ", whose dips are apparent: samples are taken to be as high as they are wide. Give "
    "--hole-diameter and --row-height for true ones"
)


def apply_boreholes(
    model: keras.Model | str | Path,
    patches: str | Path | Patches,
    out: str | Path,
    *,
    wells: bool = False,
    hole_diameter: float | None = None,
    row_height: float | None = None,
    backend: str = "auto",
    precision: str = "auto",
    overwrite: bool = False,
    progress: bool = True,
) -> Applied:
    """Write the marks that a borehole model finds in patches, and the planes that they form.

    Writes into `out`: masks/ (a PNG for each patch, 255 where marked) and planes.csv: name, row,
    dip_degrees, azimuth_degrees and coverage. Where the size of the samples is not known, the dips
    are those of samples as high as they are wide: apparent_dip_of_square_samples_degrees.

    Args:
        model: trained model, or the file that holds it.
        patches: folder of patches, see `tfseis.io.read_patches`; or patches in memory.
        out: folder to write; is made.
        wells: join patches in depth order and predict along whole wells, so that the rows at the
            border of a patch see its neighbour.
        hole_diameter: diameter of the hole in mm; None for that of the training, if it was given.
        row_height: distance of two rows along the hole in mm, likewise.
        backend: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.
        precision: "float32"; "bfloat16"; "int8", which is refused where some of these patches show
            other marks than in float32; or "auto" for bfloat16 where the processor computes it
            itself and some of these patches show the same marks, and float32 elsewhere.
        overwrite: replace a folder of results of that name.
        progress: show bars.

    Returns:
        The files written; facts: numbers of ``patches`` and ``planes``, the share ``marked``,
        ``backend``, ``precision`` and why, see `tfseis.inference.precision.Computed`.

    Raises:
        TfseisError: what is wrong with the model, the patches or the output, and what to do.
    """
    check_computing(backend, precision)
    network = as_model(model)
    recipe = recipe_for(network, "boreholes")
    read = patches if isinstance(patches, Patches) else read_patches(patches, progress=progress)
    if read.images.shape[2] != recipe.columns:
        raise FormatError(
            f"{_name(patches)}: expected {recipe.columns} columns around the borehole, as in "
            f"training; got {read.images.shape[2]}. Resample the images."
        )
    hole = hole_of(
        recipe.hole_diameter if hole_diameter is None else hole_diameter,
        recipe.row_height if row_height is None else row_height,
    )
    found, computed = predicted(
        network, read, wells, backend=backend, precision=precision, progress=progress
    )
    marks = found > recipe.threshold
    out = Path(out)
    with complete_folder(out, results=RESULTS, overwrite=overwrite) as draft:
        planes = write_masks(read, marks, draft / "masks", hole=hole, progress=progress)
        planes.to_csv(draft / "planes.csv", index=False)
    share = float((marks & read.valid).sum() / max(int(read.valid.sum()), 1))
    return Applied(
        files=tuple(out / name for name in RESULTS),
        facts={
            "patches": len(read),
            "planes": len(planes),
            "marked": share,
            **computed.facts(),
        },
        text=f"{computed.text()}\n"
        f"{counted(len(read), 'patch', 'patches')}, {share:.2%} of their samples marked; "
        f"{counted(len(planes), 'plane')}"
        f"{'' if hole else APPARENT}",
    )


def write_masks(
    patches: Patches,
    marks: np.ndarray,
    folder: Path,
    *,
    hole: Hole | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Write a PNG for each patch, 255 where marked and measured.

    Args:
        patches: names and measured samples.
        marks: bool (patches, rows, columns).
        folder: where the files go; is made.
        hole: size of the samples, or None.
        progress: show a bar.

    Returns:
        The planes that the marks form, one row each: name of the patch, row in samples from its
        top, dip in degrees from the horizontal, azimuth in degrees from column 0, and coverage.
        The title of the dips says whether they are apparent ones.
    """
    columns = ["name", "row", DIP if hole else APPARENT_DIP, "azimuth_degrees", "coverage"]
    folder.mkdir(exist_ok=True)
    rows = []
    pairs = list(zip(patches.names(), marks & patches.valid, strict=True))
    for name, mark in tqdm(pairs, desc="write masks", disable=not progress):
        Image.fromarray((mark * WHITE).astype("uint8")).save(folder / f"{name}.png")
        rows += [
            (name, plane.row, plane.dip, plane.azimuth, plane.coverage)
            for plane in fit_planes(mark, hole=hole)
        ]
    return pd.DataFrame(rows, columns=columns).round(2)


def _name(patches: str | Path | Patches) -> str:
    return "patches" if isinstance(patches, Patches) else str(patches)
