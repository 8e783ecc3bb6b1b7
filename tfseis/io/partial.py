"""Incomplete results: hidden beside their final place, named after the process that writes them.

While a process lives, what it is writing is its own; another run is refused. What dead processes
left is removed.
"""

import os
import platform
import shutil
from pathlib import Path

from tfseis.errors import OutputError

MARK = ".partial-"  # in the name of each incomplete result
UNKNOWN = "0"  # when a process began, where the system does not say


def partial_path(path: Path) -> Path:
    """Where a result lies while it is incomplete: beside its final place, hidden.

    What killed processes of this machine left there is removed.

    Args:
        path: where the result shall lie.
    """
    _, dead = _others(path)
    for old in dead:
        remove(old)
    return path.with_name(f"{_start(path)}{platform.node()}-{os.getpid()}-{_began('self')}")


def check_unwritten(path: str | Path) -> None:
    """Refuse a result that another process is writing.

    Args:
        path: where the result shall lie.

    Raises:
        OutputError: a living process of this machine, or one of another machine, writes it.
    """
    path = Path(path)
    living, _ = _others(path)
    if living:
        host, process, _ = _writer(path, living[0])
        raise OutputError(
            f"{path}: expected no other run that writes it; process {process} of {host} does. Wait "
            f"for it, choose another name, or, if that run has ended, remove {living[0]}."
        )


def is_written(path: Path) -> bool:
    """Whether a process makes a result: one of this machine, or perhaps one of another.

    Args:
        path: where the result shall lie.
    """
    folder, start = path.absolute().parent, _start(path)
    return any(
        _lives(*_writer(path, one)) for one in folder.iterdir() if one.name.startswith(start)
    )


def remove(place: Path) -> None:
    """Remove a file, or a folder with what it holds; neither need exist."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)


def _others(path: Path) -> tuple[list[Path], list[Path]]:
    """What other processes write of a result: those that may live, and those that are dead."""
    folder, start = path.absolute().parent, _start(path)
    if not folder.is_dir() or MARK in str(folder):  # nobody else writes into a draft
        return [], []
    found = sorted(one for one in folder.iterdir() if one.name.startswith(start))
    mine = platform.node(), str(os.getpid()), _began("self")
    others = [(one, _writer(path, one)) for one in found if _writer(path, one) != mine]
    living = [one for one, writer in others if _lives(*writer)]
    return living, [one for one, _ in others if one not in living]


def _start(path: Path) -> str:
    return f".{path.name}{MARK}"


def _writer(path: Path, partial: Path) -> tuple[str, str, str]:
    """Machine, number and beginning of the process that writes an incomplete result."""
    host, _, rest = partial.name.removeprefix(_start(path)).rpartition("-")
    host, _, process = host.rpartition("-")
    if not process.isdecimal():  # tfseis 0.2 did not say when a process began
        return f"{host}-{process}" if host else process, rest, UNKNOWN
    return host, process, rest


def _lives(host: str, process: str, began: str) -> bool:
    """Whether a process may be running; of other machines nothing is known."""
    if host != platform.node() or os.name != "posix" or not process.isdecimal():
        return True  # elsewhere signal 0 would end it
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return UNKNOWN in (began, _began(process)) or began == _began(process)


def _began(process: str) -> str:
    """When a process began, in ticks since the machine did: numbers of processes come again."""
    try:
        _, _, rest = Path(f"/proc/{process}/stat").read_text().rpartition(")")
        return rest.split()[19]  # the 22nd field, two stand before the name's bracket
    except (OSError, IndexError, UnicodeDecodeError):
        return UNKNOWN
