"""Results made task by task: in pieces, by several processes, after interruptions and damage."""

import json
import os
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tfseis.errors import ModelError, OutputError
from tfseis.io import unfinished
from tfseis.io.unfinished import unfinished_file, unfinished_folder
from tfseis.tasks.ledger import NAME, Ledger
from tfseis.tasks.plan import Plan
from tfseis.tasks.run import carry_out
from tfseis.tasks.task import Found, Task
from tfseis.tasks.workers import Workers

SHAPE = (9, 11)


class Rows:
    """A writer of a small array, as `SegyWriter` is one of cubes."""

    def __init__(self, path: Path) -> None:
        self.path, self.keep = path, False
        self._place = unfinished_file(path)
        if not self._place.is_file():
            with self._place.open("wb") as file:
                np.save(file, np.zeros(SHAPE))
        self._values = np.load(self._place, mmap_mode="r+")

    def write(self, values, box):
        self._values[box] = values

    def flush(self):
        self._values.flush()

    def checksum(self, box=None):
        return 1 if box is None else zlib.crc32(self._values[box].tobytes())

    @contextmanager
    def opened(self):
        try:
            yield [self]
        except BaseException:
            if not self.keep:
                self._place.unlink()
            raise
        self._place.replace(self.path)


@dataclass
class Sums:
    """Gives its number everywhere; fails, or ends its process, at one task."""

    fails: int | None = None
    dies: Path | None = None
    done: list = None

    def run(self, task, state, tick):
        if task.number == self.fails:
            raise OutputError("Expected luck; got none. Try again.")
        if self.dies and task.number == 2 and not self.dies.exists():
            self.dies.touch()
            os._exit(9)
        before = 0.0 if state is None else float(state[0])
        if self.done is not None:
            self.done.append(task.number)
        tick(task.cost)
        shape = [part.stop - part.start for part in task.box]
        value = before + task.number + 0.1
        return Found((np.full(shape, value),), (np.array(value),), {"seen": 1})


def tasks(*, chained=False):
    """Overlapping boxes: rows 0-4, 3-7, 6-9, all columns; and columns 5-11 once more."""
    boxes = [(0, 4, 0, 11), (3, 7, 0, 11), (6, 9, 0, 11), (0, 9, 5, 11), (4, 4, 0, 11)]
    return [
        Task(n, (slice(a, b), slice(c, d)), 2, after=n - 1 if chained and n else None)
        for n, (a, b, c, d) in enumerate(boxes)
    ]


def added(parts):
    return (sum(part[0] for part in parts),)


def make(out, work, *, chained=False, head=None, **options):
    plan = Plan([out], head or {"input": "a"}, tasks(chained=chained), SHAPE, merge=added)

    def write(writers, values, box):
        writers[0].write(values[0], box)
        return {"sum": float(values[0].sum())}

    return carry_out(plan, work, lambda: Rows(out).opened(), write, progress=False, **options)


def expected(*, chained=False):
    whole, value = np.zeros(SHAPE), 0.0
    for task in tasks(chained=chained):
        value = (value if chained else 0) + task.number + 0.1
        whole[task.box] += value
    return whole


@pytest.mark.parametrize("chained", [False, True])
@pytest.mark.parametrize("workers", [Workers(), Workers(2)], ids=["here", "2"])
def test_overlapping_parts_are_put_together(tmp_path, chained, workers):
    made = make(tmp_path / "a.npy", Sums(), chained=chained, workers=workers)
    found = np.load(tmp_path / "a.npy")
    np.testing.assert_allclose(found, expected(chained=chained))
    assert sum(fact["sum"] for fact in made.facts) == pytest.approx(found.sum())
    assert made.counts == {"seen": 5}
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]


@pytest.mark.parametrize("chained", [False, True])
@pytest.mark.parametrize("fails", range(5))
def test_an_interrupted_run_is_resumed(tmp_path, fails, chained):
    make(tmp_path / "whole.npy", Sums(), chained=chained)
    out, again = tmp_path / "a.npy", Sums(done=[])
    unfinished.KEPT.clear()
    with pytest.raises(OutputError, match="luck") as caught:
        make(out, Sums(fails=fails), chained=chained)
    assert not out.exists()
    assert unfinished_folder(out).exists() == (fails > 0)
    if fails:
        assert f"{fails} of 5 parts are finished" in caught.value.__notes__[0]
        assert caught.value.__notes__ == unfinished.KEPT
    made = make(out, again, chained=chained)
    assert again.done == list(range(fails, 5))
    assert out.read_bytes() == (tmp_path / "whole.npy").read_bytes()
    assert made.counts == {"seen": 5}
    assert {p.name for p in tmp_path.iterdir()} == {"a.npy", "whole.npy"}


def interrupted(tmp_path, fails=3, chained=False):
    out = tmp_path / "a.npy"
    with pytest.raises(OutputError):
        make(out, Sums(fails=fails), chained=chained)
    return out


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("chained", [False, True])
@pytest.mark.parametrize("what", ["result", "part", "state", "ledger", "torn", "missing"])
def test_what_is_damaged_is_done_again(tmp_path, what, chained):
    out = interrupted(tmp_path, chained=chained)
    folder = unfinished_folder(out)
    if what == "result":
        flip(unfinished_file(out), 140)  # in the first row
    elif what == "part":
        flip(next((folder / "parts").iterdir()), 100)
    elif what == "state" and chained:
        flip(folder / "state-2.npz", 60)
    elif what == "ledger":
        text = (folder / NAME).read_bytes().splitlines(keepends=True)
        flip(folder / NAME, sum(map(len, text[:3])) + 30)
    elif what == "torn":
        (folder / NAME).write_bytes((folder / NAME).read_bytes()[:-20])
    elif what == "missing":
        unfinished_file(out).unlink()
    make(out, Sums(), chained=chained)
    np.testing.assert_allclose(np.load(out), expected(chained=chained))


def test_what_is_of_something_else_is_refused(tmp_path):
    out = interrupted(tmp_path)
    with pytest.raises(OutputError, match=r"same input as of .* 3 parts .*--overwrite"):
        make(out, Sums(), head={"input": "b"})
    with pytest.raises(OutputError, match="same model as"):
        make(out, Sums(), head={"input": "a", "model": "c"})
    make(out, Sums(), head={"input": "b"}, overwrite=True)
    np.testing.assert_allclose(np.load(out), expected())


def test_a_damaged_head_is_refused(tmp_path):
    out = interrupted(tmp_path)
    flip(unfinished_folder(out) / NAME, 20)
    with pytest.raises(OutputError, match="first line is damaged"):
        make(out, Sums())
    make(out, Sums(), overwrite=True)
    np.testing.assert_allclose(np.load(out), expected())


def test_a_worker_that_dies_is_replaced(tmp_path):
    make(tmp_path / "a.npy", Sums(dies=tmp_path / "died"), workers=Workers(2))
    assert (tmp_path / "died").exists()
    np.testing.assert_allclose(np.load(tmp_path / "a.npy"), expected())


def test_a_refusal_in_a_worker_is_that_of_the_run(tmp_path):
    with pytest.raises(OutputError, match="luck"):
        make(tmp_path / "a.npy", Sums(fails=1), workers=Workers(1))


class Unmovable(Sums):
    """Cannot be unpacked elsewhere."""

    def __setstate__(self, state):
        raise ModelError("Expected a place; got another.")


def test_work_that_cannot_be_unpacked_says_why(tmp_path):
    with pytest.raises(ModelError, match="Expected a place"):
        make(tmp_path / "a.npy", Unmovable(), workers=Workers(1))
    assert list(tmp_path.iterdir()) == []


def test_the_ledger_says_what_was_done(tmp_path):
    ledger = Ledger(unfinished_folder(interrupted(tmp_path)) / NAME)
    assert ledger.head == json.loads(json.dumps(ledger.head))
    assert ledger.head["input"] == "a"
    assert sorted(ledger.tasks) == [0, 1, 2]
    assert all(line["seconds"] >= 0 and line["cost"] == 2 for line in ledger.tasks.values())


@pytest.mark.parametrize(
    "options, message",
    [
        ({"count": 0}, "1 to 1024 workers; got 0"),
        ({"count": 5000}, "got 5000"),
        ({"count": 2, "scheduler": "tcp://a:1"}, "got both"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ModelError, match=message):
        Workers(**options)
