"""The part of a cube that is predicted: ranges of line numbers and times, as slices."""

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
    """Turn ranges of line numbers and times, both ends included, into slices of a cube.

    Args:
        geometry: geometry of the cube.
        inlines: first and last inline number; None for the end of the axis.
        crosslines: first and last crossline number.
        time: first and last time in ms (depth in m for depth cubes).
        stride: step between samples along all three axes, at least 1.

    Raises:
        GeometryError: a range holds no line.
        FormatError: the stride is below 1.
    """
    if stride < 1:
        raise FormatError(f"Expected a stride of at least 1; got {stride}. Use 1 for every sample.")
    found = [
        axis.between(*wanted)
        for axis, wanted in zip(geometry.axes, (inlines, crosslines, time), strict=True)
    ]
    parts = [slice(part.start, part.stop, stride) for part in found]
    return parts[0], parts[1], parts[2]
