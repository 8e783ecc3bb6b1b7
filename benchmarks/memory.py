"""Peak resident memory of `tfseis apply` on a small and a large cube: it must not grow."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from benchmarks.dense import seed_model
from tfseis.data.scaling import survey_scaling
from tfseis.geometry import Axis, Geometry
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import SegyCube, open_segy
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.models import unet3d, with_recipe

CROSSLINES, SAMPLES = 500, 500
SIZES_MB = (100, 800)
FAULT_SIZES_MB = (60, 240)
PROGRAM = """
import json, resource, sys
from tfseis.cli import main
code = main(["apply", *sys.argv[1:]])
print(json.dumps([code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def run(
    sizes: tuple[int, ...] = SIZES_MB, model_of: Callable[[SegyCube], keras.Model] | None = None
) -> pd.DataFrame:
    """Peak resident megabytes for each file size, and the ratio to the smallest.

    Args:
        sizes: of the SEG-Y files, in MB.
        model_of: what to predict with; None for the patch classifier of facies.
    """
    model_of = model_of or patch_model
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.keras"
        for size in sizes:
            cube = Path(folder) / f"{size}.sgy"
            write(cube, size)
            if not model.exists():
                with open_segy(cube) as opened:
                    model_of(opened).save(model)
            words = [str(cube), f"{cube}.out.sgy", "--model", str(model)]
            words = [sys.executable, "-c", PROGRAM, *words]
            out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
            code, peak = json.loads(out.splitlines()[-1])
            assert code == 0
            rows.append({"file_mb": cube.stat().st_size / 1e6, "peak_mb": peak})
            cube.unlink()
    table = pd.DataFrame(rows)
    return table.assign(ratio=table["peak_mb"] / table["peak_mb"].iloc[0])


def patch_model(cube: SegyCube) -> keras.Model:
    return seed_model(cube, survey_scaling(cube), channels="amplitude")


def fault_model(cube: SegyCube) -> keras.Model:
    recipe = FaultRecipe(
        network="unet3d",
        crop_size=32,
        window=32,
        overlap=8,
        threshold=0.5,
        scaling={},
        seed=0,
        version="benchmark",
    )
    return with_recipe(unet3d(filters=(2, 2)), recipe)


def write(path: Path, megabytes: int) -> None:
    inlines = round(megabytes * 1e6 / CROSSLINES / (240 + 4 * SAMPLES))
    axes = Axis("inline", 1, 1, inlines), Axis("crossline", 1, 1, CROSSLINES)
    section = np.random.default_rng(0).normal(size=(1, CROSSLINES, SAMPLES)).astype("float32")
    amplitude = np.broadcast_to(section, (inlines, CROSSLINES, SAMPLES))
    write_segy(path, amplitude, Geometry(*axes, Axis("sample", 0, 4, SAMPLES)))


if __name__ == "__main__":
    print(run().round(3).to_string(index=False))
    print(run(FAULT_SIZES_MB, fault_model).round(3).to_string(index=False))
