import numpy as np
import pytest

from tfseis.errors import TfseisError
from tfseis.io.labels.points import read_points


@pytest.fixture
def write(tmp_path):
    def written(**files):
        paths = [tmp_path / f"{name}.pts" for name in files]
        for path, text in zip(paths, files.values(), strict=True):
            path.write_text(text)
        return paths

    return written


def test_points_become_indices_and_classes_follow_file_names(write, geometry):
    paths = write(shale="104 301 44\n112 307 12 0.5 more\n", chalk="# a note\n\n100 300 20\n")
    labels = read_points(paths, geometry)
    assert labels.legend.names == ("chalk", "shale")
    assert labels.legend.codes == (0, 1)
    found = sorted(zip(labels.positions.tolist(), labels.classes.tolist(), strict=True))
    assert found == [([0, 0, 2], 0), ([2, 1, 8], 1), ([6, 7, 0], 1)]


def test_every_voxel_comes_back(write, geometry):
    places = np.argwhere(np.ones(geometry.shape, bool))
    numbers = np.stack([a.numbers[i] for a, i in zip(geometry.axes, places.T, strict=True)], 1)
    text = "\n".join(" ".join(f"{n:g}" for n in row) for row in numbers)
    labels = read_points(write(all=text), geometry)
    order = np.lexsort(labels.positions.T[::-1])
    np.testing.assert_array_equal(labels.positions[order], places)


def test_a_point_belongs_to_the_nearest_sample_and_counts_once(write, geometry):
    labels = read_points(write(a="100 300 21\n100 300 19\n100 300 20\n"), geometry)
    assert labels.positions.tolist() == [[0, 0, 2]]
    assert len(labels) == 1


@pytest.mark.parametrize(
    "row",
    [
        "100 300",
        "100 300 salt",
        "nan 300 20",
        "inf 300 20",
        "100 300 1e400",
    ],
)
def test_a_bad_row_is_refused_with_file_and_line(write, geometry, row):
    paths = write(salt=f"100 300 20\n\n{row}\n")
    with pytest.raises(TfseisError, match=r"salt\.pts, line 3"):
        read_points(paths, geometry)


def test_a_sample_of_two_classes_is_refused(write, geometry):
    paths = write(a="100 300 20\n104 303 24\n", b="102 300 20\n104 303 25\n")
    with pytest.raises(TfseisError, match=r"(?s)a\.pts.*line 2|b\.pts.*line 2"):
        read_points(paths, geometry)


def test_what_holds_no_points_is_refused(write, geometry, tmp_path):
    with pytest.raises(TfseisError, match="at least one"):
        read_points([], geometry)
    with pytest.raises(TfseisError, match=r"empty\.pts"):
        read_points(write(empty="# nothing\n"), geometry)
    with pytest.raises(TfseisError, match=r"none\.pts"):
        read_points([tmp_path / "none.pts"], geometry)
    (tmp_path / "bytes.pts").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(TfseisError, match=r"bytes\.pts"):
        read_points([tmp_path / "bytes.pts"], geometry)
    paths = write(a="100 300 20\n")
    with pytest.raises(TfseisError, match="twice"):
        read_points([*paths, *paths], geometry)
