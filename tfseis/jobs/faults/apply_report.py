"""The report of faults that were found in a cube."""

from pathlib import Path

from tfseis.io.cube import Cube
from tfseis.jobs.contract import Applied
from tfseis.jobs.faults.fault_map import map_figure
from tfseis.jobs.faults.object_files import object_table
from tfseis.jobs.faults.objects import FaultObjects
from tfseis.jobs.faults.picture import sections_figure
from tfseis.view import Report

MOST_ROWS = 100  # of the table
TOLD = ("threshold", "share", "seams", "faults", "sticks", "backend", "nonfinite")


def write_report(
    path: str | Path,
    cube: Cube,
    probability: Cube,
    objects: FaultObjects | None,
    applied: Applied,
) -> None:
    """Write what was found in a cube as one HTML file.

    Args:
        path: the file, which is replaced.
        cube: the survey.
        probability: probabilities of faults, on all or some lines of that survey.
        objects: faults as objects; None where the cube is too narrow for them.
        applied: what is known of the result.
    """
    report = Report(f"Faults of {cube.name}")
    report.section("Result")
    for line in applied.text.splitlines():
        report.text(line)
    facts = applied.facts
    report.facts({name: facts[name] for name in TOLD if name in facts})
    report.section("Sections").figure(
        sections_figure(cube, probability), "Through the middle; red is a fault."
    )
    if objects is not None:
        report.section("Faults").figure(map_figure(objects), "The largest are in the table below.")
        report.table(
            object_table(objects).iloc[:MOST_ROWS], f"The largest {MOST_ROWS} faults at most."
        )
    report.write(path)
