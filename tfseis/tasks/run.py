"""A result made task by task: begun, resumed, checked and finished."""

import json
import os
import platform
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import tfseis
from tfseis.errors import OutputError
from tfseis.io.output import check_output, room_for
from tfseis.io.partial import partial_path, remove
from tfseis.io.publishing import finish, mark_published, remove_unfinished, take_back
from tfseis.io.unfinished import KEPT, file_checksum, unfinished_folder
from tfseis.tasks.ledger import BEGUN, NAME, TASK, Ledger, left_ledger
from tfseis.tasks.mosaic import Cell, Cells, Mosaic, OnDisk, write_arrays
from tfseis.tasks.plan import Made, Opened, Plan, Write, Writer
from tfseis.tasks.task import Arrays, Found, Task, Work
from tfseis.tasks.workers import Workers, do_tasks

HERE = Workers()


def carry_out(
    plan: Plan,
    work: Work,
    opened: Opened,
    write: Write,
    *,
    workers: Workers = HERE,
    overwrite: bool = False,
    progress: bool = True,
) -> Made:
    """Make a result, or go on with one that an earlier run left.

    Args:
        plan: what it is made from, and by which tasks.
        work: what does them.
        opened: opens the writers of the result where they were left.
        write: takes (writers, arrays, box): writes a finished part of the result, and returns
            facts of it as plain values.
        workers: who does the tasks; the result is the same whoever does.
        overwrite: whether results of these names, and what was left of another run, are replaced.
        progress: whether a bar is shown.

    Raises:
        OutputError: the result exists, another run makes it, or what was left is of another model,
            input or argument, or damaged.
        TfseisError: what the work refuses.
    """
    with _locked(plan.results):
        run = _Run(plan, work, write, overwrite)
        try:
            with opened() as writers:
                run.begin(writers, workers, progress=progress)
                run.work_through(workers, progress=progress)
                mark_published(plan.results)
        except BaseException as error:
            run.leave(error)
            raise
        finish(plan.results)
    return Made(writers, run.facts(), run.counts())


@contextmanager
def _locked(results: Sequence[Path]) -> Iterator[None]:
    """While this process lives, no other one makes these results."""
    marks = [partial_path(path) for path in results]
    try:
        for path, mark in zip(results, marks, strict=True):
            mark.touch()
            check_output(path, overwrite=True)
        yield
    finally:
        for mark in marks:
            mark.unlink(missing_ok=True)


class _Run:
    """A result while it is made."""

    def __init__(self, plan: Plan, work: Work, write: Write, overwrite: bool) -> None:
        self.plan, self._work, self._write = plan, work, write
        self._folder = unfinished_folder(plan.results[0])
        self._inputs = {path: _state_of(path) for path in plan.inputs}
        head = {
            "tfseis": tfseis.__version__,
            "results": [path.name for path in plan.results],
            "parts": len(plan.tasks),
            **plan.head,
        }
        self._head = json.loads(json.dumps(head))  # as it is read back
        self._ledger = left_ledger(self._folder / NAME, self._head, overwrite)
        self._facts: dict[Cell, dict[str, Any]] = {}
        self._writers: Sequence[Writer | None] = ()
        if self._ledger is not None:
            take_back(plan.results)
            return
        remove_unfinished(plan.results)
        for path in plan.results:
            check_output(path, overwrite)

    def begin(self, writers: Sequence[Writer | None], workers: Workers, *, progress: bool) -> None:
        """Take up what is finished and undamaged."""
        self._writers = writers
        heads = [one.checksum() for one in writers if one]
        store, cells = self._folder / "parts", Cells.of(self.plan.shape, self.plan.tasks)
        if self._ledger is None:
            remove(self._folder)
            store.mkdir(parents=True)
            self._ledger = Ledger.begin(self._folder / NAME, self._head)
        elif heads != self._ledger.lines[0]["heads"]:
            raise OutputError(
                f"{self._folder}: expected the headers of the unfinished result as they were "
                "written; they are damaged. Remove that folder to begin anew."
            )
        for one in writers:
            if one and self._ledger.tasks:
                one.keep = True
        finished = self._checked(cells, progress)
        parts = OnDisk(store)
        held = {
            number: parts.held(number, line["part"])
            for number, line in self._ledger.tasks.items()
            if line["part"] is not None
        }
        self._mosaic = Mosaic(cells, self.plan.merge, parts, done=finished, held=held)
        self._ledger.append(
            {
                BEGUN: time.time(),
                "heads": heads,
                "workers": workers.scheduler or workers.count or 1,
                "cost": sum(task.cost for task in self.plan.tasks),
                "unit": self.plan.unit.strip(),
            }
        )

    def work_through(self, workers: Workers, *, progress: bool) -> None:
        """Do all tasks that are not done."""
        tasks, states = self._to_do()
        total = sum(task.cost for task in self.plan.tasks)
        left = sum(task.cost for task in tasks)
        with tqdm(
            total=total,
            initial=total - left,
            unit=self.plan.unit,
            desc=self.plan.title,
            disable=not progress,
        ) as bar:
            do_tasks(tasks, self._work, self._done, workers=workers, states=states, tick=bar.update)

    def facts(self) -> list[dict[str, Any]]:
        """Facts of all parts, in the order of the parts."""
        return [self._facts[cell] for cell in sorted(self._facts)]

    def counts(self) -> Counter[str]:
        """What the tasks counted, added up."""
        assert self._ledger is not None
        return sum((Counter(line["counts"]) for line in self._ledger.tasks.values()), Counter())

    def leave(self, error: BaseException) -> None:
        """Keep what is finished, and say so; remove what is of no use."""
        if self._ledger is None or not self._ledger.tasks:
            remove_unfinished(self.plan.results)
            return
        text = (
            f"{len(self._ledger.tasks)} of {len(self.plan.tasks)} parts are finished and kept in "
            f"{self._folder}; the same command goes on with them."
        )
        error.add_note(text)
        KEPT.append(text)

    def _checked(self, cells: Cells, progress: bool) -> list[Cell]:
        """Cells that were finished before and are undamaged; their facts are taken up."""
        assert self._ledger is not None
        written = [w for w in self._writers if w]
        records = {
            (one["cell"][0], one["cell"][1]): one
            for line in self._ledger.tasks.values()
            for one in line["cells"]
        }
        bar = tqdm(records.items(), "check", unit=" parts", disable=not progress, delay=2)
        good = []
        for cell, one in bar:
            if cell in cells.covering and one["checksums"] == [
                w.checksum(cells.box(cell)) for w in written
            ]:
                good.append(cell)
                self._facts[cell] = one["facts"]
        return good

    def _to_do(self) -> tuple[list[Task], dict[int, Arrays]]:
        """Tasks that are not done, those included whose final state others need; and states."""
        assert self._ledger is not None
        by_number = {task.number: task for task in self.plan.tasks}
        empty = {task.number for task in self.plan.tasks if not self._covers(task)}
        needed = self._mosaic.needed()
        states: dict[int, Arrays] = {}
        needed |= {n for n in empty if n not in self._ledger.tasks}
        for number in sorted(needed):
            after = by_number[number].after
            while after is not None and after not in needed and after not in states:
                state = self._state(after)
                if state is not None:
                    states[after] = state
                else:
                    needed.add(after)
                    after = by_number[after].after
        return [task for task in self.plan.tasks if task.number in needed], states

    def _covers(self, task: Task) -> bool:
        return bool(self._mosaic.cells.of_task.get(task.number))

    def _state(self, number: int) -> Arrays | None:
        """The final state of a task that an earlier run left, if it is undamaged."""
        assert self._ledger is not None
        record = self._ledger.tasks.get(number, {})
        path = self._state_path(number)
        if record.get("state") is None or not path.is_file():
            return None
        if file_checksum(path) != record["state"]:
            return None
        with np.load(path, allow_pickle=False) as stored:
            return tuple(stored[f"{n}"] for n in range(len(stored.files)))

    def _state_path(self, number: int) -> Path:
        return self._folder / f"state-{number}.npz"

    def _done(self, task: Task, found: Found, seconds: float) -> None:
        """Write what is complete, then record it."""
        for path, before in self._inputs.items():
            if before is not None and _state_of(path) != before:
                raise OutputError(
                    f"{path}: expected the input as it was when the run began; it "
                    f"{'has changed' if path.exists() else 'is gone'}. Put it back, and give the "
                    "same command again."
                )
        with room_for(self.plan.results[0]):
            self._record(task, found, seconds)

    def _record(self, task: Task, found: Found, seconds: float) -> None:
        assert self._ledger is not None
        complete, part = self._mosaic.add(task, found.values)
        facts = {
            cell: self._write(self._writers, arrays, self._mosaic.cells.box(cell))
            for cell, arrays in complete
        }
        writers = [one for one in self._writers if one]
        for one in writers:
            one.flush()
        stored = None
        if found.state is not None:
            named = {f"{n}": array for n, array in enumerate(found.state)}
            stored = write_arrays(self._state_path(task.number), named)
        self._ledger.append(
            {
                TASK: task.number,
                "cost": task.cost,
                "seconds": round(seconds, 3),
                "ended": time.time(),
                "by": f"{platform.node()}-{os.getpid()}",
                "cells": [
                    {
                        "cell": list(cell),
                        "checksums": [
                            one.checksum(self._mosaic.cells.box(cell)) for one in writers
                        ],
                        "facts": facts[cell],
                    }
                    for cell, _ in complete
                ],
                "counts": dict(found.counts),
                "part": part,
                "state": stored,
            }
        )
        for one in writers:
            one.keep = True
        self._facts |= facts
        self._mosaic.finish(facts)
        if task.after is not None:
            self._state_path(task.after).unlink(missing_ok=True)


def _state_of(path: Path) -> tuple[int, int] | None:
    """Size and time of the last change; None for what is not there, or not on a disk."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
