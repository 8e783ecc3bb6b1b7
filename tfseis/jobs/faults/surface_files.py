"""Files of thin faults: a cube of their numbers, sticks, and faults as objects."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

import tfseis
from tfseis.errors import GeometryError
from tfseis.geometry import Geometry
from tfseis.io.cube import Cube
from tfseis.io.labels.sticks import write_sticks
from tfseis.io.results import create_result
from tfseis.jobs.faults.cube_part import CubePart
from tfseis.jobs.faults.fault_map import write_map
from tfseis.jobs.faults.fault_scene import write_scene
from tfseis.jobs.faults.frame import frame
from tfseis.jobs.faults.linking import linked_faults
from tfseis.jobs.faults.object_files import write_object_table, write_tsurf
from tfseis.jobs.faults.objects import FaultObjects, fault_objects
from tfseis.jobs.faults.sticks import fault_sticks
from tfseis.jobs.faults.surfaces import FaultSurfaces, cut_faults
from tfseis.jobs.faults.thinning import thin_samples
from tfseis.selection import Parts
from tfseis.view.fault_scene import can_draw

NARROWEST = 8  # inlines, crosslines or samples in which a fault is a surface
LINES = 64  # written at once, as a chunk of Zarr holds
SMALLEST_SIDE = 20  # lines, and samples, that the smallest fault extends over: 400 samples


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
        objects: CSV file, a row a fault: strike, dip, extent, area, throw, which others it meets.
            With it, with `surfaces`, `map`, `scene` or `report`, pieces of one fault are linked,
            faults that cross are separate, and skeleton and sticks have the same numbers.
        surfaces: GOCAD TSurf file of the triangulated faults.
        map: PNG file of the traces of the faults on a map, in 3D and in a table.
        scene: PNG file of the faults in 3D beside slices of the cube, which PyVista draws; without
            PyVista it is left out.
        report: HTML file of what was found, with the sections through the middle and, where the
            cube has at least 8 lines each way, map and table of the faults.
        form: format of the sticks, "charisma" or "opendtect"; None for charisma where the cube has
            map coordinates.
        smallest: smallest number of samples of a thin fault, in all of these files; None for what
            `smallest_fault` says.
        velocity: velocity in m/s by which times become depths, for dips and areas of objects; None
            for not known.
    """

    mask: str | Path | None = None
    spread: str | Path | None = None
    skeleton: str | Path | None = None
    sticks: str | Path | None = None
    picture: str | Path | None = None
    objects: str | Path | None = None
    surfaces: str | Path | None = None
    map: str | Path | None = None
    scene: str | Path | None = None
    report: str | Path | None = None
    form: str | None = None
    smallest: int | None = None
    velocity: float | None = None

    @property
    def paths(self) -> list[str | Path]:
        """Those that are wanted."""
        every = (self.mask, self.spread, self.skeleton, self.sticks, self.picture, self.report)
        return [path for path in (*every, *self.of_objects) if path]

    @property
    def of_objects(self) -> tuple[str | Path | None, ...]:
        """Files of faults as objects."""
        return self.objects, self.surfaces, self.map, self.scene


def check_objects(files: FaultFiles, geometry: Geometry) -> None:
    """Refuse objects of a cube that is too narrow for surfaces, and a velocity that is none.

    Args:
        files: files that are wanted.
        geometry: geometry of the part of the cube in which faults are found.

    Raises:
        GeometryError: as described.
    """
    frame(geometry, files.velocity)
    if any(files.of_objects) and min(geometry.shape) < NARROWEST:
        size = " x ".join(map(str, geometry.shape))
        raise GeometryError(
            f"Expected at least {NARROWEST} inlines, crosslines and samples for faults as objects; "
            f"got {size}. Take more lines, or leave out --objects, --surfaces, --map and --scene."
        )


def smallest_fault(geometry: Geometry) -> int:
    """Smallest number of samples of a thin fault: 400, and fewer where there are few lines.

    Args:
        geometry: geometry of the probabilities. On a single line a fault of 20 samples counts.
    """
    return SMALLEST_SIDE * min(SMALLEST_SIDE, *geometry.shape[:2])


def write_surfaces(
    probability: Cube,
    files: FaultFiles,
    survey: Cube,
    parts: Parts,
    threshold: float,
    *,
    overwrite: bool,
    progress: bool,
) -> tuple[dict[str, int], FaultObjects | None]:
    """Thin the faults of a cube of probabilities, and write what is wanted of them.

    Args:
        probability: probabilities of faults.
        files: files that are wanted.
        survey: cube of the reflections, whose headers the skeleton gets.
        parts: range and stride of its axes on which the probabilities are.
        threshold: a sample is a fault where its probability is above this.
        overwrite: replace files of these names.
        progress: show a progress bar.

    Returns:
        Number of faults, and of sticks if these are wanted; empty where no such file is wanted.
        And the faults as objects, None where no file needs them.
    """
    wide = min(probability.geometry.shape) >= NARROWEST
    as_objects = any(files.of_objects) or bool(files.report and wide)
    if not (files.skeleton or files.sticks or as_objects):
        return {}, None
    thin = thin_samples(probability, threshold=threshold, progress=progress)
    find = linked_faults if as_objects else cut_faults
    surfaces = find(thin, smallest=files.smallest or smallest_fault(probability.geometry))
    counts = {"faults": len(surfaces)}
    if files.skeleton:
        _write_skeleton(files.skeleton, surfaces, survey, probability.geometry, overwrite)
    if files.sticks:
        counts["sticks"] = _write_sticks(files, surfaces, probability.geometry, overwrite)
    if as_objects:
        amplitude = CubePart(survey, parts)
        found = fault_objects(surfaces, probability.geometry, amplitude, velocity=files.velocity)
        _write_objects(files, found, survey, overwrite)
        return counts, found
    return counts, None


def _write_skeleton(
    path: str | Path, surfaces: FaultSurfaces, template: Cube, geometry: Geometry, overwrite: bool
) -> None:
    about = f"Made by tfseis {tfseis.__version__}: numbers of thin faults, 1 the largest"
    with create_result(
        path,
        template,
        kind="classes",
        geometry=geometry,
        provenance=[about],
        overwrite=overwrite,
    ) as writer:
        sections = surfaces.inlines()
        for inline in range(0, geometry.shape[0], LINES):
            block = np.stack(list(islice(sections, LINES)))
            writer.write(block, inline=inline, crossline=0)


def _write_sticks(
    files: FaultFiles, surfaces: FaultSurfaces, geometry: Geometry, overwrite: bool
) -> int:
    """Number of sticks written."""
    sticks = fault_sticks(surfaces, geometry)
    form = files.form or ("charisma" if geometry.affine is not None else "opendtect")
    write_sticks(str(files.sticks), sticks, geometry, form=form, overwrite=overwrite)
    return sum(len(fault.nodes) for fault in sticks)


def _write_objects(files: FaultFiles, found: FaultObjects, survey: Cube, overwrite: bool) -> None:
    if files.objects:
        write_object_table(files.objects, found, overwrite=overwrite)
    if files.surfaces:
        write_tsurf(files.surfaces, found, overwrite=overwrite)
    if files.map:
        write_map(files.map, found, title=survey.name, overwrite=overwrite)
    if files.scene and can_draw():
        write_scene(files.scene, found, survey, overwrite=overwrite)
