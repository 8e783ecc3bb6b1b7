"""One sentence that says whether a network is better than none."""

import pytest

from tfseis.jobs.metrics import SplitScore
from tfseis.jobs.verdict import RANKS, compared


def score(network, **baselines):
    rows = {name: {"iou": value} for name, value in baselines.items()}
    return SplitScore(split="blocks", network={"iou": network}, baselines=rows)


@pytest.mark.parametrize(
    "network, lower, rank",
    [
        (0.90, False, "better"),
        (0.705, False, "no better"),
        (0.695, False, "no better"),
        (0.60, False, "worse"),
        (0.30, True, "better"),
        (0.60, True, "worse"),
    ],
)
def test_the_best_baseline_is_what_counts(network, lower, rank):
    found = compared([score(network, depth=0.7, copy=0.4)], "iou", words="IoU", lower=lower)
    assert found.rank == rank
    best = "0.400 of copy" if lower else "0.700 of depth"
    assert found.text.startswith(f"{rank.capitalize()} than no network: IoU {network:.3f} against")
    assert best in found.text


@pytest.mark.parametrize("scores", [[], [score(None, depth=0.7)], [score(0.7)]])
def test_where_nothing_can_be_compared_it_says_so(scores):
    found = compared(scores, "iou", expect="Look at the picture.")
    assert found.rank == "unknown"
    assert found.text.startswith("No score says")
    assert found.text.endswith("Look at the picture.")


def test_the_first_split_counts_and_ranks_are_known():
    both = [score(0.9, depth=0.7), score(0.1, depth=0.7)]
    assert compared(both, "iou").rank == "better"
    assert compared(both, "iou").rank in RANKS
