"""Keys of a cube, understood as NumPy understands them: integers, slices and one ellipsis."""

from types import EllipsisType

import numpy as np

Key = int | slice | EllipsisType | tuple[int | slice | EllipsisType, ...]
Parts = tuple[slice, slice, slice]
Shape = tuple[int, int, int]


def normalised(key: Key, shape: Shape) -> tuple[Parts, tuple[int, ...]]:
    """One slice for each axis, and the shape of the result without the axes that integers drop.

    Args:
        key: what stands between the brackets of ``cube[...]``.
        shape: shape of the cube (inlines, crosslines, samples).

    Raises:
        IndexError: an index outside the cube, too many indices, or an index that is neither an
            integer nor a slice.

    Examples:
        >>> normalised((2, ...), (7, 8, 9))
        ((slice(2, 3, None), slice(None, None, None), slice(None, None, None)), (8, 9))
    """
    parts = list(key) if isinstance(key, tuple) else [key]
    gaps = [i for i, part in enumerate(parts) if part is Ellipsis]
    if len(gaps) > 1 or len(parts) - len(gaps) > len(shape):
        raise IndexError(f"Expected at most {len(shape)} indices and one ellipsis; got {key!r}.")
    at = gaps[0] if gaps else len(parts)
    parts[at : at + 1] = [slice(None)] * (len(shape) - len(parts) + len(gaps))
    slices, result = [], []
    for part, size, name in zip(parts, shape, ("inline", "crossline", "sample"), strict=True):
        if isinstance(part, slice):
            slices.append(part)
            result.append(len(range(size)[part]))
            continue
        if isinstance(part, bool) or not isinstance(part, (int, np.integer)):
            raise IndexError(
                f"Expected an integer or a slice for the {name} axis; got {part!r}. "
                "Read a block and index that."
            )
        if not -size <= part < size:
            raise IndexError(f"Expected a {name} index below {size}; got {part}.")
        slices.append(slice(int(part) % size, int(part) % size + 1))
    return (slices[0], slices[1], slices[2]), tuple(result)


def forward(part: slice, size: int) -> tuple[slice, bool]:
    """The indices of a slice in ascending order, and whether the result has to be reversed.

    Examples:
        >>> forward(slice(None, None, -3), 8)
        (slice(1, 8, 3), True)
    """
    indices = range(size)[part]
    backwards = indices.step < 0
    if backwards:
        indices = indices[::-1]
    if not indices:
        return slice(0, 0), False
    return slice(indices[0], indices[-1] + 1, indices.step), backwards
