"""Zip archives from outside: what they declare is checked before anything is unpacked."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tfseis.errors import FormatError

HARMLESS = 1 << 26  # bytes that any archive may unpack to
MOST_EXPANSION = 200  # unpacked bytes for each packed one; masks as text have less than 100
PIECE = 1 << 20  # bytes that are unpacked at once, since what is declared may be wrong
ENCRYPTED = 1  # bit of the flags of a member


def open_archive(
    path: str | Path, *, expansion: int = MOST_EXPANSION, harmless: int = HARMLESS
) -> zipfile.ZipFile:
    """Open a zip archive whose declared sizes are plausible; close it after use.

    Args:
        path: the archive.
        expansion: largest number of unpacked bytes for each packed one.
        harmless: bytes that any archive may unpack to, however small it is.

    Raises:
        FormatError: no zip archive, a damaged or encrypted one, or one that would unpack to far
            more than it holds.
    """
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGE as error:
        raise FormatError(
            f"{path}: expected a complete zip archive; {error}. Copy it again, or pack it anew."
        ) from None
    try:
        _check_sizes(archive, path, expansion, harmless)
    except FormatError:
        archive.close()
        raise
    return archive


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """One member of an archive, of exactly the size that it declares.

    Args:
        archive: an archive, checked.
        name: name of the member.

    Raises:
        FormatError: it is damaged, or of another size than it declares.
    """
    with opened_member(archive, name) as file:
        return b"".join(_pieces(file))


@contextmanager
def opened_member(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """One member of an archive, open for reading.

    Args:
        archive: an archive, checked.
        name: name of the member.

    Raises:
        FormatError: it is damaged, or of another size than it declares.
    """
    try:
        with archive.open(name) as file:
            yield file
    except FormatError:
        raise
    except DAMAGE as error:
        raise FormatError(
            f"{archive.filename}: expected the member {name}, complete; {error}. Copy the archive "
            "again, or pack it anew."
        ) from None


def _check_sizes(archive: zipfile.ZipFile, path: str | Path, expansion: int, harmless: int) -> None:
    members = archive.infolist()
    locked = [member.filename for member in members if member.flag_bits & ENCRYPTED]
    if locked:
        raise FormatError(
            f"{path}: expected a zip archive without a password; {locked[0]} is encrypted. Unpack "
            "it yourself, and give the folder."
        )
    whole = sum(member.file_size for member in members)
    held = min(sum(member.compress_size for member in members), Path(path).stat().st_size)
    if whole > max(harmless, expansion * held):
        raise FormatError(
            f"{path}: expected an archive that unpacks to at most {expansion} times its size; it "
            f"declares {whole:,} bytes in {held:,}. Do not use it; or, if you trust it, unpack it "
            "yourself, or save it without compression."
        )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


# What zipfile raises for archives that are no, or damaged ones: unknown methods of compression,
# passwords, member names that no encoding fits, sizes that contradict each other, and members that
# lie before the beginning of the file.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    OSError,
)
