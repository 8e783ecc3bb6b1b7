"""Files and folders that appear under their final name only when complete.

Nothing that exists is replaced unless the caller allows it. Until it is complete, a result lies
hidden beside its final place; after an error nothing stays.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tfseis.errors import OutputError
from tfseis.io.partial import check_unwritten, partial_path
from tfseis.io.publishing import is_being_published, mark_further

FOLDERS = {  # results that are folders, by ending: patterns of the names that they hold
    ".zarr": (
        *("zarr.json", ".zgroup", ".zattrs", ".zmetadata"),
        *("inline", "crossline", "time", "depth", "amplitude", "trace_mask", "cdp_x", "cdp_y"),
        *("trace_headers", "trace_position", "headers", "segy_file_header", "raw_headers"),
    )
}
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
WRITTEN: list[Path] = []  # what this process has finished, for the message of an interruption


def check_output(path: str | Path, overwrite: bool, inputs: Sequence[str | Path] = ()) -> None:
    """Check that a file, or a folder of an ending of `FOLDERS`, can be written.

    Args:
        path: where it shall lie.
        overwrite: whether a file, or such a folder, may be replaced there.
        inputs: files and folders that are read, which must not lie in that folder.

    Raises:
        OutputError: something is there and may not be replaced, or is no plain file; the folder
            above is missing or cannot be written to; or another process is writing it.
    """
    path = Path(path)
    if path.suffix.lower() in FOLDERS:
        check_output_folder(path, FOLDERS[path.suffix.lower()], overwrite, inputs)
        _check_above(path)
        return
    _check_place(path, overwrite)
    check_unwritten(path)


def check_outputs(
    results: Sequence[str | Path], inputs: Sequence[str | Path], overwrite: bool
) -> None:
    """Check that results can be written, each to a file of its own.

    Args:
        results: where they shall lie.
        inputs: files that are read, which must stay.
        overwrite: whether files there may be replaced.

    Raises:
        OutputError: as `check_output`; or two results, or a result and an input, are one file.
    """
    taken: dict[object, str | Path] = {}
    for read in inputs:
        taken |= dict.fromkeys(_identities(read), read)
    for path in results:
        same = [taken[one] for one in _identities(path) if one in taken]
        if same:
            raise OutputError(
                f"{path}: expected a file of its own for each result; {same[0]} is the same "
                "file. Choose another name."
            )
        taken |= dict.fromkeys(_identities(path), path)
        check_output(path, overwrite, inputs)


def _identities(path: str | Path) -> list[object]:
    """By what a file is known whatever links lead to it: its real name, and its place on disk."""
    place = Path(path)
    known: list[object] = [os.path.realpath(place)]
    if place.is_file():
        status = place.stat()
        known.append((status.st_dev, status.st_ino))
    return known


def check_output_folder(
    path: str | Path,
    results: Sequence[str],
    overwrite: bool,
    inputs: Sequence[str | Path] = (),
) -> None:
    """Check that a folder of results can be written.

    Args:
        path: where the folder shall lie.
        results: patterns of the names that such a folder holds, such as "*.png".
        overwrite: whether a folder of results there may be replaced.
        inputs: files and folders that are read, which must stay.

    Raises:
        OutputError: a file or folder is there that may not be replaced, or that is read.
    """
    path = Path(path)
    for read in inputs:
        if path.resolve() in (Path(read).resolve(), *Path(read).resolve().parents):
            raise OutputError(
                f"{path}: expected a folder of its own for the results; {read} is read from it. "
                "Choose another place."
            )
    check_unwritten(path)
    if not path.exists() or is_being_published(path):
        return
    if not path.is_dir() or not overwrite:
        raise OutputError(
            f"{path}: expected no folder there; one exists. Choose another name, or allow to "
            "replace it (--overwrite)."
        )
    others = [
        found.name
        for found in sorted(path.iterdir())
        if not any(found.match(pattern) for pattern in results)
    ]
    if others:
        raise OutputError(
            f"{path}: expected a folder of results to replace; it also holds {others[0]}. Choose "
            "another name."
        )


@contextmanager
def complete_or_absent(path: str | Path, overwrite: bool = False) -> Iterator[Path]:
    """A name to write a file to, which becomes `path` on leaving; after an error nothing stays.

    Args:
        path: where the file shall lie.
        overwrite: whether a file there may be replaced.

    Raises:
        OutputError: as `check_output`.
    """
    path = Path(path)
    _check_place(path, overwrite)
    partial = partial_path(path)
    partial.touch()  # so that another run sees it, and is refused
    try:
        check_unwritten(path)  # someone may have begun at the same time
        with room_for(path):
            yield partial
        publish(partial, path, overwrite)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def complete_folder(
    path: str | Path,
    *,
    results: Sequence[str],
    overwrite: bool = False,
    inputs: Sequence[str | Path] = (),
) -> Iterator[Path]:
    """A folder to write to, which becomes `path` on leaving; after an error nothing stays.

    Args:
        path: where the folder shall lie; folders above it are made.
        results: patterns of the names that such a folder holds, such as "*.png". A folder that
            holds anything else belongs to somebody else, and is never replaced.
        overwrite: whether a folder of results there may be replaced.
        inputs: files and folders that are read, which must stay.

    Raises:
        OutputError: a file or folder is there that may not be replaced, or that is read.

    Examples:
        >>> import tempfile
        >>> place = Path(tempfile.mkdtemp()) / "masks"
        >>> with complete_folder(place, results=["*.png"]) as draft:
        ...     (draft / "a.png").touch()
        >>> [found.name for found in place.iterdir()]
        ['a.png']
    """
    path = Path(path)
    check_output_folder(path, results, overwrite, inputs)
    path.absolute().parent.mkdir(parents=True, exist_ok=True)
    draft = partial_path(path)
    shutil.rmtree(draft, ignore_errors=True)  # of an earlier attempt of this process
    draft.mkdir()
    try:
        check_unwritten(path)
        with room_for(path):
            yield draft
        publish_folder(draft, path, results, overwrite)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def complete_files(
    folder: str | Path, names: Sequence[str], *, overwrite: bool = False
) -> Iterator[Path]:
    """A folder to write many files to, which move into `folder` on leaving; else nothing stays.

    It costs as much for each file of a large folder as for one of a small one.

    Args:
        folder: folder of the files, which exists and may hold others.
        names: names of the files, all of which are written.
        overwrite: whether files of these names may be replaced.

    Raises:
        OutputError: a file is there that may not be replaced, or another process writes such
            files into this folder.
    """
    place = Path(folder) / "files"
    paths = [Path(folder) / name for name in names]
    for path in paths:
        _check_place(path, overwrite)
    draft = partial_path(place)
    shutil.rmtree(draft, ignore_errors=True)  # of an earlier attempt of this process
    draft.mkdir()
    try:
        check_unwritten(place)
        with room_for(Path(folder)):
            yield draft
        for path in paths:
            publish(draft / path.name, path, overwrite)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def room_for(path: Path) -> Iterator[None]:
    """Name the result that a disk has no room for, which the system does not.

    Args:
        path: the result that is written within.

    Raises:
        OutputError: the disk is full, or the file is larger than files may be there.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise OutputError(
            f"{path}: expected room on the disk for it; got: {os.strerror(error.errno)}. Free some "
            "space, or choose another place."
        ) from error


def publish(partial: Path, path: Path, overwrite: bool) -> None:
    """Move a complete file to its final name.

    Raises:
        OutputError: a file has appeared there meanwhile that may not be replaced.
    """
    _check_place(path, overwrite)
    mark_further(partial, path)
    partial.replace(path)
    WRITTEN.append(path)


def publish_folder(draft: Path, path: Path, results: Sequence[str], overwrite: bool) -> None:
    """Move a complete folder to its final name, as `publish` does; see `complete_folder`."""
    check_output_folder(path, results, overwrite)  # someone may have been faster
    if path.exists():
        shutil.rmtree(path)
    mark_further(draft, path)
    draft.replace(path)
    WRITTEN.append(path)


def _check_place(path: Path, overwrite: bool) -> None:
    """Check that a file can be written, whoever else writes it."""
    if path.is_dir():
        raise OutputError(f"{path}: expected a file to write; it is a folder. Add a file name.")
    if path.exists() and not overwrite and not is_being_published(path):
        raise OutputError(
            f"{path}: expected no file there; one exists. "
            "Choose another name, or allow to replace it (--overwrite)."
        )
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        raise OutputError(f"{path}: expected a file to write; it is a device. Give a file name.")
    _check_above(path)


def _check_above(path: Path) -> None:
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(f"{path}: expected the folder {folder}; it does not exist. Create it.")
    if not os.access(folder, os.W_OK):
        raise OutputError(
            f"{path}: expected a folder to write to; {folder} is read-only. Choose another."
        )
