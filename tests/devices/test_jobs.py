"""Each job trains on two devices what it trains on one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import json, sys, tempfile
from pathlib import Path
import numpy as np
import tensorflow as tf

cpu, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import test_conformance as conformance
from tfseis.devices.choice import shared_by
from tfseis.devices.shares import SharedStep

steps = []
step = SharedStep.__call__
SharedStep.__call__ = lambda self, batch: steps.append(1) or step(self, batch)
two = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
found = {}
for job in sys.argv[2:]:
    place = Path(sys.argv[1]) / job
    place.mkdir()
    case = conformance.CASES[job](place)
    one = case.train(place / "one")
    steps.clear()
    with shared_by(two):
        other = case.train(place / "two")
    found[job] = [
        max(
            float(np.abs(mine - theirs).max() / np.abs(mine).max())
            for mine, theirs in zip(*(conformance.weights(x.folder) for x in (one, other)))
        ),
        len(steps),
    ]
print(json.dumps(found))
"""
JOBS = ["boreholes", "facies", "faults", "gathers", "salt"]


@pytest.mark.slow
def test_every_job_trains_the_same_on_two_devices(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), *JOBS],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "tests/jobs"), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == set(JOBS)
    for job, (difference, steps) in found.items():
        assert difference < 1e-4, job
        assert steps >= 2, job
