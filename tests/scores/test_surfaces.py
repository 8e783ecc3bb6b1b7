import numpy as np
import pytest
from scipy import ndimage
from skimage.morphology import ball

from tfseis.inference.serving import marked
from tfseis.scores.surface_counts import FaultCounts
from tfseis.scores.surfaces import fault_scores, tolerant_iou

SHAPE = (9, 10, 11)


@pytest.fixture
def cubes():
    rng = np.random.default_rng(0)
    faults = np.zeros(SHAPE, "uint8")
    faults[4] = faults[:, 6] = 1
    probability = np.clip(0.55 * faults + rng.normal(0.3, 0.25, SHAPE), 0, 1).round(2)
    return faults, probability.astype("float32")  # rounded: many equal values


def test_scores_by_hand():
    faults = np.array([1, 1, 1, 0, 0, 0, 0, 0])
    probability = np.array([0.9, 0.8, 0.3, 0.7, 0.6, 0.2, 0.1, 0.0])
    scores = fault_scores(faults, probability)
    assert scores.iou == pytest.approx(2 / 5)
    assert (scores.precision, scores.recall) == pytest.approx((2 / 4, 2 / 3))
    assert scores.f1 == pytest.approx(4 / 7)
    assert scores.volume_ratio == pytest.approx(4 / 3)
    # above 0.8, 0.7 .. : 1/3, 2/3, 2/4, 2/5, 3/5
    assert (scores.best_iou, scores.best_threshold) == pytest.approx((2 / 3, 0.7))
    # recall rises by a third at precisions 1, 1, 3/5
    assert scores.average_precision == pytest.approx((1 + 1 + 3 / 5) / 3)
    strict = fault_scores(faults, probability, threshold=0.7)
    assert (strict.iou, strict.precision, strict.recall) == pytest.approx((2 / 3, 1, 2 / 3))
    assert strict.best_iou == scores.best_iou


def test_each_threshold_gives_what_thresholding_gives(cubes):
    faults, probability = cubes
    scores = fault_scores(faults, probability)
    ious, recalls, precisions = [], [0.0], []
    for threshold in np.unique(probability)[::-1]:
        found = probability >= threshold
        hit = (found & (faults > 0)).sum()
        ious.append(hit / (found | (faults > 0)).sum())
        recalls.append(hit / faults.sum())
        precisions.append(hit / found.sum())
    assert scores.best_iou == pytest.approx(max(ious))
    found = probability > np.float32(scores.best_threshold)
    assert (found & (faults > 0)).sum() / (found | (faults > 0)).sum() == pytest.approx(max(ious))
    assert scores.average_precision == pytest.approx(np.sum(np.diff(recalls) * precisions))


def test_a_probability_on_the_threshold_is_no_fault_in_scores_and_masks():
    """One rule everywhere: above, as in the mask, the skeleton and the exported model."""
    faults, probability = np.array([[[1, 0, 1, 0]]]), np.array([[[0.5, 0.5, 0.7, 0.4]]], "float32")
    counts = FaultCounts()
    counts.add(faults, probability)
    mask = np.asarray(marked(probability, 0.5)["mask"])
    for scores in (fault_scores(faults, probability), counts.scores()):
        assert scores.volume_ratio == mask.sum() / faults.sum() == 1 / 2
        assert (scores.precision, scores.recall) == (1, 1 / 2)
    binary = fault_scores(faults, mask)
    assert (binary.best_iou, binary.best_threshold) == (1 / 2, 0.0)


@pytest.mark.parametrize("seed", range(4))
def test_tolerance_is_a_ball_of_two_voxels(seed):
    rng = np.random.default_rng(seed)
    faults, found = rng.uniform(size=(2, *SHAPE)) > 0.98
    near = [ndimage.binary_dilation(mask, ball(2)) for mask in (faults, found)]
    precision, recall = near[0][found].mean(), near[1][faults].mean()
    f1 = 2 * precision * recall / (precision + recall)
    assert tolerant_iou(faults, found) == pytest.approx(f1 / (2 - f1))


def test_a_shift_is_forgiven_by_tolerance_alone():
    faults, found = np.zeros((2, *SHAPE), bool)
    faults[3], found[5] = True, True
    scores = fault_scores(faults, found.astype(float))
    assert (scores.iou, scores.tolerant_iou) == (0, 1)
    assert tolerant_iou(faults, np.roll(found, 1, axis=0)) == 0


def test_perfect_and_empty():
    faults = np.zeros(SHAPE, "uint8")
    faults[4] = 1
    perfect = fault_scores(faults, faults.astype(float))
    assert {perfect.iou, perfect.f1, perfect.average_precision, perfect.tolerant_iou} == {1.0}
    assert perfect.volume_ratio == 1
    missed = fault_scores(faults, np.zeros(SHAPE))
    assert (missed.iou, missed.recall, missed.tolerant_iou, missed.volume_ratio) == (0, 0, 0, 0)
    assert np.isnan(missed.precision)
    nothing = fault_scores(np.zeros(SHAPE), np.zeros(SHAPE))
    assert np.isnan([nothing.iou, nothing.best_iou, nothing.tolerant_iou]).all()


def test_unknown_samples_do_not_count(cubes):
    faults, probability = cubes
    known = np.zeros(SHAPE, bool)
    known[:, :, ::2] = True
    part = fault_scores(faults[:, :, ::2], probability[:, :, ::2])
    masked = fault_scores(faults, probability, known=known)
    for name in ("iou", "best_iou", "precision", "recall", "average_precision", "volume_ratio"):
        assert getattr(masked, name) == pytest.approx(getattr(part, name))


def test_refusals(cubes):
    faults, probability = cubes
    with pytest.raises(ValueError, match=r"of one shape; got \(9, 10, 11\), \(8, 10, 11\)"):
        fault_scores(faults, probability[1:])
    with pytest.raises(ValueError, match=r"between 0 and 1; got -3 to 0.* sigmoid"):
        fault_scores(faults, np.where(faults, 0.0, -3.0))
