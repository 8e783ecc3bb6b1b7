"""Which part of a cube is predicted: ranges of line numbers and times, as slices."""

from tfseis.errors import FormatError
from tfseis.geometry import Geometry

SCALINGS = ("survey", "model")
Parts = tuple[slice, slice, slice]
Range = tuple[float | None, float | None]


def select(
    geometry: Geometry,
    *,
    inlines: Range = (None, None),
    crosslines: Range = (None, None),
    time: Range = (None, None),
    stride: int = 1,
) -> Parts:
    """Ranges of line numbers and times, both ends included, as slices of the cube.

    Raises:
        GeometryError: a range holds no line.
        FormatError: the stride is not positive.
    """
    if stride < 1:
        raise FormatError(f"Expected a stride of at least 1; got {stride}. Use 1 for every sample.")
    found = [
        axis.between(*wanted)
        for axis, wanted in zip(geometry.axes, (inlines, crosslines, time), strict=True)
    ]
    parts = [slice(part.start, part.stop, stride) for part in found]
    return parts[0], parts[1], parts[2]
