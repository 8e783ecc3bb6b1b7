"""Gathers: windows in batches against one at a time, and patches against a file opened for each."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import segyio

from benchmarks.timing import timed
from tfseis.data.synthetic import SyntheticGatherSettings, synthetic_gather
from tfseis.io import Gather, open_gathers
from tfseis.jobs.gathers.balance import balanced, local_level
from tfseis.jobs.gathers.channels import gather_channels
from tfseis.jobs.gathers.denoiser import GatherDenoiser, Windowing
from tfseis.jobs.gathers.patches import PatchIndex, read_patch
from tfseis.models import gather_autoencoder, gather_unet

TRACES, SAMPLES = 61, 1501  # of the replaced system's gathers
SIZE, STRIDE = (32, 128), (16, 64)
SMALL = (12, 150)  # traces and samples of a gather beside which stride 1 is compared
GATHERS, PATCH, DRAWN = 20, (32, 32), 400
TIMED = 200  # single windows that are timed


def run() -> pd.DataFrame:
    """Seconds ours and theirs; results are compared first.

    The last column is the largest difference between ours and stride 1, in the gather's deviation.
    """
    rows = [
        applied("U-Net", network(gather_unet)),
        applied("autoencoder", network(gather_autoencoder)),
    ]
    return pd.DataFrame([*rows, patches()])


def network(build: Callable) -> keras.Model:
    """A network whose numbers are drawn, so that it changes what it sees."""
    keras.utils.set_random_seed(0)
    model = build((None, None, 1))
    rng = np.random.default_rng(0)
    weights = [
        w if w.ndim == 1 else w + 0.02 * rng.normal(size=w.shape) for w in model.get_weights()
    ]
    model.set_weights(weights)
    return model


def applied(what: str, model: keras.Model) -> dict:
    """A gather of the replaced system's size, at the default stride and at stride 1."""
    settings = SyntheticGatherSettings(
        traces=(TRACES, TRACES), missing=0, dead=0, muted=0, corrected=0
    )
    gather = synthetic_gather(SAMPLES, seed=0, settings=settings).gather
    part = replace(
        gather,
        amplitude=gather.amplitude[: 2 * SMALL[0], : 2 * SMALL[1]],
        live=gather.live[: 2 * SMALL[0], : 2 * SMALL[1]],
        offset=gather.offset[: 2 * SMALL[0]],
    )
    size = min(SMALL[0], SIZE[0]), SIZE[1]
    exact = GatherDenoiser(model, ("amplitude",), Windowing(size=size, stride=(1, 1)))(part)
    single = one_by_one(model, part, size)
    np.testing.assert_allclose(exact, single, atol=1e-4 * part.amplitude.std())
    coarse = Windowing(size=size, stride=(size[0] // 2, size[1] // 2))
    error = np.abs(GatherDenoiser(model, ("amplitude",), coarse)(part) - exact)
    denoise = GatherDenoiser(model, ("amplitude",), Windowing(size=SIZE, stride=STRIDE))
    denoise(gather)
    ours = timed(lambda: denoise(gather))
    windows = (TRACES - SIZE[0] + 1) * (SAMPLES - SIZE[1] + 1)  # none beyond the edges
    window = np.zeros((1, *SIZE, 1), "float32")
    model.predict_on_batch(window)
    theirs = timed(lambda: [model.predict_on_batch(window) for _ in range(TIMED)]) / TIMED * windows
    return {
        "what": f"{what}, {TRACES} x {SAMPLES}, stride {STRIDE}; {windows} windows one at a time",
        "ours_s": ours,
        "theirs_s": theirs,
        "ratio": theirs / ours,
        "mean difference": float(error.mean() / part.amplitude.std()),
    }


def one_by_one(model: keras.Model, gather: Gather, size: tuple[int, int]) -> np.ndarray:
    """Stride 1, batch 1, with the same weights."""
    level = local_level(gather)
    inputs = gather_channels(balanced(gather, level), ("amplitude",))
    taper = np.outer(*(np.hanning(n + 2)[1:-1].clip(1e-3) for n in size))
    total, weight = np.zeros(gather.shape), np.zeros(gather.shape)
    for trace in range(gather.shape[0] - size[0] + 1):
        for sample in range(gather.shape[1] - size[1] + 1):
            part = slice(trace, trace + size[0]), slice(sample, sample + size[1])
            share = taper * gather.live[part] * gather.live[part].mean()
            total[part] += share * model.predict_on_batch(inputs[part][np.newaxis])[0, ..., 0]
            weight[part] += share
    return np.where(gather.live, level * total / np.maximum(weight, 1e-30), gather.amplitude)


def patches() -> dict:
    """Drawn patches, read from one SEG-Y file, and each by opening the .npy of its gather."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cube = rng.normal(size=(GATHERS, TRACES, SAMPLES)).astype("float32")
        write(folder / "all.sgy", cube)
        for number, gather in enumerate(cube):
            np.save(folder / f"{number}.npy", gather)
        gathers = open_gathers(folder / "all.sgy")
        index = PatchIndex(gathers.shapes, range(GATHERS), PATCH, PATCH)
        numbers = rng.integers(0, len(index), DRAWN).tolist()

        def ours() -> list[np.ndarray]:
            return [read_patch(gathers, index, number).amplitude for number in numbers]

        def theirs() -> list[np.ndarray]:
            found = []
            for gather, trace, sample in map(index.place, numbers):
                part = slice(trace, trace + PATCH[0]), slice(sample, sample + PATCH[1])
                found.append(np.load(folder / f"{gather}.npy")[part])
            return found

        assert all(np.array_equal(a, b) for a, b in zip(ours(), theirs(), strict=True))
        seconds = timed(ours), timed(theirs)
    return {
        "what": f"{DRAWN} patches {PATCH} from SEG-Y; from .npy files of gathers, one opened each",
        "ours_s": seconds[0],
        "theirs_s": seconds[1],
        "ratio": seconds[1] / seconds[0],
    }


def write(path: Path, cube: np.ndarray) -> None:
    spec = segyio.spec()
    spec.format, spec.samples = 5, 4.0 * np.arange(cube.shape[2])
    spec.tracecount = cube.shape[0] * cube.shape[1]
    with segyio.create(path, spec) as file:
        file.bin.update({3217: 4000})
        for number, trace in enumerate(cube.reshape(-1, cube.shape[2])):
            shot, channel = divmod(number, cube.shape[1])
            file.header[number] = {9: shot, 13: channel, 37: channel}
            file.trace[number] = trace


if __name__ == "__main__":
    print(run().round(4).to_string(index=False))
