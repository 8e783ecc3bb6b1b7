"""Cubes opened as they need it: as they are, or SEG-Y files with what the doctor finds."""

from pathlib import Path
from typing import Any

from tfseis.errors import TfseisError
from tfseis.io.cube import Cube, open_cube, reads_segy
from tfseis.io.doctor.diagnosis import diagnose
from tfseis.io.segy.cube import open_segy


def open_asked(path: str | Path) -> Cube:
    """Open a cube as it is, or a SEG-Y file with the arguments that the doctor finds for it.

    Args:
        path: a SEG-Y file, or what else `open_cube` takes.

    Raises:
        FormatError: the file is no cube that can be read.
        GeometryError: its traces form no cube, whatever the arguments.
    """
    if not reads_segy(path):
        return open_cube(path)
    try:
        return open_segy(path)
    except TfseisError:
        found = diagnose(path)
        if found.verdict != "opens with arguments":
            raise
        needed: dict[str, Any] = found.arguments
        return open_segy(path, **needed)
