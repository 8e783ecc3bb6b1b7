"""Files of thin faults: a cube of their numbers, and sticks."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

import tfseis
from tfseis.io.cube import Cube
from tfseis.io.labels.sticks import write_sticks
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.writer import create_result
from tfseis.jobs.faults.sticks import fault_sticks
from tfseis.jobs.faults.surfaces import fault_surfaces

SMALLEST = 400  # samples of a thin fault: 20 lines times 20 samples


@dataclass(frozen=True)
class FaultFiles:
    """Files that are wanted besides the probability; None for those that are not.

    Args:
        mask: SEG-Y file, int16, 1 where the probability is above the threshold.
        spread: SEG-Y file, IEEE float: standard deviation of the probability among models and
            symmetries.
        skeleton: SEG-Y file, int16: thin faults, each by its number, 1 the largest; 0 elsewhere.
        sticks: text file of fault sticks with confidence.
        picture: PNG file of the sections through the middle, faults over them.
        form: format of the sticks, "charisma" or "opendtect"; None for charisma where the cube has
            map coordinates.
        smallest: smallest number of samples of a thin fault, in skeleton and sticks.
    """

    mask: str | Path | None = None
    spread: str | Path | None = None
    skeleton: str | Path | None = None
    sticks: str | Path | None = None
    picture: str | Path | None = None
    form: str | None = None
    smallest: int = SMALLEST

    @property
    def paths(self) -> list[str | Path]:
        """Those that are wanted."""
        every = (self.mask, self.spread, self.skeleton, self.sticks, self.picture)
        return [path for path in every if path]


def write_surfaces(
    probability: SegyCube,
    files: FaultFiles,
    template: Cube,
    threshold: float,
    *,
    overwrite: bool,
    progress: bool,
) -> dict[str, int]:
    """Thin the faults of a cube of probabilities, and write skeleton and sticks if wanted.

    Args:
        probability: probabilities of faults.
        files: files that are wanted.
        template: cube whose headers the skeleton gets.
        threshold: a sample is a fault where its probability is above this.
        overwrite: replace files of these names.
        progress: show a progress bar.

    Returns:
        Number of faults, and of sticks if these are wanted; empty where neither file is wanted.
    """
    if not (files.skeleton or files.sticks):
        return {}
    surfaces = fault_surfaces(
        probability, threshold=threshold, smallest=files.smallest, progress=progress
    )
    geometry, counts = probability.geometry, {"faults": len(surfaces)}
    if files.skeleton:
        about = f"Made by tfseis {tfseis.__version__}: numbers of thin faults, 1 the largest"
        with create_result(
            files.skeleton,
            template,
            kind="classes",
            geometry=geometry,
            provenance=[about],
            overwrite=overwrite,
        ) as writer:
            for inline, section in enumerate(surfaces.inlines()):
                writer.write(section[np.newaxis], inline=inline, crossline=0)
    if files.sticks:
        sticks = fault_sticks(surfaces, geometry)
        form = files.form or ("charisma" if geometry.affine is not None else "opendtect")
        write_sticks(files.sticks, sticks, geometry, form=form, overwrite=overwrite)
        counts["sticks"] = sum(len(fault.nodes) for fault in sticks)
    return counts
