"""Two sets of probabilities compared, and the precision that follows."""

import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.inference.agreement import Agreement, agreement, decided

LIVE = np.ones(4, bool)
GOOD = Agreement(windows=4, marked=900, iou=0.99, difference=0.0019)
POOR = [
    Agreement(windows=4, marked=900, iou=0.9899, difference=0.0),
    Agreement(windows=4, marked=900, iou=1.0, difference=0.002),
    Agreement(windows=0, marked=0, iou=1.0, difference=0.0),
]


def test_windows_count_together_and_live_samples_alone():
    """Marked in both 1 + 2, in either 2 + 3 of 3 + 4 live samples."""
    exact = [np.array([0.9, 0.9, 0.1, 0.6]), np.array([0.7, 0.8, 0.6, 0.0])]
    lower = [np.array([0.1, 0.9, 0.1, 0.4]), np.array([0.7, 0.8, 0.4, 0.0])]
    live = [np.array([False, True, True, True]), LIVE]
    found = agreement(exact, lower, live, 0.5)
    assert (found.windows, found.marked, found.iou) == (2, 5, 3 / 5)
    assert found.difference == pytest.approx((0.2 + 0.2) / 7)


def test_masks_are_those_at_the_threshold():
    exact, lower = [np.array([0.3, 0.5])], [np.array([0.3, 0.6])]
    assert agreement(exact, lower, [LIVE[:2]], 0.5).iou == 0
    assert agreement(exact, lower, [LIVE[:2]], 0.4).iou == 1
    assert agreement(exact, lower, [LIVE[:2]], 0.2).marked == 2


def test_empty_masks_agree_and_probabilities_decide():
    near = agreement([LIVE * 0.1], [LIVE * 0.101], [LIVE], 0.5)
    far = agreement([LIVE * 0.1], [LIVE * 0.2], [LIVE], 0.5)
    assert (near.iou, far.iou, near.good, far.good) == (1, 1, True, False)
    assert str(near).startswith("neither marks a sample, mean difference of probabilities 0.00100")


def test_nothing_compared_is_no_agreement():
    found = agreement([], [], [], 0.5)
    assert not found.good
    assert str(found) == "no window of this cube could be compared"


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
