"""What `tfseis status` says of results that are unfinished, finished or absent."""

import pytest

from tests.tasks.test_run import Sums, interrupted, make
from tfseis.cli import main
from tfseis.errors import FormatError
from tfseis.io.partial import partial_path
from tfseis.tasks.status import statuses


def test_of_an_interrupted_result(tmp_path):
    (found,) = statuses(interrupted(tmp_path))
    assert (found.done, found.parts, found.cost, found.total) == (3, 5, 6, 10)
    assert found.unit == "windows"
    assert not found.running
    assert found.rate > 0
    assert found.left == pytest.approx(4 / found.rate)
    assert "3 of 5 parts, 6 of 10 windows (60%)" in found.text()
    assert "not running: the same command goes on with it" in found.text()


def test_of_one_that_is_made(tmp_path):
    out = interrupted(tmp_path)
    mark = partial_path(out)
    mark.touch()
    (found,) = statuses(tmp_path)
    assert found.path == out
    assert found.running
    assert "running; time left: about" in found.text()


def test_time_left_is_that_of_the_last_run(tmp_path):
    class Slow(Sums):
        def run(self, task, state, tick):
            import time

            time.sleep(0.2)
            return super().run(task, state, tick)

    out = interrupted(tmp_path, fails=1)
    with pytest.raises(Exception, match="luck"):
        make(out, Slow(fails=3))
    (found,) = statuses(out)
    assert 3 <= found.rate <= 12  # 2 units in 0.2 s, and some time for the rest
    assert found.seconds >= 0.4


def test_of_finished_results_and_of_none(tmp_path, capsys):
    make(tmp_path / "a.npy", Sums())
    assert statuses(tmp_path / "a.npy") == statuses(tmp_path) == []
    assert main(["status", str(tmp_path)]) == 0
    assert "nothing is unfinished" in capsys.readouterr().out
    with pytest.raises(FormatError, match=r"there is none\. Give the OUTPUT"):
        statuses(tmp_path / "b.npy")


def test_the_command_shows_each(tmp_path, capsys):
    interrupted(tmp_path)
    assert main(["status", str(tmp_path / "a.npy"), str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("3 of 5 parts") == 2
