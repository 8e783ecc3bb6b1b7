"""How training crops may vary: mirrored, tilted and stretched as far as the geology allows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tfseis.errors import ModelError
from tfseis.named import check_choice, chosen

SHEAR, STRETCH = 0.5, 0.1  # of training crops: measured, see docs/adr/0002
VARIATIONS = ("usual", "mirrored", "none")


@dataclass(frozen=True)
class Variation:
    """How crops differ at random from what was recorded, in ways that keep their facies.

    Args:
        mirrored: axes of the crop, counted from 0, along each of which half of the crops are
            mirrored; horizontal axes only, since the earth is not the same upside down.
        shear: largest dip that is added along each horizontal axis, in samples a trace; the
            last axis of the crop must then be time or depth.
        stretch: largest relative change of thickness, 0 to below 1.

    Raises:
        ModelError: a negative axis or amount, or a stretch of 1 or more.
    """

    mirrored: tuple[int, ...] = ()
    shear: float = 0.0
    stretch: float = 0.0

    def __post_init__(self) -> None:
        if min((0, *self.mirrored)) < 0 or self.shear < 0 or not 0 <= self.stretch < 1:
            raise ModelError(
                f"Expected axes and a shear of 0 or more, and a stretch from 0 to below 1; got "
                f"{self}. Change what is out of range."
            )

    @property
    def random_numbers(self) -> int:
        """Random numbers that decide how one crop varies."""
        return len(self.mirrored) + 3

    @property
    def warps(self) -> bool:
        """Whether samples are interpolated."""
        return self.shear > 0 or self.stretch > 0


AS_RECORDED = Variation()


def check_variation(value: Any) -> None:
    """Refuse a setting that is no variation.

    Args:
        value: one of `VARIATIONS`, 'package.module:object', a `Variation` or a function.

    Raises:
        ModelError: it is none of these.
    """
    check_choice(value, VARIATIONS, "variation")
    if not (isinstance(value, (str, Variation)) or callable(value)):
        raise ModelError(
            f"Expected variation {', '.join(VARIATIONS)}, a Variation or a function of (crops, "
            f"labels, seed); got {value!r}. Give one of these."
        )


def chosen_variation(
    value: Any, *, axes: int, flat: bool, time_slices: bool, positions: bool
) -> tuple[Variation, Callable | None]:
    """What a setting stands for, on crops of a kind.

    Args:
        value: as `check_variation` takes it.
        axes: number of axes of a crop; the first one of a stack of sections counts too.
        flat: whether crops are cut from sections.
        time_slices: whether these are time slices: all their axes are horizontal.
        positions: whether a position is among the channels, which no crop may change.

    Returns:
        How crops are cut, and the function that changes them afterwards, if there is one.

    Raises:
        ModelError: a name that is not known, or a Variation along an axis that crops do not have.
    """
    slices = flat and time_slices
    mirrored = (axes - 2, axes - 1) if slices else tuple(range(axes - 1))
    warped = (0.0, 0.0) if slices else (SHEAR, STRETCH)
    usual, turned = Variation(mirrored, *warped), Variation(mirrored)
    if positions:
        usual = turned = AS_RECORDED
    known = dict(zip(VARIATIONS, (usual, turned, AS_RECORDED), strict=True))
    found = chosen(value, known, "variation")
    check_variation(found)
    if not isinstance(found, Variation):
        return AS_RECORDED, found
    if max((0, *found.mirrored)) >= axes:
        raise ModelError(
            f"Expected a variation that mirrors crops of {axes} axes along axes 0 to {axes - 1}; "
            f"got {found.mirrored}. Change Variation(mirrored=..)."
        )
    return found, None
