"""Patches of gathers, splits, channels, level, and pipelines."""

from dataclasses import replace

import numpy as np
import pytest

from tfseis.data.synthetic import SyntheticGatherSettings, synthetic_gather
from tfseis.errors import GeometryError, ModelError
from tfseis.io import gather_of, open_gathers
from tfseis.jobs.gathers.balance import balanced, local_level
from tfseis.jobs.gathers.batches import (
    BLIND_TRACE,
    INPUT,
    PatchLayout,
    blind_batches,
    blind_example,
    signal_example,
    synthetic_batches,
)
from tfseis.jobs.gathers.channels import GATHER_CHANNELS, gather_channels
from tfseis.jobs.gathers.patches import PatchIndex, gather_split, read_patch
from tfseis.jobs.gathers.settings import check_channels

SHAPES = np.array([[7, 30], [3, 30], [12, 25]])


@pytest.fixture
def gathers(tmp_path):
    """Three gathers whose amplitude tells its place: 1000 (gather + 1) + 100 trace + sample."""
    for number, (traces, samples) in enumerate(SHAPES.tolist()):
        trace, sample = np.indices((traces, samples))
        np.save(tmp_path / f"{number}.npy", 1000 * (number + 1) + 100 * trace + sample)
    return open_gathers(tmp_path, axes="traces,samples")


@pytest.mark.parametrize(
    ("size", "stride"), [((4, 8), (3, 5)), ((5, 11), (5, 11)), ((20, 40), (1, 1)), ((1, 1), (2, 3))]
)
def test_every_sample_lies_in_a_patch_and_every_patch_in_its_gather(size, stride):
    index = PatchIndex(SHAPES, (0, 1, 2), size, stride)
    seen = [np.zeros(shape, bool) for shape in SHAPES]
    for number in range(len(index)):
        gather, trace, sample = index.place(number)
        assert all(
            a == 0 or a + n <= m
            for a, n, m in zip((trace, sample), size, SHAPES[gather], strict=True)
        )
        seen[gather][trace : trace + size[0], sample : sample + size[1]] = True
        member = [number in index.patches(m) for m in range(3)]
        assert member.index(True) == gather
    if min(np.subtract(size, stride)) >= 0:
        assert all(part.all() for part in seen)
    with pytest.raises(IndexError, match=f"below {len(index)}; got {len(index)}"):
        index.place(len(index))


def test_a_patch_is_what_its_place_says(gathers):
    index = PatchIndex(gathers.shapes, (0, 2), (4, 8), (3, 5))
    for number in range(len(index)):
        gather, trace, sample = index.place(number)
        patch = read_patch(gathers, index, number)
        assert patch.shape == (4, 8)
        assert patch.amplitude[0, 0] == 1000 * (gather + 1) + 100 * trace + sample


def test_an_index_is_told_from_others():
    index = PatchIndex(SHAPES, (0, 2), (4, 8), (3, 5))
    assert index.digest() == PatchIndex(SHAPES.copy(), [0, 2], (4, 8), (3, 5)).digest()
    others = [
        replace(index, gathers=(0, 1)),
        replace(index, size=(4, 9)),
        replace(index, stride=(3, 4)),
        replace(index, shapes=SHAPES + 1),
    ]
    assert len({index.digest(), *(other.digest() for other in others)}) == 5
    with pytest.raises(GeometryError, match="strides of at least 1; got 2 gathers"):
        replace(index, stride=(0, 1))


def test_splits_leave_a_gap_and_keep_lines_whole():
    lines = np.repeat([3, 1, 2, 5, 4, 6, 7, 8, 9, 10], 4)
    train, test = gather_split(lines, by="line", part=0.3, guard=2)
    assert set(lines[train]) == {1, 2, 3, 4, 5}
    assert set(lines[test]) == {8, 9, 10}
    train, test = gather_split(lines, part=0.2)
    assert (train.sum(), test.sum()) == (30, 8)
    assert lines[train].max() < lines[test].min()
    with pytest.raises(GeometryError, match=r"gathers enough .* got 2"):
        gather_split(np.array([1, 2]))
    with pytest.raises(GeometryError, match="by gather or line"):
        gather_split(lines, by="patch")


def test_channels_of_a_cosine():
    time = np.arange(400) * 0.004
    wave = np.cos(2 * np.pi * 16 * time) * np.array([[1.0], [3.0]])
    gather = gather_of(wave, offset=np.array([-500, 1000]), sample_interval=4.0)
    channels = dict(
        zip(
            GATHER_CHANNELS,
            np.moveaxis(gather_channels(gather, list(GATHER_CHANNELS)), -1, 0),
            strict=True,
        )
    )
    middle = slice(100, 300)
    assert channels["offset"][:, 0].tolist() == [0.25, 0.5]
    assert channels["time"][0, [0, 250]].tolist() == [0, 0.5]
    np.testing.assert_allclose(channels["envelope"][1, middle], 3, atol=0.05)
    np.testing.assert_allclose(channels["phase"][:, middle], wave[[0, 0], middle], atol=0.02)
    np.testing.assert_allclose(channels["frequency"][:, middle], 16 / 125, atol=0.01)
    energy = {n: (v[0, middle] ** 2).sum() for n, v in channels.items() if n.startswith("band")}
    assert max(energy, key=energy.get) == "band16"
    np.testing.assert_allclose(channels["band16"][0, middle], wave[0, middle], atol=0.02)


@pytest.mark.parametrize("names", [(), ("offset",), ("amplitude", "x"), ("amplitude",) * 2])
def test_channels_that_cannot_be_are_refused(names):
    with pytest.raises(ModelError, match="amplitude first"):
        check_channels(names)


def test_the_level_follows_amplitudes_and_is_undone():
    made = gather_of(np.random.default_rng(0).normal(size=(30, 400)))
    faded = replace(made, amplitude=made.amplitude * np.logspace(0, -4, 400, dtype="float32"))
    flat = balanced(faded, local_level(faded))
    early, late = (
        np.std(flat.amplitude[:, part][flat.live[:, part]])
        for part in (slice(150, 200), slice(350, 400))
    )
    assert 0.7 < late / early < 1.4
    level = local_level(faded)
    np.testing.assert_allclose(flat.amplitude * level, faded.amplitude, rtol=1e-5)
    assert (local_level(gather_of(np.zeros((3, 9)))) == 1).all()
    louder = local_level(replace(made, amplitude=8 * made.amplitude))
    np.testing.assert_allclose(louder, 8 * local_level(made), rtol=1e-5)


def test_signal_examples_hold_the_signal_at_the_level_of_the_input():
    made = synthetic_gather(200, seed=1)
    example = signal_example(made.gather, made.signal, ("amplitude", "time"))
    noise = made.gather.amplitude - made.signal
    level = local_level(made.gather)
    np.testing.assert_allclose(
        example.inputs[..., 0] - example.targets[..., 0], noise / level, atol=1e-4
    )
    assert (example.targets[..., 1] == made.gather.live).all()


@pytest.mark.parametrize("kind", ["blind-trace", "blind-spot"])
def test_blind_examples_hide_what_they_ask_for(kind):
    gather = gather_of(np.random.default_rng(0).normal(size=(20, 60)))
    example = blind_example(gather, ("amplitude",), kind=kind, rng=np.random.default_rng(1))
    shown, wanted, asked = example.inputs[..., 0], example.targets[..., 0], example.targets[..., 1]
    assert (shown[asked == 0] == wanted[asked == 0]).all()
    assert (shown[asked == 1] != wanted[asked == 1]).all()
    assert 0.005 < asked.mean() < 0.5
    if kind == "blind-trace":
        assert set(asked.mean(axis=1)) == {0, 1}
    with pytest.raises(ModelError, match="blind-trace or blind-spot or input; got 'blind'"):
        blind_example(gather, ("amplitude",), kind="blind", rng=np.random.default_rng(1))


def test_an_autoencoder_is_shown_what_it_is_asked_for():
    values = np.random.default_rng(0).normal(size=(5, 30))
    values[2] = 0
    rng = np.random.default_rng(1)
    example = blind_example(gather_of(values), ("amplitude",), kind=INPUT, rng=rng)
    np.testing.assert_array_equal(example.inputs[..., 0], example.targets[..., 0])
    assert example.targets[..., 1].mean(axis=1).tolist() == [1, 1, 0, 1, 1]


def test_attributes_are_those_of_what_is_shown():
    gather = gather_of(np.random.default_rng(0).normal(size=(20, 60)))
    names = tuple(GATHER_CHANNELS)
    example = blind_example(gather, names, kind=BLIND_TRACE, rng=np.random.default_rng(3))
    shown = replace(gather, amplitude=example.inputs[..., 0])
    np.testing.assert_allclose(example.inputs, gather_channels(shown, names), atol=1e-5)


def test_batch_number_n_depends_on_the_seed_and_n_alone(gathers):
    layout = PatchLayout(channels=("amplitude", "offset"), size=(8, 16), batch_size=5)
    index = PatchIndex(gathers.shapes, (0, 2), layout.size, (4, 8))
    for made in (
        lambda first, seed: synthetic_batches(
            SyntheticGatherSettings(), layout, samples=64, seed=seed, first_batch=first
        ),
        lambda first, seed: blind_batches(
            gathers, index, layout, kind=BLIND_TRACE, seed=seed, first_batch=first
        ),
    ):
        batches = [next(iter(made(2, 3))), list(made(0, 3).take(3))[2], next(iter(made(2, 4)))]
        inputs = [pair[0].numpy() for pair in batches]
        assert inputs[0].shape == (5, 8, 16, 2)
        assert batches[0][1].shape == (5, 8, 16, 3)
        np.testing.assert_array_equal(inputs[0], inputs[1])
        assert (inputs[0] != inputs[2]).any()


@pytest.mark.parametrize("kind", ["blind-trace", "blind-spot"])
@pytest.mark.parametrize("traces", [1, 2, 3, 4])
def test_few_traces_are_never_shown_what_they_are_asked_for(traces, kind):
    gather = gather_of(np.random.default_rng(0).normal(size=(traces, 60)))
    for seed in range(20):
        rng = np.random.default_rng(seed)
        example = blind_example(gather, ("amplitude",), kind=kind, rng=rng)
        shown, (wanted, asked) = example.inputs[..., 0], np.moveaxis(example.targets, -1, 0)[:2]
        assert (shown[asked == 1] != wanted[asked == 1]).all()
        assert asked.any() == (traces > 1 or kind == "blind-spot") or kind == "blind-spot"


def test_single_traces_alone_are_no_blind_traces(tmp_path):
    np.save(tmp_path / "one.npy", np.random.default_rng(0).normal(size=(3, 1, 60)))
    single = open_gathers(tmp_path, axes="traces,samples")
    layout = PatchLayout(channels=("amplitude",), size=(1, 16), batch_size=2)
    index = PatchIndex(single.shapes, (0, 1, 2), layout.size, (1, 8))
    with pytest.raises(ModelError, match=r"two traces or more.*Learn from blind-spot"):
        blind_batches(single, index, layout, kind=BLIND_TRACE, seed=0)
