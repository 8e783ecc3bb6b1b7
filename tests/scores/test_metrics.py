import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseis.errors import LabelError, ModelError
from tfseis.learning import mask_crossentropy
from tfseis.scores import metrics
from tfseis.scores.masks import (
    Decision,
    decided,
    image_iou,
    kaggle_scores,
    search_decision,
)

SHAPE = (23, 7, 9)


@pytest.fixture(scope="module")
def case():
    """Masks and logits; some of either are empty, two are so in both."""
    rng = np.random.default_rng(0)
    masks = (rng.random(SHAPE) < 0.4).astype("float32")
    logits = (3 * (2 * masks - 1) + rng.normal(scale=3, size=SHAPE)).astype("float32")
    masks[:6] = 0
    logits[4:9] = -9
    return masks, logits


def reference(masks, salt):
    """Scores as their definitions say, an image at a time and in plain fractions."""
    hits, said, true = (masks * salt).sum(), salt.sum(), masks.sum()
    return {
        "MeanIoU": np.mean(
            [
                1.0 if not (m + s).any() else (m * s).sum() / ((m + s) > 0).sum()
                for m, s in zip(masks, salt, strict=True)
            ]
        ),
        "KaggleMeanIoU": kaggle_scores(masks, salt).mean(),
        "Dice": 2 * hits / (said + true),
        "MaskPrecision": hits / said,
        "MaskRecall": hits / true,
        "MaskAccuracy": (masks == salt).mean(),
    }


@pytest.mark.parametrize(
    "name", ["MeanIoU", "KaggleMeanIoU", "Dice", "MaskPrecision", "MaskRecall", "MaskAccuracy"]
)
def test_metrics_stream_what_numpy_says(case, name):
    masks, logits = case
    for from_logits, threshold in ((True, 0.5), (False, 0.7)):
        metric = getattr(metrics, name)(threshold, from_logits=from_logits)
        values = logits if from_logits else 1 / (1 + np.exp(-logits))
        for part in (slice(0, 5), slice(5, 23)):
            metric.update_state(masks[part, ..., None], values[part, ..., None])
        salt = (1 / (1 + np.exp(-logits)) > threshold).astype("float32")
        assert float(metric.result()) == pytest.approx(reference(masks, salt)[name], abs=1e-6)
        metric.reset_state()
        metric.update_state(np.zeros((2, 3, 4, 1)), np.full((2, 3, 4, 1), -1.0))
        nothing = {"MaskPrecision": 0, "MaskRecall": 0}  # nothing said, nothing there
        assert float(metric.result()) == nothing.get(name, 1)


def test_keras_agrees_on_pixels(case):
    masks, logits = case
    for name, oracle in (
        ("MaskPrecision", keras.metrics.Precision(0.5)),
        ("MaskRecall", keras.metrics.Recall(0.5)),
    ):
        metric = getattr(metrics, name)()
        metric.update_state(masks[..., None], logits[..., None])
        oracle.update_state(masks.ravel(), (logits.ravel() > 0).astype("float32"))
        assert float(metric.result()) == pytest.approx(float(oracle.result()), abs=1e-6)


def test_images_of_weight_zero_are_left_out(case):
    masks, logits = case
    used = np.arange(len(masks)) < 11
    metric, other = metrics.KaggleMeanIoU(), metrics.KaggleMeanIoU()
    metric.update_state(masks[..., None], logits[..., None], used)
    other.update_state(masks[:11, ..., None], logits[:11, ..., None])
    assert float(metric.result()) == float(other.result())


@pytest.mark.parametrize("wrong, passed", [(0, 10), (1, 9), (8, 2), (9, 1), (10, 0)])
def test_thresholds_are_passed_by_more_than_equality(wrong, passed):
    """Of 20 pixels 11 or 12 are found: 0.55 and 0.60, which no float32 holds exactly."""
    masks = np.ones((1, 4, 5))
    salt = np.ones(20)
    salt[:wrong] = 0
    expected = passed / 10
    assert kaggle_scores(masks, salt.reshape(1, 4, 5))[0] == pytest.approx(expected)
    metric = metrics.KaggleMeanIoU()
    metric.update_state(masks[..., None], (20 * salt - 10).reshape(1, 4, 5, 1))
    assert float(metric.result()) == pytest.approx(expected)


def test_an_empty_truth_wants_an_empty_mask():
    empty = np.zeros((2, 3, 4))
    one = empty.copy()
    one[1, 2, 3] = 1
    assert kaggle_scores(empty, one).tolist() == [1, 0]
    assert kaggle_scores(one, empty).tolist() == [1, 0]
    assert image_iou(one, empty).tolist() == [1, 0]


def test_other_shapes_are_refused():
    with pytest.raises(LabelError, match=r"\(2, 3, 4\) and \(2, 3, 5\)"):
        kaggle_scores(np.zeros((2, 3, 4)), np.zeros((2, 3, 5)))


def test_the_decision_that_scores_best_is_found():
    masks = np.zeros((4, 20, 20))
    masks[:2, 5:15, 5:15] = 1
    probability = np.full(masks.shape, 0.1)
    probability[:2, 5:15, 5:15] = 0.62
    probability[:2, :5] = 0.52  # a threshold of at least 0.54
    probability[2:, :3, :5] = 0.9  # 15 pixels of nothing: smallest of at least 20
    found = search_decision(masks, probability)
    assert found.score == 1
    assert 0.54 <= found.threshold <= 0.58
    assert 20 <= found.smallest <= 100
    assert (found.masks(probability) == masks).all()
    assert Decision(0.5, 0, 0).masks(probability)[2].sum() == 15
    assert decided(probability, 0.5, 16)[2].sum() == 0


def test_compiled_models_reload_without_custom_objects(case, tmp_path):
    from tfseis.learning.losses.masks import LossSum, lovasz_hinge, mask_dice

    masks, logits = case
    inputs = keras.Input((7, 9, 1))
    model = keras.Model(inputs, keras.layers.Conv2D(1, 1)(inputs))
    measures = [
        metrics.MeanIoU(),
        metrics.KaggleMeanIoU(0.4),
        metrics.Dice(),
        metrics.MaskPrecision(),
        metrics.MaskRecall(),
        metrics.MaskAccuracy(),
    ]
    model.compile("sgd", loss=LossSum([lovasz_hinge, mask_dice], [0.5, 1.0]), metrics=measures)
    model.fit(logits[..., None], masks[..., None], batch_size=8, verbose=0)
    model.save(tmp_path / "model.keras")
    expected = model.evaluate(logits[..., None], masks[..., None], verbose=0, return_dict=True)
    assert {"kaggle_mean_iou", "dice"} <= set(expected)
    np.savez(tmp_path / "case.npz", masks=masks, logits=logits)
    script = (
        "import numpy as np, keras, tfseis.learning\n"
        f"case = np.load({str(tmp_path / 'case.npz')!r})\n"
        f"model = keras.saving.load_model({str(tmp_path / 'model.keras')!r})\n"
        "x, y = case['logits'][..., None], case['masks'][..., None]\n"
        "print(sorted(model.evaluate(x, y, verbose=0, return_dict=True).items()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = dict(eval(done.stdout.splitlines()[-1]))
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-5)


METRICS = [
    metrics.KaggleMeanIoU,
    metrics.MeanIoU,
    metrics.Dice,
    metrics.MaskPrecision,
    metrics.MaskRecall,
    metrics.MaskAccuracy,
]


@pytest.mark.parametrize("kind", ["uint8", "bool", "int32", "float64"])
@pytest.mark.parametrize("metric", METRICS)
def test_masks_of_any_type_count_alike(metric, kind):
    rng = np.random.default_rng(1)
    masks, logits = rng.random((4, 5, 7, 1)) > 0.4, rng.normal(size=(4, 5, 7, 1)).astype("float32")
    results = []
    for given in (masks.astype("float32"), masks.astype(kind), tf.constant(masks.astype(kind))):
        one = metric()
        one.update_state(given, logits)
        results.append(float(one.result()))
    assert results[1:] == results[:1] * 2


@pytest.mark.parametrize("kind", ["uint8", "bool"])
def test_models_fit_with_masks_as_files_hold_them(kind):
    rng = np.random.default_rng(1)
    masks, images = (rng.random((4, 5, 7, 1)) > 0.4).astype(kind), rng.random((4, 5, 7, 1))
    inputs = keras.Input((5, 7, 1))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    model.compile("sgd", loss=mask_crossentropy, metrics=[metric() for metric in METRICS])
    data = tf.data.Dataset.from_tensor_slices((images.astype("float32"), masks)).batch(2)
    assert len(model.fit(data, shuffle=False, verbose=0).history) == 1 + len(METRICS)


@pytest.mark.parametrize("metric", METRICS)
def test_pixels_of_weight_zero_are_left_out(metric):
    """As if the rest were all of the image."""
    rng = np.random.default_rng(1)
    masks, logits = rng.random((4, 6, 7, 1)) > 0.4, rng.normal(size=(4, 6, 7, 1)).astype("float32")
    weights = np.ones((4, 6, 7, 1), "float32")
    weights[:, :2] = 0
    weights[3] = 0
    for given in (weights, weights[..., 0], 5 * weights):
        weighted, alone = metric(), metric()
        weighted.update_state(masks, logits, given)
        alone.update_state(masks[:3, 2:], logits[:3, 2:])
        assert float(weighted.result()) == float(alone.result())


def test_weights_that_fit_neither_images_nor_pixels_are_refused():
    with pytest.raises(ModelError, match=r"each of its 35 pixels; got 5\. Give weights \(batch,\)"):
        metrics.Dice().update_state(np.ones((2, 5, 7, 1)), np.ones((2, 5, 7, 1)), np.ones((2, 5)))
