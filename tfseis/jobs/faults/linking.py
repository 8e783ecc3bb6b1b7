"""Pieces of thin faults put together: a fault is what one surface goes through.

Two pieces are linked where each continues the other in place and orientation, the best pairs first.
Pieces that lie beside each other are two faults, and so are all that are linked to them.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.spatial import KDTree

from tfseis.jobs.faults.orientation import Orientation, orientation, oriented_pieces
from tfseis.jobs.faults.surfaces import FaultSurfaces, numbered
from tfseis.jobs.faults.thinning import ThinSamples

SMALLEST_PIECE = 60  # samples; smaller ones are given to the nearest fault
GAP = 18.0  # samples between pieces that are linked, at most
SEEN = 24  # nearest samples of a piece that say how it continues
FEWEST = 8  # samples of a piece that are near another one
NEAR = 4.0  # samples beyond the nearest at which one counts 0.6 of it
BESIDE, WIDENING = 1.25, 0.12  # samples beside the continuation, and more for each sample of gap
TURN = 20.0  # degrees between pieces that are linked
APART = 2.0  # samples between faults that lie beside each other
INSIDE = 0.5  # nearest samples lie on all sides where their mean offset is below that share
OVERLAP = 0.25  # share of the near samples that lie beside the other piece, of two faults
LEFT_OVER = 8.0  # samples to the fault that a sample of no piece is given to

Pair: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """Some samples of a piece of a fault.

    Args:
        places: array indices, float32 (samples, 3).
        normal: unit vectors, float32 (samples, 3).
        tree: the places, to search in.
    """

    places: np.ndarray
    normal: np.ndarray
    tree: KDTree


def linked_faults(thin: ThinSamples, *, smallest: int = 1) -> FaultSurfaces:
    """Faults as one surface each: crossing ones are separate, and pieces of one are together.

    Args:
        thin: samples of thin faults.
        smallest: smallest number of samples of a fault.

    Returns:
        Faults, the largest first.
    """
    found = orientation(thin.positions)
    numbers = oriented_pieces(thin.positions, found)
    sizes = np.bincount(numbers[numbers >= 0], minlength=1)
    numbers[(numbers >= 0) & (sizes[numbers] < SMALLEST_PIECE)] = -1
    pieces = _pieces(thin.positions, found, numbers)
    faults = _linked(sorted(pieces), *_compared(pieces))
    table = np.arange(numbers.max(initial=-1) + 2)
    table[list(faults)] = list(faults.values())
    numbers = np.where(numbers >= 0, table[numbers], -1)
    return numbered(thin, _with_left_over(thin.positions, numbers), smallest)


def _pieces(positions: np.ndarray, found: Orientation, numbers: np.ndarray) -> dict[int, Piece]:
    """Every second sample of each piece, by its number."""
    order = np.argsort(numbers, kind="stable")
    order = order[numbers[order] >= 0]
    groups = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1) if len(order) else []
    pieces = {}
    for group in groups:
        places = positions[group[::2]].astype("float32")
        pieces[int(numbers[group[0]])] = Piece(places, found.normal[group[::2]], KDTree(places))
    return pieces


def _compared(pieces: dict[int, Piece]) -> tuple[dict[Pair, float], set[Pair]]:
    """How badly two pieces continue each other, 0 to 2, of those that do; and those that do not."""
    badness: dict[Pair, float] = {}
    apart: set[Pair] = set()
    for one, other in _near(pieces):
        sides = [
            side
            for side in (
                _continuation(pieces[one], pieces[other]),
                _continuation(pieces[other], pieces[one]),
            )
            if side is not None
        ]
        if not sides:
            continue
        if max(overlap for *_, overlap in sides) > OVERLAP:
            apart.add((one, other))
            continue
        beside, turn, distance = (np.concatenate([side[k] for side in sides]) for k in range(3))
        close = distance <= np.median(distance)
        room = BESIDE + WIDENING * distance[close]
        off, turned = float(np.median(beside[close] / room)), float(np.median(turn[close]))
        if off < 1 and turned < TURN:
            badness[one, other] = off + turned / TURN
    return badness, apart


def _near(pieces: dict[int, Piece]) -> list[Pair]:
    """Pairs of pieces whose bounding boxes are within the gap."""
    numbers = sorted(pieces)
    low = np.array([pieces[n].places.min(axis=0) for n in numbers]).reshape(-1, 3)
    high = np.array([pieces[n].places.max(axis=0) for n in numbers]).reshape(-1, 3)
    pairs = []
    for place, number in enumerate(numbers):
        later = slice(place + 1, None)
        near = (low[later] - GAP <= high[place]) & (high[later] + GAP >= low[place])
        others = np.flatnonzero(near.all(axis=1)) + place + 1
        pairs += [(number, numbers[other]) for other in others]
    return pairs


def _continuation(
    piece: Piece, other: Piece
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float] | None:
    """How the near samples of another piece lie to the surface of a piece; None if few are near.

    Returns:
        Samples beside the surface, degrees to it, and samples to the piece, for each near sample;
        and the share of them that lie beside the piece and not where it ends.
    """
    distance, near = piece.tree.query(other.places, SEEN, distance_upper_bound=GAP + 2 * NEAR)
    close = distance[:, 0] < GAP
    if close.sum() < FEWEST:
        return None
    distance, near = distance[close], np.minimum(near[close], len(piece.places) - 1)
    weight = np.exp(-0.5 * ((distance - distance[:, :1]) / NEAR) ** 2)  # 0 where there is none
    normal = piece.normal[near]
    normal *= np.sign(np.einsum("ijk,ik->ij", normal, normal[:, 0]))[..., None]
    mean = np.einsum("ij,ijk->ik", weight, normal)
    mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-6)
    offset = piece.places[near] - other.places[close][:, None]
    height = np.einsum("ijk,ik->ij", offset, mean)
    along = offset - height[..., None] * mean[:, None]
    beside = np.abs((weight * height).sum(axis=1) / weight.sum(axis=1))
    one_sided = np.linalg.norm(np.einsum("ij,ijk->ik", weight, along), axis=1)
    one_sided /= np.maximum((weight * np.linalg.norm(along, axis=2)).sum(axis=1), 1e-6)
    cosine = np.abs(np.einsum("ij,ij->i", other.normal[close], mean)).clip(0, 1)
    overlap = float(((beside > APART) & (one_sided < INSIDE)).mean())
    return beside, np.rad2deg(np.arccos(cosine)), distance[:, 0], overlap


def _linked(numbers: list[int], badness: dict[Pair, float], apart: set[Pair]) -> dict[int, int]:
    """The fault of each piece: the best pairs are linked first, and never across two faults."""
    faults = {number: {number} for number in numbers}
    for one, other in sorted(badness, key=lambda pair: (badness[pair], pair)):
        first, second = faults[one], faults[other]
        if first is second or any((min(a, b), max(a, b)) in apart for a in first for b in second):
            continue
        first |= second
        for number in second:
            faults[number] = first
    return {number: min(fault) for number, fault in faults.items()}


def _with_left_over(positions: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Samples of no piece go to the nearest fault, if one is near."""
    known, left = np.flatnonzero(numbers >= 0), np.flatnonzero(numbers < 0)
    if len(known) and len(left):
        distance, near = KDTree(positions[known]).query(positions[left])
        given = distance <= LEFT_OVER
        numbers[left[given]] = numbers[known[near[given]]]
    return numbers
