"""Folders of results that appear under their final name only when complete."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tfseis.errors import OutputError
from tfseis.io.output import check_output

FINISHED = "metrics.json"  # of a job; what it writes last


@contextmanager
def complete_folder(
    path: str | Path, *, results: Sequence[str], overwrite: bool = False
) -> Iterator[Path]:
    """A folder to write to; on leaving, it becomes `path`, or after an error nothing stays.

    Args:
        path: where the results shall lie.
        results: patterns of what lies in such a folder; one that holds anything else is somebody
            else's, and is never replaced.
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
    _check(path, results, overwrite)
    draft = path.with_name(f".partial-{path.name}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        yield draft
        _check(path, results, overwrite)  # someone may have been faster
        if path.exists():
            shutil.rmtree(path)
        draft.replace(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _check(path: Path, results: Sequence[str], overwrite: bool) -> None:
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


def job_folder(out: Path, *, overwrite: bool) -> None:
    """Make the folder of a job, or refuse one that holds a finished run: metrics.json comes last.

    Raises:
        OutputError: `out` is a file, or holds a finished run that may not be replaced.
    """
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: expected a folder; it is a file. Choose another --out.")
    out.mkdir(parents=True, exist_ok=True)
    check_output(out / FINISHED, overwrite)


def forget_finished(out: Path) -> None:
    """Remove the training of a finished run, so that it starts anew; others go on."""
    if (out / FINISHED).exists():
        shutil.rmtree(out / "training", ignore_errors=True)
        (out / FINISHED).unlink()
