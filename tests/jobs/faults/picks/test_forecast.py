"""The expected time of a fine-tuning, worked out by hand, and what is left by a clock."""

import time

import numpy as np
import pytest

from tfseis.io.array_cube import ArrayCube
from tfseis.jobs.faults import FaultSettings, picked_line
from tfseis.jobs.faults.picks import forecast
from tfseis.jobs.faults.picks.forecast import Costs, Expected, Forecast, expected
from tfseis.jobs.faults.picks.train import picked_job
from tfseis.jobs.faults.pipeline import FaultJob

PARTS = Expected(training=90.0, limit=np.inf, held_out=60.0, synthetic=30.0, folds=2)


@pytest.fixture
def job():
    cube = ArrayCube(np.random.default_rng(0).normal(size=(60, 200, 40)).astype("float32"))
    picks = np.zeros((200, 40), bool)
    picks[90, 5:35] = True
    lines = [picked_line(cube, 0, index, picks) for index in (5, 40)]
    settings = FaultSettings(epochs=5, steps=20, batch_size=4, crop_size=32, survey_size=64)
    return picked_job(FaultJob(settings.completed(picked=True), unseen=2), lines)


def test_every_step_survey_and_line_counts(job):
    found = expected(job, Costs(start=10.0, step=0.5, survey=2.0))
    # 100 steps take 50 s; of 200 synthetic crops, 36 of 3 surveys, the first 36 are waited for
    assert found.training == 10 + 3 * 2 + 100 * 0.5
    assert found.limit == 60 * 8 / 3
    assert found.folds == 2
    sample = 0.5 / 3 / (4 * 32**3)
    read = 2 * (2 * 176 * 48 * 40)  # two windows of 176 traces and 48 lines for each line
    assert found.held_out == pytest.approx(2 * sample * read + 7e-6 * 2 * 200 * 40)
    assert found.synthetic == pytest.approx(6 * (2.0 + 2 * sample * 64**3))
    slow = expected(job, Costs(start=10.0, step=0.1, survey=2.0))
    assert slow.training == 10 + 6 + 5 * 3 * 2  # surveys take longer than steps
    assert PARTS.parts == [120, 120, 120]


def test_other_work_is_told(job):
    assert Forecast(PARTS).text == "expected: about 6 min (3 trainings, then scores)"
    busy = Forecast(PARTS, busy=3.0).text
    assert busy.endswith("while other work keeps this machine as busy as now, about 2 min without")


class Time:
    """A clock that goes on when it is told to."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize("pace", [0.5, 1.0, 4.0])
def test_what_is_left_follows_the_measured_time(pace):
    clock = Time()
    told = Forecast(PARTS, clock=clock)
    told.begin()
    for done, left in ((1, 240), (2, 120)):
        clock.now += pace * 120
        assert told.after() == f"{done} of 3 trainings: about {pace * left / 60:.0f} min left"


def test_a_machine_that_gets_busy_moves_what_is_left():
    clock = Time()
    told = Forecast(PARTS, clock=clock)
    told.begin()
    clock.now += 120
    assert "about 4 min left" in told.after()
    clock.now += 600  # five times as long
    assert "about 6 min left" in told.after()  # 720 s for 240 so far


def test_trainings_of_an_earlier_run_do_not_count():
    clock = Time()
    told = Forecast(PARTS, clock=clock)
    told.begin()
    clock.now += 2
    assert "about 4 min left" in told.after()
    clock.now += 240
    assert "about 4 min left" in told.after()


def test_no_training_is_longer_than_its_limit():
    limited = Expected(training=90.0, limit=60.0, held_out=60.0, synthetic=30.0, folds=2)
    assert limited.seconds(1.0) == 3 * (60 + 30)
    assert limited.seconds(2.0) == 3 * (60 + 60)
    assert limited.seconds(0.5) == 3 * (45 + 15)
    assert limited.seconds(1.0, done=2) == 60 + 30
    assert limited.seconds(1.0, done=3) == 0


def test_busy_is_what_a_thread_waits_beyond_its_own_work(monkeypatch):
    def slow():
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            time.sleep(0.002)  # as if the processor were taken

            sum(range(20_000))

    passed, alone = forecast._seconds(slow)
    assert 0.05 <= alone < 0.1
    assert passed > alone
