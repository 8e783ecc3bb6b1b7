"""NumPy files from outside: what their headers declare is compared with what they hold."""

import os
import zipfile
from math import prod
from pathlib import Path
from tokenize import TokenError

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.unpacking import DAMAGE, open_archive

HARMLESS = 1 << 30  # bytes that a small .npz may unpack to: a survey with few different labels
MOST_EXPANSION = 500  # unpacked bytes for each packed one, of larger ones


# What NumPy raises, besides ValueError, where a header is no dictionary or holds other things.
HEADER_DAMAGE = (SyntaxError, TokenError, TypeError, OverflowError, MemoryError, RecursionError)


def mapped_npy(path: str | Path) -> np.ndarray:
    """The array of a ``.npy`` file, as a read-only memory map; pickles are not loaded.

    Raises:
        OSError: there is no such file.
        ValueError: the file is no array, or shorter than its header says.
    """
    try:
        return np.lib.format.open_memmap(path, mode="r")
    except HEADER_DAMAGE as error:
        raise ValueError(f"its header is damaged ({error})") from None


def load_npy(path: str | Path) -> np.ndarray:
    """The array of a ``.npy`` file, in memory; pickles are not loaded.

    A memory map first compares the header with the length of the file, so that a header of a few
    bytes cannot ask for more memory than there is.

    Raises:
        OSError: there is no such file.
        ValueError: the file is no array, or shorter than its header says.
    """
    return np.array(mapped_npy(path))


def check_npz(path: str | Path) -> None:
    """Refuse an ``.npz`` file that unpacks to far more than it holds, or more than fits in memory.

    Args:
        path: the file.

    Raises:
        FormatError: no complete archive, or arrays of other sizes than the archive declares.
    """
    with open_archive(path, expansion=MOST_EXPANSION, harmless=HARMLESS) as archive:
        memory = machine_memory()
        for member in archive.infolist():
            if member.filename.endswith(".npy"):
                _check_member(path, archive, member)
        whole = sum(member.file_size for member in archive.infolist())
    if whole > memory:
        raise FormatError(
            f"{path}: expected arrays that fit in memory; they have {whole:,} bytes of {memory:,}. "
            "Save the cube as .npy, which is read part by part."
        )


def _check_member(path: str | Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Compare the size that an array's header says with that of the member."""
    try:
        with archive.open(member) as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0
            if version != (1, 0):
                read = np.lib.format.read_array_header_2_0
            shape, _, dtype = read(file)
            start = file.tell()
    except (*HEADER_DAMAGE, *DAMAGE) as error:
        raise FormatError(
            f"{path}: expected arrays that NumPy saved; {member.filename} is none: {error}. Save "
            "it with numpy.savez."
        ) from None
    size = prod(shape) * dtype.itemsize
    if dtype.hasobject or start + size != member.file_size:
        told = "objects" if dtype.hasobject else f"{shape} of {dtype} in {member.file_size:,} bytes"
        raise FormatError(
            f"{path}: expected arrays of numbers that are complete; {member.filename} says to hold "
            f"{told}. Save it again with numpy.savez."
        )


def machine_memory() -> int:
    """Bytes of memory of this machine; without limit where it does not say."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return 1 << 62
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
