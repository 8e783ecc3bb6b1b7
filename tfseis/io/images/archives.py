"""Files of a challenge folder and of the zip files in it, by their name within the folder."""

import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tfseis.errors import FormatError
from tfseis.io.images.images import ENDING

Files = dict[str, Callable[[], "Path | io.BytesIO"]]  # name -> function that opens the file


class Named(io.BytesIO):
    """Bytes of a file, with its name for messages."""

    def __init__(self, source: io.BytesIO | Path, name: str) -> None:
        super().__init__(source.read_bytes() if isinstance(source, Path) else source.read())
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
    for path in folder.rglob("*"):
        if path.suffix in (ENDING, ".csv"):
            files[path.relative_to(folder).as_posix()] = partial(Path, path)
    return files


def _zipped(path: Path, part: str) -> Files:
    """Files of a zip file, whether it holds the folder of its name or only its content."""
    archive = zipfile.ZipFile(path)
    files: Files = {}
    for name in archive.namelist():
        if not name.endswith((ENDING, ".csv")) or name.startswith("__MACOSX"):
            continue
        inner = name if not part or name.startswith(f"{part}/") else f"{part}/{name}"
        for start in ("train/", "test/"):  # for an archive with one folder around everything
            if not part and f"/{start}" in inner:
                inner = inner[inner.index(f"/{start}") + 1 :]
        if inner.endswith(".csv"):
            inner = Path(inner).name
        files[inner] = partial(_opened, archive, name)
    return files


def _opened(archive: zipfile.ZipFile, name: str) -> io.BytesIO:
    return io.BytesIO(archive.read(name))
