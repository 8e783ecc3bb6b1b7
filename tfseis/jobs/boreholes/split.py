"""Which patches train, and which are scored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tfseis.errors import LabelError
from tfseis.io.images.wells import Patches
from tfseis.io.labels.labels import UNLABELLED
from tfseis.jobs.boreholes.alignment import misaligned_wells
from tfseis.jobs.boreholes.patches import synthetic_patches, well_split

UNSEEN = 120  # synthetic patches of another seed that are scored
SYNTHETIC, HELD_OUT = "synthetic wells of another seed", "wells held out"


@dataclass(frozen=True)
class Split:
    """Which patches train, which are scored, if any, and the wells that are left out.

    Args:
        training: patches that train.
        testing: patches that are scored; None for none.
        dropped: numbers of the wells whose labels do not line up with their images.
        kind: what is scored, for people; HELD_OUT where it is wells of the user.
        synthetic: whether the patches that train are synthetic.
    """

    training: Patches
    testing: Patches | None
    dropped: list[int]
    kind: str = HELD_OUT
    synthetic: bool = False

    @property
    def wells_trained(self) -> list[int]:
        """Numbers of the wells that train."""
        return [] if self.synthetic else np.unique(self.training.wells).tolist()

    @property
    def wells_held_out(self) -> list[int]:
        """Numbers of the wells that are scored."""
        if self.testing is None or self.kind == SYNTHETIC:
            return []
        return np.unique(self.testing.wells).tolist()


def split_patches(
    patches: Patches, *, synthetic: int, held_out: Sequence[int] | None, seed: int
) -> Split:
    """Split patches by well, or train on synthetic ones and score every labelled well.

    Args:
        patches: all patches that were read.
        synthetic: number of synthetic patches to train on; 0 for labels.
        held_out: numbers of the wells to score; None for one in five, and for all labelled ones
            where synthetic patches train.
        seed: seed of the choice and of the synthetic patches.

    Raises:
        LabelError: no labels that can be used, or no such well.
    """
    labelled: np.ndarray = np.zeros(len(patches), bool)
    if patches.masks is not None:
        labelled = np.asarray((patches.masks >= 0).any((1, 2)))
    if not (labelled.any() or synthetic):
        raise LabelError(
            "Expected masks of some patches; got none. Give --labels, or train on synthetic "
            "patches: --synthetic 2000."
        )
    dropped = misaligned_wells(patches)
    usable = patches.only(labelled & ~np.isin(patches.wells, dropped))
    if synthetic:
        return _synthetic(patches, usable, dropped, count=synthetic, held_out=held_out, seed=seed)
    if not len(usable):
        raise LabelError(
            "Expected labels that lie on what the images show; no well's do. Check the order of "
            "their rows or names."
        )
    if held_out is None and len(np.unique(usable.wells)) == 1:
        return Split(usable, None, dropped)
    trains, tests = well_split(usable.wells, held_out=held_out, seed=seed)
    return Split(usable.only(trains), usable.only(tests), dropped)


def _synthetic(
    patches: Patches,
    usable: Patches,
    dropped: list[int],
    *,
    count: int,
    held_out: Sequence[int] | None,
    seed: int,
) -> Split:
    """Synthetic patches train; labelled wells are scored, or else synthetic patches too."""
    columns = patches.images.shape[2]
    training = synthetic_patches(count, seed, columns=columns)
    known = np.unique(usable.wells).tolist()
    if held_out is not None and not set(held_out) <= set(known):
        among = ", ".join(map(str, known)) or "none"
        raise LabelError(
            f"Expected wells to score among those with labels, {among}; "
            f"got {', '.join(map(str, held_out))}. Choose others, or leave --held-out out."
        )
    scored = usable if held_out is None else usable.only(np.isin(usable.wells, held_out))
    if len(scored):
        return Split(training, scored, dropped, synthetic=True)
    unseen = synthetic_patches(UNSEEN, seed + 1, columns=columns)
    return Split(training, unseen, dropped, kind=SYNTHETIC, synthetic=True)


def with_unlabelled(patches: Patches, split: Split) -> Patches:
    """All patches but those of the wells that are scored; only those that train keep labels."""
    others = patches.only(~np.isin(patches.wells, split.wells_held_out))
    labelled = np.isin(others.names(), split.training.names())
    known: Any = others.masks
    masks = np.where(labelled[:, np.newaxis, np.newaxis], known, UNLABELLED)
    return replace(others, masks=masks.astype("int8"))
