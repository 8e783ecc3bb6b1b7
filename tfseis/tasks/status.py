"""How far unfinished results are, from what lies beside them."""

import time
from dataclasses import dataclass
from pathlib import Path

from tfseis.errors import FormatError
from tfseis.io.partial import is_written
from tfseis.io.unfinished import ENDING, unfinished_folder
from tfseis.tasks.ledger import BEGUN, NAME, TASK, Ledger

HOUR, MINUTE = 3600, 60


@dataclass(frozen=True)
class Status:
    """How far a result is.

    Args:
        path: its final name.
        done, parts: how many parts of it are finished, and of how many.
        cost, total: the same in units of work.
        unit: what these are, such as "windows".
        seconds: what the finished parts took, added up over all processes.
        running: whether a process of this machine makes it now, or one of another machine may.
        workers: how many processes the last run began with, or the address of a scheduler.
        last: time when the last part was finished, in seconds since 1970; None for none.
        rate: units of work a second since the last run began; None if it has finished no part.
    """

    path: Path
    done: int
    parts: int
    cost: int
    total: int
    unit: str
    seconds: float
    running: bool
    workers: int | str
    last: float | None
    rate: float | None

    @property
    def left(self) -> float | None:
        """Seconds that the rest takes at this rate; None where none is known."""
        return (self.total - self.cost) / self.rate if self.rate else None

    def text(self) -> str:
        """The same in a few lines, for people."""
        share = self.cost / max(self.total, 1)
        lines = [
            f"{self.path}: {self.done} of {self.parts} parts, {self.cost} of {self.total} "
            f"{self.unit} ({share:.0%})",
            f"{_duration(self.seconds)} of work so far; last run by {self.workers} "
            f"{'worker' if self.workers == 1 else 'workers'}",
        ]
        if self.last is not None:
            lines.append(f"last part finished {_duration(time.time() - self.last)} ago")
        if self.running:
            left = "not known yet" if self.left is None else f"about {_duration(self.left)}"
            lines.append(f"running; time left: {left}")
        else:
            left = "" if self.left is None else f", about {_duration(self.left)} at the same rate"
            lines.append(f"not running: the same command goes on with it{left}")
        return "\n".join(lines)


def statuses(path: str | Path) -> list[Status]:
    """How far a result is, or all unfinished ones in a folder.

    Args:
        path: final name of a result, or a folder.

    Raises:
        FormatError: there is nothing of that name, finished or not.
        OutputError: a damaged ledger.
    """
    path = Path(path)
    if (unfinished_folder(path) / NAME).is_file():
        return [_status(path)]
    if path.is_dir():
        found = sorted(one for one in path.iterdir() if one.name.endswith(ENDING))
        return [
            _status(one.with_name(one.name.removesuffix(ENDING)))
            for one in found
            if (one / NAME).is_file()
        ]
    if not path.exists():
        raise FormatError(
            f"{path}: expected a result or a folder of results, finished or not; there is none. "
            "Give the OUTPUT of the command that makes it."
        )
    return []


def _status(path: Path) -> Status:
    ledger = Ledger(unfinished_folder(path) / NAME)
    tasks = ledger.tasks
    begins = [number for number, line in enumerate(ledger.lines) if BEGUN in line]
    begun = ledger.lines[begins[-1]] if begins else {}
    since = [line for line in ledger.lines[begins[-1] :] if TASK in line] if begins else []
    rate = None
    if since:
        seconds = max(max(line["ended"] for line in since) - begun[BEGUN], 1e-3)
        rate = sum(line["cost"] for line in since) / seconds
    return Status(
        path=path,
        done=len(tasks),
        parts=ledger.head["parts"],
        cost=sum(line["cost"] for line in tasks.values()),
        total=begun.get("cost", 0),
        unit=begun.get("unit", "parts"),
        seconds=sum(line["seconds"] for line in tasks.values()),
        running=is_written(path),
        workers=begun.get("workers", 1),
        last=max((line["ended"] for line in tasks.values()), default=None),
        rate=rate,
    )


def _duration(seconds: float) -> str:
    """Seconds, minutes or hours, as people say it."""
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    return f"{seconds / HOUR:.1f} h"
