from tfseis.jobs.facies.record import BLOCKS, LEAKING, beats_baselines, score_text

DEPTH = {"mean_iou": 0.4, "accuracy": 0.6}
DETAILS = {"guard_gap": 48, LEAKING: {"mean_iou": 0.9}}


def test_without_a_score_the_text_says_how_to_get_one():
    metrics = {"scores": [], "details": DETAILS}
    assert "a gap of 48 samples. Label a wider part" in score_text(metrics)
    assert not beats_baselines(metrics)


def test_every_baseline_must_be_beaten():
    baselines = {"depth": DEPTH}
    network = {"mean_iou": 0.5, "accuracy": 0.7}
    blocked = {"split": BLOCKS, "network": network, "baselines": baselines}
    metrics = {"scores": [blocked], "details": DETAILS}
    assert beats_baselines(metrics)
    assert "0.500 (0.700)" in score_text(metrics)
    baselines["copy"] = {"mean_iou": 0.55, "accuracy": 0.5}
    assert not beats_baselines(metrics)
