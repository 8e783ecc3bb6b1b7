from dataclasses import replace

import keras
import numpy as np
import pytest
from scipy import signal

from tfseis.data.synthetic import SyntheticGatherSettings, synthetic_gather
from tfseis.errors import ModelError
from tfseis.io import gather_of
from tfseis.jobs.gathers.balance import balanced, local_level
from tfseis.jobs.gathers.channels import gather_channels
from tfseis.jobs.gathers.denoiser import GatherDenoiser, Windowing
from tfseis.models import gather_unet

IDENTITY = gather_unet((None, None, 1), filters=(2, 2))


@pytest.fixture(scope="module")
def network():
    """A network that changes everything, by whatever it sees."""
    keras.utils.set_random_seed(1)
    return gather_unet((None, None, 2), filters=(3, 4), residual=False)


@pytest.fixture(scope="module")
def made():
    settings = SyntheticGatherSettings(muted=0, corrected=0, mirrored=0)
    return synthetic_gather(70, seed=3, settings=settings).gather


@pytest.mark.parametrize(
    ("size", "stride"),
    [
        ((8, 16), (4, 8)),
        ((8, 16), (1, 5)),
        ((7, 9), (7, 9)),
        ((100, 100), (3, 50)),
        ((1, 1), (1, 1)),
    ],
)
def test_the_identity_gives_back_every_bit(made, size, stride):
    denoise = GatherDenoiser(IDENTITY, ("amplitude",), Windowing(size=size, stride=stride))
    np.testing.assert_array_equal(denoise(made), made.amplitude)
    small = gather_of(1e-20 * made.amplitude[:3, :20])
    np.testing.assert_array_equal(denoise(small), small.amplitude)


def stride_one(network, gather, channels, size):
    """The replaced way: one window after the other, at every trace and sample."""
    level = local_level(gather)
    inputs = gather_channels(balanced(gather, level), channels)
    taper = np.outer(*(np.hanning(n + 2)[1:-1].clip(1e-3) for n in size))
    total, weight = np.zeros(gather.shape), np.zeros(gather.shape)
    for trace in range(gather.shape[0] - size[0] + 1):
        for sample in range(gather.shape[1] - size[1] + 1):
            part = slice(trace, trace + size[0]), slice(sample, sample + size[1])
            share = taper * gather.live[part] * gather.live[part].mean()
            output = np.asarray(network(inputs[part][np.newaxis]))[0, ..., 0]
            total[part] += share * output
            weight[part] += share
    kept = level * total / np.maximum(weight, 1e-30)
    return np.where(gather.live, kept, gather.amplitude)


def test_batches_at_stride_1_equal_single_windows(network, made):
    part = replace(
        made, amplitude=made.amplitude[:10, :24], live=made.live[:10, :24], offset=made.offset[:10]
    )
    channels = ("amplitude", "envelope")
    windowing = Windowing(size=(8, 16), stride=(1, 1), batch_size=50)
    kept = GatherDenoiser(network, channels, windowing)(part)
    expected = stride_one(network, part, channels, (8, 16))
    np.testing.assert_allclose(kept, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_mutes_and_dead_traces_stay_and_do_not_speak(network, made):
    live = made.live.copy()
    live[5], live[:, :20] = False, False
    muted = replace(made, amplitude=made.amplitude * live, live=live)
    denoise = GatherDenoiser(
        network, ("amplitude", "time"), Windowing(size=(8, 16), stride=(4, 8), batch_size=5)
    )
    kept = denoise(muted)
    assert not kept[~live].any()
    assert (kept[live] != muted.amplitude[live]).mean() > 0.95
    nothing = gather_of(np.zeros((5, 40)))
    np.testing.assert_array_equal(denoise(nothing), nothing.amplitude)


def test_louder_in_is_louder_out(network, made):
    denoise = GatherDenoiser(
        network, ("amplitude", "phase"), Windowing(size=(8, 16), stride=(4, 8))
    )
    louder = denoise(replace(made, amplitude=made.amplitude * 256))
    np.testing.assert_allclose(louder, 256 * denoise(made), rtol=1e-4, atol=10)


def test_gathers_of_closer_samples_are_denoised_as_those_that_trained():
    keras.utils.set_random_seed(1)
    network = gather_unet((None, None, 1), filters=(3, 4), residual=False)
    windowing = Windowing(size=(8, 32), stride=(4, 16))
    made = synthetic_gather(
        200, seed=5, settings=SyntheticGatherSettings(muted=0, dead=0, intervals=(4.0,))
    ).gather
    full = replace(made, live=np.ones_like(made.live))
    fine = replace(
        full,
        amplitude=signal.resample(full.amplitude, 4 * 200, axis=1).astype("float32"),
        live=np.ones((len(made.live), 4 * 200), bool),
        sample_interval=1.0,
    )
    coarse = GatherDenoiser(network, ("amplitude",), windowing, 4.0)(full)
    as_trained = GatherDenoiser(network, ("amplitude",), windowing, 4.0)(fine)[:, ::4]
    as_it_is = GatherDenoiser(network, ("amplitude",), windowing)(fine)[:, ::4]
    change = np.abs(coarse - full.amplitude).mean()
    assert np.abs(as_trained - coarse).mean() < 0.1 * change
    assert np.abs(as_it_is - coarse).mean() > 0.3 * change


def test_an_identity_of_parts_is_an_identity(made):
    fine = replace(made, sample_interval=1.0)
    smooth = signal.resample(made.amplitude, 4 * made.shape[1], axis=1).astype("float32")
    for amplitude in (made.amplitude, smooth, smooth[:, :3]):
        gather = replace(fine, amplitude=amplitude, live=np.ones(amplitude.shape, bool))
        windowing = Windowing(size=(8, 16), stride=(4, 8))
        kept = GatherDenoiser(IDENTITY, ("amplitude",), windowing, 4.0)(gather)
        np.testing.assert_array_equal(kept, amplitude)


def test_windows_that_leave_holes_are_refused():
    with pytest.raises(ModelError, match=r"at most the window \(8, 16\).*got \(9, 8\)"):
        Windowing(size=(8, 16), stride=(9, 8))
