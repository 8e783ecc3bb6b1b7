"""Fault sticks, as an interpreter would pick them, from thin fault surfaces."""

import numpy as np
from skimage.measure import approximate_polygon

from tfseis.geometry import Geometry
from tfseis.io.labels.sticks import Sticks
from tfseis.jobs.faults.surfaces import FaultSurfaces, connected

SPACING = 10  # lines from one stick to the next
SHORTEST = 5  # samples that a stick extends over
TOLERANCE = 1.0  # samples by which a stick may pass beside the fault, so that it has few nodes


def fault_sticks(
    surfaces: FaultSurfaces, geometry: Geometry, *, spacing: int = SPACING
) -> list[Sticks]:
    """Pick sticks on the sections that cut each fault most squarely.

    Args:
        surfaces: thin faults.
        geometry: geometry of their cube.
        spacing: number of lines from one section with sticks to the next.

    Returns:
        One set a fault, the largest first, named ``fault_1`` and so on; the confidence of a stick
        is the mean probability along it. Faults too short for a stick are left out.
    """
    found = []
    for number, (positions, probability) in enumerate(surfaces.faults(), start=1):
        line = _section_axis(positions)
        across = 1 - line
        nodes, confidence = [], []
        for chosen in _sections(positions[:, line], spacing):
            here = positions[:, line] == chosen
            points, sure = positions[here][:, [across, 2]], probability[here]
            for part in _curves(points):
                path = _downwards(points[part])
                if path[-1, 1] - path[0, 1] + 1 < SHORTEST:
                    continue
                corners = approximate_polygon(path.astype("float64"), TOLERANCE)
                places = np.insert(corners, line, chosen, axis=1)
                nodes.append(_numbers(places, geometry))
                confidence.append(float(sure[part].mean()))
        if nodes:
            found.append(Sticks(f"fault_{number}", tuple(nodes), tuple(confidence)))
    return found


def _section_axis(positions: np.ndarray) -> int:
    """0 to pick on inlines, 1 on crosslines: whichever the normal of the fault is nearer to."""
    spans = np.ptp(positions[:, :2], axis=0)
    if len(positions) < 3 or not spans.all():
        return 1 if spans[0] and not spans[1] else 0  # a single line is the section
    _, directions = np.linalg.eigh(np.cov(positions.T.astype("float64")))
    normal = np.abs(directions[:, 0])
    return 1 if normal[0] > normal[1] else 0


def _sections(lines: np.ndarray, spacing: int) -> list[int]:
    """First, last, and evenly between them."""
    first, last = int(lines.min()), int(lines.max())
    count = 1 if first == last else 2 + (last - first - 1) // spacing
    return np.unique(np.linspace(first, last, count).round().astype(int)).tolist()


def _curves(points: np.ndarray) -> list[np.ndarray]:
    """Indices of the points (across, sample) of each curve on a section."""
    if not len(points):
        return []
    parts = connected(points)
    return [np.flatnonzero(parts == part) for part in range(parts.max() + 1)]


def _downwards(points: np.ndarray) -> np.ndarray:
    """One point a sample, from the top down; of branches, the one that goes on."""
    path: list[tuple[int, int]] = []
    for sample in np.unique(points[:, 1]).tolist():
        level = points[points[:, 1] == sample, 0]
        near = np.median(level) if not path else path[-1][0]
        path.append((int(level[np.abs(level - near).argmin()]), sample))
    return np.array(path)


def _numbers(places: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Line numbers and times of array indices, float64 (nodes, 3)."""
    axes = geometry.axes
    return np.stack([a.first + a.step * places[:, i] for i, a in enumerate(axes)], axis=1)
