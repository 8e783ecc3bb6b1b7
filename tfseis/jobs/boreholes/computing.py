"""Patches of a user predicted by the library and in the precision that suit them."""

from functools import partial

import keras
import numpy as np
from scipy.special import expit
from tqdm import tqdm

from tfseis.inference.agreement import mask_agreement
from tfseis.inference.backends import KEPT
from tfseis.inference.equivariant import phases
from tfseis.inference.numbered import Numbered, Window
from tfseis.inference.precision import Computed, precision_of
from tfseis.inference.runtime import Runtime
from tfseis.io.images.wells import Patches
from tfseis.jobs.boreholes.patches import back_to_patches, scaled_images, whole_wells
from tfseis.jobs.boreholes.prediction import (
    predict_patches,
    predict_well,
    window_rows,
    with_whole_rows,
)
from tfseis.models.recipe import recipe_for


def predicted(
    model: keras.Model,
    patches: Patches,
    wells: bool,
    *,
    backend: str = "auto",
    precision: str = "auto",
    progress: bool = True,
) -> tuple[np.ndarray, Computed]:
    """Probability of a mark, and what computed it.

    Args:
        model: trained borehole model.
        patches: the patches.
        wells: whether whole wells are predicted, of patches that are joined.
        backend: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.
        precision: "auto", "float32", "bfloat16" or "int8", see
            `tfseis.inference.precision.with_precision`.
        progress: show bars.

    Returns:
        float32 (patches, rows, columns), and what computed.

    Raises:
        TfseisError: an unknown name, or what cannot be computed here.
    """
    images = scaled_images(patches)
    parts = whole_wells(patches, images[..., 0]) if wells else []
    most = sum(window_rows(model)) + window_rows(model)[1]
    sizes = {min(len(part.image), most) for part in parts}
    runtime = Runtime(
        model,
        backend,
        work=images.size * phases(model, images.shape[2]),
        many_sizes=len(sizes) > KEPT,
    )
    runtime, chosen = precision_of(
        runtime,
        precision,
        _windows(model, patches, images),
        partial(mask_agreement, threshold=recipe_for(model, "boreholes").threshold),
        answer=lambda logits: expit(logits[..., 0]),
        progress=progress,
    )
    if not wells:
        found = predict_patches(model, images, compute=runtime)
    else:
        bar = tqdm(parts, desc="predict wells", disable=not progress)
        each = [predict_well(model, part.image, compute=runtime) for part in bar]
        found = back_to_patches(patches, parts, each)
    return found, Computed.by([runtime], chosen)


def _windows(model: keras.Model, patches: Patches, images: np.ndarray) -> Numbered:
    """The patches, as the network sees them, and which of their samples were measured."""
    whole = with_whole_rows(images, model)

    def read(number: int) -> Window:
        valid = np.zeros(whole.shape[1:3], bool)
        valid[: images.shape[1]] = patches.valid[number]
        return whole[number], valid

    return Numbered(len(images), read)
