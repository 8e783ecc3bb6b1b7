import json

import pandas as pd
import pytest

from training import compare, run
from training.experiments import EXPERIMENTS, FAMILIES

QUICKEST = {100, 142, 305, 401, 503}  # one of a kind of data; all others are slow tests


def test_an_id_stands_for_one_run():
    assert len(EXPERIMENTS) == sum(len(runs) for runs, _ in FAMILIES)
    assert all(run.id == number for number, (run, _) in EXPERIMENTS.items())


@pytest.mark.parametrize(
    "number",
    [n if n in QUICKEST else pytest.param(n, marks=pytest.mark.slow) for n in EXPERIMENTS],
)
def test_experiment_runs_quickly(number, capsys):
    assert run.main([str(number), "--quick"]) == 0
    header, _, row = capsys.readouterr().out.splitlines()[:3]
    assert header.startswith("| ID | what | ")
    assert row.startswith(f"| {number} | ")


def finished(runs, number, **row):
    folder = runs / str(number)
    (folder / "training").mkdir(parents=True)
    result = {"id": number, "what": "w", "rows": [row], "machine": "m", "seed": 0, "commit": "c"}
    (folder / run.RESULT).write_text(json.dumps(result))
    history = pd.DataFrame({"epoch": [0, 1], "loss": [2.0, 1.0]})
    history.to_csv(folder / "training" / "history.csv", index=False)


def test_a_finished_run_is_told_again_and_compared(tmp_path, capsys):
    finished(tmp_path, 300, Dice="0.9")
    finished(tmp_path, 120, blocks=4)
    assert run.main(["300"], runs=tmp_path) == 0
    assert capsys.readouterr().out.splitlines()[2] == "| 300 | w | 0.9 | m | 0 | c |"
    picture = tmp_path / "curves.png"
    words = ["300", "120", "--curves", str(picture)]
    assert compare.main(words, runs=tmp_path) == 0
    header, _, first, second, said = capsys.readouterr().out.splitlines()
    assert header == "| ID | what | Dice | machine | seed | commit | blocks |"
    assert first == "| 300 | w | 0.9 | m | 0 | c |  |"
    assert second.endswith("| c | 4.0 |")
    assert said == str(picture)
    assert picture.stat().st_size > 5000
    assert compare.main(words, runs=tmp_path) == 1
    assert "exists. Add --overwrite" in capsys.readouterr().err
    assert compare.main(["301"], runs=tmp_path) == 1
    assert "301: expected a run" in capsys.readouterr().err
    assert list(compare.curves(tmp_path / "300")) == ["training"]
