"""Files and folders that are complete or absent."""

import errno
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tfseis.errors import OutputError
from tfseis.io.output import (
    check_outputs,
    complete_files,
    complete_folder,
    complete_or_absent,
)
from tfseis.io.partial import partial_path


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


def of_process(path, number, began="7"):
    """Where a process of this machine writes a result."""
    host = partial_path(path).name.rpartition("-")[0].rpartition("-")[0]
    return path.with_name(f"{host}-{number}-{began}")


def test_what_killed_processes_left_is_removed(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    mine = partial_path(tmp_path / "out")
    dead = of_process(tmp_path / "out", ended.pid)
    reborn = of_process(tmp_path / "out", os.getppid())  # another process has its number now
    for folder in (dead, reborn, mine):
        folder.mkdir()
        (folder / "half.png").touch()
    with complete_folder(tmp_path / "out", results=["*.png"]) as draft:
        assert names(draft) == []
    assert names(tmp_path) == ["out"]


WRITES = """
import sys
from tfseis.io.output import complete_folder, complete_or_absent
make = complete_or_absent if sys.argv[2] == "file" else lambda p: complete_folder(p, results=["*"])
with make(sys.argv[1]):
    print("begun", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_living_process_writes_is_refused_to_others(tmp_path, kind):
    place = tmp_path / "out"
    command = [sys.executable, "-c", WRITES, str(place), kind]
    made = complete_or_absent
    if kind == "folder":
        made = partial(complete_folder, results=["*"])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline().strip() == b"begun"
        message = rf"out: expected no other run that writes it; process {other.pid} of .* remove"
        with pytest.raises(OutputError, match=message):
            made(place).__enter__()
        if kind == "file":
            with pytest.raises(OutputError, match=message):
                check_outputs([place], [], True)
        other.stdin.close()
        other.wait()
    with pytest.raises(OutputError, match="one exists"):  # it has finished its own
        made(place).__enter__()
    assert names(tmp_path) == ["out"]


def test_a_run_of_another_machine_may_live(tmp_path):
    (tmp_path / ".a.txt.partial-other-host-12-345").touch()
    with pytest.raises(OutputError, match=r"process 12 of other-host does.*remove .*other-host-12"):
        complete_or_absent(tmp_path / "a.txt").__enter__()
    with complete_or_absent(tmp_path / "b.txt") as draft:
        draft.touch()


def test_devices_and_other_names_of_inputs_are_no_results(tmp_path):
    with pytest.raises(OutputError, match="expected a file to write; it is a device"):
        check_outputs(["/dev/null"], [], True)
    one = tmp_path / "a"
    one.touch()
    os.link(one, tmp_path / "hard")
    (tmp_path / "link").symlink_to(one)
    for name in ("hard", "link", "../" + tmp_path.name + "/a"):
        with pytest.raises(OutputError, match="is the same file"):
            check_outputs([tmp_path / name], [one], True)
    with pytest.raises(OutputError, match="is read from it"):
        complete_folder(tmp_path, results=["*"], overwrite=True, inputs=[one]).__enter__()


def test_results_are_files_of_their_own(tmp_path):
    one, other = tmp_path / "a", tmp_path / "b"
    check_outputs([one, other], [], False)
    one.touch()
    (tmp_path / "link").symlink_to(one)
    for results, inputs in (([other, other], []), ([tmp_path / "link"], [one])):
        with pytest.raises(OutputError, match="a file of its own for each result"):
            check_outputs(results, inputs, True)


def test_many_files_go_into_a_folder_at_the_price_of_one(tmp_path, monkeypatch):
    """All or none; others in the folder stay; the folder is listed as often for 99 as for 9."""
    (tmp_path / "other.txt").write_text("stays")
    listed, iterdir = [], Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda path: listed.append(path) or iterdir(path))
    counts = []
    for count in (9, 99):
        files = [f"{number}.png" for number in range(count)]
        listed.clear()
        with complete_files(tmp_path, files, overwrite=True) as draft:
            for name in files:
                (draft / name).write_text(str(count))
        counts.append(listed.count(tmp_path))
        assert all((tmp_path / name).read_text() == str(count) for name in files)
    assert counts[0] == counts[1]
    before = sorted(iterdir(tmp_path))
    refused = complete_files(tmp_path, ["new.png", "98.png"])
    with pytest.raises(OutputError, match=r"98\.png: expected no file there"):
        refused.__enter__()
    with pytest.raises(ZeroDivisionError), complete_files(tmp_path, ["new.png"]) as draft:
        (draft / "new.png").write_text(str(1 / 0))
    assert sorted(iterdir(tmp_path)) == before
    assert (tmp_path / "other.txt").read_text() == "stays"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("kind", ["file", "folder", "files"])
def test_a_full_disk_is_told_with_the_result_that_has_no_room(kind, code, tmp_path):
    place = tmp_path / "out"
    writing = {
        "file": lambda: complete_or_absent(place),
        "folder": lambda: complete_folder(place, results=["*"]),
        "files": lambda: complete_files(tmp_path, ["out"]),
    }[kind]
    wanted = tmp_path if kind == "files" else place
    told = rf"^{wanted}: expected room on the disk for it; got: "
    with pytest.raises(OutputError, match=told), writing():
        raise OSError(code, "no more")
    with pytest.raises(OSError, match="another reason"), writing():
        raise OSError(errno.EIO, "another reason")
    assert not list(tmp_path.iterdir())
