from dataclasses import replace

import numpy as np
import pytest

from tfseis.data.synthetic.borehole_image import (
    Plane,
    SyntheticBoreholeSettings,
    borehole,
    borehole_patches,
)
from tfseis.errors import GeometryError
from tfseis.io import read_patches

SETTINGS = SyntheticBoreholeSettings(lost=0, dead_buttons=0, gaps=0)


def test_the_seed_decides():
    one, again, other = (borehole(seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.image, again.image)
    assert not np.array_equal(one.image, other.image)
    assert one.image.dtype == "float32"
    assert set(np.unique(one.mask)) <= {0, 1}


def test_a_plane_by_hand():
    """At 45 degrees the line falls by the diameter, 36 / pi, and is deepest at its azimuth."""
    rows = Plane(20, dip=45, azimuth=90).rows(36)
    assert rows.argmax() == 9
    assert np.ptp(rows) == pytest.approx(36 / np.pi)
    assert rows.mean() == pytest.approx(20)


def test_marks_are_dark_and_bedding_is_not_marked():
    well = borehole(720, seed=4, settings=SETTINGS)
    mask = well.mask == 1
    assert well.image[mask].mean() < well.image[~mask].mean() - 2 * well.image[~mask].std()
    bare = borehole(720, seed=4, settings=replace(SETTINGS, lines=0, fractures=0, bedding=3))
    assert bare.mask.sum() == 0


def test_fractures_lie_where_their_planes_are():
    well = borehole(360, seed=5, settings=replace(SETTINGS, lines=0, fractures=1))
    assert len(well.fractures) > 3
    for plane in well.fractures:
        rows = np.rint(plane.rows()).astype(int)
        inside = (rows >= 0) & (rows < 360)
        assert well.mask[rows[inside], np.arange(36)[inside]].all()


def test_lines_cross_the_seam_without_a_step():
    well = borehole(3600, seed=6, settings=replace(SETTINGS, fractures=0))
    both = (well.mask[:, 0] & well.mask[:, -1]).sum()
    inside = np.mean([(well.mask[:, i] & well.mask[:, i + 1]).sum() for i in range(5, 30)])
    assert both > 0.5 * inside
    steps = np.abs(np.diff(np.c_[well.image, well.image[:, 0]], axis=1)).mean(0)
    assert steps[-1] < 2 * np.median(steps)


def test_tool_faults_are_there_and_readable(tmp_path):
    images, masks = borehole_patches(60, seed=7, settings=SyntheticBoreholeSettings(lost=1))
    assert (images == np.float32(-999.25)).any()
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    for number, (image, mask) in enumerate(zip(images, masks, strict=True)):
        np.save(tmp_path / "images" / f"well_2_patch_{number}.npy", image)
        np.save(tmp_path / "masks" / f"well_2_patch_{number}.npy", mask)
    patches = read_patches(tmp_path, progress=False)
    assert patches.counts["patches with the sentinel"] > 10
    assert (patches.masks[~patches.valid] == -1).all()


def test_statistics_are_those_of_real_patches(data):
    """Level, smoothness along and around, and the share of marks, within a factor of two."""
    real = read_patches(data / "borehole", progress=False).images
    ours, masks = borehole_patches(300, seed=8)
    ours = np.where(ours > -999, ours, 0)
    for measure in (
        lambda x: np.median(np.abs(x - np.median(x))),
        lambda x: np.median(np.abs(np.diff(x, axis=1))),
        lambda x: np.median(np.abs(np.diff(x, axis=2))),
    ):
        assert 0.5 < measure(ours) / measure(real) < 2
    assert 0.03 < masks.mean() < 0.15


def test_too_small():
    with pytest.raises(GeometryError, match=r"at least 8 rows and 8 columns; got 4 x 36"):
        borehole(4, seed=0)
