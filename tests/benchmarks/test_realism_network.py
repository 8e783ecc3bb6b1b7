"""A network that tells real crops from synthetic ones: what is told is counted rightly."""

import numpy as np
import pytest

from benchmarks import realism_network


@pytest.mark.slow
def test_what_looks_alike_is_not_told_apart_and_what_differs_is():
    rng = np.random.default_rng(0)

    def sections(count, step):
        return [np.repeat(rng.normal(size=(96, 96 // step)), step, axis=1) for _ in range(count)]

    thin = sections(8, 1)
    for real, low, high in ((sections(8, 12), 0.9, 1.0), (sections(8, 1), 0.2, 0.8)):
        split = [real[:6]], [real[6:]]
        told = realism_network._told(split, thin[:6], thin[6:], 320, seed=0)
        assert low <= np.mean(told) <= high


def test_parts_of_a_survey_share_no_trace():
    one = np.arange(300 * 64, dtype=float).reshape(300, 64)
    first, rest = realism_network._parts({"a": [one, one[:90]]})
    assert [len(part) for part in (*first[0], *rest[0])] == [200, 100]
    assert not np.isin(first[0][0], rest[0][0]).any()
