"""SGZ files, compressed with loss, read by the library seismic-zfp."""

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from tfseis.errors import FormatError
from tfseis.geometry import Geometry
from tfseis.io.array_cube import ArrayCube
from tfseis.io.formats.axes import check_size, stored_even, stored_lines
from tfseis.io.formats.boxes import BoxSource, Starts, guarded
from tfseis.io.formats.packages import needed
from tfseis.io.formats.stored import StoredArray
from tfseis.io.segy.affine import fit_affine

FIELDS = {"inline": 189, "crossline": 193, "x": 181, "y": 185, "scalar": 71}


def open_sgz(path: str | Path) -> ArrayCube:
    """Open an SGZ file as a lazy cube; its samples differ a little from those it was made of.

    Args:
        path: the file.

    Returns:
        The cube, axes (inlines, crosslines, samples), line numbers ascending.

    Raises:
        FormatError: the file is missing, damaged, no SGZ file, a 2D line or pre-stack.
        GeometryError: its line numbers form no grid.
        MissingPackageError: seismic-zfp is not installed.
    """
    path = Path(path)
    needed("seismic_zfp.read", "sgz", path.name)
    with closing(guarded(path, SgzSource.opened, path)) as handle:
        if handle.is_2d or handle.is_4d:
            kind = "a 2D line" if handle.is_2d else "pre-stack gathers"
            raise FormatError(f"{path}: expected a cube; got {kind}. Convert a post-stack cube.")
        inlines = stored_lines("inline", path.name, handle.ilines, 0)
        crosslines = stored_lines("crossline", path.name, handle.xlines, 1)
        samples = stored_even("sample", path.name, handle.zslices, 2)
        check_size(path.name, inlines.axis, crosslines.axis)
        shape = handle.n_ilines, handle.n_xlines, handle.n_samples
        fields = guarded(path, _fields, handle, shape[:2])
        live = np.ones(shape[:2], bool) if handle.structured else fields["inline"] != 0
    columns = {name: values[live].astype("float64") for name, values in fields.items()}
    affine = fit_affine(inlines.axis, crosslines.axis, columns)
    geometry = Geometry(inlines.axis, crosslines.axis, samples.axis, affine)
    source = SgzSource(path, shape, np.dtype("f4"))
    array = StoredArray(source, (inlines, crosslines, samples))
    live = live[np.ix_(inlines.rows, crosslines.rows)]
    return ArrayCube(array, geometry, live, name=path.name, path=path)


class SgzSource(BoxSource):
    """Samples of an SGZ file, decompressed."""

    @staticmethod
    def opened(path: Path) -> Any:
        """A new reader of the file."""
        library = needed("seismic_zfp.read", "sgz", path.name)
        file = path.open("rb")
        try:
            return library.SgzReader(file)
        except BaseException:
            file.close()
            raise

    @staticmethod
    def box(handle: Any, starts: Starts, stops: Starts) -> np.ndarray:
        """Samples of a box, float32."""
        ends = [end for pair in zip(starts, stops, strict=True) for end in pair]
        return np.array(handle.read_subvolume(*ends), "f4")


def _fields(handle: Any, shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """Header fields of all places of the grid, (inlines, crosslines); 0 where no trace is."""
    handle.read_variant_headers(include_padding=True)
    stored, constant = handle.variant_headers, handle.segy_traceheader_template
    return {
        name: np.asarray(stored[byte]).reshape(shape)
        if byte in stored
        else np.full(shape, int(constant[byte]))
        for name, byte in FIELDS.items()
    }
