"""Files of a challenge folder and of the zip files in it, by their name within the folder."""

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tfseis.errors import FormatError
from tfseis.io.images.images import ENDING
from tfseis.io.unpacking import open_archive, read_member

Files = dict[str, Callable[[], "Path | io.BytesIO"]]  # name -> function that opens the file


class Named(io.BytesIO):
    """Bytes of a file, with its name for messages."""

    def __init__(self, source: io.BytesIO | Path, name: str) -> None:
        try:
            content = source.read_bytes() if isinstance(source, Path) else source.read()
        except OSError as error:
            raise FormatError(
                f"{name}: expected an image; it cannot be read: {error.strerror}. Check its owner."
            ) from None
        super().__init__(content)
        self.name = name


def listed(folder: Path) -> Files:
    """List the files of a folder or zip file, by their names within the challenge's folder."""
    files: Files = {}
    if folder.is_file() and zipfile.is_zipfile(folder):
        return _zipped(folder, "")
    if not folder.is_dir():
        raise FormatError(
            f"{folder}: expected a folder or a zip file; there is none. Check the name."
        )
    for part in ("train", "test"):
        if (folder / f"{part}.zip").is_file():
            files |= _zipped(folder / f"{part}.zip", part)
    found: Files = {}
    for path in _below(folder, ()):
        name = _plain_name(path.relative_to(folder).as_posix())
        if name:
            _add(found, name, partial(Path, path), path)
    return files | found


def _below(folder: Path, above: tuple[Path, ...]) -> Iterator[Path]:
    """All files below a folder; links to folders are followed, but for those that go round."""
    above = (*above, folder.resolve())
    for path in sorted(folder.iterdir()):
        if not path.is_dir():
            yield path
        elif path.resolve() not in above:
            yield from _below(path, above)


def _plain_name(name: str) -> str:
    """The name with its ending in small letters; empty for what a system or editor has left."""
    parts = name.split("/")
    stem, dot, ending = parts[-1].rpartition(".")
    left = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    if left or dot + ending.lower() not in (ENDING, ".csv"):
        return ""
    return "/".join([*parts[:-1], stem + dot + ending.lower()])


def _add(files: Files, name: str, open_file: Callable, path: object) -> None:
    if name in files and not name.endswith(".csv"):
        raise FormatError(
            f"{path}: expected one file of that name; there is another, perhaps with an ending in "
            "other letters. Remove one."
        )
    files[name] = open_file


def _zipped(path: Path, part: str) -> Files:
    """Files of a zip file, whether it holds the folder of its name or only its content."""
    archive = open_archive(path)
    files: Files = {}
    for name in archive.namelist():
        inner = _plain_name(name)
        if not inner:
            continue
        inner = inner if not part or inner.startswith(f"{part}/") else f"{part}/{inner}"
        for start in ("train/", "test/"):  # for an archive with one folder around everything
            if not part and f"/{start}" in inner:
                inner = inner[inner.index(f"/{start}") + 1 :]
        if inner.endswith(".csv"):
            inner = Path(inner).name
        _add(files, inner, partial(_opened, archive, name), f"{path}: {name}")
    return files


def _opened(archive: zipfile.ZipFile, name: str) -> io.BytesIO:
    return io.BytesIO(read_member(archive, name))
