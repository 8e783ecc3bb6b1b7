"""A gather model as a SavedModel answers as `GatherDenoiser` does with one window."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from tfseis.data.synthetic import synthetic_gather
from tfseis.errors import ModelError
from tfseis.export import export_model
from tfseis.io import gather_of
from tfseis.jobs.gathers.balance import local_level
from tfseis.jobs.gathers.denoiser import GatherDenoiser, Windowing
from tfseis.jobs.gathers.recipe import GatherRecipe
from tfseis.jobs.gathers.tensors import gather_level, measured_samples
from tfseis.models import gather_unet, with_recipe

RECIPE = GatherRecipe(
    network="unet",
    channels=("amplitude",),
    size=(8, 16),
    stride=(4, 8),
    sample_interval=4.0,
    trained_on="synthetic",
    seed=0,
    version="0",
)


@pytest.fixture
def values():
    """Amplitudes with a dead trace, a mute and a sample that is no number."""
    amplitude = synthetic_gather(90, seed=5).gather.amplitude.copy()
    amplitude[2], amplitude[:, :7], amplitude[4, 60] = 0, 0, np.nan
    return amplitude


@pytest.mark.parametrize("interval", [2.0, 4.0])
def test_level_and_mask_are_those_of_numpy(values, interval):
    gather = gather_of(values, sample_interval=interval)
    clean, live = measured_samples(tf.constant(values[np.newaxis]))
    np.testing.assert_array_equal(clean[0], gather.amplitude)
    np.testing.assert_array_equal(live[0], gather.live)
    level = gather_level(clean, live, interval)[0].numpy()
    expected = local_level(gather)
    np.testing.assert_allclose(level, expected, rtol=2e-3, atol=1e-5 * expected.max())
    nothing = gather_level(tf.zeros((1, 3, 40)), tf.zeros((1, 3, 40), bool), interval)
    assert (nothing.numpy() == 1).all()


def test_a_gather_model_serves_raw_gathers(values, tmp_path):
    network = gather_unet((None, None, 1), filters=(2, 3), residual=False)
    export_model(with_recipe(network, RECIPE), tmp_path / "saved")
    served = tf.saved_model.load(tmp_path / "saved").signatures["serve_float32"]
    found = served(amplitude=tf.constant(np.stack([values, 3 * values])))
    gather = gather_of(values)
    windowing = Windowing(size=gather.shape, stride=gather.shape)
    expected = GatherDenoiser(network, ("amplitude",), windowing)(gather)
    scale = np.abs(gather.amplitude).max()
    for number, factor in enumerate((1, 3)):
        kept, removed = (found[name][number].numpy() for name in ("kept", "removed"))
        np.testing.assert_allclose(kept, factor * expected, atol=2e-3 * scale)
        np.testing.assert_allclose(kept + removed, factor * gather.amplitude, atol=1e-3 * scale)


def test_a_model_that_sees_attributes_is_not_exported(tmp_path):
    recipe = replace(RECIPE, channels=("amplitude", "offset"))
    model = with_recipe(gather_unet((None, None, 2), filters=(2, 3)), recipe)
    with pytest.raises(ModelError, match=r"amplitude alone; got amplitude, offset.*gathers apply"):
        export_model(model, tmp_path / "saved")
    assert not (tmp_path / "saved").exists()
