from tfseis.jobs.facies.record import BLOCKS, LEAKING, LINES, beats_baselines, score_text

DETAILS = {"guard_gap": 48, LEAKING: {"mean_iou": 0.9}}


def test_without_a_score_the_text_says_how_to_get_one():
    metrics = {"scores": [], "details": DETAILS}
    assert "a gap of 48 samples. Label a wider part" in score_text(metrics)
    assert not beats_baselines(metrics)


def test_every_baseline_must_be_beaten():
    blocked = {
        "split": BLOCKS,
        "network": {"mean_iou": 0.5, "accuracy": 0.7},
        "baselines": {"depth": {"mean_iou": 0.4, "accuracy": 0.6}},
    }
    metrics = {"scores": [blocked], "details": DETAILS}
    assert beats_baselines(metrics)
    assert "0.500 (0.700)" in score_text(metrics)
    assert "random training points: 0.900, a number that leaks" in score_text(metrics)
    blocked["baselines"]["copy"] = {"mean_iou": 0.55, "accuracy": 0.5}
    assert not beats_baselines(metrics)


def test_other_lines_are_no_held_out_blocks():
    lines = {"split": LINES, "network": {"mean_iou": 0.5, "accuracy": 0.7}, "baselines": {}}
    assert not beats_baselines({"scores": [lines], "details": DETAILS})
    assert LINES in score_text({"scores": [lines], "details": DETAILS})
