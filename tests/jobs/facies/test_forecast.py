"""The expected time of a run: what it is made of."""

from dataclasses import replace

import numpy as np
import pytest

from tfseis.data.scaling import survey_scaling
from tfseis.data.synthetic import facies_survey
from tfseis.io import ArrayCube
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.jobs.facies import forecast
from tfseis.jobs.facies.settings import DEFAULTS
from tfseis.jobs.facies.survey import Survey

WHOLE = (slice(None),) * 3
SETTINGS = replace(
    DEFAULTS["unet"], filters=(2, 3), crop_size=8, epochs=2, crops_per_epoch=32, batch_size=4
)


@pytest.fixture(scope="module")
def survey():
    made = facies_survey((12, 40, 32), seed=0)
    places = np.argwhere(np.ones((40, 32), bool))
    positions = np.column_stack([np.full(len(places), 6), places])
    classes = made.facies[tuple(positions.T)].astype("int64")
    labels = Labels(positions, classes, Legend.of(made.names))
    cube = ArrayCube(made.amplitude, made.geometry)
    return Survey.of(cube, labels, survey_scaling(cube), SETTINGS)


def changed(survey, **changes):
    return Survey.of(
        survey.cube, survey.labels, survey.scaling, replace(survey.settings, **changes)
    )


def steady(monkeypatch, *, step=0.5, line=2.0, spread=3.0):
    monkeypatch.setattr(forecast, "_seconds_a_step", lambda survey: step)
    monkeypatch.setattr(forecast, "_seconds_a_line", lambda survey: line)
    monkeypatch.setattr(forecast, "_spreading_seconds", lambda survey: spread)


def test_every_training_and_every_line_counts(survey, monkeypatch):
    """Worked out by hand: 4 blocks, all labels, followed lines; 8 steps in each of 2 epochs."""
    steady(monkeypatch)
    found = forecast.expected_seconds(survey, WHOLE)
    assert len(survey.folds()) == 4
    assert found["training"] == 6 * (forecast.STARTUP + 2 * 8 * 0.5)
    assert found["spreading"] == 2 * 5 * 3.0
    assert found["prediction"] == (12 + 12 + 12 + 12 + 4) * 2.0  # all lines are near the label


def test_a_part_of_the_cube_takes_the_walk_to_it(survey, monkeypatch):
    steady(monkeypatch)
    part = (slice(8, 10), slice(None), slice(None))  # lines 6 to 9 are walked
    found = forecast.expected_seconds(survey, part)
    assert found["prediction"] == (4 + 12 + 12 + 12 + 4) * 2.0


def test_without_blocks_and_following_one_training_is_left(survey, monkeypatch):
    steady(monkeypatch)
    alone = changed(survey, folds=0, follow=False)
    monkeypatch.setattr(forecast, "_prediction_seconds", lambda survey, parts: 7.0)
    found = forecast.expected_seconds(alone, WHOLE)
    assert found == {"training": forecast.STARTUP + 8.0, "prediction": 7.0}
    assert forecast.trainings(alone) == 1


def test_pieces_are_measured(survey):
    for seconds in forecast.expected_seconds(survey, WHOLE).values():
        assert 0 < seconds < 600


def test_the_line_says_what_will_be_written(survey, tmp_path, monkeypatch):
    steady(monkeypatch, step=10.0)
    text = forecast.forecast(survey, WHOLE, tmp_path)
    size = 12 * 40 * (2 * 240 + 6 * 32) / 1e6
    assert f"about 19 min (6 trainings, then 480 traces), {size:.0f} MB to write" in text
