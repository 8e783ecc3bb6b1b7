"""Who computes a gather network, and in which precision."""

import keras
import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.inference.runtime import Runtime
from tfseis.io import gather_of
from tfseis.jobs.gathers.computing import chosen_runtime, windows_of
from tfseis.jobs.gathers.denoiser import denoiser
from tfseis.jobs.gathers.recipe import GatherRecipe
from tfseis.models import gather_unet
from tfseis.models.recipe import with_recipe


class Some:
    """Gathers of different folds; the first is dead."""

    def __init__(self, folds=(5, 7, 5)):
        rng = np.random.default_rng(0)
        self.shapes = np.array([(fold, 40) for fold in folds])
        self.all = [rng.normal(size=shape) * (n > 0) for n, shape in enumerate(self.shapes)]

    def __len__(self):
        return len(self.all)

    def read(self, number):
        return gather_of(self.all[number])


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    network = gather_unet((None, None, 1), filters=(3, 4), residual=False)
    recipe = GatherRecipe(
        network="unet",
        channels=("amplitude",),
        size=(6, 16),
        stride=(3, 8),
        sample_interval=4.0,
        trained_on="noise",
        seed=0,
        version="0",
    )
    return with_recipe(network, recipe)


def test_windows_are_those_that_the_network_sees(model):
    """Of 5 x 40 samples 4 windows, of 7 x 40 twice as many; of a dead gather none."""
    windows = windows_of(denoiser(model), model, Some())
    assert windows.count() == 3 * 16
    found = [windows.read(number) for number in range(48)]
    assert [live.any() for _, live in found] == [False] * 16 + [True] * 8 + [False] * 8 + (
        [True] * 4 + [False] * 12
    )
    for window, live in found:
        assert window.shape[:-1] == live.shape
        assert not live.any() or window.shape in {(6, 16, 1), (5, 16, 1)}
    assert len({window.tobytes() for window, live in found if live.any()}) == 12
    assert len(list(windows.spread(8))) == 8


def test_openvino_denoises_as_tensorflow_does(model):
    pytest.importorskip("openvino", reason="needs tfseis[openvino]")
    some = Some()
    runtime, chosen = chosen_runtime(model, some, backend="openvino", progress=False)
    assert (runtime.backend, chosen.precision) == ("openvino", "float32")
    gather = some.read(1)
    expected = denoiser(model)(gather)
    assert np.abs(expected - gather.amplitude).max() > 0.1
    np.testing.assert_allclose(denoiser(model, runtime=runtime)(gather), expected, atol=1e-5)


def test_few_gathers_are_left_to_tensorflow_and_many_folds_to_any_size(model):
    runtime, chosen = chosen_runtime(model, Some(), progress=False)
    assert (runtime.backend, runtime.many_sizes, chosen.precision) == ("keras", False, "float32")
    many = Some(range(1, 7))
    assert chosen_runtime(model, many, backend="keras", progress=False)[0].many_sizes


@pytest.mark.parametrize("apart, taken", [(1.005, True), (1.02, False)])
def test_int8_is_taken_within_a_hundredth_of_the_amplitudes(model, monkeypatch, apart, taken):
    pytest.importorskip("nncf", reason="needs tfseis[int8]")

    class Near(Runtime):
        def __call__(self, batch):
            return apart * super().__call__(batch)

    monkeypatch.setattr(
        "tfseis.inference.precision.lowered", lambda runtime, *_: Near(runtime.source, "keras")
    )
    options = {"backend": "openvino", "precision": "int8", "progress": False}
    if taken:
        found, chosen = chosen_runtime(model, Some(), **options)
        assert isinstance(found, Near)
        assert chosen.facts()["precision_decibel"] == pytest.approx(46.0, abs=0.1)
    else:
        with pytest.raises(ModelError, match=r"at least 40 dB\); got signal over difference 34"):
            chosen_runtime(model, Some(), **options)
