"""Changed files for minutes: a result or an error of tfseis, in bounded time and memory.

``FUZZ_MINUTES`` says how long each parser is tried (default 10).
"""

import os
import resource
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from tfseis.errors import TfseisError
from tfseis.io import (
    diagnose,
    open_label_cube,
    open_segy,
    read_labels,
    read_legend,
    read_submission,
    write_segy,
)

MINUTES = float(os.environ.get("FUZZ_MINUTES", "10"))
SLOWEST = 5.0  # seconds that any input may take
MOST_MEMORY = 1.5e9  # bytes
NUMBERS = ("0", "-1", "999", "1e30", "1e400", "nan", "****")
MARKS = (
    ",",
    ";",
    "\t",
    ">",
    "->",
    "#",
    "INLINE-",
    "x",
    "inline",
    "class",
    "\x00",
    "\xff",
    "\ufeff",
)
WORDS = (*NUMBERS, *MARKS)
TEXTS = {
    ".pts": "# inline crossline time\n100 300 16\n102 301 20\n104 306 24.5\n",
    ".csv": "x,y,inline,crossline,time,class\n1000,2000,100,300,16,2\n1012,2025,102,301,20,3\n",
    ".hor": "# horizon\n100 300 16\n100 301 17\n100 302 18\n102 300 16\n102 301 17\n102 302 18\n",
    ".sticks": "INLINE-  100 300 16 1 a\nINLINE-  100 301 30 1 a\nINLINE-  102 300 16 2 a\n",
    ".poly": "# inline 104\n300 16\n306 16\n306 40\n\n300 50\n303 50\n303 60\n",
}


def changed(data: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes replaced, cut out, repeated, or a word put in."""
    content = bytearray(data)
    for _ in range(rng.integers(1, 6)):
        at = int(rng.integers(0, len(content) + 1))
        size = int(rng.integers(1, 40))
        kind = rng.integers(0, 4)
        if kind == 0:
            content[at : at + 1] = bytes([int(rng.integers(0, 256))])
        elif kind == 1:
            del content[at : at + size]
        elif kind == 2:
            content[at:at] = content[at : at + size]
        else:
            content[at:at] = f" {rng.choice(WORDS)} ".encode()
    return bytes(content)


def tried(read, files, tmp_path):
    """Read changed copies of files until the time is up."""
    rng, end, count = np.random.default_rng(), time.monotonic() + 60 * MINUTES, 0
    while time.monotonic() < end:
        ending = str(rng.choice(list(files)))
        path = tmp_path / f"a{ending}"
        path.write_bytes(changed(files[ending], rng))
        began, said = time.process_time(), ""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                read(path)
        except TfseisError as error:
            said = str(error)
        except Exception:
            print(keep(path))
            raise
        assert "\n" not in said, keep(path)
        assert time.process_time() - began < SLOWEST, keep(path)
        count += 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < MOST_MEMORY
    assert count > 10


def keep(path: Path) -> str:
    """The input that failed, to be looked at."""
    return f"{path.name}: {path.read_bytes()!r}"[:5000]


@pytest.mark.slow
def test_label_files(tmp_path, geometry):
    files = {ending: text.encode() for ending, text in TEXTS.items()}
    tried(lambda path: read_labels([path], geometry), files, tmp_path)


@pytest.mark.slow
def test_legends_and_submissions(tmp_path):
    texts = {".classes.csv": b"code,name,colour\n0,salt,#112233\n1,chalk,#445566\n"}
    tried(read_legend, texts, tmp_path)
    tried(read_submission, {".csv": b"id,rle_mask\na,1 3 10 2\nb,\n"}, tmp_path)


@pytest.mark.slow
def test_segy_files(tmp_path, amplitude, geometry):
    write_segy(tmp_path / "whole.sgy", amplitude, geometry)
    write_segy(tmp_path / "codes.sgy", (amplitude > 0).astype("int16"), geometry, format=3)

    def read(path):
        diagnose(path)
        open_label_cube(path, geometry)
        with open_segy(path) as cube:
            cube[...]

    names = ("whole.sgy", "codes.sgy")
    tried(read, {f"_{name}": (tmp_path / name).read_bytes() for name in names}, tmp_path)
