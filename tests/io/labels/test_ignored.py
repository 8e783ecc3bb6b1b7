"""Codes of a label cube that mean unlabelled."""

import numpy as np
import pytest

from tfseis.errors import LabelError
from tfseis.io import (
    Legend,
    open_class_cube,
    open_label_cube,
    read_labels,
    read_lines,
    write_legend,
)
from tfseis.io.segy.create import write_segy
from tfseis.scores.cubes import score

UINT8 = 16  # sample format of SEG-Y


@pytest.fixture
def codes():
    values = np.random.default_rng(0).integers(0, 3, (7, 8, 9)).astype("uint8")
    values[:, ::2] = 255
    return values


def save(folder, kind, values, geometry):
    path = folder / f"labels.{kind}"
    if kind == "sgy":
        write_segy(path, values, geometry, format=UINT8)
    else:
        np.save(path, values)
    return path


@pytest.mark.parametrize("kind", ["sgy", "npy"])
def test_255_in_unsigned_bytes_is_no_class(tmp_path, geometry, codes, kind):
    path = save(tmp_path, kind, codes, geometry)
    cube = open_label_cube(path, geometry)
    labels = read_lines(cube, [(0, 104)])
    assert labels.legend.codes == (0, 1, 2)
    assert len(labels) == 4 * 9
    assert labels.notes[0].endswith("36 samples labelled; codes that mean unlabelled: 255")
    assert read_labels([path], geometry, lines=[(0, 104)]).notes == labels.notes
    assert open_class_cube(path).ignore == (255,)


def test_255_is_a_class_where_the_legend_names_it_or_samples_are_larger(tmp_path, geometry, codes):
    path = save(tmp_path, "npy", codes, geometry)
    write_legend(tmp_path / "labels.classes.csv", Legend.of(["salt"], [255]))
    assert read_lines(open_label_cube(path, geometry), [(0, 104)]).legend.codes == (0, 1, 2, 255)
    wide = open_label_cube(codes.astype("int16"), geometry)
    assert read_lines(wide, [(0, 104)]).legend.codes == (0, 1, 2, 255)


def test_further_codes_are_left_out_when_asked(geometry, codes):
    wide = open_label_cube(codes.astype("int16"), geometry, ignore=[255, 1])
    assert read_lines(wide, [(0, 104)]).legend.codes == (0, 2)
    again = open_class_cube(open_class_cube(codes, ignore=[1]), ignore=[2])
    assert again.ignore == (1, 2, 255)
    assert set(np.unique(again.read((slice(None),) * 3))) == {-1, 0}


def test_a_value_that_stands_for_none_is_unlabelled(geometry, codes):
    values = codes.astype("float32")
    values[codes == 255] = 1e30
    assert read_lines(open_label_cube(values, geometry), [(0, 104)]).legend.codes == (0, 1, 2)
    with pytest.raises(LabelError, match="got no labelled sample"):
        open_label_cube(np.full((7, 8, 9), 1e30), geometry).read_line(0, 104)


def test_a_perfect_prediction_scores_1(tmp_path, geometry, codes):
    truth = save(tmp_path, "sgy", codes, geometry)
    prediction = np.where(codes == 255, 0, codes).astype("int16")
    found = score(truth, prediction, progress=False).as_dict()
    assert found["accuracy"] == 1
    assert found["compared"]["scored samples"] == 7 * 4 * 9
    wide = score(codes.astype("int16"), prediction, ignore=[255], progress=False).as_dict()
    assert wide["accuracy"] == 1
    mask = np.where(codes == 255, 255, codes > 0).astype("uint8")
    faults = score(mask, np.clip(prediction, 0, 1) * 0.9, progress=False).as_dict()
    assert faults["compared"]["scored samples"] == 7 * 4 * 9
