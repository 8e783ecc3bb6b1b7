import numpy as np
import pytest

from tfseis.errors import FormatError, LabelError, TfseisError
from tfseis.io.labels.label_cube import legend_of, open_label_cube, read_lines
from tfseis.io.labels.legend import Legend, write_legend
from tfseis.io.segy.create import write_segy

KINDS = ["npy", "npz", "sgy"]


@pytest.fixture
def codes():
    """Codes 2, 5 and 7; a few samples unlabelled."""
    values = np.random.default_rng(0).choice([2, 5, 7], (7, 8, 9)).astype("float32")
    values[3, 2, 4], values[3, 5, :] = -1, np.nan
    values[0, 7, 8] = np.nan
    return values


def save(folder, kind, values, geometry, name="labels"):
    path = folder / f"{name}.{kind}"
    if kind == "npy":
        np.save(path, values)
    elif kind == "npz":
        np.savez(
            path,
            labels=values,
            inline_numbers=geometry.inlines.numbers,
            crossline_numbers=geometry.crosslines.numbers,
            sample_times_ms=geometry.samples.numbers,
        )
    else:
        write_segy(path, values, geometry, overwrite=True)
    return path


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("axis, number, index", [(0, 106, 3), (1, 305, 5), (2, 44, 8)])
def test_a_line_gives_its_known_samples(  # noqa: PLR0917  fixtures
    tmp_path, geometry, codes, kind, axis, number, index
):
    cube = open_label_cube(save(tmp_path, kind, codes, geometry), geometry)
    positions, found = cube.read_line(axis, number)
    known = np.isfinite(codes) & (codes >= 0)
    expected = np.argwhere(known)
    expected = expected[expected[:, axis] == index]
    np.testing.assert_array_equal(positions, expected)
    np.testing.assert_array_equal(found, codes[tuple(expected.T)])


@pytest.mark.parametrize("kind", KINDS)
def test_traces_of_class_0_are_labelled(tmp_path, geometry, kind):
    """As in a salt mask, where most traces hold no salt."""
    values = np.zeros((7, 8, 9), "float32")
    values[3, 4, 5:] = 1
    cube = open_label_cube(save(tmp_path, kind, values, geometry), geometry)
    labels = read_lines(cube, [(0, 106)])
    assert np.bincount(labels.classes).tolist() == [68, 4]


def test_missing_traces_are_unlabelled(tmp_path, geometry, ragged):
    path = tmp_path / "labels.sgy"
    write_segy(path, np.ones((7, 8, 9)), geometry, live=ragged, format=3)
    labels = read_lines(open_label_cube(path, geometry), [(0, n) for n in range(100, 114, 2)])
    expected = np.argwhere(np.broadcast_to(ragged[..., None], (7, 8, 9)))
    np.testing.assert_array_equal(labels.positions, expected)


@pytest.mark.parametrize("kind", ["npz", "sgy"])
def test_part_of_a_cube_lies_where_its_numbers_say(tmp_path, geometry, codes, kind):
    parts = slice(1, 6, 2), slice(2, 7), slice(1, 9, 3)
    path = save(tmp_path, kind, codes[parts], geometry.sliced(parts))
    cube = open_label_cube(path, geometry)
    assert cube.lines(0) == [102, 106, 110]
    assert cube.lines(2) == [16, 28, 40]
    labels = read_lines(cube, [(0, 106), (1, 303)])
    there = np.array(labels.legend.codes)[labels.classes]
    np.testing.assert_array_equal(there, codes[tuple(labels.positions.T)])
    assert set(labels.positions[:, 0].tolist()) <= {1, 3, 5}
    assert len(np.unique(labels.positions, axis=0)) == len(labels)  # the crossing once
    with pytest.raises(LabelError, match=r"expected inline 102 to 110; got 104"):
        cube.read_line(0, 104)


def test_classes_keep_their_codes_and_take_names_from_the_legend(tmp_path, geometry, codes):
    path = save(tmp_path, "npy", codes, geometry)
    labels = read_lines(open_label_cube(path, geometry), [(0, 100)])
    assert labels.legend.codes == (2, 5, 7)
    assert labels.legend.names == ("class 2", "class 5", "class 7")
    np.testing.assert_array_equal(np.unique(labels.classes), [0, 1, 2])
    write_legend(tmp_path / "labels.classes.csv", Legend((5, 9), ("salt", "x"), ("#111111", "#2")))
    legend = legend_of(path, np.array([2, 5]))
    assert legend.names == ("class 2", "salt")
    assert legend.colours[1] == "#111111"


def test_lines_that_are_not_there(tmp_path, geometry, codes):
    cube = open_label_cube(save(tmp_path, "npy", codes, geometry), geometry)
    for axis, number in ((0, 99), (0, 101), (1, 400), (2, 13)):
        with pytest.raises(TfseisError, match="got"):
            cube.read_line(axis, number)
    expected = (
        rf"^{cube.path.name}: expected at least one line .* among inlines 100 to 1\d\d \(--inl"
    )
    with pytest.raises(LabelError, match=expected):
        read_lines(cube, [])


@pytest.mark.parametrize("kind", KINDS)
def test_amplitudes_and_lines_without_labels_are_refused(tmp_path, geometry, codes, kind):
    bad = codes.copy()
    bad[2], bad[1] = np.random.default_rng(0).normal(5, 1, (8, 9)), -1
    bad[4] = np.random.default_rng(0).permutation(72).reshape(8, 9) * 10
    cube = open_label_cube(save(tmp_path, kind, bad, geometry), geometry)
    with pytest.raises(LabelError, match=r"class numbers .* inline 104; got fractions"):
        cube.read_line(0, 104)
    with pytest.raises(LabelError, match="got no labelled sample"):
        cube.read_line(0, 102)
    wide = np.arange(504).reshape(7, 8, 9).astype("float32")
    cube = open_label_cube(save(tmp_path, kind, wide, geometry), geometry)
    with pytest.raises(LabelError, match="at most 256 classes; got 504"):
        read_lines(cube, [(0, n) for n in range(100, 114, 2)])


def test_codes_that_the_result_cannot_hold_are_refused(tmp_path, geometry):
    values = np.zeros((7, 8, 9), "int32")
    values[0, 0, 0] = 40_000
    cube = open_label_cube(save(tmp_path, "npy", values, geometry), geometry)
    with pytest.raises(LabelError, match=r"up to 32767; got larger"):
        read_lines(cube, [(0, 100)])


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_label_cube_is_refused(tmp_path, geometry, kind):
    path = tmp_path / f"labels.{kind}"
    for content in (None, b"", b"nonsense" * 9):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(TfseisError, match="labels"):
            open_label_cube(path, geometry)


def test_arrays_under_the_other_name_are_refused(tmp_path, geometry):
    save(tmp_path, "npy", np.zeros((7, 8, 9)), geometry).rename(tmp_path / "wrong.npz")
    save(tmp_path, "npz", np.zeros((7, 8, 9)), geometry).rename(tmp_path / "wrong.npy")
    for kind in ("npy", "npz"):
        with pytest.raises(FormatError, match=f"wrong.{kind}: expected a"):
            open_label_cube(tmp_path / f"wrong.{kind}", geometry)


def test_another_grid_is_refused(tmp_path, geometry, codes):
    path = save(tmp_path, "npy", codes[:-1], geometry)
    with pytest.raises(LabelError, match=r"shape of the cube, \(7, 8, 9\); got \(6, 8, 9\)"):
        open_label_cube(path, geometry)
    np.savez(tmp_path / "a.npz", labels=codes)
    with pytest.raises(FormatError, match="inline_numbers"):
        open_label_cube(tmp_path / "a.npz", geometry)
    other = geometry.sliced((slice(None), slice(None), slice(0, 9)))
    other = type(other)(*other.axes[:2], type(other.samples)("sample", 13, 4, 9))
    with pytest.raises(LabelError, match=r"sample numbers among 12 to 44 step 4; got 13 \(9 of 9"):
        open_label_cube(save(tmp_path, "npz", codes, other), geometry)
    path = save(tmp_path, "npz", codes.swapaxes(0, 1), geometry)
    with pytest.raises(FormatError, match="Check the order"):
        open_label_cube(path, geometry)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": np.full((7, 8, 9), "a")},
        {"labels": np.zeros((7, 8, 9), complex)},
        {"inline_numbers": np.array(["a"] * 7)},
        {"sample_times_ms": np.float64(8)},
    ],
)
def test_archives_of_other_things_are_refused(tmp_path, geometry, changes):
    path = save(tmp_path, "npz", np.zeros((7, 8, 9)), geometry)
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez(path, **(arrays | changes))
    with pytest.raises(FormatError, match=r"labels.npz: expected"):
        open_label_cube(path, geometry)


def test_numbers_that_fit_no_integer_are_refused(tmp_path, geometry):
    cube = open_label_cube(save(tmp_path, "npy", np.full((7, 8, 9), 1e10), geometry), geometry)
    with pytest.raises(LabelError, match="up to 32767"):
        read_lines(cube, [(0, 100)])


@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "int64", "float32"])
def test_labels_of_any_number_type_are_read(tmp_path, geometry, kind):
    codes = np.broadcast_to(np.arange(9) % 4, geometry.shape).astype(kind)
    np.save(tmp_path / "labels.npy", codes)
    cube = open_label_cube(tmp_path / "labels.npy", geometry)
    positions, found = cube.read_line(1, 303)
    np.testing.assert_array_equal(found, positions[:, 2] % 4)


def test_a_label_file_with_line_numbers_at_other_bytes_is_opened_as_the_doctor_says(
    tmp_path, geometry
):
    codes = np.broadcast_to(np.arange(9) % 4, geometry.shape).astype("float32")
    path = tmp_path / "labels.sgy"
    write_segy(path, codes, geometry, format=3)
    traces = np.memmap(path, "u1", "r+", offset=3600).reshape(-1, 240 + 2 * 9)
    for old, new in ((189, 9), (193, 21)):
        traces[:, new - 1 : new + 3] = traces[:, old - 1 : old + 3]
        traces[:, old - 1 : old + 3] = 0
    traces.flush()
    positions, found = open_label_cube(path, geometry).read_line(0, 104)
    assert len(found) == 8 * 9
    np.testing.assert_array_equal(found, positions[:, 2] % 4)
