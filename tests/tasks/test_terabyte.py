"""A survey of a terabyte is planned in seconds and little memory; a sparse file stands for it."""

import resource
import subprocess
import sys

import numpy as np
import pytest

SHAPE = (5000, 10_000, 5000)
PLAN = """
import resource, sys
from tfseis.inference.cube_windows import Windows
from tfseis.inference.volume import volume_tasks
from tfseis.io import open_cube
from tfseis.io.unfinished import fingerprint
from tfseis.tasks.mosaic import Cells

cube = open_cube(sys.argv[1])
windows = Windows.over(cube.shape, 128, 32, multiple=8)
tasks = volume_tasks(windows, (slice(None),) * 3, cube.shape)
cells = Cells.of(cube.shape[:2], tasks)
fingerprint(cube)
print(sum(task.cost for task in tasks), len(tasks), len(cells.covering))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_a_terabyte_is_planned(tmp_path):
    path = tmp_path / "cube.npy"
    about = {"descr": "<f4", "fortran_order": False, "shape": SHAPE}
    try:
        with path.open("wb") as file:
            np.lib.format.write_array_header_2_0(file, about)
            file.truncate(file.tell() + 4 * int(np.prod(SHAPE, dtype="int64")))
    except OSError:
        pytest.skip("this file system holds no sparse file of a terabyte")
    assert path.stat().st_size > 10**12
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(
        [sys.executable, "-c", PLAN, str(path)], check=True, capture_output=True, text=True
    )
    counts, memory = done.stdout.splitlines()[-2:]
    windows, tasks, cells = map(int, counts.split())
    assert windows == 52 * 104 * 52  # 96 samples apart, along each axis
    assert tasks < cells < 5 * tasks  # each task has its own part, and shares its four sides
    assert int(memory) < 1_000_000  # KiB, the libraries included
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 60
