"""How fast tfseis reads points and horizons from text, beside `pandas.read_csv` alone."""

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.timing import fastest
from tfseis.geometry import Axis, Geometry
from tfseis.io import read_horizon, read_labels

AXES = Axis("inline", 100, 1, 651), Axis("crossline", 300, 1, 951), Axis("sample", 4, 4, 462)
GEOMETRY = Geometry(*AXES, np.array([[0.0, 25.0, 6e5], [25.0, 0.0, 6e6]]))  # of F3's size
POINTS = 2_000_000
TURNS = 5
BLANKS = r"\s+"
PROGRAM = """
import sys
from benchmarks import labels
def peak():
    return next(int(x.split()[1]) / 1024 for x in open("/proc/self/status") if "VmHWM" in x)
job = labels.JOBS[sys.argv[1]][int(sys.argv[2])]
job(sys.argv[4])  # a small file, so that everything is loaded
before = peak()
job(sys.argv[3])
print(peak() - before)
"""


def read_by_pandas(path: str | Path) -> pd.DataFrame:
    return pd.read_csv(path, sep=BLANKS, header=None)


JOBS = {
    "points": (lambda path: read_labels([path], GEOMETRY, kind="points"), read_by_pandas),
    "horizon": (lambda path: read_horizon(path, GEOMETRY), read_by_pandas),
    "horizon x y": (lambda path: read_horizon(path, GEOMETRY), read_by_pandas),
}


def run(points: int = POINTS) -> pd.DataFrame:
    """Least seconds of some turns, and megabytes above those of a small file.

    Args:
        points: number of points; horizons have a node on every trace of `GEOMETRY`.

    Returns:
        Columns what, ours_s, pandas_s, ratio, ours_mb, pandas_mb and ratio_mb.
    """
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for what, numbers in {"points": picks(points), **horizons()}.items():
            path, small = Path(folder) / "large.txt", Path(folder) / "small.txt"
            pd.DataFrame(numbers).to_csv(path, sep=" ", header=False, index=False)
            pd.DataFrame(numbers[:3]).to_csv(small, sep=" ", header=False, index=False)
            check(what, path, numbers)
            jobs = zip(("ours", "pandas"), JOBS[what], strict=True)
            seconds = fastest({name: partial(job, path) for name, job in jobs}, TURNS)
            megabytes = [memory(what, job, path, small) for job in range(2)]
            rows.append([what, *seconds, seconds["ours"] / seconds["pandas"], *megabytes])
    table = pd.DataFrame(
        rows, columns=["what", "ours_s", "pandas_s", "ratio", "ours_mb", "pandas_mb"]
    )
    return table.assign(ratio_mb=table["ours_mb"] / table["pandas_mb"])


def picks(count: int) -> np.ndarray:
    random = np.random.default_rng(0)
    indices = [random.integers(0, axis.count, count) for axis in AXES]
    return np.stack([axis.numbers[i] for axis, i in zip(AXES, indices, strict=True)], axis=1)


def horizons() -> dict[str, np.ndarray]:
    places = np.stack(np.meshgrid(*(axis.numbers for axis in AXES[:2]), indexing="ij"), axis=-1)
    inline, crossline = places.reshape(-1, 2).T
    times = 800 + 0.25 * (inline - 100) + 0.125 * (crossline - 300)
    on_map = GEOMETRY.to_map(inline, crossline)
    return {
        "horizon": np.column_stack([inline, crossline, times]),
        "horizon x y": np.column_stack([on_map, times]),
    }


def check(what: str, path: Path, numbers: np.ndarray) -> None:
    """What is read equals what was written, by both."""
    np.testing.assert_array_equal(read_by_pandas(path).to_numpy(), numbers)
    found = JOBS[what][0](path)
    if what == "points":
        places = [axis.indices(column) for axis, column in zip(AXES, numbers.T, strict=True)]
        assert {*map(tuple, found.positions.tolist())} == set(
            zip(*(p.tolist() for p in places), strict=True)
        )
    else:
        np.testing.assert_array_equal(found.times.ravel(), numbers[:, 2])


def memory(what: str, job: int, path: Path, small: Path) -> float:
    """Megabytes that a job holds at most, above those of the same with a small file (Linux)."""
    words = [sys.executable, "-c", PROGRAM, what, str(job), str(path), str(small)]
    return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    print(run().round(3).to_string(index=False))
