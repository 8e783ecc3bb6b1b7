"""Results that get their final names one after another, so that a kill between them can be mended.

Before the first of them is moved, a hidden mark beside each says which file or folder will lie
there. Whoever finds that very file under its final name knows that it belongs to a run that was
killed before all had theirs, and the same command takes it back and goes on.
"""

from collections.abc import Iterable
from pathlib import Path

from tfseis.io.partial import remove
from tfseis.io.unfinished import unfinished_file, unfinished_folder

MARKED = ".publishing"


def mark_published(paths: Iterable[Path]) -> None:
    """Say which files and folders get these final names; all of them are complete and on disk."""
    for path in paths:
        _mark(path).write_text(_identity(unfinished_file(path)))


def is_being_published(path: Path) -> bool:
    """Whether a killed run put a result under its final name, for which others still wait."""
    mark = _mark(path)
    return mark.is_file() and path.exists() and mark.read_text() == _identity(path)


def take_back(paths: Iterable[Path]) -> None:
    """Give results that a killed run has published their unfinished names again."""
    for path in paths:
        if is_being_published(path):
            path.replace(unfinished_file(path))
        _mark(path).unlink(missing_ok=True)


def remove_unfinished(paths: Iterable[Path]) -> None:
    """Remove what is left of unfinished results, each of them whole or not at all.

    Args:
        paths: their final names.
    """
    for path in paths:
        hidden = unfinished_file(path)
        remove(hidden)
        folder = unfinished_folder(path)
        if folder.exists():
            folder.replace(hidden)
            remove(hidden)
        _mark(path).unlink(missing_ok=True)


def _mark(path: Path) -> Path:
    return path.with_name(f".{path.name}{MARKED}")


def _identity(path: Path) -> str:
    """By what a file or folder is known under any name: it changes with its bytes."""
    status = path.stat()
    return f"{status.st_ino} {status.st_mtime_ns}"
