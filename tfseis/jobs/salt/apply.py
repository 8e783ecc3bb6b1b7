"""A trained model applied to a folder of images: `tfseis predict MODEL FOLDER OUT`."""

from collections import defaultdict
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from tfseis.errors import FormatError, OutputError
from tfseis.io.images.images import ENDING, read_image, write_masks
from tfseis.io.output_folder import complete_folder
from tfseis.jobs.boreholes.apply import predict_boreholes
from tfseis.jobs.salt.pipeline import BATCH, probabilities
from tfseis.learning.saving import load_model
from tfseis.models.recipe import recipe_for, recipe_of
from tfseis.scores.masks import decided


def predict_folder(
    model: keras.Model | str | Path,
    folder: str | Path,
    out: str | Path,
    *,
    wells: bool = False,
    overwrite: bool = False,
    progress: bool = True,
) -> None:
    """Write the masks that a borehole or salt model finds in the images of a folder.

    Args:
        model: a trained model, or the file that holds it.
        folder: of borehole patches, or of grey PNG images.
        out: folder to write.
        wells: boreholes alone: join patches to whole wells.
        overwrite: replace a folder of that name.
        progress: show bars.

    Raises:
        TfseisError: what is wrong with the model, the folder or the output, and what to do.
    """
    loaded = model if isinstance(model, keras.Model) else load_model(model)
    if recipe_of(loaded).job == "salt":
        predict_images(loaded, folder, out, overwrite=overwrite, progress=progress)
    else:
        predict_boreholes(loaded, folder, out, wells=wells, overwrite=overwrite, progress=progress)


def predict_images(
    model: keras.Model | str | Path,
    folder: str | Path,
    out: str | Path,
    *,
    overwrite: bool = False,
    progress: bool = True,
) -> None:
    """Write the salt masks of grey PNG images of any size: a PNG each, 255 where there is salt.

    A few images are held at a time. Depths are taken as unknown.

    Args:
        model: a trained salt model, or the file that holds it.
        folder: with the images.
        out: folder to write; is made.
        overwrite: replace a folder of that name.
        progress: show a bar.

    Raises:
        FormatError: there is no image, or one that cannot be used.
        OutputError: the folder to write exists, or is that of the images.
    """
    folder, out = Path(folder), Path(out)
    if out.resolve() == folder.resolve():
        raise OutputError(
            f"{out}: expected a folder of its own for the masks; it is that of the images. Choose "
            "another name."
        )
    network = model if isinstance(model, keras.Model) else load_model(model)
    recipe = recipe_for(network, "salt")
    paths = sorted(folder.glob(f"*{ENDING}"))
    if not paths:
        raise FormatError(f"{folder}: expected images, *{ENDING}; got none. Check the folder.")
    sizes = defaultdict(list)
    for path in paths:
        sizes[read_image(path).shape].append(path)
    with (
        complete_folder(out, results=[f"*{ENDING}"], overwrite=overwrite) as draft,
        tqdm(total=len(paths), unit=" images", desc="predict", disable=not progress) as bar,
    ):
        for same in sizes.values():
            for start in range(0, len(same), BATCH):
                part = same[start : start + BATCH]
                images = np.stack([read_image(path) for path in part])
                found = probabilities(network, images, np.full(len(part), np.nan), recipe)
                masks = decided(found, recipe.threshold, recipe.smallest)
                write_masks(draft, [path.stem for path in part], masks)
                bar.update(len(part))
