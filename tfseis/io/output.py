"""Files that appear under their final name only when complete, and never replace one unasked."""

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tfseis.errors import OutputError


def check_output(path: str | Path, overwrite: bool) -> None:
    """Check that a result can be written, before hours of work start.

    Args:
        path: where the result shall lie.
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
    """Check that results can be written, to files of their own.

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


def partial_path(path: Path) -> Path:
    """Where a result lies while it is incomplete: beside its final place, hidden.

    What killed processes of this machine left there is removed.
    """
    start = f".{path.name}.partial-{platform.node()}-"
    for old in path.absolute().parent.iterdir():
        if old.name.startswith(start) and not _runs(old.name.removeprefix(start)):
            old.unlink(missing_ok=True)
    return path.with_name(f"{start}{os.getpid()}")


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


def publish(partial: Path, path: Path, overwrite: bool) -> None:
    """Move a complete result to its final name."""
    check_output(path, overwrite)  # someone may have been faster
    partial.replace(path)


@contextmanager
def complete_or_absent(path: Path, overwrite: bool) -> Iterator[Path]:
    """The name to write to; on leaving, it becomes `path`, or after an error nothing stays."""
    check_output(path, overwrite)
    partial = partial_path(path)
    try:
        yield partial
        publish(partial, path, overwrite)
    finally:
        partial.unlink(missing_ok=True)
