"""Which picked lines are held out together, so that each is scored by a network that saw none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tfseis.io.labels.labels import UNLABELLED
from tfseis.jobs.faults.picks.lines import PickedLine

GUARD = 16  # lines or traces beside what is held out that do not train either
MOST_FOLDS = 4  # a training each
BLOCKS = 3  # along the line, where there is a single one


@dataclass(frozen=True)
class HeldOut:
    """What one network is scored on and does not train on.

    Args:
        name: what it is, for people.
        parts: number of each line, and which of its traces are held out.
    """

    name: str
    parts: tuple[tuple[int, slice], ...]


def held_out(lines: Sequence[PickedLine]) -> list[HeldOut]:
    """Parts of the picks to hold out in turn; none where one part would have all picks.

    Parallel lines closer than 16 are held out together. A single line, or a single group of such
    lines, is cut into blocks along it.

    Args:
        lines: picked lines, those of one cube and axis in ascending order.
    """
    groups: list[list[int]] = []
    for number, line in enumerate(lines):
        last = lines[groups[-1][-1]] if groups else None
        near = last is not None and last.cube is line.cube and last.axis == line.axis
        if near and line.index - last.index <= GUARD:  # type: ignore[union-attr]
            groups[-1].append(number)
        else:
            groups.append([number])
    folds = _blocks(lines) if len(groups) == 1 else _whole(lines, groups)
    folds = [fold for fold in folds if _has_picks(lines, fold) and _leaves_picks(lines, fold)]
    return folds if len(folds) > 1 else []


def without(lines: Sequence[PickedLine], fold: HeldOut) -> list[PickedLine]:
    """The lines that train while a part is held out, and the guard gap around it.

    Lines of which nothing is known any more are left out.
    """
    kept = []
    for line in lines:
        targets = line.targets.copy()
        for number, traces in fold.parts:
            other = lines[number]
            if other.cube is not line.cube:
                continue
            across = slice(other.index - GUARD, other.index + GUARD + 1)
            along = slice(
                traces.start or 0, len(other.picks) if traces.stop is None else traces.stop
            )
            along = slice(along.start - GUARD, along.stop + GUARD)
            if other.axis != line.axis:
                across, along = along, across
            if across.start <= line.index < across.stop:
                targets[max(along.start, 0) : max(along.stop, 0)] = UNLABELLED
        if (targets >= 0).any():
            kept.append(replace(line, targets=targets))
    return kept


def _whole(lines: Sequence[PickedLine], groups: Sequence[list[int]]) -> list[HeldOut]:
    """Whole lines, those of a group together, in at most four parts."""
    folds = []
    for part in np.array_split(np.arange(len(groups)), min(len(groups), MOST_FOLDS)):
        numbers = [number for group in part for number in groups[group]]
        name = _told([lines[number].name for number in numbers])
        folds.append(HeldOut(name, tuple((number, slice(None)) for number in numbers)))
    return folds


def _blocks(lines: Sequence[PickedLine]) -> list[HeldOut]:
    """Blocks along parallel lines with about as many picks each."""
    traces = np.sort(np.concatenate([np.nonzero(line.picks)[0] for line in lines]))
    inner = np.quantile(traces, np.arange(1, BLOCKS) / BLOCKS).astype(int).tolist()
    edges = [0, *(edge + 1 for edge in inner), len(lines[0].picks)]
    return [
        HeldOut(
            f"traces {first} to {stop - 1}",
            tuple((number, slice(first, stop)) for number in range(len(lines))),
        )
        for first, stop in pairwise(edges)
        if first < stop
    ]


def _has_picks(lines: Sequence[PickedLine], fold: HeldOut) -> bool:
    return any(lines[number].picks[traces].any() for number, traces in fold.parts)


def _leaves_picks(lines: Sequence[PickedLine], fold: HeldOut) -> bool:
    return any((line.targets > 0).any() for line in without(lines, fold))


def _told(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
