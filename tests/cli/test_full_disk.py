"""A disk without room: one line that names the result, and nothing is left."""

import errno
import resource
from types import SimpleNamespace

import numpy as np
import pytest
from tqdm import tqdm

from tfseis.cli import command
from tfseis.cli.command import main
from tfseis.data.synthetic import gaussian_survey
from tfseis.io.segy.create import write_segy

ROOM = 4096  # bytes that a file may have


@pytest.fixture
def inputs(tmp_path, monkeypatch):
    """A cube and a folder of gathers; the working directory lies beside them."""
    survey = gaussian_survey((12, 11, 24), seed=1)
    write_segy(tmp_path / "cube.sgy", survey.amplitude, survey.geometry)
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    return tmp_path


@pytest.fixture
def full():
    """Files may hold few bytes, which the system refuses much like a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize(
    "words",
    [
        ["convert", "../cube.sgy", "a.npy"],
        ["convert", "../cube.sgy", "a.sgy"],
        ["synthetic", "a.sgy", "--shape", "32", "32", "32"],
        ["doctor", "../cube.sgy", "--fix", "a.sgy"],
    ],
    ids=" ".join,
)
def test_the_result_that_has_no_room_is_named(words, inputs, full, capsys):
    assert main(words) == 1
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("tfseis: a.")
    assert "expected room on the disk for it; got: File too large. Free some space" in line
    assert not list((inputs / "out").iterdir())


def test_what_has_room_is_written(inputs, full):
    assert main(["synthetic", "a.npy", "--shape", "16", "16", "16"]) == 1
    np.save("small.npy", np.zeros((4, 4, 4), "float32"))
    assert main(["convert", "small.npy", "b.npy"]) == 0
    np.testing.assert_array_equal(np.load("b.npy"), 0)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(errno.ENOSPC, "no"), "Expected room on the disk; got: No space left on device. "),
        (OSError(errno.ENOSPC, "no", "a.npz"), "a.npz: expected room on the disk; got: No space "),
        (OSError(errno.EIO, "bad", "a.npz"), "[Errno 5] bad: 'a.npz'. Check the file, its folder "),
    ],
)
def test_what_is_refused_begins_a_line_behind_a_progress_bar(error, line, capsys, monkeypatch):
    def run(options):
        """Fails below a bar."""
        for _ in tqdm(range(3)):
            raise error

    tool = SimpleNamespace(add=lambda parser: None, run=run)
    monkeypatch.setitem(command.TOOLS, "doctor", tool)
    assert main(["doctor"]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[-1].startswith(f"tfseis: {line}")
