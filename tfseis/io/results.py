"""Results of a cube: SEG-Y files under its headers, or Zarr groups, by the ending of a name."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol, Self

from numpy.typing import ArrayLike

from tfseis.errors import FormatError, GeometryError, OutputError
from tfseis.geometry import TOLERANCE, Geometry
from tfseis.io.cube import CUBE_READERS, Cube
from tfseis.io.output import check_output, room_for
from tfseis.io.partial import partial_path, remove
from tfseis.io.result_blocks import Part
from tfseis.io.segy.results import FORMATS, segy_result
from tfseis.io.unfinished import unfinished_file

ZARR, SEGY = ".zarr", (".sgy", ".segy")
OTHERS = {*CUBE_READERS} - {ZARR, *SEGY}  # endings of formats that cannot be written by parts
TYPES = {"classes": "int16", "probability": "float32"}


class ResultWriter(Protocol):
    """A result that is being written, block by block in any order.

    Leaving its ``with`` statement moves it to its final name; an exception removes it.

    Attributes:
        path: final name.
        geometry: geometry of the result.
        keep: whether an exception leaves what is written, so that it can be gone on with.
    """

    path: Path
    geometry: Geometry
    keep: bool

    def __enter__(self) -> Self:
        """The writer itself."""

    def __exit__(self, kind: object, *error: object) -> None:
        """Finish the result, or give it up."""

    def write(self, values: ArrayLike, *, inline: int, crossline: int) -> None:
        """Write a block (inlines, crosslines, samples) that begins at these indices."""

    def flush(self) -> None:
        """Force what was written to disk."""

    def checksum(self, part: Part | None = None) -> int:
        """CRC-32 of a part of the result; of None, of all that is written before any part."""

    def close(self) -> None:
        """Finish the result, which appears under its final name."""

    def cube(self) -> Cube:
        """The finished result as a cube."""

    def discard(self) -> None:
        """Give up, and remove what has been written."""


def create_result(
    path: str | Path,
    template: Cube,
    *,
    kind: str,
    geometry: Geometry | None = None,
    provenance: Sequence[str] = (),
    overwrite: bool = False,
    unfinished: bool = False,
) -> ResultWriter:
    """Start a result of a cube; samples are 0 until written.

    A name that ends in ``.zarr`` gives a Zarr group, any other one a SEG-Y file. A SEG-Y result of
    a SEG-Y file has its headers, copied byte for byte: only the format code changes, and number,
    interval, first time and unit of the samples where the result has other samples than the
    template's headers say. Every other result has the template's line numbers, sample times and
    map coordinates. Memory does not grow with the cube.

    Args:
        path: the new file or folder, which appears when the writer closes.
        template: cube that the result was made from.
        kind: "classes" (int16) or "probability" (IEEE float).
        geometry: part of the template's geometry: ranges and strides of its axes. None for all of
            it.
        provenance: what made the result, without clock time; put into blank lines of the textual
            header, as many as there are, or into the attributes of a group.
        overwrite: whether a file, or a folder of a result, of that name may be replaced.
        unfinished: whether to go on with what an earlier run left of it, see
            `tfseis.io.unfinished`.

    Returns:
        The writer, to be used in a ``with`` statement.

    Raises:
        OutputError: the name is taken, is the template's, or of a format that results cannot have;
            or its folder cannot be written to.
        GeometryError: `geometry` is no part of the template's, or has no trace; or new headers
            cannot hold the line numbers or sample times.
        FormatError: an unknown kind.
        MissingPackageError: zarr is not installed.
    """
    path = Path(path)
    if kind not in FORMATS:
        raise FormatError(f"Expected kind 'classes' or 'probability'; got {kind!r}. Choose one.")
    if path.exists() and template.path.exists() and path.samefile(template.path):
        raise OutputError(
            f"{path}: expected another file than the cube that is read; it is the same. "
            "Choose another name."
        )
    ending = path.suffix.lower()
    if ending in OTHERS:
        raise OutputError(
            f"{path}: expected a result that ends in .sgy or .zarr; got {path.suffix}. Name it so, "
            "and run tfseis convert afterwards."
        )
    check_output(path, overwrite, [template.path])
    geometry = geometry or template.geometry
    inlines, crosslines, _ = _parts(template.geometry, geometry)
    if not template.live[inlines, crosslines].any():
        raise GeometryError(
            f"{path.name}: expected a range that holds traces; got none. Choose a larger one."
        )
    draft = unfinished_file(path) if unfinished else partial_path(path)
    resumed = unfinished and draft.exists()
    begin: Callable[..., ResultWriter] = _zarr_result if ending == ZARR else segy_result
    try:
        with room_for(path):
            return begin(
                path,
                draft,
                template,
                kind=kind,
                geometry=geometry,
                part=(inlines, crosslines),
                provenance=provenance,
                overwrite=overwrite,
            )
    except BaseException:
        if not resumed:
            remove(draft)
        raise


@contextmanager
def create_results(
    wanted: Sequence[tuple[str | Path | None, str, Sequence[str]]],
    template: Cube,
    *,
    geometry: Geometry,
    overwrite: bool,
    unfinished: bool = False,
) -> Iterator[list[ResultWriter | None]]:
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
        writers: list[ResultWriter | None] = []
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


def _zarr_result(
    path: Path,
    draft: Path,
    template: Cube,
    *,
    kind: str,
    geometry: Geometry,
    part: Part,
    provenance: Sequence[str],
    overwrite: bool,
) -> ResultWriter:
    """Start a result as a Zarr group, or go on with it; as `segy_result`."""
    from tfseis.io.formats.zarr_result import (  # noqa: PLC0415 - loads where it is used
        ZarrResult,
        create_group,
    )

    live, resumed = template.live[part], draft.is_dir()
    if not resumed:
        about = {"kind": kind, "provenance": list(provenance)}
        create_group(draft, geometry, live, TYPES[kind], about)
    return ZarrResult(path, draft, geometry, live, overwrite=overwrite, resumed=resumed)


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
