"""A sixth job is one folder, `infill/`, and one line in `JOBS`; docs/extend.md speaks of it."""

import json
from pathlib import Path

import numpy as np
import pytest

import tfseis
from tfseis.cli import main
from tfseis.data.synthetic import facies_survey
from tfseis.io import open_segy, write_segy
from tfseis.jobs.contract import JOBS
from tfseis.jobs.metrics import check_metrics
from tfseis.models import recipe_of

HERE = Path(__file__).parent
MOST_LINES = 150


@pytest.fixture
def lacking(tmp_path, monkeypatch):
    """A survey that lacks one trace in six, and the job in the table."""
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.setitem(JOBS.data, "infill", "infill:JOB")
    survey = facies_survey((10, 24, 40), seed=1)
    live = np.random.default_rng(0).random((10, 24)) > 1 / 6
    write_segy(tmp_path / "cube.sgy", survey.amplitude, survey.geometry, live=live)
    return tmp_path, survey, live


def test_the_command_line_the_schema_and_loading_know_the_sixth_job(lacking, capsys):
    folder, _, live = lacking
    cube, out, filled = (str(folder / name) for name in ("cube.sgy", "run", "filled.sgy"))
    train = ["infill", "train", cube, "--out", out, "--epochs", "6", "--seed", "3"]
    assert main(train) == 0
    assert "mean of both neighbours" in capsys.readouterr().out
    metrics = json.loads((folder / "run" / "metrics.json").read_text())
    check_metrics(metrics)
    assert (metrics["job"], metrics["seed"], metrics["training"]) == ("infill", 3, {"epochs": [6]})
    [score] = metrics["scores"]
    assert score["network"]["error"] < score["baselines"]["mean of both neighbours"]["error"]
    assert main(train) == 1
    assert "holds a finished run" in capsys.readouterr().err

    model = str(folder / "run" / "model.keras")
    recipe = recipe_of(tfseis.load_model(model))
    assert (recipe.job, recipe.seed) == ("infill", 3)
    assert main(["apply", cube, filled, "--model", model]) == 0
    assert f"{(~live).sum()} traces filled in" in capsys.readouterr().out
    with open_segy(filled) as result, open_segy(cube) as before:
        assert result.live.all()
        np.testing.assert_array_equal(result[:][live], before[:][live])
        assert np.abs(result[:][~live]).max() > 0
    assert main(["summary", model]) == 0
    assert "trained by tfseis infill" in capsys.readouterr().out


def test_what_a_job_leaves_out_is_refused_in_one_line(lacking, capsys):
    folder, *_ = lacking
    out = str(folder / "run")
    assert main(["infill", "train", str(folder / "cube.sgy"), "--out", out, "--epochs", "1"]) == 0
    capsys.readouterr()
    assert main(["export", f"{out}/model.keras", str(folder / "served")]) == 1
    assert "a job with signatures; 'infill' has none" in capsys.readouterr().err
    assert not (folder / "served").exists()


def test_it_is_small():
    lines = sum(len(path.read_text().splitlines()) for path in (HERE / "infill").glob("*.py"))
    assert lines <= MOST_LINES
