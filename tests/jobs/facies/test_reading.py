"""What the command says of label files and label cubes reaches their readers."""

import numpy as np
import pytest

from tfseis.cli import main
from tfseis.errors import LabelError
from tfseis.io import open_segy
from tfseis.jobs.facies import command
from tfseis.jobs.facies.given import given_labels, given_truth
from tfseis.jobs.facies.train import train_facies


def test_the_command_passes_on_how_label_files_are_read(survey, tmp_path, monkeypatch):
    seen = {}

    def train_facies(cube, labels, **given):
        seen.update(given, labels=labels)
        raise LabelError("seen")

    monkeypatch.setattr(command.facies, "train_facies", train_facies)
    words = ["facies", "train", str(survey), "a.csv", "b.csv", "--out", str(tmp_path / "out")]
    told = ["--kind", "points", "--kind", "b.csv=horizon", "--columns", "b.csv=-,x,y,time"]
    assert main([*words, *told, "--unit", "s", "--ignore", "255", "--ignore", "9"]) == 1
    assert seen["labels"] == ["a.csv", "b.csv"]
    assert seen["reading"] == {
        "kind": {"": "points", "b.csv": "horizon"},
        "columns": {"b.csv": "-,x,y,time"},
        "unit": {"": "s"},
        "ignore": [255, 9],
    }


def test_label_files_and_label_cubes_are_read_as_the_user_says(survey, tmp_path):
    geometry = open_segy(survey).geometry
    path = tmp_path / "a.csv"
    path.write_text("0.016,301,104\n0.020,303,106\n")
    reading = {"kind": "points", "columns": "time,crossline,inline", "ignore": [2]}
    found = given_labels(geometry, [path], None, [], kind="horizon", reading=reading)
    assert found.positions.tolist() == [[2, 1, 1], [3, 3, 2]]
    assert found.notes == ("a.csv: points; time crossline inline; s; 2 points; 2 samples labelled",)
    codes = np.broadcast_to(np.arange(9) % 3, geometry.shape).astype("int16")
    lines = [(0, 104.0)]
    assert given_labels(geometry, [], codes, lines, reading=reading).legend.codes == (0, 1)
    truth, _ = given_truth(geometry, codes, (None, None), found, ignore=[2])
    assert set(truth.read_line(0, 104)[1].tolist()) == {0, 1}
    with pytest.raises(LabelError, match="which may be points or horizon"):
        given_labels(geometry, [path], None, [], reading={"columns": "time,crossline,inline"})


def test_a_training_says_how_each_file_was_taken_before_it_refuses(survey, tmp_path, capsys):
    (tmp_path / "a.pts").write_text("104 301 16\n104 303 20\n104 999 20\n")
    with pytest.raises(LabelError, match="Expected labels of at least two classes"):
        train_facies(survey, [tmp_path / "a.pts"], out=tmp_path / "out")
    assert capsys.readouterr().out.splitlines() == [
        "a.pts: points; inline crossline time; ms; 3 points; 2 samples labelled; "
        "left out: 1 outside the cube"
    ]
