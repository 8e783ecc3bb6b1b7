"""What a result is made from and by which tasks, and what writes it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tfseis.tasks.mosaic import Merge
from tfseis.tasks.task import Arrays, Box, Task


class Writer(Protocol):
    """A result that is being written, such as `tfseis.io.SegyWriter`."""

    keep: bool  # whether an error leaves what is written, to be resumed

    def flush(self) -> None:
        """Force what was written to disk."""

    def checksum(self, box: Box | None = None) -> int:
        """CRC-32 of what the file holds of a part of the result, or before all parts (None)."""


def only_one(parts: Sequence[Arrays]) -> Arrays:
    """The part itself, where tasks do not overlap."""
    (part,) = parts
    return part


@dataclass(frozen=True)
class Plan:
    """What a result is made from, and by which tasks.

    Args:
        results: final names of the files, the main one first.
        head: facts by which a later run sees that it makes the same: input, model, arguments.
        tasks: the tasks, those that others continue before them.
        shape: inlines and crosslines of the result, or gathers and 1.
        inputs: files and folders that are read, which must stay as they are while the run lasts.
        title, unit: what progress bars call the work and its units.
        merge: makes one part of several that overlap, in the order of their tasks.
    """

    results: Sequence[Path]
    head: Mapping[str, Any]
    tasks: Sequence[Task]
    shape: tuple[int, int]
    inputs: Sequence[Path] = ()
    title: str = "predict"
    unit: str = " windows"
    merge: Merge = field(default=only_one)


Opened = Callable[[], AbstractContextManager[Sequence[Writer | None]]]
Write = Callable[[Sequence[Any], Any, Box], dict[str, Any]]


@dataclass(frozen=True)
class Made:
    """A result that was made.

    Args:
        writers: the writers, closed.
        facts: what `write` said of all parts of the result, in the order of the parts.
        counts: what the tasks counted, added up.
    """

    writers: Sequence[Any]
    facts: list[dict[str, Any]]
    counts: Counter[str]
