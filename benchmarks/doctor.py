"""How long the doctor takes over a SEG-Y file, beside segyio reading the same trace headers."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import segyio

from benchmarks.timing import timed
from tfseis.geometry import Axis, Geometry
from tfseis.io.doctor.diagnosis import diagnose
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.headers import scan_headers
from tfseis.io.segy.layout import read_layout

SHAPE = (220, 200, 1500)  # 270 MB
REPEATS = 3
FIELDS = (189, 193, 181, 185, 37, 71)
HIDDEN = ((189, 9), (193, 21))  # where the second file has its line numbers
HEADER_BYTES = 240
SAMPLE_BYTES = 4


def run(shape: tuple[int, int, int] = SHAPE) -> pd.DataFrame:
    """Median seconds of the doctor and of segyio reading six header fields.

    Args:
        shape: (inlines, crosslines, samples) of the files.

    Returns:
        Columns what, ours_s, peer_s, ratio (ours / peer; below 1 is faster) and memory_mb, by
        which the process grew meanwhile.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cube.sgy"
        write(path, shape)
        check(path, shape)
        rows = [compared("opens as it is", path)]
        hide(path, shape[2])
        found = diagnose(path).arguments
        assert found == {"inline_byte": 9, "crossline_byte": 21}, found
        return pd.DataFrame([*rows, compared("line numbers searched", path)])


def write(path: Path, shape: tuple[int, int, int]) -> None:
    axes = [Axis(name, 1, 1, n) for name, n in zip(("inline", "crossline"), shape, strict=False)]
    geometry = Geometry(
        axes[0],
        axes[1],
        Axis("sample", 0, 4, shape[2]),
        np.array([[20.0, 15.0, 5e5], [-15.0, 20.0, 6e6]]),
    )
    line = np.random.default_rng(0).normal(size=(1, *shape[1:])).astype("float32")
    write_segy(path, np.broadcast_to(line, shape), geometry)


def hide(path: Path, samples: int) -> None:
    """Move the line numbers to other bytes."""
    size = HEADER_BYTES + SAMPLE_BYTES * samples
    traces = np.memmap(path, "u1", "r+", offset=3600).reshape(-1, size)
    for old, new in HIDDEN:
        traces[:, new - 1 : new + 3] = traces[:, old - 1 : old + 3]
        traces[:, old - 1 : old + 3] = 0
    traces.flush()


def check(path: Path, shape: tuple[int, int, int]) -> None:
    """The doctor and segyio see the same cube."""
    ours = scan_headers(path, read_layout(path), {str(byte): byte for byte in FIELDS})
    with segyio.open(path) as peer:
        facts = diagnose(path).facts
        assert facts["shape"] == [len(peer.ilines), len(peer.xlines), len(peer.samples)]
        assert facts["shape"] == list(shape)
        for byte in FIELDS:
            np.testing.assert_array_equal(ours[str(byte)], peer.attributes(byte)[:])


def peer_headers(path: Path) -> None:
    with segyio.open(path, ignore_geometry=True) as peer:
        for byte in FIELDS:
            peer.attributes(byte)[:]


def compared(what: str, path: Path) -> dict:
    memory = psutil.Process().memory_info().rss
    seconds = np.array(
        [[timed(lambda: diagnose(path)), timed(lambda: peer_headers(path))] for _ in range(REPEATS)]
    )
    ours_s, peer_s = np.median(seconds, axis=0)
    return {
        "what": what,
        "ours_s": ours_s,
        "peer_s": peer_s,
        "ratio": ours_s / peer_s,
        "memory_mb": (psutil.Process().memory_info().rss - memory) / 2**20,
    }


if __name__ == "__main__":
    print(run().round(3).to_string(index=False))
