import os
from pathlib import Path

import numpy as np
import pytest

from tfseis.data.synthetic import facies_survey
from tfseis.geometry import Axis, Geometry
from tfseis.io.segy.create import write_segy

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real test data."""
    folder = Path(os.environ.get("TFSEIS_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"needs the real test data; {folder} is absent (set TFSEIS_DATA)")
    return folder


@pytest.fixture(scope="session")
def zoo(data) -> Path:
    """SEG-Y files of many kinds."""
    return data / "segy_zoo"


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch) -> Path:
    """A cache directory of this test alone."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("TFSEIS_CACHE", str(folder))
    return folder


@pytest.fixture
def geometry() -> Geometry:
    """Inlines 100, 102 .. 112; crosslines 300 .. 307; 12 to 44 ms; a rotated map grid."""
    return Geometry(
        Axis("inline", 100, 2, 7),
        Axis("crossline", 300, 1, 8),
        Axis("sample", 12, 4, 9),
        np.array([[10.0, -7.5, 450_000.0], [7.5, 10.0, 6_780_000.0]]),
    )


@pytest.fixture
def amplitude() -> np.ndarray:
    """Amplitudes that give away their own position: 100 * inline + 10 * crossline + sample."""
    inline, crossline, sample = np.indices((7, 8, 9))
    return (100.0 * inline + 10.0 * crossline + sample).astype("float32")


@pytest.fixture
def ragged() -> np.ndarray:
    """Live traces of a survey with a cut corner and holes; bool (7, 8)."""
    live = np.ones((7, 8), bool)
    live[:2, :3] = live[4, 5] = live[6, 7] = False
    return live


@pytest.fixture
def make(tmp_path, amplitude, geometry):
    """Writes `amplitude` as a SEG-Y file, with the options of write_segy; returns its path."""

    def made(**options) -> Path:
        path = tmp_path / "cube.sgy"
        write_segy(path, amplitude, geometry, **options)
        return path

    return made


@pytest.fixture
def survey(make) -> Path:
    """A SEG-Y file of `amplitude`, all traces live, big-endian, sorted by inline."""
    return make()


@pytest.fixture
def labelled_survey(tmp_path, monkeypatch) -> Path:
    """The working directory, with survey.sgy and points of two classes on its fourth inline."""
    survey = facies_survey((6, 40, 44), seed=1)
    write_segy(tmp_path / "survey.sgy", survey.amplitude, survey.geometry)
    numbers = [axis.numbers for axis in survey.geometry.axes]
    for name, rows in (("sand", slice(2, 20)), ("shale", slice(22, 42))):
        trace, sample = np.mgrid[2:38:3, rows].reshape(2, -1)
        inline = np.full(len(trace), numbers[0][3])
        np.savetxt(tmp_path / f"{name}.pts", np.c_[inline, numbers[1][trace], numbers[2][sample]])
    monkeypatch.chdir(tmp_path)
    return tmp_path
