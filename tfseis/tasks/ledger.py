"""The ledger of an unfinished result: what it is made from, and which tasks are done.

A text file beside the result. Each line is a checksum and a JSON object; the first one is the head.
Lines are appended and forced to disk. A line that a killed process left half-written, or whose
checksum is wrong, is not counted, so that its task is done again.
"""

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tfseis.errors import OutputError

NAME = "ledger.txt"
HEAD, TASK, BEGUN = "head", "task", "begun"  # keys by which lines are told apart
ARGUMENTS = "arguments"  # key of a head whose facts are named one by one where they differ


class Ledger:
    """The ledger of one unfinished result.

    Args:
        path: the file; it exists.

    Attributes:
        head: facts by which a later run sees that it makes the same result.
        lines: all other lines in the order of writing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        found = [_read(line) for line in path.read_bytes().split(b"\n")]
        lines = [line for line in found if line is not None]
        if not lines or HEAD not in lines[0]:
            raise OutputError(
                f"{path}: expected the ledger of an unfinished result; its first line is damaged. "
                f"Remove the folder {path.parent} to begin anew."
            )
        self.head: dict[str, Any] = lines[0][HEAD]
        self.lines = lines[1:]

    @classmethod
    def begin(cls, path: Path, head: Mapping[str, Any]) -> Self:
        """Begin a ledger in a folder that exists.

        Args:
            path: the file to write.
            head: facts by which a later run sees that it makes the same result.
        """
        path.write_bytes(_line({HEAD: dict(head)}))
        _to_disk(path)
        return cls(path)

    @property
    def tasks(self) -> dict[int, dict[str, Any]]:
        """Finished tasks by number; of one that was done again, the last record."""
        return {line[TASK]: line for line in self.lines if TASK in line}

    def append(self, record: Mapping[str, Any]) -> None:
        """Add a line, which is on disk when this returns."""
        data = _line(record)
        with self.path.open("r+b") as file:
            file.seek(0, os.SEEK_END)
            if file.tell() and not _ends_line(file):
                data = b"\n" + data  # after what a killed process left
            file.seek(0, os.SEEK_END)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self.lines.append(dict(record))


def left_ledger(path: Path, head: Mapping[str, Any], overwrite: bool) -> Ledger | None:
    """The ledger that an earlier run left of the very same result.

    Args:
        path: the file; it need not exist.
        head: facts of the result, as they are read back.
        overwrite: whether what was left of another result is given up.

    Returns:
        The ledger; None where there is none, or one that is given up.

    Raises:
        OutputError: it is damaged, or of another result of which parts are finished.
    """
    if not path.is_file():
        return None
    try:
        found = Ledger(path)
    except OutputError:
        if overwrite:
            return None
        raise
    differ = _differences(head, found.head)
    if not differ and found.lines and BEGUN in found.lines[0]:
        return found
    if overwrite or not found.tasks:
        return None
    raise OutputError(
        f"{path.parent}: expected the same {', '.join(differ)} as of the "
        f"unfinished result there, of which {len(found.tasks)} parts are finished; got "
        "something else. Give the same command again, or begin anew (--overwrite)."
    )


def _differences(new: Mapping[str, Any], old: Mapping[str, Any]) -> list[str]:
    """What two heads do not share, arguments by their own names."""
    found: list[str] = []
    for key in [*new, *sorted(old.keys() - new.keys())]:
        one, other = new.get(key), old.get(key)
        if key == ARGUMENTS and isinstance(one, dict) and isinstance(other, dict):
            found += _differences(one, other)
        elif one != other:
            found.append(key)
    return found


def _ends_line(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _line(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, sort_keys=True).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _read(line: bytes) -> dict[str, Any] | None:
    """The object of a line; None where the line is damaged."""
    checksum, _, text = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(text):
        return None
    return json.loads(text)


def _to_disk(path: Path) -> None:
    """Force a file to disk, and its name in its folder where the system allows it."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
