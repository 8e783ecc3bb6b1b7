"""Unfinished results: where they lie, so that the same command goes on with them after a kill.

Beside ``out.sgy`` a folder ``out.sgy.unfinished`` holds what is known of the work so far, and a
hidden file ``.out.sgy.unfinished`` the result as far as it is written; of a result that is a
folder, a hidden folder. Both are gone when the result has its final name.
"""

import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tfseis.io.cube import Cube

ENDING = ".unfinished"
KEPT: list[str] = []  # what this process leaves to be resumed, for the message of an interruption
CHUNK = 1 << 22  # bytes read at a time
WHOLE = 1 << 26  # bytes of a file whose every byte counts; of larger ones some chunks do
SOME = 64  # chunks of a larger file, and files of a folder
LINES = 8  # inlines of a cube that is no file


def unfinished_folder(path: str | Path) -> Path:
    """The folder of what is known of an unfinished result."""
    path = Path(path)
    return path.with_name(f"{path.name}{ENDING}")


def unfinished_file(path: str | Path) -> Path:
    """The file, or folder, of a result as far as it is written."""
    path = Path(path)
    return path.with_name(f".{path.name}{ENDING}")


def file_checksum(path: Path, *, to_disk: bool = False) -> int:
    """CRC-32 of all bytes of a file.

    Args:
        path: the file.
        to_disk: whether the file is also forced to disk.
    """
    found = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found = zlib.crc32(chunk, found)
        if to_disk:
            os.fsync(file.fileno())
    return found


def fingerprint(cube: "Cube") -> dict[str, object]:
    """Facts by which a cube is known again, quickly whatever its size.

    Args:
        cube: any cube.

    Returns:
        Its grid, and of a file size, time of the last change and checksum of parts of it; of a
        cube that is no file the checksum of some inlines.
    """
    known: dict[str, object] = {"grid": str(cube.geometry.signature())}
    path = Path(cube.path)
    if path.is_file():
        return known | file_fingerprint(path)
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.is_file())
        stats = [(str(f.relative_to(path)), f.stat().st_size, f.stat().st_mtime_ns) for f in files]
        return known | {"files": len(files), "checksum": zlib.crc32(repr(stats).encode())}
    count, found = cube.shape[0], 0
    for line in sorted({int(n) for n in np.linspace(0, count - 1, min(count, LINES))}):
        found = zlib.crc32(np.ascontiguousarray(cube[line]).tobytes(), found)
    return known | {"checksum": found}


def file_fingerprint(path: Path) -> dict[str, object]:
    """Size, time of the last change and checksum of a file; of a large one, of parts of it."""
    status = path.stat()
    size, found = status.st_size, 0
    with path.open("rb") as file:
        if size <= WHOLE:
            found = zlib.crc32(file.read())
        else:
            for start in np.linspace(0, size - CHUNK // SOME, SOME).astype("int64").tolist():
                file.seek(start)
                found = zlib.crc32(file.read(CHUNK // SOME), found)
    return {"bytes": size, "changed": status.st_mtime_ns, "checksum": found}
