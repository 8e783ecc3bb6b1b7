"""What opening a file has to load; each name in a process of its own."""

import subprocess
import sys

import pytest

SLOW = {"pandas", "scipy", "skimage", "PIL", "matplotlib", "keras", "tensorflow"}
NAMES = ["diagnose", "open_segy", "open_cube", "open_gathers", "read_labels", "create_results"]


@pytest.mark.parametrize("name", NAMES)
def test_slow_packages_load_only_where_they_are_needed(name):
    script = f"import sys, tfseis.io; tfseis.io.{name}; print(sorted({SLOW!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
