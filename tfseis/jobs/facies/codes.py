"""Which number means which class: of the labels that train, and of a truth to score against.

Classes of two sources are matched by name where both have names, whatever their case, and by code
where one has none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tfseis.errors import LabelError
from tfseis.io.labels.label_cube import LabelCube
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import MOST_CODE, PALETTE, Legend, legend_path, read_legend


@dataclass(frozen=True)
class Matched:
    """Classes of a truth beside those that trained.

    Args:
        legend: all classes: those that trained, in their order, then those of the truth alone.
        classes: class index in this legend of each code of the truth.
        by_name: whether names matched, rather than codes.
    """

    legend: Legend
    classes: Mapping[int, int]
    by_name: bool

    def indices(self, codes: np.ndarray) -> np.ndarray:
        """Class indices of codes of the truth, int64 of the same shape."""
        known = np.array(sorted(self.classes))
        places = np.array([self.classes[code] for code in known.tolist()])
        return places[np.searchsorted(known, codes)]

    def text(self) -> str:
        """The mapping in one line, for people."""
        pairs = (f"{code} = {self.legend.names[i]}" for code, i in sorted(self.classes.items()))
        how = "name" if self.by_name else "code, since the truth names no classes"
        return f"truth, matched by {how}: {', '.join(pairs)}"


def with_codes(labels: Labels, codes: Mapping[str, int]) -> Labels:
    """The same labels with other numbers for some of their classes.

    Args:
        labels: labels whose classes have names.
        codes: number for each class that gets another one, by its name.

    Raises:
        LabelError: a name that no class has, a number out of range, or one that two classes have.
    """
    legend = labels.legend
    strange = [name for name in codes if name not in legend.names]
    if strange:
        raise LabelError(
            f"Expected names of classes among {', '.join(legend.names)}; got {', '.join(strange)}. "
            "Write --code NAME=CODE with one of these."
        )
    wanted = [codes.get(name, code) for code, name in zip(legend.codes, legend.names, strict=True)]
    if min(wanted) < 0 or max(wanted) > MOST_CODE or len(set(wanted)) < len(wanted):
        raise LabelError(
            f"Expected a number of its own from 0 to {MOST_CODE} for each class; got "
            f"{', '.join(f'{n}={c}' for n, c in zip(legend.names, wanted, strict=True))}. "
            "Give the others with --code too."
        )
    order = np.argsort(wanted)
    rank = np.argsort(order)
    names, colours = ([values[i] for i in order] for values in (legend.names, legend.colours))
    legend = Legend(tuple(wanted[i] for i in order), tuple(names), tuple(colours))
    return replace(labels, classes=rank[labels.classes], legend=legend)


def classes_text(legend: Legend) -> str:
    """The classes that train and their codes in one line, for people."""
    return f"classes: {', '.join(legend.lines())}"


def matched_truth(legend: Legend, truth: LabelCube, lines: Iterable[tuple[int, float]]) -> Matched:
    """Find the classes that trained among those on some lines of a truth.

    Args:
        legend: classes that trained.
        truth: label cube; a legend file beside it names its classes.
        lines: axis and number of each line.

    Raises:
        LabelError: both have names, and no class of one is a class of the other.
    """
    codes = set().union(*(np.unique(truth.read_line(*line)[1]).tolist() for line in lines))
    return matched_classes(legend, truth, codes)


def matched_classes(legend: Legend, truth: LabelCube, codes: Iterable[int]) -> Matched:
    """Find the classes that trained among those of a truth.

    Args:
        legend: classes that trained.
        truth: label cube; a legend file beside it names its classes.
        codes: numbers that occur in it.

    Raises:
        LabelError: both have names, and no class of one is a class of the other.
    """
    codes = sorted(int(code) for code in codes)
    beside = legend_path(truth.path)
    known = read_legend(beside) if beside.exists() else Legend((), (), ())
    named = dict(zip(known.codes, known.names, strict=True))
    unnamed = all(name == f"class {code}" for code, name, _ in legend.rows())
    by_name = not unnamed and any(code in named for code in codes)
    ours = [_plain(name) for name in legend.names]
    if by_name and not {_plain(name) for name in named.values()} & set(ours):
        raise LabelError(
            f"{beside.name}: expected some of the classes that train, {', '.join(legend.names)}; "
            f"got {', '.join(named.values())}. Give both the same names, or remove the file to "
            "match by code."
        )
    rows, classes = list(legend.rows()), {}
    for code in codes:
        name = named.get(code, f"class {code}")
        if by_name and code in named:
            found = ours.index(_plain(name)) if _plain(name) in ours else None
        else:
            found = legend.codes.index(code) if code in legend.codes and not by_name else None
        if found is None:
            taken = [row[0] for row in rows]
            free = code if code not in taken else min(set(range(len(rows) + 1)) - set(taken))
            rows.append((free, name, PALETTE[len(rows) % len(PALETTE)]))
        classes[code] = len(rows) - 1 if found is None else found
    return Matched(Legend(*(tuple(column) for column in zip(*rows, strict=True))), classes, by_name)


def _plain(name: str) -> str:
    """A name without what people write differently."""
    return name.strip().casefold()
