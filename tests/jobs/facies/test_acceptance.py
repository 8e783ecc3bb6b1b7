"""What is delivered where a network loses, and who decides."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.io import open_segy
from tfseis.io.labels.legend import Legend
from tfseis.jobs.facies import acceptance
from tfseis.jobs.facies.acceptance import best_baseline, check_accept
from tfseis.jobs.facies.blocks import SPREAD, Blocks
from tfseis.scores.baselines import BASELINES
from tfseis.scores.comparison import NETWORK, Score

HALF = np.array([[5, 5], [5, 5]])
GOOD, BETTER = np.array([[8, 2], [2, 8]]), np.array([[9, 1], [1, 9]])


@pytest.mark.parametrize(
    "network, copy, spread, expected",
    [
        (GOOD, BETTER, HALF, "copy"),
        (BETTER, GOOD, HALF, None),
        (GOOD, GOOD, HALF, None),
        (GOOD, HALF, BETTER, SPREAD),
    ],
)
def test_a_baseline_is_better_only_if_it_leads(network, copy, spread, expected):
    score = Score(Legend.of(["a", "b"]), {NETWORK: network, "copy": copy, SPREAD: spread})
    assert best_baseline(score) == expected


def test_without_blocks_nothing_is_better():
    assert best_baseline(None) is None


def test_another_word_is_refused():
    with pytest.raises(ModelError, match=r"--accept among network, baseline; got 'copy'"):
        check_accept("copy")


def test_a_class_that_is_found_nowhere_is_an_error(job, tmp_path, settings):
    short = replace(settings, epochs=1, crops_per_epoch=20, learning_rate=1e-6, folds=0)
    with pytest.raises(ModelError, match=r"found nowhere: .*labels\).*--accept network"):
        job.train(tmp_path / "out", settings=short, accept=None)
    assert not (tmp_path / "out" / "facies.sgy").exists()
    job.train(tmp_path / "out", settings=short, accept="network")  # resumes what was trained
    assert (tmp_path / "out" / "facies.sgy").exists()


def test_the_baseline_is_delivered_where_the_user_agrees(job, tmp_path, settings, capsys):
    short = replace(settings, epochs=1, crops_per_epoch=20, learning_rate=1e-6)
    done = job.train(tmp_path / "out", settings=short, accept="baseline", progress=True)
    assert "worse than no network in held-out blocks" in capsys.readouterr().out
    assert done.metrics["verdict"]["rank"] == "worse"
    assert done.text.startswith("Worse than no network")
    name = done.metrics["details"]["delivered"]
    [blocked] = [s for s in done.metrics["scores"] if s["split"] == "held-out blocks"]
    best = max(blocked["baselines"], key=lambda key: blocked["baselines"][key]["mean_iou"])
    assert name == best
    page = (done.folder / "report.html").read_text()
    assert page.index("Worse than no network") < page.index("What was found")
    metrics = json.loads((done.folder / "metrics.json").read_text())
    with (
        open_segy(done.folder / "facies.sgy") as found,
        open_segy(done.folder / "confidence.sgy") as sure,
    ):
        confidence = sure[:][sure[:] > 0]
        accuracy = blocked["baselines"][name]["accuracy"]
        np.testing.assert_allclose(confidence, accuracy, rtol=1e-5)
        assert len(np.unique(found[:][sure[:] > 0])) > 1
    assert metrics["verdict"] == done.metrics["verdict"]


@pytest.mark.parametrize("answer, delivered", [("y", True), ("", False)])
def test_a_person_is_asked(monkeypatch, answer, delivered):
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda words: asked.append(words) or answer)
    monkeypatch.setattr(acceptance, "BaselineLines", lambda survey, name, confidence: name)
    name = next(iter(BASELINES))
    score = Score(Legend.of(["a", "b"]), {NETWORK: GOOD, name: BETTER})
    found = acceptance.delivered(None, Blocks(score), None, None, progress=True)
    assert found == (name if delivered else None)
    assert len(asked) == 1
    assert acceptance.delivered(None, Blocks(score), None, "network", progress=True) is None
    assert acceptance.delivered(None, Blocks(score), None, "baseline", progress=True) == name
    assert len(asked) == 1
