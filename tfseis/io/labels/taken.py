"""How a label file was taken: its kind, columns and unit, what it gave, what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfseis.wording import counted

if TYPE_CHECKING:
    from tfseis.io.labels.labels import Labels
    from tfseis.io.labels.parts import LabelPart


@dataclass(frozen=True)
class Taken:
    """What a reader made of one file.

    Args:
        file: name of the file.
        kind: kind that it was taken for.
        columns: its columns, in their order; "" where it has none.
        unit: unit of its times; "" where it states none.
        found: what was read, such as "240 points".
        left_out: reason and number of what was left out.
    """

    file: str
    kind: str
    columns: str = ""
    unit: str = ""
    found: str = ""
    left_out: tuple[tuple[str, int], ...] = ()

    def line(self, samples: int | None = None) -> str:
        """One line that tells it.

        Args:
            samples: number of samples that the file labels; None where others label with it.

        Examples:
            >>> Taken("a.pts", "points", "x y time", "ms", "9 points", (("outside", 2),)).line(7)
            'a.pts: points; x y time; ms; 9 points; 7 samples labelled; left out: 2 outside'
        """
        left = ", ".join(f"{count} {reason}" for reason, count in self.left_out if count)
        parts = [self.kind, self.columns, self.unit, self.found]
        parts += [f"{counted(samples, 'sample')} labelled"] if samples is not None else []
        parts += [f"left out: {left}"] if left else []
        return f"{self.file}: {'; '.join(filter(None, parts))}"


def notes_of_parts(parts: "Sequence[LabelPart]", labels: "Labels") -> tuple[str, ...]:
    """One line for each file of some parts, and for each class between two horizons.

    Args:
        parts: what each file gives to a class.
        labels: the parts together, with each sample once.
    """
    samples: dict[str, int] = {}
    files: dict[str, Taken] = {}
    counts = [len(part.positions) for part in parts]
    if len(parts) == len(labels.legend):  # in the same order, unless they have numbers
        counts = np.bincount(labels.classes, minlength=len(parts)).tolist()
    for part, count in zip(parts, counts, strict=True):
        samples[part.file] = samples.get(part.file, 0) + count
        files |= {taken.file: taken for taken in part.above}
        if part.taken:
            files[part.file] = part.taken
    lines = [taken.line(samples.pop(name, None)) for name, taken in files.items()]
    return (
        *lines,
        *(f"{name}: {counted(count, 'sample')} labelled" for name, count in samples.items()),
    )


def notes_of_labels(paths: Sequence[Path], kind: str, labels: "Labels") -> tuple[str, ...]:
    """One line for files that carry class codes and come together."""
    names = ", ".join(path.name for path in paths)
    counts = np.bincount(labels.classes, minlength=len(labels.legend)).tolist()
    classes = zip(labels.legend.codes, labels.legend.names, counts, strict=True)
    shown = ", ".join(f"{code} {name} {count}" for code, name, count in classes)
    return (f"{names}: {kind}; {counted(len(labels), 'sample')} labelled: {shown}",)
