"""Whether a survey is like those that train, on surveys that are or are not."""

import numpy as np
import pytest

from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.io import ArrayCube
from tfseis.jobs.faults.likeness import (
    HALF_POWER,
    LIKENESS,
    RANGES,
    STEEP,
    likeness_text,
    outside_ranges,
    survey_measures,
)


@pytest.mark.parametrize("name", sorted(SURVEY_GENERATORS))
def test_most_synthetic_surveys_lie_within(name):
    generator = SURVEY_GENERATORS[name]
    cubes = [ArrayCube(generator((48, 96, 128), seed=seed).amplitude) for seed in range(5)]
    outside = [outside_ranges(survey_measures(cube)) for cube in cubes]
    assert sum(bool(one) for one in outside) <= 2


def test_noise_alone_is_unlike():
    cube = ArrayCube(np.random.default_rng(0).normal(size=(20, 30, 64)).astype("float32"))
    found = survey_measures(cube)
    assert LIKENESS in outside_ranges(found)
    assert found[LIKENESS] == pytest.approx(0, abs=0.05)
    assert "Expect more wrong" in likeness_text(found)


def test_steep_beds_are_measured_in_samples_a_trace():
    inline, crossline, sample = np.mgrid[:40, :40, :64]
    wave = np.sin(2 * np.pi * 0.1 * (sample - 1.5 * crossline - 1.5 * inline))
    found = survey_measures(ArrayCube(wave.astype("float32")))
    assert found[STEEP] == pytest.approx(1.5, abs=0.15)
    assert found[HALF_POWER] == pytest.approx(0.1, abs=0.02)
    assert outside_ranges(found)[-1] == STEEP


def test_nothing_is_said_of_a_handful_of_traces():
    assert survey_measures(ArrayCube(np.ones((3, 4, 64), "float32"))) == {}
    assert "Too few" in likeness_text({})


def test_words_of_a_survey_within():
    middle = {name: sum(ends) / 2 for name, ends in RANGES.items()}
    assert likeness_text(middle).endswith("those of the synthetic surveys that train.")
