"""The size of the samples of a borehole image, from which the dip of a plane follows."""

from dataclasses import dataclass
from math import inf, pi

from tfseis.errors import ModelError


@dataclass(frozen=True, kw_only=True)
class Hole:
    """How large the samples of an image are, from which the dip of a plane follows.

    Args:
        diameter: of the hole, in mm.
        row_height: distance of two rows along the hole, in mm.

    Raises:
        ModelError: a size that is not above 0.
    """

    diameter: float
    row_height: float

    def __post_init__(self) -> None:
        if not (0 < self.diameter < inf and 0 < self.row_height < inf):
            raise ModelError(
                "Expected a hole diameter and a row height above 0 mm; got "
                f"{self.diameter} and {self.row_height}. Look them up in the header of the log."
            )

    def height(self, columns: int) -> float:
        """Height of a row in widths of a column, where `columns` go once around the hole."""
        return self.row_height * columns / (pi * self.diameter)


def hole_of(diameter: float | None, row_height: float | None) -> Hole | None:
    """The hole that two arguments tell of; None where both are None.

    Raises:
        ModelError: one of them is missing.
    """
    if diameter is None and row_height is None:
        return None
    if diameter is None or row_height is None:
        raise ModelError(
            f"Expected both the hole diameter and the row height, in mm; got {diameter} and "
            f"{row_height}. Give --hole-diameter and --row-height, or neither."
        )
    return Hole(diameter=diameter, row_height=row_height)
