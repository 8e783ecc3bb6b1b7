"""Cubes converted from one format to another, in blocks of bounded size."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from tqdm import tqdm

from tfseis.errors import FormatError
from tfseis.io.arrays import NUMBERS
from tfseis.io.cube import AMPLITUDE, Cube, opened
from tfseis.io.formats.blocks import measured_block, stored_type
from tfseis.io.formats.segy_again import kept_file, write_segy_again
from tfseis.io.formats.zarr_writer import write_zarr
from tfseis.io.formats.zgy import write_zgy
from tfseis.io.output import check_outputs, complete_or_absent
from tfseis.io.results import create_result
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.headers import PATIENCE

BLOCK_BYTES = 2**26  # of samples that are held at once


@dataclass(frozen=True)
class Converted:
    """What a conversion wrote.

    Args:
        path: the new file or folder.
        notes: what it does not hold of the input, a sentence each; empty where it holds all.
    """

    path: Path
    notes: tuple[str, ...]


def convert_cube(
    source: str | Path | Cube,
    out: str | Path,
    *,
    template: str | Path | Cube | None = None,
    overwrite: bool = False,
) -> Converted:
    """Write a cube in the format that the ending of a name says.

    A SEG-Y file converted to ``.zarr`` or ``.mdio`` and back is the same byte for byte; where it
    is not, the notes say why.

    Args:
        source: a cube, or what `open_cube` takes.
        out: the new file or folder, which ends in a key of `WRITERS`.
        template: SEG-Y file on the same lines whose headers a SEG-Y output gets. None for those
            that the input keeps, or new ones.
        overwrite: whether a file or folder of that name may be replaced.

    Returns:
        What was written.

    Raises:
        FormatError: the input is no cube, or the ending of `out` is none of these.
        GeometryError: the template has other lines or samples.
        OutputError: the output exists, is the input, or cannot be written.
        MissingPackageError: a format needs a package that is not installed.
    """
    out = Path(out)
    write = WRITERS.get(out.suffix.lower())
    if write is None:
        raise FormatError(
            f"{out}: expected a name that ends in {', '.join(WRITERS)}; got {out.suffix!r}. "
            "Choose one of these."
        )
    if template is not None and write is not _write_segy:
        raise FormatError(
            f"{out}: expected a SEG-Y output (.sgy) for the headers of a template; got "
            f"{out.suffix}. Leave the template out."
        )
    with opened(source) as cube:
        if write not in (_write_zarr, _write_mdio):
            check_outputs([out], [cube.path], overwrite)
        if template is None:
            notes = write(out, cube, overwrite)
        else:
            with opened(template) as headers:
                notes = _write_segy_like(out, cube, headers, overwrite)
    return Converted(out, tuple(note for note in notes if note))


def _write_zarr(out: Path, cube: Cube, overwrite: bool) -> list[str]:
    why_not = write_zarr(out, cube, overwrite=overwrite)
    return [_differs(why_not)]


def _write_mdio(out: Path, cube: Cube, overwrite: bool) -> list[str]:
    why_not = write_zarr(out, cube, schema="mdio", overwrite=overwrite)
    return [_differs(why_not)]


def _write_zgy(out: Path, cube: Cube, overwrite: bool) -> list[str]:
    return write_zgy(out, cube, overwrite=overwrite)


def _write_segy(out: Path, cube: Cube, overwrite: bool) -> list[str]:
    file = kept_file(cube)
    if file is None:
        new = "its headers are new: the input keeps none of a SEG-Y file that fit its samples"
        notes = _write_segy_like(out, cube, cube, overwrite)
        return [*notes, new * (not isinstance(cube, SegyCube))]
    write_segy_again(out, cube, file, overwrite=overwrite)
    return [_differs(file.kept.why_not)]


def _differs(why_not: str) -> str:
    """A note on a round trip from SEG-Y to SEG-Y that changes bytes."""
    return f"a SEG-Y file made of it is not the first one byte for byte: {why_not}" * bool(why_not)


def _write_segy_like(out: Path, cube: Cube, template: Cube, overwrite: bool) -> list[str]:
    """A SEG-Y file with the headers of a template, or new ones where that is no SEG-Y file."""
    if template.geometry.signature() != cube.geometry.signature():
        raise FormatError(
            f"{out}: expected a template on the lines and samples of {cube.name}; {template.name} "
            f"has {template.geometry.signature()}. Choose another, or cut the cube."
        )
    whole = np.can_cast(stored_type(cube), "int16")
    writer = create_result(
        out, template, kind="classes" if whole else "probability", overwrite=overwrite
    )
    with writer:
        for part in _progress(cube, out):
            block = cube[part]
            writer.write(block.astype("int32") if whole else block, inline=part.start, crossline=0)
    stored = stored_type(cube)
    exact = whole or np.can_cast(stored, "float32") or stored.kind == "b"
    return [
        f"its samples are float32, those of the input {stored}" * (not exact),
        f"samples without a value are 0: {cube.nonfinite}" * (cube.nonfinite > 0),
    ]


def _write_npy(out: Path, cube: Cube, overwrite: bool) -> list[str]:
    with complete_or_absent(out, overwrite) as partial, partial.open("wb") as file:
        _stream(file, cube, out)
    return ["it holds no line numbers, sample times and map coordinates (.npz holds the first two)"]


def _write_npz(out: Path, cube: Cube, overwrite: bool) -> list[str]:
    with (
        complete_or_absent(out, overwrite) as partial,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for name, axis in zip(NUMBERS, cube.geometry.axes, strict=True):
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, axis.numbers)
        with archive.open(f"{AMPLITUDE}.npy", "w", force_zip64=True) as file:
            _stream(file, cube, out)
    lost = "missing traces are zeros" if not cube.live.all() else ""
    return [lost, "it holds no map coordinates" if cube.geometry.affine is not None else ""]


def _stream(file: IO[bytes], cube: Cube, out: Path) -> None:
    """Write a cube as NumPy does, a few inlines at a time."""
    dtype = stored_type(cube)
    about = {"descr": dtype.str, "fortran_order": False, "shape": cube.shape}
    np.lib.format.write_array_header_2_0(file, about)
    for part in _progress(cube, out):
        block = measured_block(cube, (part, slice(0, cube.shape[1], 1), slice(0, cube.shape[2], 1)))
        file.write(np.ascontiguousarray(block, dtype).tobytes())


def _progress(cube: Cube, out: Path) -> "tqdm[slice]":
    """Slices of a few inlines, with a bar where it takes long."""
    size = max(BLOCK_BYTES // (cube.shape[1] * cube.shape[2] * 8), 1)
    parts = [
        slice(start, min(start + size, cube.shape[0]), 1) for start in range(0, cube.shape[0], size)
    ]
    return tqdm(parts, delay=PATIENCE, leave=False, desc=f"Writing {out.name}")


WRITERS: dict[str, Callable[[Path, Cube, bool], list[str]]] = {
    ".sgy": _write_segy,
    ".segy": _write_segy,
    ".zarr": _write_zarr,
    ".mdio": _write_mdio,
    ".zgy": _write_zgy,
    ".npy": _write_npy,
    ".npz": _write_npz,
}
