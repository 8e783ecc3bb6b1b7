import csv

import pytest

from tfseis.learning.fitting import trained_minutes
from tfseis.learning.fitting.history import write_history


def test_the_minutes_of_all_trainings_add_up(tmp_path):
    for name, minutes in (("all", [0.5, 1.25]), ("fold/0", [2.0]), ("none", [])):
        (tmp_path / name).mkdir(parents=True)
        rows = [{"epoch": n, "loss": 1.0, "minutes": m} for n, m in enumerate(minutes)]
        write_history(rows, tmp_path / name)
    assert trained_minutes(tmp_path) == pytest.approx(3.25)
    assert trained_minutes(tmp_path / "all") == 1.25
    assert trained_minutes(tmp_path / "absent") == 0.0


def test_rows_need_not_have_the_same_scores(tmp_path):
    write_history(
        [{"epoch": 0, "minutes": 0.1}, {"epoch": 1, "iou": 0.5, "minutes": 0.2}], tmp_path
    )
    with (tmp_path / "history.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["iou"] for row in read] == ["", "0.5"]
    assert trained_minutes(tmp_path) == 0.2
