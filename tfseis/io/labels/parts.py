"""Labels put together from the parts that files contribute, one class for each part."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.labels import Labels, place_text
from tfseis.io.labels.legend import Legend
from tfseis.io.labels.repeated import first_of_each
from tfseis.io.labels.taken import Taken


@dataclass(frozen=True)
class LabelPart:
    """The samples that one file gives to one class.

    Args:
        file: name of the file, for messages.
        name: name of the class.
        positions: array indices in the cube, int64 (labels, 3).
        lines: line number in the file of each sample, where each stands on a line of its own.
        taken: how the file was taken, for messages.
        above: the same of other files that bound the class, such as horizons.
        code: number of the class that the file states; None where it states none.
    """

    file: str
    name: str
    positions: np.ndarray
    lines: np.ndarray | None = None
    taken: Taken | None = None
    above: tuple[Taken, ...] = ()
    code: int | None = None


def merge(parts: Sequence[LabelPart], geometry: Geometry) -> Labels:
    """Labels with one class for each part, in the given order, each sample once.

    Where parts have class numbers of their own, those of one number are one class, whatever file
    they come from.

    Args:
        parts: what each file gives to a class.
        geometry: geometry of the cube.

    Raises:
        LabelError: two parts have one name, or label the same sample, or only some have numbers.
    """
    legend, own = _legend(parts)
    sizes = [len(part.positions) for part in parts]
    places = np.concatenate([part.positions for part in parts]) if len(parts) > 1 else None
    places = parts[0].positions if places is None else places
    classes = np.repeat(own, sizes)
    kept, clash, first = first_of_each(places, classes, geometry)
    if clash.size:
        starts = np.cumsum([0, *sizes])
        texts = []
        for row in (int(clash[0]), int(first[clash[0]])):
            index = int(np.searchsorted(starts, row, side="right")) - 1
            texts.append(_where(parts[index], row - int(starts[index])))
        raise LabelError(
            f"{texts[0]}: expected a sample of one class; {texts[1]}, labels the same one "
            f"({place_text(places[clash[0]], geometry)}; {len(clash)} in all). Remove one point."
        )
    if len(kept) < len(places):
        places, classes = places[kept], classes[kept]
    return Labels(places, classes, legend)


def _legend(parts: Sequence[LabelPart]) -> tuple[Legend, np.ndarray]:
    """Legend of the classes, and the index there of each part."""
    codes = [part.code for part in parts if part.code is not None]
    if codes and len(codes) < len(parts):
        plain = next(part for part in parts if part.code is None)
        numbered = next(part for part in parts if part.code is not None)
        raise LabelError(
            f"Expected files of one class each, or files with class numbers; got {plain.file} and "
            f"{numbered.file}. Their class numbers would mix: give them alone."
        )
    if codes:
        known, own = np.unique(codes, return_inverse=True)
        names = {part.code: part.name for part in parts}
        return Legend.of([names[code] for code in known.tolist()], known.tolist()), own
    check_names([part.name for part in parts])
    return Legend.of([part.name for part in parts]), np.arange(len(parts))


def class_files(paths: Sequence[str | Path], what: str) -> list[Path]:
    """Files of one class each, in sorted order of their names, which number the classes.

    Args:
        paths: the files in any order.
        what: what they are, for messages.

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

    Args:
        names: names of the classes.

    Raises:
        LabelError: one does.
    """
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise LabelError(
            f"Expected one file a class; {twice!r} comes twice. Rename one, or leave it out."
        )


def _where(part: LabelPart, index: int) -> str:
    where = part.file if part.lines is None else f"{part.file}, line {part.lines[index]}"
    by_column = part.taken is not None and "class" in part.taken.columns.split()
    return f"{where} ({part.name!r} in its column of classes)" if by_column else where
