"""How fast random crops and slices come from a SEG-Y file and from the same cube in Zarr."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.timing import timed
from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.geometry import Axis, Geometry
from tfseis.io import convert_cube, open_cube, write_segy
from tfseis.io.cube import Cube

SHAPE = (384, 384, 768)  # 432 MiB of float32
SIDES = (64, 128)
READS = 12  # of one kind in a turn
TURNS = 5


def run() -> pd.DataFrame:
    """Readings a second of each kind, in the median turn; results are compared first.

    Returns:
        Columns what, segy_s, zarr_s (readings a second) and ratio (above 1: Zarr is faster).
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cube.sgy"
        lines = Axis("inline", 1, 1, SHAPE[0]), Axis("crossline", 1, 1, SHAPE[1])
        write_segy(path, amplitudes(), Geometry(*lines, Axis("sample", 0, 4, SHAPE[2])))
        convert_cube(path, path.with_suffix(".zarr"))
        with open_cube(path) as segy, open_cube(path.with_suffix(".zarr")) as zarr:
            return pd.DataFrame([compared(what, keys, segy, zarr) for what, keys in kinds()])


def amplitudes() -> np.ndarray:
    """Reflections with noise, float32 of SHAPE: parts of a survey beside and below each other."""
    rng = np.random.default_rng(0)
    part = SURVEY_GENERATORS["gaussian"]((128, 128, 128), seed=7).amplitude
    whole = np.tile(part, [size // 128 for size in SHAPE]).astype("float32")
    for n in range(SHAPE[0]):
        whole[n] += rng.normal(scale=part.std() / 10, size=SHAPE[1:]).astype("float32")
    return whole


def kinds() -> list[tuple[str, list]]:
    """What is read: a name and keys of the cube."""
    rng = np.random.default_rng(1)
    crops = [
        (
            f"crops {side}^3",
            [
                tuple(slice(n, n + side) for n in start)
                for start in rng.integers(0, np.array(SHAPE) - side, (READS, 3)).tolist()
            ],
        )
        for side in SIDES
    ]
    lines = [rng.integers(0, size, READS).tolist() for size in SHAPE]
    return [
        *crops,
        ("inlines", [np.s_[n] for n in lines[0]]),
        ("crosslines", [np.s_[:, n] for n in lines[1]]),
        ("time slices", [np.s_[..., n] for n in lines[2]]),
    ]


def compared(what: str, keys: list, segy: Cube, zarr: Cube) -> dict:
    def read(cube: Cube) -> list[np.ndarray]:
        return [cube[key] for key in keys]

    np.testing.assert_array_equal(read(segy), read(zarr))
    seconds = [[timed(lambda cube=cube: read(cube)) for cube in (segy, zarr)] for _ in range(TURNS)]
    segy_s, zarr_s = READS / np.median(seconds, axis=0)
    return {"what": what, "segy_s": segy_s, "zarr_s": zarr_s, "ratio": zarr_s / segy_s}


if __name__ == "__main__":
    print(run().round(2).to_string(index=False))
