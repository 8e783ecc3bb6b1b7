"""Two processes that train together come to what one does, also after one of them was killed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow
LIMIT = 60  # seconds in which the others end
SCRIPT = """
import json, sys, time
from tfseis.devices import choice

strategy, out, slow = sys.argv[1] or None, sys.argv[2], float(sys.argv[3])
with choice.shared_by(strategy) as devices:
    import keras
    import numpy as np
    from keras import layers
    from tfseis import learning as L
    from tfseis.learning import Plateau, Training, fit

    def build():
        inputs = keras.Input((6, 7, 1))
        x = layers.Conv2D(3, 3, padding="same", activation="gelu")(inputs)
        x = layers.BatchNormalization()(x)
        return keras.Model(inputs, layers.Conv2D(1, 3, padding="same")(x))

    def batch(number):
        inputs = np.random.default_rng(number).normal(size=(4, 6, 7, 1)).astype("float32")
        marked = inputs > np.array([2.0, 1.5, 0.0, -0.5]).reshape(4, 1, 1, 1)
        return inputs, marked.astype("float32")

    def batches(first):
        for number in range(first, 10_000):
            time.sleep(slow)
            yield batch(number)

    training = Training(
        epochs=4, steps=3, learning_rate=0.02, rate=Plateau(2, 0.0), minutes=60.0, memory=0.9,
        best="score", seed=3,
    )
    long = devices.agreed("x" * 10_000 if devices.first else "y")
    assert long == "x" * 10_000
    fitted = fit(
        build, batches, training, folder=devices.folder(out), loss=L.CrossentropyAndDice(7),
        validation=[batch(99)], progress=False,
        score=lambda model: np.float32(time.time()) * 0 + float(devices.first),
    )
    rows = fitted.history.drop(columns="minutes")
    print(json.dumps([rows[sorted(rows)].to_numpy().tolist(),
                      [w.tolist() for w in fitted.model.get_weights()]]))
"""


def free_ports(count):
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]


def started(number, ports, words):
    workers = [f"127.0.0.1:{port}" for port in ports]
    config = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": number}}
    return subprocess.Popen(
        [sys.executable, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "TF_CONFIG": json.dumps(config), "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextlib.contextmanager
def two(*words):
    ports = free_ports(2)
    processes = [started(number, ports, words) for number in (0, 1)]
    try:
        yield processes
    finally:
        for one in processes:
            one.kill()
            one.communicate()


def told(process, limit=None):
    out, errors = process.communicate(timeout=limit)
    return process.returncode, out, errors


def result(process):
    code, out, errors = told(process)
    assert code == 0, errors
    return json.loads(out.splitlines()[-1])


def wait_for(path, processes, limit=180):
    end = time.monotonic() + limit
    while not path.exists():
        assert time.monotonic() < end
        assert all(one.poll() is None for one in processes), [told(one) for one in processes]
        time.sleep(0.1)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """History and weights of one process."""
    out = tmp_path_factory.mktemp("alone")
    words = [sys.executable, "-c", SCRIPT, "", str(out), "0"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def assert_alike(found, expected):
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-5, atol=1e-5)
    for mine, theirs in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-5)


def test_two_processes_train_as_one_and_the_first_alone_writes(tmp_path, alone):
    with two("-c", SCRIPT, "workers", tmp_path / "run", 0) as processes:
        one, other = (result(process) for process in processes)
    assert_alike(one, alone)
    assert other == one
    assert (tmp_path / "run/best.keras").exists()


@pytest.mark.parametrize("victim", [0, 1])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_when_a_process_dies_the_others_end_and_all_resume(tmp_path, alone, victim, number):
    out = tmp_path / "run"
    with two("-c", SCRIPT, "workers", out, 2) as processes:
        wait_for(out / "state.npz", processes)
        processes[victim].send_signal(number)
        began = time.monotonic()
        code, _, errors = told(processes[1 - victim], LIMIT)
    assert code == 1, errors
    assert time.monotonic() - began < LIMIT
    assert "Expected 2 processes" in errors, errors
    last = [line for line in errors.splitlines() if "Expected 2 processes" in line][-1]
    assert f"process {victim} (127.0.0.1:" in last
    assert last.endswith("resumes from the last checkpoint.")
    with two("-c", SCRIPT, "workers", out, 0) as processes:
        one, other = (result(process) for process in processes)
    assert_alike(one, alone)
    assert other == one
