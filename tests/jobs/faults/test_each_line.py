"""Several 2D lines at once: one loaded model, a result a line, one summary."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from tests.jobs.faults.line_files import edge_model, write_line
from tfseis.cli import main
from tfseis.data.synthetic import gaussian_survey
from tfseis.errors import ModelError
from tfseis.io import open_segy
from tfseis.io.array_cube import ArrayCube
from tfseis.jobs.faults import FaultFiles, FaultModel, apply_faults, apply_faults_to_each
from tfseis.jobs.faults import apply as apply_module
from tfseis.learning.saving import save_model

opened = partial(open_segy, crossline_byte=21)


@pytest.fixture(scope="module")
def survey():
    return gaussian_survey((20, 45, 50), seed=4).amplitude


@pytest.fixture
def lines(survey, tmp_path):
    """Three 2D lines of other lengths."""
    paths = [tmp_path / f"L{number}.sgy" for number in (1, 2, 3)]
    for number, path in enumerate(paths):
        write_line(path, survey[5 * number, : 45 - 7 * number, : 50 - 4 * number])
    return paths


@pytest.fixture
def model(tmp_path):
    save_model(edge_model(), tmp_path / "model.keras")
    return tmp_path / "model.keras"


def command(*words):
    return main(["faults", "apply", *map(str, words), "--crossline-byte", "21"])


def test_each_line_has_the_result_that_it_has_alone(lines, model, tmp_path, capsys, monkeypatch):
    loaded = []

    class Counted(FaultModel):
        def __init__(self, *arguments):
            loaded.append(arguments)
            super().__init__(*arguments)

    monkeypatch.setattr(apply_module, "FaultModel", Counted)
    out = tmp_path / "out"
    more = ("--mask", "mask.sgy", "--sticks", "sticks.dat", "--form", "opendtect")
    assert command(*lines, out, "--model", model, *more, "--smallest", "4") == 0
    text = capsys.readouterr().out
    assert len(loaded) == 1
    expected = {
        f"L{n}_{kind}" for n in (1, 2, 3) for kind in ("faults.sgy", "mask.sgy", "sticks.dat")
    }
    assert {path.name for path in out.iterdir()} == expected | {"summary.csv"}
    table = pd.read_csv(out / "summary.csv")
    assert table["line"].tolist() == ["L1.sgy", "L2.sgy", "L3.sgy"]
    assert table["crosslines"].tolist() == [45, 38, 31]
    assert table["samples"].tolist() == [50, 46, 42]
    for path, row in zip(lines, table.itertuples(), strict=True):
        alone = tmp_path / f"alone_{path.name}"
        files = FaultFiles(sticks=tmp_path / f"{path.stem}.dat", form="opendtect", smallest=4)
        with opened(path) as cube:
            found = apply_faults(model, cube, alone, files=files, progress=False)
        with opened(alone) as one, opened(out / f"{path.stem}_faults.sgy") as two:
            np.testing.assert_array_equal(one[...], two[...])
        assert (out / f"{path.stem}_sticks.dat").read_bytes() == files.sticks.read_bytes()
        assert row.share == pytest.approx(found.facts["share"])
        assert (row.faults, row.sticks) == (found.facts["faults"], found.facts["sticks"])
        assert row.result == f"{path.stem}_faults.sgy"
        assert f"{path.name}: {found.facts['share']:.2%} of the samples are above" in text
    assert "3 lines; summary in" in text


def test_files_may_stand_around_options_and_a_slash_means_a_folder(lines, model, tmp_path):
    out = tmp_path / "one"
    own = f"--model={model}"
    assert command("--threshold", "0.4", *lines[:2], own, "--stride", "2", lines[2], out) == 0
    assert len(list(out.glob("*_faults.sgy"))) == 3
    assert command(lines[0], f"{tmp_path}/two/", "--model", model) == 0
    assert {path.name for path in (tmp_path / "two").iterdir()} == {"L1_faults.sgy", "summary.csv"}
    words = ["apply", *map(str, lines), str(tmp_path / "three"), "--model", str(model)]
    assert main([*words, "--crossline-byte", "21"]) == 0
    assert len(list((tmp_path / "three").iterdir())) == 4


def test_wrong_lines_are_refused_before_any_is_predicted(lines, model, tmp_path, capsys):
    (tmp_path / "other").mkdir()
    same = tmp_path / "other" / "L1.sgy"
    same.write_bytes(lines[0].read_bytes())
    short = tmp_path / "short.sgy"
    short.write_bytes(lines[0].read_bytes()[:3000])
    (tmp_path / "file").touch()
    out = tmp_path / "out"
    own = f"--model={model}"
    for words, told in (
        ([*lines, same, out], "L1.sgy: expected lines of different names; the results of"),
        ([lines[0], lines[0], out], "would have the same, L1_faults.sgy"),
        ([*lines, short, out], "short.sgy"),
        ([*lines, tmp_path / "none.sgy", out], "none.sgy"),
        ([*lines, tmp_path / "file"], "file: expected a folder for the results of several lines"),
        ([*lines, out, "--mask", "a/b.sgy"], "expected a name without a folder"),
        ([*lines, out, "--mask", "faults.sgy"], "L1_faults.sgy: expected a file of its own"),
        ([*lines, out, "--objects", "o.csv"], "L1.sgy: expected at least 8 inlines, crosslines"),
        ([*lines, out, "--crosslines", "735:740"], "L3.sgy: expected"),
        ([*lines, out, "--spread", "s.sgy"], "Add --tta, or more models"),
    ):
        assert command(*words, own) == 1, words
        (line,) = capsys.readouterr().err.splitlines()
        assert told in line, line
        assert not out.exists()


def test_results_stay_unless_they_may_be_replaced(lines, model, tmp_path, capsys):
    out, own = tmp_path / "out", f"--model={model}"
    assert command(lines[0], f"{out}/", own) == 0
    before = (out / "L1_faults.sgy").read_bytes()
    assert command(*lines, out, own) == 1
    assert "(--overwrite)" in capsys.readouterr().err
    assert sorted(path.name for path in out.iterdir()) == ["L1_faults.sgy", "summary.csv"]
    assert command(*lines, out, own, "--overwrite") == 0
    assert (out / "L1_faults.sgy").read_bytes() == before
    assert len(list(out.iterdir())) == 4


def test_cubes_in_memory_are_told_apart_by_their_names(survey, tmp_path):
    cubes = [ArrayCube(survey[:9, :, :n], name=f"cube {n}") for n in (40, 50)]
    found = apply_faults_to_each(edge_model(), cubes, tmp_path / "a" / "b", progress=False)
    names = [path.name for path in found.files]
    assert names == ["summary.csv", "cube 40_faults.sgy", "cube 50_faults.sgy"]
    assert found.facts["lines"]["cube 50"]["shape"] == (9, 45, 50)
    with pytest.raises(ModelError, match="one line or more; got none"):
        apply_faults_to_each(edge_model(), [], tmp_path)
