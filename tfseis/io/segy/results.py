"""Results of a cube as SEG-Y files: begun under the cube's headers, or new ones."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tfseis.errors import FormatError, GeometryError, OutputError
from tfseis.geometry import TOLERANCE, Geometry
from tfseis.io.cube import Cube
from tfseis.io.output import check_output, room_for
from tfseis.io.partial import partial_path
from tfseis.io.segy.copy import CopiedHeaders, copied_times
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.layout import IEEE_FLOAT, INT16
from tfseis.io.segy.new_headers import NewHeaders
from tfseis.io.segy.writer import Headers, SegyWriter
from tfseis.io.unfinished import unfinished_file

OTHERS = (".zarr", ".mdio", ".zgy", ".vds", ".sgz", ".npy", ".npz")  # endings of other formats
FORMATS = {"classes": INT16, "probability": IEEE_FLOAT}


def create_result(
    path: str | Path,
    template: Cube,
    *,
    kind: str,
    geometry: Geometry | None = None,
    provenance: Sequence[str] = (),
    overwrite: bool = False,
    unfinished: bool = False,
) -> SegyWriter:
    """Start a result of a cube as a SEG-Y file; samples are 0 until written.

    A result of a SEG-Y file has its headers, copied byte for byte: only the format code changes,
    and number, interval, first time and unit of the samples where the result has other samples
    than the template's headers say. A result of any other cube gets new headers with its line
    numbers, sample times and map coordinates. Memory does not grow with the cube.

    Args:
        path: the new file, which appears when the writer closes.
        template: cube that the result was made from.
        kind: "classes" (int16) or "probability" (IEEE float).
        geometry: part of the template's geometry: ranges and strides of its axes. None for all of
            it.
        provenance: what made the result, without clock time; put into blank lines of the textual
            header, as many as there are.
        overwrite: whether a file of that name may be replaced.
        unfinished: whether to go on with what an earlier run left of it, see
            `tfseis.io.unfinished`.

    Returns:
        The writer, to be used in a ``with`` statement.

    Raises:
        OutputError: the file exists, is the template, or its folder cannot be written to.
        GeometryError: `geometry` is no part of the template's, or has no trace; or new headers
            cannot hold the line numbers or sample times.
        FormatError: an unknown kind.
    """
    path = Path(path)
    if kind not in FORMATS:
        raise FormatError(f"Expected kind 'classes' or 'probability'; got {kind!r}. Choose one.")
    if path.exists() and template.path.exists() and path.samefile(template.path):
        raise OutputError(
            f"{path}: expected another file than the cube that is read; it is the same. "
            "Choose another name."
        )
    if path.suffix.lower() in OTHERS:
        raise OutputError(
            f"{path}: expected a result that ends in .sgy, as results are SEG-Y; got "
            f"{path.suffix}. Name it .sgy, and run tfseis convert afterwards."
        )
    check_output(path, overwrite)
    headers = _headers(path.name, template, geometry or template.geometry, FORMATS[kind])
    partial = unfinished_file(path) if unfinished else partial_path(path)
    try:
        if not (unfinished and partial.is_file()):
            with room_for(path):
                headers.write(partial, provenance)
        return SegyWriter(path, partial, headers, overwrite=overwrite)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def create_results(
    wanted: Sequence[tuple[str | Path | None, str, Sequence[str]]],
    template: Cube,
    *,
    geometry: Geometry,
    overwrite: bool,
    unfinished: bool = False,
) -> Iterator[list[SegyWriter | None]]:
    """Start several results of one cube, which appear together, or none of them.

    Args:
        wanted: path, kind and provenance of each, as in `create_result`; a path of None for a
            result that is not wanted.
        template: cube that they were made from.
        geometry: geometry of the results, part of the template's.
        overwrite: whether files of these names may be replaced.
        unfinished: as in `create_result`.

    Yields:
        Their writers, None where none is wanted.
    """
    with ExitStack() as stack:
        writers: list[SegyWriter | None] = []
        for path, kind, provenance in wanted:
            writer = None
            if path:
                writer = create_result(
                    path,
                    template,
                    kind=kind,
                    geometry=geometry,
                    provenance=provenance,
                    overwrite=overwrite,
                    unfinished=unfinished,
                )
                stack.enter_context(writer)
            writers.append(writer)
        yield writers


def _headers(name: str, template: Cube, geometry: Geometry, format: int) -> Headers:
    """Headers of a result: the template's where it is a SEG-Y file, otherwise new ones."""
    inlines, crosslines, _ = _parts(template.geometry, geometry)
    live = template.live[inlines, crosslines]
    if not live.any():
        raise GeometryError(
            f"{name}: expected a range that holds traces; got none. Choose a larger one."
        )
    if not isinstance(template, SegyCube):
        return NewHeaders(geometry, live, format)
    times = copied_times(template, geometry.samples)
    kept = template.trace_index[inlines, crosslines]
    return CopiedHeaders(template, geometry, format, kept, times)


def _parts(whole: Geometry, part: Geometry) -> tuple[slice, slice, slice]:
    """The part of the template's array that the result keeps."""
    slices = []
    for outer, inner in zip(whole.axes, part.axes, strict=True):
        start = outer.index(inner.first)
        stride = inner.step / outer.step if inner.count > 1 else 1
        step = round(stride)
        stop = start + step * (inner.count - 1) + 1
        if abs(stride - step) > TOLERANCE or step < 1 or inner.count < 1 or stop > outer.count:
            raise GeometryError(
                f"Expected {inner.name}s among {outer.first:g}, {outer.first + outer.step:g} .. "
                f"{outer.last:g}; got {inner.count} from {inner.first:g}, step {inner.step:g}. "
                "Cut the result's geometry from the cube's."
            )
        slices.append(slice(start, stop, step))
    return slices[0], slices[1], slices[2]
