"""Wells of borehole patches: scaling, splits by well, whole wells. NumPy only."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tfseis.data.scaling import HIGH, LOW, NORMAL_WIDTH, Scaling
from tfseis.data.synthetic.borehole_image import COLUMNS, borehole_patches
from tfseis.errors import LabelError
from tfseis.io.images.wells import SENTINEL, Patches
from tfseis.io.labels.labels import UNLABELLED

WELL = 60  # patches of a synthetic well


@dataclass(frozen=True)
class Well:
    """Patches of one well without gap, joined in depth order.

    Args:
        well: number of the well.
        numbers: consecutive numbers of its patches, int64 (patches,).
        image: float32 (rows, columns), rows downwards, columns azimuth.
        valid: bool (rows, columns), where something was measured.
    """

    well: int
    numbers: np.ndarray
    image: np.ndarray
    valid: np.ndarray


def well_scalings(patches: Patches) -> dict[int, Scaling]:
    """Centre and spread of each well by its number, estimated as `survey_scaling` does."""
    found = {}
    for well in np.unique(patches.wells):
        on = patches.wells == well
        values = patches.images[on][patches.valid[on]]
        low, centre, high = np.quantile(values, (LOW, 0.5, HIGH))
        spread = (high - low) / NORMAL_WIDTH if high > low else values.std()
        found[int(well)] = Scaling(centre=float(centre), spread=float(spread))
    return found


def scaled_images(patches: Patches, scalings: dict[int, Scaling] | None = None) -> np.ndarray:
    """Scale images by well.

    Args:
        patches: images, measured samples and wells.
        scalings: statistics of each well by its number; None to estimate them.

    Returns:
        float32 (patches, rows, columns, 1), 0 where nothing was measured.
    """
    out = np.zeros((*patches.images.shape, 1), "float32")
    for well, scaling in (scalings or well_scalings(patches)).items():
        on = patches.wells == well
        out[on, ..., 0] = scaling.apply(patches.images[on], patches.valid[on])
    return out


def well_split(
    wells: np.ndarray, *, held_out: Sequence[int] | None = None, part: float = 0.2, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Which patches train and which are held out; no well is in both.

    Args:
        wells: number of the well of each patch, (patches,).
        held_out: numbers of the wells to hold out; None to choose them at random.
        part: share of the wells that is chosen, 0 to 1; at least one.
        seed: seed of the choice.

    Returns:
        Two bool arrays (patches,): which train, and which are held out.

    Raises:
        LabelError: no such well, or no well is left on a side.

    Examples:
        >>> train, test = well_split(np.array([1, 1, 6, 14]), held_out=[6])
        >>> train.tolist(), test.tolist()
        ([True, True, False, True], [False, False, True, False])
    """
    known = np.unique(wells)
    if held_out is None:
        count = max(1, round(part * len(known)))
        held_out = np.random.default_rng(seed).permutation(known)[:count].tolist()
    missing = sorted(set(held_out) - set(known.tolist()))
    if missing or not 0 < len(set(held_out)) < len(known):
        raise LabelError(
            f"Expected wells to hold out among {', '.join(map(str, known))}, and one or more left "
            f"to train; got {', '.join(map(str, held_out))}. Choose others, or label more wells."
        )
    test = np.isin(wells, held_out)
    return ~test, test


def whole_wells(patches: Patches, images: np.ndarray) -> list[Well]:
    """Patches joined in depth order; a missing patch begins another part.

    Args:
        patches: wells, numbers and measured samples.
        images: (patches, rows, columns), such as scaled images.

    Returns:
        The joined parts, by well and depth.
    """
    order = np.lexsort((patches.numbers, patches.wells))
    keys = np.stack([patches.wells, patches.numbers], axis=1)[order]
    breaks = np.flatnonzero(np.any(np.diff(keys, axis=0) != (0, 1), axis=1)) + 1
    parts = []
    for start, stop in pairwise([0, *breaks.tolist(), len(order)]):
        on = order[start:stop]
        rows, columns = images.shape[1:3]
        parts.append(
            Well(
                int(patches.wells[on[0]]),
                patches.numbers[on],
                images[on].reshape(len(on) * rows, columns),
                patches.valid[on].reshape(len(on) * rows, columns),
            )
        )
    return parts


def back_to_patches(
    patches: Patches, wells: Sequence[Well], values: Sequence[np.ndarray]
) -> np.ndarray:
    """Cut values of whole wells back into patches.

    Args:
        patches: patches that `whole_wells` joined.
        wells: what it gave.
        values: array (rows, columns) for each of them.

    Returns:
        (patches, rows, columns), in the order of the patches.
    """
    rows = patches.images.shape[1]
    place = {key: i for i, key in enumerate(zip(patches.wells, patches.numbers, strict=True))}
    out = np.zeros(patches.images.shape, values[0].dtype)
    for part, value in zip(wells, values, strict=True):
        for number, cut in zip(part.numbers, value.reshape(-1, rows, value.shape[1]), strict=True):
            out[place[part.well, number]] = cut
    return out


def label_counts(patches: Patches) -> dict[str, int]:
    """Number of labelled samples, and of those that are marked."""
    masks = patches.masks if patches.masks is not None else np.full(1, UNLABELLED)
    return {"labelled": int((masks > UNLABELLED).sum()), "marked": int((masks == 1).sum())}


def synthetic_patches(count: int, seed: int, *, columns: int = COLUMNS) -> Patches:
    """Labelled patches of synthetic wells, at most 60 each; the first well is number 1.

    Args:
        count: number of patches.
        seed: the same seed gives the same wells.
        columns: number of columns around the hole.
    """
    wells = [
        borehole_patches(min(WELL, count - start), columns=columns, seed=seed * 10_000 + start)
        for start in range(0, count, WELL)
    ]
    raw = np.concatenate([images for images, _ in wells])
    valid = raw > SENTINEL
    masks = np.concatenate([masks for _, masks in wells]).astype("int8")
    numbers = np.arange(count)
    return Patches(
        np.where(valid, raw, 0),
        valid,
        numbers // WELL + 1,
        numbers % WELL,
        np.where(valid, masks, UNLABELLED).astype("int8"),
        {"synthetic patches": count},
    )
