"""How fast tfseis reads lines, slices and crops of a SEG-Y cube, beside bare segyio."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import segyio

from benchmarks.timing import timed
from tfseis.geometry import Axis, Geometry
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import SegyCube, open_segy

SHAPE = (200, 200, 300)
CROP = 64
REPEATS = 7
READS = 12  # of one kind in a repeat


def run() -> pd.DataFrame:
    """Median seconds of READS readings of each kind; results are compared first.

    Returns:
        Columns what, ours_s, peer_s and ratio (ours / peer; below 1 is faster).
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cube.sgy"
        axes = (Axis("inline", 1, 1, SHAPE[0]), Axis("crossline", 1, 1, SHAPE[1]))
        geometry = Geometry(*axes, Axis("sample", 0, 4, SHAPE[2]))
        amplitude = np.random.default_rng(0).normal(size=SHAPE).astype("float32")
        write_segy(path, amplitude, geometry)
        with open_segy(path) as cube, segyio.open(path) as peer:
            return pd.DataFrame([compared(*job) for job in jobs(cube, peer)])


def jobs(
    cube: SegyCube, peer: segyio.SegyFile
) -> list[tuple[str, Callable[[], list], Callable[[], list]]]:
    rng = np.random.default_rng(1)
    lines = rng.integers(0, SHAPE[0], READS).tolist()
    samples = rng.integers(0, SHAPE[2], READS).tolist()
    starts = rng.integers(0, np.array(SHAPE) - CROP, (READS, 3)).tolist()

    def crop(start: list[int]) -> np.ndarray:
        return cube[tuple(slice(first, first + CROP) for first in start)]

    def peer_crop(start: list[int]) -> np.ndarray:
        inline, crossline, sample = start
        out = np.empty((CROP, CROP, CROP), "float32")
        for i in range(CROP):
            first = (inline + i) * SHAPE[1] + crossline
            traces = peer.trace[first : first + CROP, sample : sample + CROP]
            for j, trace in enumerate(traces):
                out[i, j] = trace
        return out

    return [
        ("inlines", lambda: [cube[i] for i in lines], lambda: [peer.iline[i + 1] for i in lines]),
        (
            "crosslines",
            lambda: [cube[:, i] for i in lines],
            lambda: [peer.xline[i + 1] for i in lines],
        ),
        (
            "time slices",
            lambda: [cube[..., i] for i in samples],
            lambda: [peer.depth_slice[i].copy() for i in samples],
        ),
        (
            f"crops {CROP}^3",
            lambda: [crop(start) for start in starts],
            lambda: [peer_crop(start) for start in starts],
        ),
    ]


def compared(what: str, ours: Callable[[], list], peer: Callable[[], list]) -> dict:
    np.testing.assert_array_equal(ours(), peer())
    seconds = np.array([[timed(ours), timed(peer)] for _ in range(REPEATS)])
    ours_s, peer_s = np.median(seconds, axis=0)
    return {"what": what, "ours_s": ours_s, "peer_s": peer_s, "ratio": ours_s / peer_s}


if __name__ == "__main__":
    print(run().round(4).to_string(index=False))
