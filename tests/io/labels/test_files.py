import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.errors import FormatError, LabelError
from tfseis.io.labels.areas import Polygon
from tfseis.io.labels.files import read_labels, write_labels
from tfseis.io.labels.horizons import Horizon, write_horizon
from tfseis.io.labels.label_cube import open_label_cube, read_lines
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.io.labels.painted import write_painted
from tfseis.io.labels.points import write_points
from tfseis.io.labels.polygons import write_polygon
from tfseis.io.labels.recognised import label_kind
from tfseis.io.labels.sticks import Sticks, write_sticks


@pytest.fixture
def labels(geometry):
    random = np.random.default_rng(0)
    positions = np.argwhere(random.random(geometry.shape) < 0.5)
    return Labels(positions, random.integers(0, 3, len(positions)), Legend.of("abc", [1, 5, 9]))


@pytest.fixture
def folder(tmp_path, geometry, labels):
    """A file of every kind."""
    few = Labels(labels.positions[:5], np.zeros(5, int), Legend.of(["b_points"]))
    write_points(tmp_path, few, geometry)
    sticks = Sticks("c", (np.array([[112, 300, 12.0], [112, 300, 24.0]]),))
    write_sticks(tmp_path / "c_charisma.dat", sticks, geometry)
    write_sticks(tmp_path / "d_opendtect.txt", sticks, geometry, form="opendtect")
    corners = np.array([[112, 304, 12.0], [112, 307, 12], [112, 307, 20], [112, 304, 20]])
    write_polygon(tmp_path / "a_polygon.txt", [Polygon("a", corners)])
    on_map = Polygon("e", np.array([[100, 304, 0.0], [104, 304, 0], [104, 307, 0]]), (16, 24))
    write_polygon(tmp_path / "e_map.csv", [on_map])
    for name, time in (("f_top.dat", 36.0), ("g_base.hor", 44.0)):
        write_horizon(tmp_path / name, Horizon("x", np.full((7, 8), time)), geometry)
    (tmp_path / "h_points.xyz").write_text("100 300 12\n100 300 16\n100 301 12\n")
    (tmp_path / "i_charisma.dat").write_text("INLINE : 100 XLINE : 300 0 0 20.0\n")
    write_painted(tmp_path / "j_inline104.png", labels, geometry, (0, 104))
    write_labels(tmp_path / "k.npz", labels, geometry)
    return tmp_path


@pytest.mark.parametrize(
    "name, kind",
    [
        ("b_points.pts", "points"),
        ("c_charisma.dat", "sticks"),
        ("d_opendtect.txt", "sticks"),
        ("a_polygon.txt", "polygon"),
        ("e_map.csv", "polygon"),
        ("f_top.dat", "horizon"),
        ("g_base.hor", "horizon"),
        ("h_points.xyz", "points"),
        ("i_charisma.dat", "horizon"),
        ("j_inline104.png", "painted"),
        ("k.npz", "cube"),
    ],
)
def test_kinds_are_recognised(folder, geometry, name, kind):
    assert label_kind(folder / name, geometry) == kind


def test_files_of_several_kinds_make_one_set_of_labels(folder, geometry):
    names = ["g_base.hor", "c_charisma.dat", "b_points.pts", "a_polygon.txt", "f_top.dat"]
    labels = read_labels([folder / name for name in names], geometry, lines=[(0, 100), (0, 112)])
    assert labels.legend.names == ("a_polygon", "b_points", "c_charisma", "f_top to g_base")
    at = [labels.positions[labels.classes == index].tolist() for index in range(4)]
    assert at[0] == [[6, j, k] for j in range(4, 8) for k in range(3)]
    assert at[2] == [[6, 0, k] for k in range(4)]
    assert at[3] == [[i, j, k] for i in (0, 6) for j in range(8) for k in (6, 7)]


@pytest.mark.parametrize("name", ["facies.npz", "facies.sgy"])
@pytest.mark.parametrize("codes", [(1, 5, 9), (0, 3, 700)])
def test_a_label_cube_comes_back_as_it_was(tmp_path, geometry, labels, name, codes):
    labels = Labels(labels.positions, labels.classes, Legend.of("abc", codes))
    write_labels(tmp_path / name, labels, geometry)
    lines = [(0, number) for number in geometry.inlines.numbers.tolist()]
    again = read_lines(open_label_cube(tmp_path / name, geometry), lines)
    assert_array_equal(again.positions, labels.positions)
    assert_array_equal(again.classes, labels.classes)
    assert again.legend == labels.legend


def test_cubes_and_paintings_keep_their_codes(folder, geometry, labels):
    here = labels.positions[:, 0] == 2
    for path in (folder / "k.npz", folder / "j_inline104.png"):
        found = read_labels([path], geometry, lines=[(0, 104)])
        assert found.legend == labels.legend
        assert_array_equal(np.sort(found.classes), np.sort(labels.classes[here]))
        assert {tuple(p) for p in found.positions} == {tuple(p) for p in labels.positions[here]}


@pytest.mark.parametrize(
    "names, lines, message",
    [
        ([], [], "Expected at least one label file; got none"),
        (["k.npz", "b_points.pts"], [(0, 104)], "without files of another kind; got cube, points"),
        (
            ["j_inline104.png", "b_points.pts"],
            [],
            "got painted, points. Their class numbers would mix",
        ),
        (
            ["a_polygon.txt"],
            [(0, 104)],
            "a_polygon.txt: expected labels on the chosen lines; got none",
        ),
        (["j_inline104.png"], [(0, 106)], "every class of the label files on the chosen lines"),
        (["f_top.dat"], [], "Expected two horizons or more"),
        (
            ["c_charisma.dat", "d_opendtect.txt"],
            [],
            "d_opendtect.txt: expected a sample of one class",
        ),
        (["salt.jpg"], [], "salt.jpg: expected a label file; got the ending '.jpg'. Rename it"),
    ],
)
def test_what_does_not_go_together_is_refused(folder, geometry, names, lines, message):
    with pytest.raises(LabelError, match=message):
        read_labels([folder / name for name in names], geometry, lines=lines)


def test_the_rest_is_refused(tmp_path, geometry, labels):
    with pytest.raises(FormatError, match="No such file"):
        read_labels([tmp_path / "none.txt"], geometry)
    with pytest.raises(LabelError, match=r"a name that ends in .npz or .sgy; got '.npy'"):
        write_labels(tmp_path / "a.npy", labels, geometry)
    large = Labels(labels.positions, labels.classes, Legend.of("abc", [0, 1, 40000]))
    with pytest.raises(LabelError, match="class codes of 16 bits; got 40000"):
        write_labels(tmp_path / "a.npz", large, geometry)
