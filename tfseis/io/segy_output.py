"""Files that appear under their final name only when complete, and never replace one unasked."""

import os
from collections.abc import Iterator
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


def partial_path(path: Path) -> Path:
    """Where a result lies while it is incomplete: beside its final place, hidden."""
    return path.with_name(f".{path.name}.partial-{os.getpid()}")


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
