import numpy as np

from tfseis.data.synthetic import gaussian_survey
from tfseis.scores.semblance import low_semblance
from tfseis.scores.surfaces import fault_scores


def test_low_semblance_finds_more_of_the_faults_than_chance_does():
    survey = gaussian_survey((40, 41, 42), seed=4)
    found = low_semblance(survey.amplitude)
    assert found.shape == survey.faults.shape
    assert 0 <= found.min() < found.max() <= 1
    assert abs((found > 0.5).mean() - 0.03) < 0.01
    share = survey.faults.mean()
    assert fault_scores(survey.faults, found).average_precision > 2 * share


def test_what_is_alike_everywhere_is_no_fault():
    cube = np.zeros((9, 9, 20)) + np.sin(np.arange(20))
    assert np.ptp(low_semblance(cube)) < 0.01
