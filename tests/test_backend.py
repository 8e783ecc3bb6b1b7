"""Keras and TensorFlow are imported as they should be, whoever imports them."""

import os
import subprocess
import sys

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
