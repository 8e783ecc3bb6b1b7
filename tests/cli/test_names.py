"""Names of files from strangers: printed in one line, without commanding the terminal."""

import os
import subprocess
import sys

import pytest

from tfseis.cli import main
from tfseis.cli.command import one_line

ODD = ["a\nb.sgy", "a\x1b[2J\x1b]0;title\x07.sgy", "a\u202eb.sgy", "a\r.sgy", "a\x9b1m.sgy"]


@pytest.mark.parametrize("name", ODD, ids=repr)
def test_a_refusal_names_any_file_in_one_line(name, tmp_path, capsys):
    assert main(["view", str(tmp_path / name), "--png", str(tmp_path / "a.png")]) == 1
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert error[:-1].isprintable()


def test_plain_messages_stay_as_they_are():
    text = "Größe µ.sgy: expected 5 km², got 3 °"
    assert one_line(text) == text


@pytest.mark.parametrize("word", [b"caf\xe9.sgy", b"\xff\xfe.npy"])
def test_names_that_are_no_text_are_printed(word, tmp_path):
    place = os.fsencode(tmp_path) + b"/" + word
    with open(place, "wb"):  # noqa: PTH123 - pathlib takes no bytes
        pass
    command = [sys.executable.encode(), b"-m", b"tfseis", b"view", place, b"--png", b"a.png"]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"tfseis: ")
