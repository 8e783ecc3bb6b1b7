"""Results that get their final names one after another, so that a kill between them can be mended.

Before the first of them is moved, a hidden mark beside each says which file or folder will lie
there. Whoever finds that very file under its final name knows that it belongs to a run that was
killed before all had theirs, and the same command takes it back and goes on. So it is with files
that are made of finished results, such as pictures.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tfseis.io.partial import remove
from tfseis.io.unfinished import KEPT, unfinished_file, unfinished_folder

MARKED = ".publishing"
_further: set[Path] = set()  # what this process still makes of its results


@contextmanager
def until_all_are_written(
    results: Iterable[str | Path], further: Iterable[str | Path]
) -> Iterator[None]:
    """Within, results are made and then files of them; a kill anywhere can be mended.

    Args:
        results: results that are made task by task, the main one first.
        further: files that are made of them, through `tfseis.io.output`.
    """
    made = [Path(path) for path in results]
    _further.update(Path(path) for path in further)
    paths = [*made, *_further]
    try:
        yield
    except BaseException:
        if all(is_being_published(path) for path in made):
            KEPT.append(f"{made[0]} is finished; the same command goes on with what is made of it.")
        raise
    finally:
        _further.clear()
    remove_unfinished(paths)


def finish(results: Iterable[Path]) -> None:
    """Remove what is known of results that are finished, unless files are still made of them."""
    if not _further:
        remove_unfinished(results)


def mark_further(draft: Path, path: Path) -> None:
    """Say that a file gets its final name, if it is one that is made of results."""
    if path in _further:
        _mark(path).write_text(_identity(draft))


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
