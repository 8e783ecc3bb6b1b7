"""A borehole model applied to patches or whole wells: `tfseis predict MODEL FOLDER OUT`."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from tfseis.errors import FormatError
from tfseis.io.images.wells import Patches, read_patches
from tfseis.io.output_folder import complete_folder
from tfseis.jobs.boreholes.patches import back_to_patches, scaled_images, whole_wells
from tfseis.jobs.boreholes.prediction import predict_patches, predict_well
from tfseis.jobs.boreholes.sinusoids import fit_planes
from tfseis.learning.saving import load_model
from tfseis.models.recipe import recipe_for

WHITE = 255
RESULTS = ("masks", "planes.csv")


def predict_boreholes(
    model: keras.Model | str | Path,
    folder: str | Path,
    out: str | Path,
    *,
    wells: bool = False,
    overwrite: bool = False,
    progress: bool = True,
) -> pd.DataFrame:
    """Write the marks that a borehole model finds in patches, and the planes they form.

    Writes into `out`: masks/ (a PNG a patch, 255 where marked) and planes.csv.

    Args:
        model: a trained model, or the file that holds it.
        folder: of patches, see `tfseis.io.read_patches`.
        out: folder to write; is made.
        wells: join patches in depth order and predict along whole wells, so that the rows at the
            border of a patch see its neighbour.
        overwrite: replace a folder of that name.
        progress: show bars.

    Returns:
        The planes: name, row, dip, azimuth, coverage.

    Raises:
        TfseisError: what is wrong with the model, the folder or the output, and what to do.
    """
    model = model if isinstance(model, keras.Model) else load_model(model)
    recipe = recipe_for(model, "boreholes")
    patches = read_patches(folder, progress=progress)
    if patches.images.shape[2] != recipe.columns:
        raise FormatError(
            f"{folder}: expected {recipe.columns} columns around the hole, as in training; got "
            f"{patches.images.shape[2]}. Resample the images."
        )
    images = scaled_images(patches)
    if wells:
        parts = whole_wells(patches, images[..., 0])
        bar = tqdm(parts, desc="predict wells", disable=not progress)
        found = [predict_well(model, part.image) for part in bar]
        probability = back_to_patches(patches, parts, found)
    else:
        probability = predict_patches(model, images)
    marks = probability > recipe.threshold
    with complete_folder(out, results=RESULTS, overwrite=overwrite) as draft:
        planes = write_masks(patches, marks, draft / "masks", progress=progress)
        planes.to_csv(draft / "planes.csv", index=False)
    return planes


def write_masks(
    patches: Patches, marks: np.ndarray, folder: Path, *, progress: bool = True
) -> pd.DataFrame:
    """Write a PNG a patch, 255 where marked and measured; returns the planes that marks form.

    Dip is in degrees from the horizontal, azimuth in degrees from column 0, row in samples from the
    top of the patch.
    """
    folder.mkdir(exist_ok=True)
    rows = []
    pairs = zip(patches.names(), marks & patches.valid, strict=True)
    for name, mark in tqdm(list(pairs), desc="write masks", disable=not progress):
        Image.fromarray((mark * WHITE).astype("uint8")).save(folder / f"{name}.png")
        rows += [
            {"name": name, "row": plane.row, "dip": plane.dip, "azimuth": plane.azimuth,
             "coverage": plane.coverage}
            for plane in fit_planes(mark)
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=["name", "row", "dip", "azimuth", "coverage"]).round(2)
