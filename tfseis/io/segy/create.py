"""A whole SEG-Y file written from an array, with headers made from its geometry."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from tfseis.errors import FormatError, GeometryError
from tfseis.geometry import Geometry
from tfseis.io.output import complete_or_absent
from tfseis.io.segy.encoding import encoded
from tfseis.io.segy.layout import CODES, DTYPES, ORDERS
from tfseis.io.segy.new_headers import NewHeaders

SORTINGS = ("inline", "crossline")


def write_segy(
    path: str | Path,
    amplitude: ArrayLike,
    geometry: Geometry,
    *,
    live: np.ndarray | None = None,
    sorting: str = "inline",
    endian: str = "big",
    format: int = 5,
    text: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Write an array as a SEG-Y file, which appears under its name when it is complete.

    Args:
        path: the new file.
        amplitude: array (inlines, crosslines, samples); values are rounded for integer formats.
        geometry: geometry of the array, with integer line numbers.
        live: bool (inlines, crosslines); where False, no trace is written. None for all.
        sorting: "inline" or "crossline", the number that stays while the other runs.
        endian: byte order, "big" or "little".
        format: sample format code of the standard, such as 3 (int16) or 5 (IEEE float).
        text: lines of the textual header, 38 at most, of 76 characters.
        overwrite: whether a file of that name may be replaced.

    Raises:
        FormatError: an unknown format, byte order or sorting, or values that the format cannot
            hold.
        GeometryError: array and geometry differ in shape, or numbers do not fit the headers.
        OutputError: the file exists, or its folder cannot be written to.
    """
    amplitude = np.asarray(amplitude)
    live = np.ones(geometry.shape[:2], bool) if live is None else np.asarray(live, bool)
    if amplitude.shape != geometry.shape or live.shape != geometry.shape[:2]:
        raise GeometryError(
            f"Expected an array of the shape {geometry.shape} of its geometry; got "
            f"{amplitude.shape}, with live traces {live.shape}. Swap axes, or change the geometry."
        )
    if format not in DTYPES or endian not in ORDERS or sorting not in SORTINGS:
        raise FormatError(
            f"Expected a format among {CODES}, endian 'big' or 'little', sorting 'inline' or "
            f"'crossline'; got {format}, {endian!r}, {sorting!r}. Choose one of these."
        )
    headers = NewHeaders(geometry, live, format, sorting, endian)
    if sorting == "crossline":
        amplitude, live = amplitude.swapaxes(0, 1), live.T
    dtype = np.dtype(DTYPES[format]).newbyteorder(ORDERS[endian])
    with complete_or_absent(Path(path), overwrite) as partial, partial.open("wb") as file:
        file.write(headers.start(text))
        for line, alive, block in zip(amplitude, live, headers.lines(), strict=True):
            samples = encoded(line[alive], format, dtype)  # (traces, samples)
            file.write(np.concatenate([block, samples.view("u1")], axis=1).tobytes())
