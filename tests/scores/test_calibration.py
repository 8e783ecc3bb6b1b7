"""Confidence beside accuracy, and the temperature that brings them together."""

import numpy as np
import pytest

from tfseis.scores import calibration_error, calibration_table, fitted_temperature, tempered


def test_a_table_counts_what_lies_in_each_interval():
    confidence = np.array([0.05, 0.55, 0.58, 0.95, 1.0])
    right = np.array([False, True, False, True, True])
    table = calibration_table(confidence, right, bins=10)
    assert table["samples"].tolist() == [1, 2, 2]
    assert table["confidence"].tolist() == pytest.approx([0.05, 0.565, 0.975])
    assert table["accuracy"].tolist() == [0, 0.5, 1]
    by_hand = (0.05 + 2 * 0.065 + 2 * 0.025) / 5
    assert calibration_error(table) == pytest.approx(by_hand)


def test_samples_that_are_as_often_right_as_they_say_have_no_error():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.3, 1, 200_000)
    table = calibration_table(confidence, rng.random(200_000) < confidence)
    assert calibration_error(table) < 0.01


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_classes_is_found(temperature):
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 3, (50_000, 4))
    likely = tempered(logits, temperature)
    classes = (likely.cumsum(axis=1) < rng.random((50_000, 1))).sum(axis=1)
    found = fitted_temperature(logits, np.minimum(classes, 3))
    assert found == pytest.approx(temperature, rel=0.03)
    best = tempered(logits, found)
    right = best.argmax(axis=1) == classes
    assert calibration_error(calibration_table(best.max(axis=1), right)) < 0.01


def test_nothing_to_fit_changes_nothing():
    assert fitted_temperature(np.empty((0, 3)), np.empty(0, int)) == 1.0
