"""Networks, losses, variations and gathers of one's own, from training to a result."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
import segyio

from tfseis.data.synthetic import SyntheticGatherSettings, synthetic_gather
from tfseis.errors import FormatError, ModelError
from tfseis.io import gather_of, open_gathers
from tfseis.jobs.gathers import (
    GATHER_CHANNELS,
    GatherDenoiser,
    GatherList,
    GatherSettings,
    Windowing,
    apply_gathers,
    as_gathers,
    train_gathers,
)
from tfseis.jobs.gathers.batches import PLACES
from tfseis.jobs.gathers.settings import CHANNELS, LEARN, LOSSES, NETWORKS, VARIATIONS
from tfseis.jobs.gathers.variation import GATHER_VARIATIONS
from tfseis.learning import load_model
from tfseis.learning.losses.denoising import GATHER_LOSSES
from tfseis.models import recipe_of
from tfseis.models.sections.separable_unet import GATHER_NETWORKS

layers = keras.layers


def own_network(input_shape):
    """A chain that halves and doubles both axes, so that it takes even sizes alone."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(2, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.UpSampling2D(2),
            layers.Conv2D(1, 3, padding="same"),
        ]
    )


def own_loss(targets, output):
    """Largest difference where samples count."""
    return keras.ops.max(keras.ops.abs(output - targets[..., :1]) * targets[..., 1:2])


def quieter(gather, rng):
    """A gather of lower amplitudes."""
    return replace(gather, amplitude=gather.amplitude * np.float32(rng.uniform(0.5, 1)))


SMALL = GatherSettings(
    filters=(4, 6), epochs=2, patches_per_epoch=16, batch_size=8, size=(8, 32), seed=3
)
OWN = replace(SMALL, network=own_network, filters=(), loss=own_loss, variation=quieter)


@pytest.fixture(scope="module")
def arrays():
    settings = SyntheticGatherSettings(traces=(10, 15), intervals=(4.0,))
    made = [synthetic_gather(61, seed=n, settings=settings).gather for n in range(9)]
    return [gather.amplitude for gather in made]


@pytest.fixture(scope="module")
def shots(arrays, tmp_path_factory):
    path = tmp_path_factory.mktemp("shots") / "shots.sgy"
    spec = segyio.spec()
    spec.format, spec.samples = 5, 4.0 * np.arange(61)
    spec.tracecount = sum(map(len, arrays))
    with segyio.create(path, spec) as file:
        file.bin.update({3217: 4000})
        traces = ((shot, n, row) for shot, rows in enumerate(arrays) for n, row in enumerate(rows))
        for place, (shot, number, row) in enumerate(traces):
            file.header[place] = {9: shot, 13: number, 37: 25 * number}
            file.trace[place] = row
    return path


def weights(finished):
    return load_model(finished.folder / "model.keras").get_weights()


def test_own_network_loss_and_variation_from_training_to_a_file(arrays, shots, tmp_path):
    finished = train_gathers(arrays, out=tmp_path / "run", settings=OWN, progress=False)
    assert finished.metrics["settings"]["loss"].endswith("test_own:own_loss")
    history = pd.read_csv(tmp_path / "run" / "training" / "history.csv")
    assert np.isfinite(history["loss"]).all()
    model = load_model(tmp_path / "run" / "model.keras")
    assert recipe_of(model).network == f"{__name__}:own_network"
    found = apply_gathers(
        model, shots, tmp_path / "out.sgy", residual=tmp_path / "rest.sgy", progress=False
    )
    assert found.facts["gathers"] == 9
    noisy, kept, rest = (open_gathers(path).read(2).amplitude for path in (shots, *found.files))
    np.testing.assert_allclose(kept + rest, noisy, rtol=1e-4, atol=1e-3 * noisy.std())
    assert not np.allclose(kept, noisy)


def test_own_parts_may_be_named_by_where_they_lie(arrays, tmp_path):
    named = replace(
        OWN,
        network=f"{__name__}:own_network",
        loss=f"{__name__}:own_loss",
        variation=f"{__name__}:quieter",
    )
    runs = [
        train_gathers(arrays, out=tmp_path / name, settings=settings, progress=False)
        for name, settings in (("objects", OWN), ("names", named))
    ]
    assert runs[0].metrics["settings"] == runs[1].metrics["settings"]
    assert all(np.array_equal(a, b) for a, b in zip(*map(weights, runs), strict=True))
    plain = replace(OWN, variation="none")
    other = train_gathers(arrays, out=tmp_path / "none", settings=plain, progress=False)
    pairs = zip(weights(other), weights(runs[0]), strict=True)
    assert any(not np.array_equal(a, b) for a, b in pairs)


def test_arrays_train_as_files_do(arrays, tmp_path):
    (tmp_path / "files").mkdir()
    for number, array in enumerate(arrays):
        np.save(tmp_path / "files" / f"{number}.npy", array)
    runs = [
        train_gathers(given, out=tmp_path / name, settings=SMALL, progress=False)
        for name, given in (("one", tmp_path / "files"), ("two", arrays))
    ]
    assert all(np.array_equal(a, b) for a, b in zip(*map(weights, runs), strict=True))
    assert runs[0].metrics["scores"] == runs[1].metrics["scores"]


def test_gathers_in_memory_read_as_those_of_files(arrays, tmp_path):
    np.save(tmp_path / "0.npy", arrays[0])
    file = open_gathers(tmp_path / "0.npy", axes="traces,samples")
    memory = as_gathers([arrays[0]])
    for first, count in ((0, None), (2, 3)):
        one, two = (some.read(0, first, count) for some in (file, memory))
        np.testing.assert_array_equal(one.amplitude, two.amplitude)
        np.testing.assert_array_equal(one.live, two.live)
    assert memory.shapes.tolist() == file.shapes.tolist()
    assert as_gathers(memory) is memory
    with pytest.raises(FormatError, match=r"Gather 1: expected an array \(traces, samples\)"):
        as_gathers([arrays[0], arrays[0][0]])
    slow = gather_of(arrays[0], sample_interval=2.0)
    with pytest.raises(FormatError, match="one sample interval; got 2 ms, 4 ms"):
        as_gathers([slow, arrays[0]])
    with pytest.raises(FormatError, match="one sample interval; got no gathers"):
        GatherList(())


def test_a_network_of_even_sizes_takes_gathers_of_any_size(arrays):
    network = own_network((None, None, 1))
    windowing = Windowing(size=(64, 64), stride=(32, 32))
    odd = gather_of(arrays[0][:9, :41])
    even = gather_of(np.pad(odd.amplitude, ((0, 1), (0, 1)), mode="symmetric"))
    kept = GatherDenoiser(network, ("amplitude",), windowing)(odd)
    assert kept.shape == odd.shape
    assert np.isfinite(kept).all()
    assert GatherDenoiser(network, ("amplitude",), windowing)(even).shape == (10, 42)


def flat(input_shape):
    """One answer a gather."""
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(inputs))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": "vnet"}, "network among unet, autoencoder.* got 'vnet'"),
        ({"loss": "dice"}, "loss among square, absolute, orthogonal"),
        ({"variation": "all"}, "variation among usual, none"),
        ({"learn": "noise"}, "learn blind-trace, blind-spot, input; got 'noise'"),
        ({"network": own_network, "filters": (4, 8)}, "Leave --filters out"),
        ({"batch_size": 0}, "a whole number from 1"),
    ],
)
def test_settings_are_checked_at_the_door(changes, message):
    with pytest.raises(ModelError, match=message):
        GatherSettings(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": flat, "filters": ()}, r"one amplitude a sample; got one from .* to \(None, 1"),
        ({"variation": quieter}, "for synthetic gathers, which vary by themselves"),
    ],
)
def test_what_cannot_be_trained_leaves_nothing_behind(tmp_path, changes, message):
    with pytest.raises(ModelError, match=message):
        train_gathers(out=tmp_path / "out", settings=replace(SMALL, **changes), progress=False)
    assert not (tmp_path / "out").exists()


def test_names_of_the_settings_are_those_of_the_tables():
    assert tuple(GATHER_NETWORKS) == NETWORKS
    assert tuple(GATHER_LOSSES) == LOSSES
    assert tuple(GATHER_VARIATIONS) == VARIATIONS
    assert tuple(PLACES) == LEARN
    assert tuple(GATHER_CHANNELS) == CHANNELS
