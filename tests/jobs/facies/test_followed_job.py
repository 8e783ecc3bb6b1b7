"""U-Nets through the whole job, following reflections or not."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tfseis.data.picks import pick_points
from tfseis.io import open_segy
from tfseis.jobs.facies import followed_training
from tfseis.jobs.facies.apply import apply_facies
from tfseis.jobs.facies.record import BLOCKS, score_of
from tfseis.jobs.facies.settings import DEFAULTS
from tfseis.learning import load_model
from tfseis.models import recipe_of

SMALL = {"filters": (2, 3), "crop_size": 8, "epochs": 2, "crops_per_epoch": 32, "batch_size": 8}


@pytest.mark.parametrize(
    "network, folds",
    [
        ("unet", 0),
        pytest.param("unet25", 2, marks=pytest.mark.slow),
        pytest.param("unet3d", 0, marks=pytest.mark.slow),
    ],
)
def test_a_unet_takes_the_same_way(job, tmp_path, network, folds):
    # `apply_facies` has no labels to follow reflections from
    settings = replace(DEFAULTS[network], **SMALL, folds=folds, follow=False)
    done = job.train(tmp_path / "out", settings=settings)
    blocked = score_of(done.metrics, BLOCKS)
    assert len(blocked["details"]["blocks"] if blocked else []) == folds
    assert recipe_of(load_model(tmp_path / "out" / "model.keras")).network == network
    with open_segy(job.folder / "cube.sgy") as cube:
        apply_facies(tmp_path / "out" / "model.keras", cube, tmp_path / "again.sgy", progress=False)
    with (
        open_segy(tmp_path / "out" / "facies.sgy") as one,
        open_segy(tmp_path / "again.sgy") as other,
    ):
        np.testing.assert_array_equal(one[:], other[:])


def test_a_followed_job_keeps_its_labels_and_marks_what_is_dead(job, tmp_path):
    settings = replace(DEFAULTS["unet"], **SMALL, folds=0)
    done = job.train(tmp_path / "out", settings=settings)
    assert 0 <= done.metrics["details"]["kept_from_line_to_line"] <= 1
    names = sorted(job.names)
    indices, classes = pick_points(job.facies, inline=6, fraction=0.3)
    ranks = np.array([names.index(name) for name in job.names])
    with (
        open_segy(tmp_path / "out" / "facies.sgy") as found,
        open_segy(tmp_path / "out" / "confidence.sgy") as sure,
    ):
        np.testing.assert_array_equal(found[:][tuple(indices.T)], ranks[classes])
        assert sure[:][tuple(indices.T)].min() > 0.9
        dead = np.repeat(~job.live[..., np.newaxis], job.facies.shape[2], axis=2)
        dead[9, 30] = dead[3, 3, 3] = True
        np.testing.assert_array_equal(sure[:] == 0, dead)


@pytest.mark.slow
def test_calibration_error_on_lines_is_that_of_the_written_confidence(job, tmp_path):
    """Fifteen intervals of confidence; the mean distance to the share of right answers."""
    settings = replace(DEFAULTS["unet"], **{**SMALL, "epochs": 1}, folds=2)
    truth = {"truth": job.folder / "truth.npz", "truth_inlines": (101, 103)}
    done = job.train(tmp_path / "out", settings=settings, **truth)
    some = np.isin(job.geometry.inlines.numbers, (101, 102, 103))
    with (
        open_segy(tmp_path / "out" / "facies.sgy") as classes,
        open_segy(tmp_path / "out" / "confidence.sgy") as confidence,
    ):
        found, sure = classes[:][some], confidence[:][some].astype("float64")
    known = found >= 0
    sure, right = sure[known], (found == job.facies[some])[known]
    interval = np.minimum((sure * 15).astype(int), 14)
    apart = [abs((sure - right)[interval == one].sum()) for one in np.unique(interval)]
    told = done.metrics["details"]["calibration"]["error_on_lines"]
    assert told == pytest.approx(np.sum(apart) / len(right), abs=1e-4)


@pytest.mark.parametrize(
    "halvings, trained, kept", [(0.02, 1, 0.9), (0.06, 1, 0.9**3), (0.1, 2, 0.9**6)]
)
def test_the_less_drifts_the_more_is_carried(monkeypatch, tmp_path, halvings, trained, kept):
    trainings = iter([(1, "history"), (2, "history")])
    for name, found in {
        "train": lambda *_, **__: next(trainings),
        "spread_survey": lambda *_: [],
        "painted_volumes": lambda *_: [],
        "followed_volumes": lambda *_, **__: [],
        "follower": lambda *_, **__: SimpleNamespace(halvings=halvings, keep=0.9),
    }.items():
        monkeypatch.setattr(followed_training, name, found)
    survey = SimpleNamespace(follows=True, labels=[])
    model, histories, guide = followed_training.train_following(survey, tmp_path)
    assert (model, len(histories), guide.keep) == (trained, trained, kept)
