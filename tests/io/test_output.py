"""Files and folders that are complete or absent."""

import os
import subprocess
import sys

import pytest

from tfseis.errors import OutputError
from tfseis.io.output import check_outputs, complete_folder, complete_or_absent, partial_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_complete(tmp_path):
    path = tmp_path / "a.txt"
    with complete_or_absent(path) as partial:
        partial.write_text("new")
        assert not path.exists()
        assert partial.parent == tmp_path
        assert partial.name.startswith(".a.txt.partial-")
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.txt"]


def test_a_folder_appears_when_it_is_complete(tmp_path):
    place = tmp_path / "above" / "masks"
    with complete_folder(place, results=["*.png"]) as draft:
        (draft / "a.png").touch()
        assert not place.exists()
    assert names(place) == ["a.png"]
    with complete_folder(place, results=["*.png"], overwrite=True) as draft:
        (draft / "b.png").touch()
        assert names(place) == ["a.png"]
    assert names(place) == ["b.png"]
    assert names(place.parent) == ["masks"]


@pytest.mark.parametrize(
    "made", [complete_or_absent, lambda path: complete_folder(path, results=[])]
)
def test_after_an_error_nothing_stays(tmp_path, made):
    def fail():
        with made(tmp_path / "a"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not names(tmp_path)


def test_what_appears_meanwhile_is_kept(tmp_path):
    def write():
        with complete_or_absent(tmp_path / "a.txt") as partial:
            partial.write_text("new")
            (tmp_path / "a.txt").write_text("precious")

    with pytest.raises(OutputError, match=r"a\.txt: expected no file there; one exists"):
        write()
    assert (tmp_path / "a.txt").read_text() == "precious"
    assert names(tmp_path) == ["a.txt"]


def test_a_folder_of_somebody_else_is_never_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("precious")
    for overwrite, message in ((False, "expected no folder there"), (True, "also holds thesis")):
        made = complete_folder(tmp_path / "out", results=["*.png"], overwrite=overwrite)
        with pytest.raises(OutputError, match=message):
            made.__enter__()
    assert names(tmp_path / "out") == ["thesis.tex"]
    with pytest.raises(OutputError, match="expected no folder there"):
        complete_folder(tmp_path / "out" / "thesis.tex", results=["*"]).__enter__()


def test_what_killed_processes_left_is_removed(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    mine = partial_path(tmp_path / "out")
    dead = mine.with_name(mine.name.replace(f"-{os.getpid()}", f"-{ended.pid}"))
    alive = mine.with_name(mine.name.replace(f"-{os.getpid()}", f"-{os.getppid()}"))
    for folder in (dead, alive, mine):
        folder.mkdir()
        (folder / "half.png").touch()
    with complete_folder(tmp_path / "out", results=["*.png"]) as draft:
        assert names(draft) == []
    assert names(tmp_path) == sorted([alive.name, "out"])


def test_results_are_files_of_their_own(tmp_path):
    one, other = tmp_path / "a", tmp_path / "b"
    check_outputs([one, other], [], False)
    one.touch()
    (tmp_path / "link").symlink_to(one)
    for results, inputs in (([other, other], []), ([tmp_path / "link"], [one])):
        with pytest.raises(OutputError, match="a file of its own for each result"):
            check_outputs(results, inputs, True)
