"""Keras and TensorFlow are imported as they should be, whoever imports them."""

import os
import subprocess
import sys

import pytest

NOBODY = """
import pwd

def unknown(uid):
    raise KeyError(f"getpwuid(): uid not found: {uid}")

pwd.getpwuid = unknown  # as for a number of a user that a container does not know
"""


def test_an_account_without_name_and_home_leaves_nothing_where_it_is_called(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(NOBODY)
    (tmp_path / "here").mkdir()
    unset = ("HOME", "USER", "LOGNAME", "LNAME", "USERNAME", "KERAS_HOME")
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    done = subprocess.run(
        [sys.executable, "-c", "import tfseis.models, tensorflow; print(tfseis.models.unet)"],
        cwd=tmp_path / "here",
        env={**kept, "PYTHONPATH": str(tmp_path / "site"), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "unet" in done.stdout
    assert not list((tmp_path / "here").iterdir())
    assert (tmp_path / ".keras").is_dir()


LOADS = """
import os, sys, time
from tfseis import backend

backend.PATIENCE = 0.2
with backend.quiet_start():
    os.write(2, b"what nobody can act on")
    time.sleep(float(sys.argv[1]))
os.write(2, b"after\\n")
"""


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    "seconds, terminal, told",
    [
        ("1", True, b"loading Keras and TensorFlow ..\nafter\n"),
        ("0", True, b"after\n"),
        ("1", False, b"after\n"),
    ],
)
def test_a_long_start_is_told_on_a_terminal(seconds, terminal, told):
    """A file of messages, and a command that starts at once, hold what they held."""
    ours, theirs = os.openpty() if terminal else os.pipe()
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "-c", LOADS, seconds]
    done = subprocess.run(command, env=environment, stderr=theirs, check=False)
    os.close(theirs)
    try:
        assert done.returncode == 0
        assert os.read(ours, 1000).replace(b"\r\n", b"\n") == told
    finally:
        os.close(ours)
