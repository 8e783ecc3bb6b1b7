"""Labels put together from the parts that files contribute, one class for each part."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.labels import Labels, first_of_each, place_text
from tfseis.io.labels.legend import Legend


@dataclass(frozen=True)
class LabelPart:
    """The samples that one file gives to one class.

    Args:
        file: name of the file, for messages.
        name: name of the class.
        positions: array indices in the cube, int64 (labels, 3).
        lines: line number in the file of each sample, where each stands on a line of its own.
    """

    file: str
    name: str
    positions: np.ndarray
    lines: np.ndarray | None = None


def merge(parts: Sequence[LabelPart], geometry: Geometry) -> Labels:
    """Labels with one class for each part, in the given order, each sample once.

    Raises:
        LabelError: two parts have one name, or label the same sample.
    """
    check_names([part.name for part in parts])
    places = np.concatenate([part.positions for part in parts])
    classes = np.repeat(np.arange(len(parts)), [len(part.positions) for part in parts])
    kept, clash, first = first_of_each(places, classes, geometry)
    if clash.size:
        starts = np.searchsorted(classes, np.arange(len(parts)))
        one, other = int(first[clash[0]]), int(clash[0])
        texts = [_where(parts[classes[k]], k - starts[classes[k]]) for k in (other, one)]
        raise LabelError(
            f"{texts[0]}: expected a sample of one class; {texts[1]}, labels the same one "
            f"({place_text(places[other], geometry)}; {len(clash)} in all). Remove one point."
        )
    return Labels(places[kept], classes[kept], Legend.of([part.name for part in parts]))


def class_files(paths: Sequence[str | Path], what: str) -> list[Path]:
    """Files of one class each, in sorted order of their names, which number the classes.

    Raises:
        LabelError: there is none, or two have one name.
    """
    files = sorted((Path(path) for path in paths), key=lambda path: path.name)
    if not files:
        raise LabelError(f"Expected at least one {what}; got none. Give one file a class.")
    check_names([path.stem for path in files])
    return files


def check_names(names: Sequence[str]) -> None:
    """Refuse a class name that comes twice.

    Raises:
        LabelError: one does.
    """
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise LabelError(
            f"Expected one file a class; {twice!r} comes twice. Rename one, or leave it out."
        )


def _where(part: LabelPart, index: int) -> str:
    return part.file if part.lines is None else f"{part.file}, line {part.lines[index]}"
