from tfseis.jobs.facies.scores import beats_baselines, score_text

ROW = {"mean IoU": 0.4, "accuracy": 0.6}


def test_without_a_score_the_text_says_how_to_get_one():
    metrics = {"blocked": None, "lines": None, "guard_gap": 48}
    assert "a gap of 48 samples. Label a wider part" in score_text(metrics)
    assert not beats_baselines(metrics)


def test_every_baseline_must_be_beaten():
    other = {"mean IoU": 0.55, "accuracy": 0.5}
    blocked = {"mean_iou": 0.5, "accuracy": 0.7, "baselines": {"depth": ROW}}
    metrics = {"blocked": blocked, "lines": None, "random_points_leaking": {"mean_iou": 0.9}}
    assert beats_baselines(metrics)
    assert "0.500 (0.700)" in score_text(metrics)
    blocked["baselines"]["copy"] = other
    assert not beats_baselines(metrics)
