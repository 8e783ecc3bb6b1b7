"""Windows over a cube: identity, cover, parts, memory; and the whole cube at once."""

import keras
import numpy as np
import pytest

from tfseis.data.scaling import Scaling
from tfseis.errors import ModelError
from tfseis.inference import volume
from tfseis.inference.cube_windows import Windows
from tfseis.inference.volume import predict_volume
from tfseis.io import open_segy
from tfseis.models import receptive_field, unet3d
from tfseis.windows import cosine_taper

SCALING = Scaling(300.0, 200.0)
WHOLE = (slice(None),) * 3
PARTS = [
    WHOLE,
    (slice(1, 7, 2), slice(2, 8, 3), slice(0, 9, 2)),
    (slice(3, 4), slice(None), slice(5, 9)),
    (slice(0, 7, 5), slice(7, 8), slice(4, 5)),
]


def identity(batch):
    return batch[..., np.newaxis]


def collected(network, cube, windows, parts=WHOLE, **options):
    """The values put together, how often each trace was written, and the seams."""
    shape = tuple(len(range(*part.indices(n))) for part, n in zip(parts, cube.shape, strict=True))
    outputs = options.get("outputs", 1)
    found, times = np.full((outputs, *shape), np.nan), np.zeros(shape[:2], int)

    def write(block, inline, crossline):
        _, rows, columns, _ = block.shape
        place = slice(inline, inline + rows), slice(crossline, crossline + columns)
        found[:, *place] = block
        times[place] += 1

    seams = predict_volume(
        network, cube, windows, parts=parts, scaling=SCALING, write=write, progress=False, **options
    )
    assert (times == 1).all()
    return found, seams


def cube_of(amplitude):
    """An array that is read as a cube, live everywhere."""

    class ArrayCube:
        shape = amplitude.shape
        geometry = None
        nonfinite = 0

        def read(self, key):
            return amplitude[key], np.ones(amplitude[key].shape, bool)

    return ArrayCube()


@pytest.mark.parametrize("parts", PARTS, ids=str)
@pytest.mark.parametrize("size, overlap", [(4, 0), (4, 1), (4, 3), (6, 3), (8, 2), (32, 8)])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_the_identity_gives_the_cube_back(make, ragged, parts, size, overlap, batch_size):  # noqa: PLR0917  fixtures
    cube = open_segy(make(live=ragged))
    windows = Windows.over(cube.shape, size, overlap)
    found, _ = collected(identity, cube, windows, parts, batch_size=batch_size)
    expected = SCALING.apply(*cube.read(WHOLE))[parts]
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(found[0], expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 30, 2), (13, 3, 17), (2, 5, 40)])
def test_cubes_of_any_shape_are_covered(shape):
    amplitude = np.random.default_rng(0).normal(300, 200, shape).astype("float32")
    cube = cube_of(amplitude)
    windows = Windows.over(shape, 8, 3, multiple=4)
    found, _ = collected(identity, cube, windows)
    np.testing.assert_allclose(found[0], SCALING.apply(amplitude, True), atol=1e-6)


def test_outside_the_cube_windows_see_its_mirror_image():
    seen = []

    def watch(batch):
        seen.append(batch[0, :, 0, 0])
        return identity(batch)

    amplitude = (300 + 200 * np.arange(1, 4)).astype("float32").reshape(3, 1, 1)
    collected(watch, cube_of(amplitude), Windows.over((3, 1, 1), 16, 0, multiple=8))
    assert seen[0].tolist() == [1, 2, 3, 3, 2, 1, 1, 2]


@pytest.mark.parametrize("parts", PARTS[1:], ids=str)
def test_parts_and_belts_equal_the_whole(survey, parts, monkeypatch):
    """The network tells windows apart: what is alike was covered by the same ones."""

    def mean(batch):
        level = batch.mean(axis=(1, 2, 3), keepdims=True)
        return np.stack([batch * 0 + level, batch], axis=-1)

    cube = open_segy(survey)
    windows = Windows.over(cube.shape, 4, 2)
    whole, _ = collected(mean, cube, windows, outputs=2)
    part, _ = collected(mean, cube, windows, parts, outputs=2)
    np.testing.assert_allclose(part, whole[:, *parts], atol=1e-6)
    monkeypatch.setattr(volume, "HELD_SAMPLES", 1)  # belts as wide as a window
    belts, _ = collected(mean, cube, windows, outputs=2)
    np.testing.assert_allclose(belts, whole, atol=1e-6)
    belts, _ = collected(mean, cube, windows, parts, outputs=2)
    np.testing.assert_allclose(belts, part, atol=1e-6)


def test_windows_without_a_live_sample_are_left_out(make):
    live = np.ones((7, 8), bool)
    live[:4, :4] = False
    calls = []

    def counted(batch):
        calls.append(len(batch))
        return identity(batch)

    cube = open_segy(make(live=live))
    collected(counted, cube, Windows.over(cube.shape, 4, 0))
    assert len(calls) == (2 * 2 - 1) * 3


@pytest.mark.parametrize("batch_size", [2, 3, 4, 7, 100])
@pytest.mark.parametrize("parts", PARTS, ids=str)
def test_batches_are_filled_across_columns_and_rows(make, ragged, batch_size, parts, monkeypatch):
    """Only the last call of a block holds zeros, and what comes out does not change by a bit."""
    monkeypatch.setattr(volume, "FEWEST", 10**6)  # one block
    sizes = []

    def numbered(batch):
        filled = batch.any(axis=(1, 2, 3))
        sizes.append((len(batch), int(filled.sum())))
        level = batch.mean(axis=(1, 2, 3), keepdims=True)
        return np.stack([batch + level, level * batch], axis=-1)

    cube = open_segy(make(live=ragged))
    windows = Windows.over(cube.shape, 4, 2)
    one, seams = collected(numbered, cube, windows, parts, outputs=2)
    needed = len(sizes)
    sizes.clear()
    some, others = collected(numbered, cube, windows, parts, outputs=2, batch_size=batch_size)
    np.testing.assert_array_equal(some, one)
    assert str(seams.score) == str(others.score)
    assert [size for size, _ in sizes] == [batch_size] * -(-needed // batch_size)
    assert all(filled == size for size, filled in sizes[:-1])


@pytest.fixture(scope="module")
def network():
    """A small U-Net without normalisation, and its reach."""
    keras.utils.set_random_seed(0)
    model = unet3d(filters=(2, 3))
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
    return model, receptive_field(model)


def test_a_rim_of_the_full_reach_equals_the_whole_cube_at_once(network):
    model, field = network
    multiple, reach = max(field.stride), max(field.halo)
    reach = -(-reach // multiple) * multiple
    assert not field.unbounded
    amplitude = np.random.default_rng(2).normal(300, 200, (38, 34, 36)).astype("float32")
    size = 3 * reach - reach % multiple
    windows = Windows.over(
        amplitude.shape, size, 2 * reach, multiple=multiple, taper=cosine_taper(2 * reach, reach)
    )
    assert min(map(len, windows.starts)) > 1
    found, _ = collected(lambda batch: np.asarray(model(batch)), cube_of(amplitude), windows)
    scaled = SCALING.apply(amplitude, True)
    whole = np.asarray(model(scaled[np.newaxis]))[0, ..., 0]
    assert whole.std() > 0.1
    np.testing.assert_allclose(found[0], whole, atol=1e-5)
    short = Windows.over(amplitude.shape, size, 2, multiple=multiple)
    less, _ = collected(lambda batch: np.asarray(model(batch)), cube_of(amplitude), short)
    assert np.abs(less[0] - whole).max() > 1e-3


def test_seams_are_measured():
    smooth = np.add.outer(np.add.outer(np.arange(20.0), np.arange(21.0)), np.arange(22.0)) + 1
    cube = cube_of((300 + 2 * smooth).astype("float32"))
    _, seams = collected(identity, cube, Windows.over(cube.shape, 8, 4))
    assert seams.score == pytest.approx(1, abs=1e-3)
    tell = iter(range(10**6))

    def numbered(batch):  # each window has a constant of its own
        return identity(batch + next(tell) % 5)

    _, seams = collected(numbered, cube, Windows.over(cube.shape, 8, 0))
    assert seams.score > 10
    _, alone = collected(identity, cube, Windows.over(cube.shape, 32, 0))
    assert np.isnan(alone.score)


def test_refusals():
    with pytest.raises(ModelError, match=r"multiple of 8 .*got 20\. Choose one, such as 16"):
        Windows.over((9, 9, 9), 20, 4, multiple=8)
    with pytest.raises(ModelError, match=r"between 0 and 8 .*windows of 16; got 12\. .*--overlap"):
        Windows.over((9, 9, 9), 16, 12, multiple=8)
    with pytest.raises(ModelError, match="got -1"):
        Windows.over((9, 9, 9), 16, -1)
