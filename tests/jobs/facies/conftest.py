"""A small survey on disk with its points and truth, and a finished training on it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tfseis.data.picks import pick_points
from tfseis.data.synthetic import facies_survey
from tfseis.io import open_segy, write_segy
from tfseis.jobs.facies.settings import FaciesSettings
from tfseis.jobs.facies.train import train_facies

SHAPE = (12, 40, 40)
SETTINGS = FaciesSettings(
    network="patch",
    layout="cna cnap",
    filters=(3, 4),
    crop_size=8,
    epochs=2,
    crops_per_epoch=60,
    batch_size=20,
    folds=2,
    seed=1,
)


@dataclass
class Job:
    """A survey with missing and dead traces on disk, beside its points and its truth."""

    folder: Path
    amplitude: np.ndarray
    facies: np.ndarray
    names: tuple[str, ...]
    geometry: object
    live: np.ndarray

    @property
    def points(self):
        return sorted(self.folder.glob("*.pts"))

    def train(self, out, *, points=True, settings=SETTINGS, **options):
        labels = self.points if points else ()
        with open_segy(self.folder / "cube.sgy") as cube:
            options = {"accept": "network", "progress": False, **options}  # toys lose classes
            return train_facies(cube, labels, out=out, settings=settings, **options)


@pytest.fixture(scope="session")
def settings():
    """A patch classifier that trains in seconds."""
    return SETTINGS


@pytest.fixture(scope="session")
def job(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFSEIS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield _written(tmp_path_factory.mktemp("survey"))


@pytest.fixture(scope="session")
def done(job, tmp_path_factory):
    """A finished training that scored blocks and three lines of the truth."""
    out = tmp_path_factory.mktemp("out") / "result"
    return job.train(out, truth=job.folder / "truth.npz", truth_inlines=(101, 103))


def _written(folder):
    survey = facies_survey(SHAPE)
    live = np.ones(SHAPE[:2], bool)
    live[0, :4] = False
    amplitude = survey.amplitude.copy()
    amplitude[9, 30] = 0
    amplitude[3, 3, 3] = np.nan
    write_segy(folder / "cube.sgy", amplitude, survey.geometry, live=live)
    indices, classes = pick_points(survey.facies, inline=6, fraction=0.3)
    axes = survey.geometry.axes
    for number in np.unique(classes):
        on = indices[classes == number]
        rows = np.stack([axis.numbers[i] for axis, i in zip(axes, on.T, strict=True)], 1)
        np.savetxt(folder / f"{survey.names[number]}.pts", rows, fmt="%g")
    np.savez(
        folder / "truth.npz",
        labels=survey.facies,
        inline_numbers=axes[0].numbers,
        crossline_numbers=axes[1].numbers,
        sample_times_ms=axes[2].numbers,
    )
    return Job(folder, amplitude, survey.facies, tuple(survey.names), survey.geometry, live)
