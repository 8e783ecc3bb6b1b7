import keras
import numpy as np
import pytest
import tensorflow as tf

from tfseis.learning import labelled_accuracy, labelled_crossentropy


def test_crossentropy_by_hand():
    """Logits 0 over four classes: each labelled sample costs ln 4, the unlabelled one nothing."""
    loss = labelled_crossentropy(np.array([[0, -1, 3]]), np.zeros((1, 3, 4), "float32"))
    assert float(loss) == pytest.approx(np.log(4))


def test_equals_keras_where_everything_is_labelled():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, (2, 7, 8))
    logits = rng.normal(size=(2, 7, 8, 5)).astype("float32")
    peer = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits)
    assert float(labelled_crossentropy(labels, logits)) == pytest.approx(float(peer), rel=1e-5)
    right = (logits.argmax(-1) == labels).mean()
    assert float(labelled_accuracy(labels, logits)) == pytest.approx(right)


def test_unlabelled_samples_have_exactly_no_gradient():
    rng = np.random.default_rng(0)
    labels = rng.integers(-1, 4, (2, 9, 8))
    logits = tf.Variable(rng.normal(size=(2, 9, 8, 4)), dtype=tf.float32)
    loss_of = keras.losses.get(labelled_crossentropy)
    with tf.GradientTape() as tape:
        loss = loss_of(tf.constant(labels), logits)
    gradient = tape.gradient(loss, logits).numpy()
    assert (gradient[labels < 0] == 0).all()
    assert (np.abs(gradient[labels >= 0]).max(-1) > 0).all()


def test_nothing_labelled_costs_nothing():
    nothing = np.full((1, 4), -1)
    assert float(labelled_crossentropy(nothing, np.ones((1, 4, 3), "float32"))) == 0
    assert float(labelled_accuracy(nothing, np.ones((1, 4, 3), "float32"))) == 0
