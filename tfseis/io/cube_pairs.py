"""Folders of cubes and their fault labels.

Source: the folders of Wu et al. 2019, FaultSeg3D, https://github.com/xinwucwp/faultSeg:
``seis/N.dat`` and ``fault/N.dat``.
"""

from dataclasses import dataclass
from pathlib import Path

from tfseis.errors import FormatError
from tfseis.io.arrays import SUFFIXES

SEISMIC, FAULT = "seis", "fault"


@dataclass(frozen=True)
class CubePair:
    """A cube and its fault labels, as files.

    Args:
        name: name of both files, without ending.
        seismic: file with the amplitudes.
        faults: file with the labels; None where there is none.
    """

    name: str
    seismic: Path
    faults: Path | None


def cube_pairs(folder: str | Path) -> list[CubePair]:
    """Find cubes in ``seis/`` and their labels of the same name in ``fault/``, by number.

    Args:
        folder: folder that holds both folders.

    Returns:
        One pair for each cube; a cube without labels has None for them.

    Raises:
        FormatError: a folder is missing, there is no cube, labels have no cube, or a name comes
            twice.
    """
    folder = Path(folder)
    seismic, faults = (_named(folder / name) for name in (SEISMIC, FAULT))
    if not seismic:
        raise FormatError(
            f"{folder}: expected {SEISMIC}/N.dat (or .npy) and {FAULT}/N.dat; found no cube in "
            f"{SEISMIC}/. Give the folder that holds both."
        )
    lonely = sorted(set(faults) - set(seismic))
    if lonely:
        raise FormatError(
            f"{folder}: expected a cube in {SEISMIC}/ for each in {FAULT}/; {lonely[0]} has none. "
            "Give both the same name."
        )
    names = sorted(seismic, key=lambda name: (len(name), name) if name.isdecimal() else (99, name))
    return [CubePair(name, seismic[name], faults.get(name)) for name in names]


def _named(folder: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix in SUFFIXES and not path.name.startswith("."):
            if path.stem in files:
                raise FormatError(
                    f"{path}: expected one file a cube; {files[path.stem].name} is there too. "
                    "Remove one."
                )
            files[path.stem] = path
    return files
