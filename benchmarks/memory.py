"""Peak resident memory of `tfseis predict` on a small and a large cube: it must not grow."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.dense import seed_model
from tfseis.data.scaling import survey_scaling
from tfseis.geometry import Axis, Geometry
from tfseis.io.segy import open_segy
from tfseis.io.segy_create import write_segy

CROSSLINES, SAMPLES = 500, 500
SIZES_MB = (100, 800)
PROGRAM = """
import json, resource, sys
from tfseis.cli import main
code = main(["predict", *sys.argv[1:]])
print(json.dumps([code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def run(sizes: tuple[int, ...] = SIZES_MB) -> pd.DataFrame:
    """Peak resident megabytes for each file size, and the ratio to the smallest.

    Args:
        sizes: of the SEG-Y files, in MB.
    """
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.keras"
        for size in sizes:
            cube = Path(folder) / f"{size}.sgy"
            write(cube, size)
            if not model.exists():
                with open_segy(cube) as opened:
                    plain = "amplitude"
                    seed_model(opened, survey_scaling(opened), channels=plain).save(model)
            words = [sys.executable, "-c", PROGRAM, str(model), str(cube), f"{cube}.out.sgy"]
            out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
            code, peak = json.loads(out.splitlines()[-1])
            assert code == 0
            rows.append({"file_mb": cube.stat().st_size / 1e6, "peak_mb": peak})
            cube.unlink()
    table = pd.DataFrame(rows)
    return table.assign(ratio=table["peak_mb"] / table["peak_mb"].iloc[0])


def write(path: Path, megabytes: int) -> None:
    inlines = round(megabytes * 1e6 / CROSSLINES / (240 + 4 * SAMPLES))
    axes = Axis("inline", 1, 1, inlines), Axis("crossline", 1, 1, CROSSLINES)
    section = np.random.default_rng(0).normal(size=(1, CROSSLINES, SAMPLES)).astype("float32")
    amplitude = np.broadcast_to(section, (inlines, CROSSLINES, SAMPLES))
    write_segy(path, amplitude, Geometry(*axes, Axis("sample", 0, 4, SAMPLES)))


if __name__ == "__main__":
    print(run().round(3).to_string(index=False))
