"""Signals: TERM and HUP clean up as INT does, and one line says what is there."""

import signal
import subprocess
import sys

import pytest

SCRIPT = """
import signal, sys, time
from pathlib import Path

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a suite in the background ignores them
signal.signal(signal.SIGINT, signal.default_int_handler)
from tfseis.cli import command, demo
from tfseis.io.output import complete_or_absent

def run(options):
    out = Path(options.out)
    for name in sys.argv[2:]:
        with complete_or_absent(out / name) as partial:
            partial.touch()
    with complete_or_absent(out / "last"):
        print("begun", flush=True)
        time.sleep(60)
    return 0

demo.run = run
sys.exit(command.main(["demo", "--out", sys.argv[1]]))
"""
SIGNALS = {"SIGTERM": 143, "SIGHUP": 129, "SIGINT": 1}


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("done", [[], ["a", "b"]], ids=["nothing", "two"])
def test_a_signal_leaves_what_was_finished_and_nothing_else(name, done, tmp_path):
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), *done]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout.readline().strip() == "begun"
        process.send_signal(getattr(signal, name))
        _, error = process.communicate()
    assert process.returncode == SIGNALS[name]
    assert sorted(path.name for path in tmp_path.iterdir()) == done
    assert len(error.splitlines()) == 1
    if done:
        assert f"interrupted; {tmp_path / 'a'}, {tmp_path / 'b'} had been finished" in error
        assert "--overwrite" in error
    else:
        assert "interrupted; nothing was written." in error


def test_a_signal_that_is_ignored_stays_so():
    """As `nohup` does."""
    script = (
        "import os, signal\n"
        "from tfseis.cli.interruption import interruptible\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "with interruptible():\n    os.kill(os.getpid(), signal.SIGHUP)\n"
        "print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"
