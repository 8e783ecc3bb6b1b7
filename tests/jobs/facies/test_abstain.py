"""Samples whose class is not said."""

import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.io import open_segy
from tfseis.io.labels.legend import read_legend
from tfseis.jobs.facies.apply import UNSURE, apply_facies


def test_unsure_samples_have_a_class_of_their_own(done, job, tmp_path):
    model, sure = done.folder / "model.keras", tmp_path / "sure.sgy"
    with open_segy(job.folder / "cube.sgy") as cube:
        apply_facies(model, cube, tmp_path / "all.sgy", confidence=sure, progress=False)
    with open_segy(sure) as confidence, open_segy(tmp_path / "all.sgy") as plain:
        level = float(np.median(confidence[:][confidence[:] > 0]))
        with open_segy(job.folder / "cube.sgy") as cube:
            apply_facies(model, cube, tmp_path / "some.sgy", abstain=level, progress=False)
        with open_segy(tmp_path / "some.sgy") as found:
            legend = read_legend(tmp_path / "some.classes.csv")
            code = legend.codes[legend.names.index(UNSURE)]
            live = confidence[:] > 0
            expected = np.where(live & (confidence[:] < np.float32(level)), code, plain[:])
            np.testing.assert_array_equal(found[:], expected)
            assert 0.3 < (found[:][live] == code).mean() < 0.7


@pytest.mark.parametrize("level", [-0.1, 1.5])
def test_a_level_out_of_range_is_refused(done, job, tmp_path, level):
    with (
        open_segy(job.folder / "cube.sgy") as cube,
        pytest.raises(ModelError, match=r"--abstain\) from 0 to 1; got .*Try 0.6"),
    ):
        apply_facies(done.folder / "model.keras", cube, tmp_path / "a.sgy", abstain=level)
    assert not (tmp_path / "a.sgy").exists()
