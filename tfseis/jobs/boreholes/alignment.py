"""Whether the labels of a well lie on what its images show. NumPy only."""

from collections.abc import Sequence

import numpy as np

from tfseis.io.images.wells import Patches
from tfseis.jobs.boreholes.patches import scaled_images

DRAWS = 200  # random orders of a well's labels
SURE = 3.0  # standard deviations by which the own order must beat random ones
ALIKE = 0.3  # overlap of the labels of two patches above which an exchange tells little
FEW = 8  # labelled patches below which nothing can be said


def misaligned_wells(patches: Patches, seed: int = 0) -> list[int]:
    """Wells whose labels do not lie on what their images show.

    Labelled samples differ from the rest of their image. The mean difference of a well is compared
    with that after its labels are exchanged between patches at random; labels that are in another
    order than their images gain nothing from their own order. Labels that are much alike in all
    patches, such as breakouts at one azimuth, are turned around the hole as well.

    Args:
        patches: patches with masks.
        seed: seed of the random exchanges.

    Returns:
        Numbers of the wells with enough labelled patches whose own order is not better than a
        random one by 3 standard deviations.
    """
    if patches.masks is None:
        return []
    wrong, images = [], scaled_images(patches)[..., 0]
    rng = np.random.default_rng(seed)
    for well in np.unique(patches.wells):
        on = np.flatnonzero((patches.wells == well) & (patches.masks == 1).any((1, 2)))
        if len(on) < FEW:
            continue
        marks = patches.masks[on] == 1
        if not (_exchange_tells(marks, images[on], rng) or _turning_tells(marks, images[on], rng)):
            wrong.append(int(well))
    return wrong


def _exchange_tells(marks: np.ndarray, images: np.ndarray, rng: np.random.Generator) -> bool:
    """Whether labels lie better on their own images than on others of the well."""
    contrast = _weights(marks) @ _centred(images).T  # of each label on each image
    own = np.arange(len(marks))
    drawn = [contrast[own, rng.permutation(own)].mean() for _ in range(DRAWS)]
    return _stands_out(contrast[own, own].mean(), drawn)


def _turning_tells(marks: np.ndarray, images: np.ndarray, rng: np.random.Generator) -> bool:
    """Whether labels that are alike in all patches lie better where they are than turned.

    An exchange of such labels changes nothing: breakouts stand at one azimuth all along a well.
    """
    flat = marks.reshape(len(marks), -1)
    order = rng.permutation(len(flat))
    other = np.where(order == np.arange(len(flat)), np.roll(order, 1), order)
    alike = (flat & flat[other]).sum() / (flat | flat[other]).sum()
    if alike < ALIKE:
        return False
    spectra = np.fft.rfft(_weights(marks).reshape(marks.shape), axis=2)
    shown = np.fft.rfft(_centred(images).reshape(marks.shape), axis=2)
    columns = marks.shape[2]
    contrast = np.fft.irfft((spectra.conj() * shown).sum(1), n=columns, axis=1)  # by turn
    own = np.arange(len(marks))
    drawn = [contrast[own, rng.integers(0, columns, len(own))].mean() for _ in range(DRAWS)]
    return _stands_out(contrast[:, 0].mean(), drawn)


def _weights(marks: np.ndarray) -> np.ndarray:
    """Marks (patches, samples) that add up to 1 in each patch."""
    flat = marks.reshape(len(marks), -1).astype("float64")
    return flat / flat.sum(1, keepdims=True)


def _centred(images: np.ndarray) -> np.ndarray:
    flat = images.reshape(len(images), -1)
    return flat - flat.mean(1, keepdims=True)


def _stands_out(own: float, drawn: Sequence[float]) -> bool:
    return bool(abs(own - np.mean(drawn)) >= SURE * np.std(drawn) > 0)
