"""Faults and their sticks on single lines: a 2D line, or one inline of a survey."""

import keras
import numpy as np
import pytest

from tests.jobs.faults.line_files import write_line
from tfseis.cli import main
from tfseis.data.synthetic import gaussian_survey
from tfseis.geometry import Axis, Geometry
from tfseis.io import open_segy
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.jobs.faults.sticks import fault_sticks
from tfseis.jobs.faults.surface_files import smallest_fault
from tfseis.learning.saving import save_model
from tfseis.models.recipe import with_recipe

GRID = Geometry(Axis("inline", 1, 1, 40), Axis("crossline", 1, 1, 40), Axis("sample", 0, 4, 60))


class Plane:
    """Thin faults as `FaultSurfaces` gives them."""

    def __init__(self, positions):
        self.positions = positions

    def faults(self):
        yield self.positions, np.full(len(self.positions), 0.9)


@pytest.mark.parametrize("line", [0, 1])
@pytest.mark.parametrize("slope", [-0.8, -0.2, 0.0, 0.5, 1.0])
def test_a_fault_on_a_single_line_gets_a_stick(line, slope):
    samples = np.arange(5, 50)
    across = (20 + slope * (samples - 27)).round().astype(int)
    positions = np.insert(np.c_[across, samples], line, 13, axis=1)
    (found,) = fault_sticks(Plane(positions), GRID)
    assert len(found.nodes) == 1
    assert (found.nodes[0][:, line] == 14).all()
    assert np.ptp(found.nodes[0][:, 2]) == 4 * 44


@pytest.fixture(scope="module")
def network():
    """Looks one sample to each side, so that its answers depend on the neighbouring lines."""
    keras.utils.set_random_seed(2)
    inputs = keras.Input((None, None, None, 1))
    outputs = keras.layers.Conv3D(1, 3, padding="same", kernel_initializer="random_normal")(inputs)
    recipe = FaultRecipe(
        network="light",
        crop_size=16,
        window=16,
        overlap=4,
        threshold=0.5,
        scaling={},
        seed=0,
        version="0",
    )
    return with_recipe(keras.Model(inputs, 9 * outputs), recipe)


@pytest.mark.parametrize(
    ("shape", "least"),
    [((1, 200), 20), ((200, 1), 20), ((5, 90), 100), ((20, 20), 400), ((651, 951), 400)],
)
def test_the_smallest_fault_grows_with_the_lines(shape, least):
    axes = [Axis(name, 1, 1, n) for name, n in zip(("inline", "crossline"), shape, strict=True)]
    assert smallest_fault(Geometry(*axes, Axis("sample", 0, 4, 60))) == least


def test_a_2d_line_is_read_as_a_slab_of_its_copies(network, tmp_path):
    section = gaussian_survey((20, 45, 50), seed=4).amplitude[10]
    write_line(tmp_path / "line.sgy", section)
    save_model(network, tmp_path / "model.keras")
    words = "faults apply line.sgy out.sgy --model model.keras --crossline-byte 21 --mask mask.sgy"
    words += " --skeleton thin.sgy --sticks sticks.dat --form opendtect --smallest 4"
    paths = [str(tmp_path / word) if "." in word else word for word in words.split()]
    assert main(paths) == 0
    low, centre, high = np.quantile(section, [0.05, 0.5, 0.95])
    slab = np.repeat((section[np.newaxis] - centre) / ((high - low) / 3.2897), 5, axis=0)
    logits = np.asarray(network(slab[np.newaxis, ..., np.newaxis]))[0, 2, ..., 0]
    inside = (slice(1, -1), slice(1, -1))  # the network pads with zeros around the line
    with open_segy(tmp_path / "out.sgy", crossline_byte=21) as found:
        assert found.shape == (1, 45, 50)
        assert found.geometry.crosslines.first == 700
        probability = found[0]
    expected = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(probability[inside], expected[inside], atol=0.01)
    with open_segy(tmp_path / "mask.sgy", crossline_byte=21) as mask:
        np.testing.assert_array_equal(mask[0] > 0, probability > 0.5)
    with open_segy(tmp_path / "thin.sgy", crossline_byte=21) as thin:
        assert ((thin[0] > 0) <= (probability > 0.5)).all()
    rows = np.loadtxt(tmp_path / "sticks.dat", ndmin=2)
    assert len(rows)
    assert (rows[:, 0] == 0).all()
    assert ((rows[:, 1] >= 700) & (rows[:, 1] < 745)).all()
