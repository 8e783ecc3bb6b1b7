"""Folders of facies trainings: interrupted ones are resumed, finished ones are kept."""

import json
from dataclasses import replace

import pytest

from tfseis.errors import TfseisError
from tfseis.io import open_segy
from tfseis.jobs.facies.record import BLOCKS, score_of
from tfseis.jobs.facies.train import train_facies
from tfseis.learning.fitting.progress import ProgressBar

# What an interrupted process leaves open, it need not close.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def interrupted_after(count, monkeypatch):
    """Interrupt once so many epochs were saved; gives the list of all epochs since."""
    epochs = []

    def stop(self, row):
        epochs.append(row["epoch"])
        if len(epochs) == count:
            raise KeyboardInterrupt

    monkeypatch.setattr(ProgressBar, "move", stop)
    return epochs


def test_results_are_not_replaced_unasked(done, job):
    with pytest.raises(TfseisError, match=r"holds a finished run.*--overwrite"):
        job.train(done.folder)


def test_an_interrupted_job_is_resumed_and_ends_the_same(done, job, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        interrupted_after(3, patch)  # in the second training
        with pytest.raises(KeyboardInterrupt):
            job.train(tmp_path / "out")
    found = job.train(tmp_path / "out")
    for name in ("facies.sgy", "facies.classes.csv"):
        assert (found.folder / name).read_bytes() == (done.folder / name).read_bytes()
    first, again = (score_of(one.metrics, BLOCKS) for one in (done, found))
    assert first == again


def test_an_interrupted_job_of_other_settings_is_not_resumed(job, settings, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        interrupted_after(1, patch)
        with pytest.raises(KeyboardInterrupt):
            job.train(tmp_path / "out")
    with pytest.raises(TfseisError, match=r"differs in learning_rate \(0.002 before, 0.1 now\)"):
        job.train(tmp_path / "out", settings=replace(settings, learning_rate=0.1))


@pytest.mark.slow
def test_an_interrupted_job_with_overwrite_is_resumed_too(job, settings, tmp_path, monkeypatch):
    options = {"settings": replace(settings, folds=0), "overwrite": True}
    job.train(tmp_path / "out", **options)
    whole = (tmp_path / "out" / "facies.sgy").read_bytes()
    epochs = interrupted_after(2, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        job.train(tmp_path / "out", **options)
    assert (tmp_path / "out" / "metrics.json").exists()  # of the run before
    assert (tmp_path / "out" / "facies.sgy").read_bytes() == whole
    job.train(tmp_path / "out", **options)
    assert epochs == [0, 1]
    assert (tmp_path / "out" / "facies.sgy").read_bytes() == whole


def test_the_cube_in_the_folder_of_results_is_not_replaced(job, settings, tmp_path):
    path = tmp_path / "facies.sgy"
    path.write_bytes((job.folder / "cube.sgy").read_bytes())
    with open_segy(path) as cube, pytest.raises(TfseisError, match="is the same file"):
        train_facies(cube, job.points, out=tmp_path, settings=settings, overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == ["facies.sgy"]


def test_a_run_says_what_it_is(done):
    identity = json.loads((done.folder / "training" / "run.json").read_text())
    assert identity["job"] == "facies"
    assert identity["data"]["cube"].startswith("cube.sgy")
    assert set(identity["data"]) == {"cube", "amplitudes", "labels"}
