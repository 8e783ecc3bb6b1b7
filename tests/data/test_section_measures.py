"""Measures of sections whose numbers are known."""

import numpy as np
import pytest

from tfseis.data.section_measures import local_dips, measures


def test_dips_of_a_plane_wave():
    trace, sample = np.mgrid[:60, :80]
    for dip in (0.0, 0.3, 0.8):
        amplitude = np.sin(2 * np.pi * 0.1 * (sample - dip * trace))
        assert np.median(local_dips(amplitude)) == pytest.approx(dip, abs=0.03)


def test_spectrum_and_amplitudes_by_hand():
    rng = np.random.default_rng(0)
    trace, sample = np.mgrid[:400, :200]
    tones = 2 * np.cos(2 * np.pi * 0.1 * sample + trace) + np.cos(2 * np.pi * 0.3 * sample)
    numbers = measures(tones)
    assert numbers["spectrum: 50 %"] == pytest.approx(0.1, abs=0.01)
    assert numbers["spectrum: 90 %"] == pytest.approx(0.3, abs=0.01)
    normal = measures(rng.normal(size=(400, 200)))
    assert normal["amplitude: 90 % / median"] == pytest.approx(1.645 / 0.6745, rel=0.02)
    assert normal["likeness of neighbouring traces"] == pytest.approx(0, abs=0.02)
    louder = measures(1000 * tones)
    assert louder == pytest.approx(numbers)
