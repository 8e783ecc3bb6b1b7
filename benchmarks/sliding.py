"""Wu's 3D U-Net on overlapping windows of a cube, beside MONAI's sliding windows on PyTorch.

Weights, windows, overlap and blending are the same; results are equal before anything is timed.
PyTorch and MONAI are needed for that alone: pip install torch monai. Without them our own rates
are printed, float32 and int8.
"""

import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from benchmarks.timing import fastest
from tfseis.data.scaling import Scaling
from tfseis.geometry import Axis, Geometry
from tfseis.inference.quantization import quantized
from tfseis.inference.volume import Windows, predict_volume
from tfseis.io import open_segy, write_segy
from tfseis.io.array_cube import ArrayCube
from tfseis.jobs.faults.apply import apply_faults
from tfseis.jobs.faults.model import FaultModel
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.models import unet3d, with_recipe

LENGTH, WINDOW, OVERLAP = 224, 96, 24  # samples a side
SIGMA = 0.125  # of the window: MONAI's Gaussian
TOLERANCE = 1e-4
REPEATS, TURNS = 2, 8
RATE = "million voxels a minute"
UNSCALED = Scaling(0.0, 1.0)


def run(length: int = LENGTH, window: int = WINDOW, *, peer: bool | None = None) -> pd.DataFrame:
    """Million voxels a minute of each, and their ratio.

    Args:
        length: samples along each axis of the cube.
        window: samples along each axis of a window; a quarter of them is shared.
        peer: compare with MONAI; None where PyTorch and MONAI are installed.
    """
    if peer is None:
        peer = bool(find_spec("torch") and find_spec("monai"))
    cube = np.random.default_rng(0).normal(size=(length,) * 3).astype("float32")
    one = cube[:window, :window, :window]
    model = wu_model(window)
    jobs, single = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        quantized(model, Path(folder) / "int8.xml", count=2)
        ours, bits = FaultModel(model), FaultModel(Path(folder) / "int8.xml")
        assert ours(one[np.newaxis]).std() > TOLERANCE
        assert ours.runtime.backend == "openvino"
        write(Path(folder) / "cube.sgy", cube)
        single |= {"OpenVINO": lambda: ours(one[np.newaxis]), "int8": lambda: bits(one[np.newaxis])}
        jobs["OpenVINO"] = lambda: predicted(ours, cube, window)
        jobs["int8"] = lambda: predicted(bits, cube, window)
        if peer:
            theirs = monai_inferer(model, window)
            apart = np.abs(
                predicted(ours, cube, window, taper=gaussian(window)) - theirs(cube)
            ).max()
            assert apart < TOLERANCE, apart
            jobs["MONAI"] = lambda: theirs(cube)
            single["MONAI"] = lambda: theirs(one)
        jobs["SEG-Y to SEG-Y"] = lambda: from_file(model, Path(folder))
        for job in single.values():
            job()  # compiled
        tables = [
            rates(single, one.size, TURNS).assign(cube="one window"),
            rates(jobs, cube.size, REPEATS).assign(cube=f"{length}^3"),
        ]
    return pd.concat(tables, ignore_index=True)


def rates(jobs: dict[str, Callable], voxels: int, turns: int) -> pd.DataFrame:
    """The best of some turns."""
    best = voxels / fastest(jobs, turns) * 60 / 1e6
    ratio = best / best["MONAI"] if "MONAI" in best else np.nan
    return pd.DataFrame({"what": best.index, RATE: best.values, "ratio": np.asarray(ratio)})


def wu_model(window: int) -> keras.Model:
    """FaultSeg3D's network with weights that nobody trained, biases not 0."""
    keras.utils.set_random_seed(0)
    network = unet3d()
    rng = np.random.default_rng(0)
    network.set_weights(
        [w if w.ndim > 1 else rng.normal(0, 0.1, w.shape) for w in network.get_weights()]
    )
    recipe = FaultRecipe(
        network="unet3d",
        crop_size=window,
        window=window,
        overlap=window // 4,
        threshold=0.5,
        scaling=vars(UNSCALED),
        seed=0,
        version="benchmark",
    )
    return with_recipe(network, recipe)


def predicted(model: FaultModel, cube: np.ndarray, window: int, taper: Any = None) -> np.ndarray:
    found = np.empty(cube.shape, "float32")

    def write(values: np.ndarray, inline: int, crossline: int) -> None:
        found[inline : inline + values.shape[1]] = values[0]

    windows = Windows.over(cube.shape, window, window // 4, multiple=8, taper=taper)
    predict_volume(
        model,
        ArrayCube(cube),
        windows,
        parts=(slice(None),) * 3,
        scaling=UNSCALED,
        write=write,
        progress=False,
    )
    return found


def gaussian(window: int) -> Any:
    """MONAI's importance along an axis."""
    apart = np.arange(window) - (window - 1) / 2
    return lambda size: np.exp(-(apart**2) / (2 * (SIGMA * window) ** 2))


def write(path: Path, cube: np.ndarray) -> None:
    axes = [
        Axis(n, 1, 1, c) for n, c in zip(("inline", "crossline", "sample"), cube.shape, strict=True)
    ]
    write_segy(path, cube, Geometry(*axes))


def from_file(model: keras.Model, folder: Path) -> None:
    with open_segy(folder / "cube.sgy") as cube:
        out = folder / "out.sgy"
        apply_faults(model, cube, out, scaling="model", overwrite=True, progress=False)


def monai_inferer(model: keras.Model, window: int) -> Any:
    """MONAI's sliding windows over the same network in PyTorch."""
    import torch  # noqa: PLC0415
    from monai.inferers import sliding_window_inference  # noqa: PLC0415

    logits = torch_twin([torch.tensor(w) for w in model.get_weights()])
    line = torch.from_numpy(gaussian(window)(window).astype("float32"))
    importance = line[:, None, None] * line[:, None] * line  # else MONAI cuts it off at 0.001

    def infer(cube: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            values = torch.from_numpy(cube)[None, None]
            found = sliding_window_inference(
                values,
                (window,) * 3,
                1,
                lambda x: torch.sigmoid(logits(x)),
                overlap=0.25,
                mode="gaussian",
                roi_weight_map=importance,
            )
        return found[0, 0].numpy()

    return infer


def torch_twin(weights: list) -> Any:
    """The network's logits as a function of (batch, 1, i, x, s)."""
    from torch import cat  # noqa: PLC0415
    from torch.nn import functional  # noqa: PLC0415

    kernels = [w.permute(4, 3, 0, 1, 2).contiguous() for w in weights[::2]]
    biases = weights[1::2]

    def double(x: Any, first: int) -> Any:
        for n in (first, first + 1):
            x = functional.relu(functional.conv3d(x, kernels[n], biases[n], padding=1))
        return x

    def network(x: Any) -> Any:
        skips = []
        for level in range(3):
            x = double(x, 2 * level)
            skips.append(x)
            x = functional.max_pool3d(x, 2)
        x = double(x, 6)
        for level, skip in enumerate(reversed(skips)):
            grown = functional.interpolate(x, scale_factor=2, mode="nearest")
            x = double(cat([skip, grown], dim=1), 8 + 2 * level)
        return functional.conv3d(x, kernels[-1], biases[-1])

    return network


if __name__ == "__main__":
    began = time.perf_counter()
    print(run().round(2).to_string(index=False))
    print(f"{time.perf_counter() - began:.0f} s")
