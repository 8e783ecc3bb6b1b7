"""Files and folders that appear under their final name only when complete.

Nothing that exists is replaced unless the caller allows it. Until it is complete, a result lies
hidden beside its final place; after an error nothing stays.
"""

import os
import platform
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tfseis.errors import OutputError


def check_output(path: str | Path, overwrite: bool) -> None:
    """Check that a file can be written, before hours of work start.

    Args:
        path: where the file shall lie.
        overwrite: whether a file there may be replaced.

    Raises:
        OutputError: a file is there and may not be replaced; or the folder is missing or cannot
            be written to.
    """
    path = Path(path)
    if path.is_dir():
        raise OutputError(f"{path}: expected a file to write; it is a folder. Add a file name.")
    if path.exists() and not overwrite:
        raise OutputError(
            f"{path}: expected no file there; one exists. "
            "Choose another name, or allow to replace it (--overwrite)."
        )
    folder = path.absolute().parent
    if not folder.is_dir():
        raise OutputError(f"{path}: expected the folder {folder}; it does not exist. Create it.")
    if not os.access(folder, os.W_OK):
        raise OutputError(
            f"{path}: expected a folder to write to; {folder} is read-only. Choose another."
        )


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
    taken = {os.path.realpath(path): path for path in inputs}
    for path in results:
        place = os.path.realpath(path)
        if place in taken:
            raise OutputError(
                f"{path}: expected a file of its own for each result; {taken[place]} is the same "
                "file. Choose another name."
            )
        taken[place] = path
        check_output(path, overwrite)


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
    if not path.exists():
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
    check_output(path, overwrite)
    partial = partial_path(path)
    try:
        yield partial
        publish(partial, path, overwrite)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def complete_folder(
    path: str | Path, *, results: Sequence[str], overwrite: bool = False
) -> Iterator[Path]:
    """A folder to write to, which becomes `path` on leaving; after an error nothing stays.

    Args:
        path: where the folder shall lie; folders above it are made.
        results: patterns of the names that such a folder holds, such as "*.png". A folder that
            holds anything else belongs to somebody else, and is never replaced.
        overwrite: whether a folder of results there may be replaced.

    Raises:
        OutputError: a file or folder is there that may not be replaced.

    Examples:
        >>> import tempfile
        >>> place = Path(tempfile.mkdtemp()) / "masks"
        >>> with complete_folder(place, results=["*.png"]) as draft:
        ...     (draft / "a.png").touch()
        >>> [found.name for found in place.iterdir()]
        ['a.png']
    """
    path = Path(path)
    check_output_folder(path, results, overwrite)
    path.absolute().parent.mkdir(parents=True, exist_ok=True)
    draft = partial_path(path)
    shutil.rmtree(draft, ignore_errors=True)  # of an earlier attempt of this process
    draft.mkdir()
    try:
        yield draft
        check_output_folder(path, results, overwrite)  # someone may have been faster
        if path.exists():
            shutil.rmtree(path)
        draft.replace(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def partial_path(path: Path) -> Path:
    """Where a result lies while it is incomplete: beside its final place, hidden.

    What killed processes of this machine left there is removed.
    """
    start = f".{path.name}.partial-{platform.node()}-"
    for old in path.absolute().parent.iterdir():
        if old.name.startswith(start) and not _runs(old.name.removeprefix(start)):
            if old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
            else:
                old.unlink(missing_ok=True)
    return path.with_name(f"{start}{os.getpid()}")


def publish(partial: Path, path: Path, overwrite: bool) -> None:
    """Move a complete file to its final name.

    Raises:
        OutputError: a file has appeared there meanwhile that may not be replaced.
    """
    check_output(path, overwrite)
    partial.replace(path)


def _runs(process: str) -> bool:
    """Whether a process of this number may be running."""
    if os.name != "posix" or not process.isdecimal():  # elsewhere signal 0 would end it
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
