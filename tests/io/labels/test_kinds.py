"""Kinds of label files that tfseis does not know, defined here."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.errors import LabelError, ModelError
from tfseis.io import (
    LABEL_KINDS,
    LabelFiles,
    LabelKind,
    LabelPart,
    Labels,
    read_labels,
    write_points,
)


def read_picks(files: LabelFiles) -> Labels:
    """Inline, crossline, time and class code in each row."""
    rows = np.concatenate([np.loadtxt(path, ndmin=2) for path in files.paths])
    return Labels.at_numbers(rows[:, :3], rows[:, 3], files.geometry, names={7: "salt", 2: "chalk"})


def read_corner(files: LabelFiles) -> list[LabelPart]:
    """One class for each file: its first samples."""
    return [
        LabelPart(path.name, path.stem, np.array([[6, 7, k] for k in range(int(path.read_text()))]))
        for path in files.paths
    ]


OTHER = LabelKind(read_picks, endings=(".mine",))


@pytest.fixture
def picks(tmp_path):
    (tmp_path / "b.dat").write_text("100 300 12 7\n104 301 16 2\n")
    (tmp_path / "a.dat").write_text("112 307 44 2\n")
    return [tmp_path / "b.dat", tmp_path / "a.dat"]


@pytest.mark.parametrize(
    "kind",
    [read_picks, f"{__name__}:read_picks", OTHER, f"{__name__}:OTHER"],
    ids=["function", "named function", "kind", "named kind"],
)
def test_a_reader_of_ones_own_is_named_or_given(picks, geometry, kind):
    labels = read_labels(picks, geometry, kind=kind)
    assert labels.positions.tolist() == [[6, 7, 8], [0, 0, 0], [2, 1, 1]]
    assert [labels.legend.names[index] for index in labels.classes] == ["chalk", "salt", "chalk"]
    on_line = read_labels(picks, geometry, kind=kind, lines=[(0, 100), (0, 104)])
    assert on_line.positions.tolist() == [[0, 0, 0], [2, 1, 1]]


def test_a_kind_with_an_ending_is_recognised(tmp_path, geometry, monkeypatch):
    monkeypatch.setitem(LABEL_KINDS, "mine", OTHER)
    (tmp_path / "a.mine").write_text("112 307 44 2\n")
    assert read_labels([tmp_path / "a.mine"], geometry).legend.codes == (2,)
    few = Labels.at_indices([[0, 0, 0]], ["b"], geometry)
    [points] = write_points(tmp_path, few, geometry)
    with pytest.raises(LabelError, match="without files of another kind; got mine, points"):
        read_labels([tmp_path / "a.mine", points], geometry)


def test_parts_of_ones_own_are_merged_in_order_of_file_names(tmp_path, geometry, monkeypatch):
    kind = LabelKind(read_corner, endings=(".corner",), own_codes=False)
    monkeypatch.setitem(LABEL_KINDS, "corner", kind)
    for name, count in (("a", 3), ("c", 0)):
        (tmp_path / f"{name}.corner").write_text(str(count))
    few = Labels.at_indices([[0, 0, 0]], ["b"], geometry)
    [points] = write_points(tmp_path, few, geometry)
    labels = read_labels([points, tmp_path / "a.corner"], geometry)
    assert labels.legend.names == ("a", "b")
    assert_array_equal(np.bincount(labels.classes), [3, 1])


def test_a_known_kind_may_be_named(tmp_path, geometry):
    (tmp_path / "a.dat").write_text("100 300 12\n102 301 16\n")
    with pytest.raises(LabelError, match=r"may be points or horizon. Say which: --kind a.dat=poi"):
        read_labels([tmp_path / "a.dat"], geometry)
    with pytest.raises(LabelError, match="two horizons or more"):
        read_labels([tmp_path / "a.dat"], geometry, kind="horizon")
    for kind in ("points", {"a.dat": "points"}, {"": "points"}):
        assert len(read_labels([tmp_path / "a.dat"], geometry, kind=kind)) == 2
    with pytest.raises(LabelError, match=r"the kind of a file that is given; got 'b.dat'"):
        read_labels([tmp_path / "a.dat"], geometry, kind={"b.dat": "points"})


@pytest.mark.parametrize(
    "kind, error, message",
    [
        ("picks", ModelError, "a kind of label files among points, horizon,.*got 'picks'"),
        ("nowhere:read", ModelError, "can be imported; got 'nowhere:read'"),
        (lambda files: files, LabelError, "to return Labels, or a LabelPart .* got LabelFiles"),
        (
            "math:pi",
            LabelError,
            "takes LabelFiles.*; math:pi is float. Give its",
        ),
        (
            "math:sqrt",
            LabelError,
            "reader of 'math:sqrt' .* failed with TypeError: .* Call it",
        ),
        (lambda: 3, LabelError, "it failed with TypeError"),
        (lambda files: 3, LabelError, "to return Labels, or a LabelPart .* got int. Make them"),
        (lambda files: [], LabelError, "to return Labels, or a LabelPart for each class; got list"),
    ],
)
def test_what_reads_no_labels_is_refused(picks, geometry, kind, error, message):
    with pytest.raises(error, match=message):
        read_labels(picks, geometry, kind=kind)
