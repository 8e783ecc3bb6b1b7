"""The sections that carry the labels, and the amplitudes around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from tfseis.data.regions import Halo, read_region
from tfseis.data.scaling import Scaling
from tfseis.errors import LabelError, ModelError
from tfseis.io.array_files import machine_memory
from tfseis.io.cube import Cube
from tfseis.jobs.facies.crops import Volume
from tfseis.wording import counted

AXES = ("inline", "crossline", "time")
MOST_SECTIONS = 200
BYTES = 4 + 4 + 4 + 2  # of a sample: as it is read, twice while all are joined, and its label
GB = 1e9


@dataclass(frozen=True)
class Section:
    """Labels that lie on one inline, crossline or time slice.

    Args:
        axis: what is constant on the section: 0 inline number, 1 crossline number, 2 time.
        index: array index of the section along that axis.
        chosen: numbers of the labels that lie on it, int64.
    """

    axis: int
    index: int
    chosen: np.ndarray

    @property
    def parts(self) -> tuple[slice, slice, slice]:
        """The section as a part of the cube."""
        return line_parts(self.axis, self.index)


def line_parts(axis: int, index: int) -> tuple[slice, slice, slice]:
    """One whole line or time slice as a part of the cube.

    Args:
        axis: what is constant on it: 0 inline number, 1 crossline number, 2 time.
        index: its array index along that axis.
    """
    parts = [slice(None)] * 3
    parts[axis] = slice(index, index + 1)
    return parts[0], parts[1], parts[2]


def plane_axes(axis: int) -> tuple[int, int]:
    """The axes that remain when one is held constant, in cube order."""
    rest = [i for i in range(3) if i != axis]
    return rest[0], rest[1]


def find_sections(positions: np.ndarray) -> list[Section]:
    """Lay sections through labels, each time the one that holds most of the remaining labels.

    Args:
        positions: array indices of the labels, int64 (labels, 3).

    Returns:
        Sections that hold each label once. Inlines win ties, then crosslines.

    Raises:
        LabelError: the labels need more than 200 sections: they are scattered through the cube.
    """
    left = np.arange(len(positions))
    sections: list[Section] = []
    while left.size:
        if len(sections) == MOST_SECTIONS:
            raise LabelError(
                f"Expected labels on at most {MOST_SECTIONS} inlines, crosslines or time slices; "
                f"{left.size} of {len(positions)} lie on none of the fullest. "
                "Label sections, or give the labels as a cube with --inline N."
            )
        counts = [np.bincount(positions[left, axis]) for axis in range(3)]
        axis = int(np.argmax([count.max() for count in counts]))
        index = int(counts[axis].argmax())
        on = positions[left, axis] == index
        here, left = left[on], left[~on]
        sections.append(Section(axis, index, here))
    return sections


def main_axis(sections: list[Section]) -> int:
    """The axis whose sections carry most labels, along which a 2D network predicts.

    Raises:
        LabelError: some labels lie on time slices and others on vertical sections.
    """
    labels = [sum(len(s.chosen) for s in sections if s.axis == axis) for axis in range(3)]
    if labels[2] and (labels[0] or labels[1]):
        raise LabelError(
            "Expected labels on vertical sections or on time slices; got both, "
            f"{labels[0] + labels[1]} and {labels[2]}. Leave one kind out, or use "
            "--network unet3d or patch3d, which need no section."
        )
    return int(np.argmax(labels))


def check_memory(
    cube: Cube, sections: Sequence[Section], halo: Halo, *, flat: bool, beside: int = 0
) -> None:
    """Refuse sections whose surroundings do not fit in memory, before they are read.

    Args:
        cube: cube to read from.
        sections: sections that carry labels.
        halo: samples of a crop before and after its labelled sample.
        flat: as for `section_volume`.
        beside: as for `section_volume`.

    Raises:
        ModelError: they need more than this machine has.
    """
    around = halo.before + halo.after
    samples = 0
    for section in sections:
        sides = [size + around for size in cube.shape]
        sides[section.axis] = 1 + (2 * beside if flat else around)
        samples += prod(sides)
    if (needed := samples * BYTES) > (memory := machine_memory()):
        raise ModelError(
            f"{cube.name}: expected labelled lines that fit in memory with what crops need around "
            f"them, {memory / GB:.1f} GB; got {needed / GB:.1f} GB on "
            f"{counted(len(sections), 'section')}. Lower the crop size, label fewer lines, or "
            "choose a 2D network."
        )


def section_volume(
    cube: Cube,
    section: Section,
    labels: tuple[np.ndarray, np.ndarray],
    halo: Halo,
    scaling: Scaling,
    *,
    flat: bool,
    beside: int = 0,
) -> Volume:
    """Read a section with the context that crops around its labels need.

    Args:
        cube: cube to read from.
        section: section that carries labels.
        labels: all labels of the survey: array indices (labels, 3), and class indices (labels,).
        halo: samples of a crop before and after its labelled sample.
        scaling: centre and spread of the survey's amplitudes.
        flat: True for the section alone (2D crops); False for a slab with as many lines on both
            sides of it as `halo` says (3D crops).
        beside: number of lines on either side of a flat section that are read too, into a stack
            whose first axis counts sections (2.5D crops).
    """
    around = [halo] * 3
    positions = labels[0][section.chosen].copy()
    positions[:, section.axis] = 0
    if flat:
        around[section.axis] = Halo(beside, beside)
    block, _ = read_region(cube, section.parts, (around[0], around[1], around[2]), scaling)
    if not flat:
        return Volume(block, halo, positions, labels[1][section.chosen])
    order = section.axis, *plane_axes(section.axis)
    block, positions = block.transpose(order), positions[:, order]
    if beside:
        halos = Halo(beside, beside), halo, halo
        return Volume(block, halos, positions, labels[1][section.chosen])
    return Volume(block[0], halo, positions[:, 1:], labels[1][section.chosen])


def live_labels(cube: Cube, sections: Sequence[Section], positions: np.ndarray) -> np.ndarray:
    """Which labels lie on a sample that was recorded.

    Args:
        cube: cube to read from.
        sections: sections that hold each label once.
        positions: array indices of the labels, int64 (labels, 3).

    Returns:
        bool (labels,); False on missing and dead traces and on samples that are not finite.
    """
    nothing, alive = Scaling(0.0, 1.0), np.zeros(len(positions), bool)
    for section in sections:
        _, live = read_region(cube, section.parts, (Halo(),) * 3, nothing)
        places = positions[section.chosen].copy()
        places[:, section.axis] = 0
        alive[section.chosen] = live[tuple(places.T)]
    return alive
