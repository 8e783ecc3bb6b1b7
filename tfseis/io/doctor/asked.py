"""SEG-Y files opened as they need it: as they are, or with what the doctor finds."""

from pathlib import Path
from typing import Any

from tfseis.errors import TfseisError
from tfseis.io.doctor.diagnosis import diagnose
from tfseis.io.segy.cube import SegyCube, open_segy


def open_asked(path: str | Path) -> SegyCube:
    """Open a SEG-Y file as it is, or with the arguments that the doctor finds for it.

    Args:
        path: a SEG-Y file.

    Raises:
        FormatError: the file is no SEG-Y file that can be read.
        GeometryError: its traces form no cube, whatever the arguments.
    """
    try:
        return open_segy(path)
    except TfseisError:
        found = diagnose(path)
        if found.verdict != "opens with arguments":
            raise
        needed: dict[str, Any] = found.arguments
        return open_segy(path, **needed)
