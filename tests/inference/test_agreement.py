"""Two sets of probabilities compared, and the precision that follows."""

import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.inference.agreement import (
    MaskAgreement,
    class_agreement,
    decided,
    mask_agreement,
    signal_agreement,
)

LIVE = np.ones(4, bool)
GOOD = MaskAgreement(windows=4, marked=900, iou=0.99, difference=0.0019)
POOR = [
    MaskAgreement(windows=4, marked=900, iou=0.9899, difference=0.0),
    MaskAgreement(windows=4, marked=900, iou=1.0, difference=0.002),
    MaskAgreement(windows=0, marked=0, iou=1.0, difference=0.0),
]


def test_windows_count_together_and_live_samples_alone():
    """Marked in both 1 + 2, in either 2 + 3 of 3 + 4 live samples."""
    exact = [np.array([0.9, 0.9, 0.1, 0.6]), np.array([0.7, 0.8, 0.6, 0.0])]
    lower = [np.array([0.1, 0.9, 0.1, 0.4]), np.array([0.7, 0.8, 0.4, 0.0])]
    live = [np.array([False, True, True, True]), LIVE]
    found = mask_agreement(exact, lower, live, 0.5)
    assert (found.windows, found.marked, found.iou) == (2, 5, 3 / 5)
    assert found.difference == pytest.approx((0.2 + 0.2) / 7)


def test_masks_are_those_at_the_threshold():
    exact, lower = [np.array([0.3, 0.5])], [np.array([0.3, 0.6])]
    assert mask_agreement(exact, lower, [LIVE[:2]], 0.5).iou == 0
    assert mask_agreement(exact, lower, [LIVE[:2]], 0.4).iou == 1
    assert mask_agreement(exact, lower, [LIVE[:2]], 0.2).marked == 2


def test_empty_masks_agree_and_probabilities_decide():
    near = mask_agreement([LIVE * 0.1], [LIVE * 0.101], [LIVE], 0.5)
    far = mask_agreement([LIVE * 0.1], [LIVE * 0.2], [LIVE], 0.5)
    assert (near.iou, far.iou, near.good, far.good) == (1, 1, True, False)
    assert str(near).startswith("neither marks a sample, mean difference of probabilities 0.00100")


def test_nothing_compared_is_no_agreement():
    found = mask_agreement([], [], [], 0.5)
    assert not found.good
    assert str(found) == "no window could be compared"


def test_auto_takes_what_agrees():
    assert decided("auto", GOOD).precision == "bfloat16"
    assert "agrees with float32: IoU of masks 0.9900" in decided("auto", GOOD).reason
    for found in POOR:
        assert decided("auto", found).precision == "float32"
        assert "does not agree with float32" in decided("auto", found).reason


def test_bfloat16_is_done_as_asked_and_int8_only_where_it_agrees():
    assert decided("int8", GOOD).precision == "int8"
    for found in POOR:
        assert decided("bfloat16", found).precision == "bfloat16"
        assert "as asked; it does not agree" in decided("bfloat16", found).reason
        with pytest.raises(ModelError, match=r"below 0.002\); got .* Use --precision auto"):
            decided("int8", found)


def test_facts_are_plain_values():
    assert decided("auto", GOOD).facts() == {
        "precision": "bfloat16",
        "precision_reason": decided("auto", GOOD).reason,
        "precision_iou": 0.99,
        "precision_difference": 0.0019,
    }


def test_classes_are_compared_by_the_likeliest_one():
    """Three of four live samples keep their class; 8 probabilities differ by 0.4 together."""
    exact = [np.array([[0.6, 0.4], [0.9, 0.1], [0.5, 0.5]]), np.array([[0.2, 0.8], [0.3, 0.7]])]
    lower = [np.array([[0.4, 0.6], [0.9, 0.1], [0.0, 1.0]]), np.array([[0.2, 0.8], [0.3, 0.7]])]
    found = class_agreement(exact, lower, [np.array([True, True, False]), np.array([True, True])])
    assert (found.windows, found.same, found.good) == (2, 0.75, False)
    assert found.difference == pytest.approx(0.4 / 8)
    assert "the same class at 75.00% of the samples" in str(found)
    with pytest.raises(ModelError, match=r"the same class at 99% .*; got the same class at 75"):
        decided("int8", found)
    assert class_agreement(exact, exact, [np.array([True] * 3), LIVE[:2]]).good
    assert not class_agreement([], [], []).good


@pytest.mark.parametrize("apart, decibel, good", [(0.0101, 39.9, False), (0.0099, 40.1, True)])
def test_signals_are_compared_by_their_energy(apart, decibel, good):
    exact, dead = np.array([1.0, -1.0, 100.0]), np.array([True, True, False])
    found = signal_agreement([exact], [exact * (1 + apart)], [dead])
    assert found.decibel == pytest.approx(decibel, abs=0.05)
    assert found.good == good
    assert decided("auto", found).precision == ("bfloat16" if good else "float32")
    assert signal_agreement([exact], [exact], [dead]).good
    silent = signal_agreement([0 * exact], [exact], [dead])
    assert (silent.good, str(silent)) == (
        False,
        "signal over difference -inf dB, windows compared 1",
    )
    assert not signal_agreement([], [], []).good
