"""Encodings, separators and numbers as programs of many countries and decades write them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tfseis.errors import FormatError, LabelError
from tfseis.io import read_horizon, read_points
from tfseis.io.labels import cells
from tfseis.io.labels.text import read_table

ROWS = [(102, 303, 16.0), (104, 300, 20.5), (106, 305, 24.0), (112, 307, 44.0)]
PLACES = [(1, 3), (2, 0), (3, 5), (6, 7)]


@pytest.fixture
def file(tmp_path):
    def written(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def written(form, end="\n"):
    return "".join(form.format(*row) + end for row in ROWS)


def check(path, geometry):
    horizon = read_horizon(path, geometry, reach=0)
    assert [horizon.times[place] for place in PLACES] == [row[2] for row in ROWS]
    assert np.isfinite(horizon.times).sum() == len(ROWS)


@pytest.mark.parametrize(
    "encoding",
    ["latin-1", "cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(file, geometry, encoding, end):
    text = f"# Topp Øst før 1°{end}" + written("{} {} {}", end)
    check(file("a.hor", text.encode(encoding)), geometry)


@pytest.mark.parametrize(
    "form",
    [
        "{0},{1},{2}",
        "{0}, {1}, {2}",
        "{0};{1};{2}",
        "{0} ; {1} ; {2}",
        "{0}\t{1}\t{2}",
        "  {0:6d}  {1:6d}   {2:10.2f}   ",
        '"{0}","{1}","{2}"',
        '"{0}" {1} {2}',
        "{0},{1} {2}",
        "{0}\t\t{1}\t\t{2}",
        "\t{0}\t{1}\t{2}",
        "{0}.000E+00 {1:.3E} {2:.4e}",
        "{0}.D0 {1}d+00 {2}D+00",
        "+{0} +{1} +{2}",
        "{0}\u00a0{1}\u00a0{2}",
        "{0} {1} \u2212{2}",  # a minus sign that is no hyphen: heights
    ],
)
def test_separators_and_numbers(file, geometry, form):
    check(file("a.hor", written(form)), geometry)


@pytest.mark.parametrize(
    "form", ["{0};{1};{2}", "{0},0;{1},00;{2}", "{0}\t{1}\t{2}", "{0},0 {1},0 {2}"]
)
def test_decimal_commas(file, geometry, form):
    text = "\n".join(form.format(il, xl, str(t).replace(".", ",")) for il, xl, t in ROWS)
    check(file("a.hor", text), geometry)


def test_commas_that_may_be_decimal_are_asked_about(file, geometry):
    with pytest.raises(LabelError, match=r"whose commas separate columns or are decimal. Put semi"):
        read_horizon(file("a.hor", "102,303 16\n104,300 20\n"), geometry)


@pytest.mark.parametrize(
    "below",
    [
        "EOD\n",
        "Total 4 points\n",
        "\x1a",
        "\n\x1a\x1a\n",
        "END\n\n",
        "# the end\n",
        "EOF\n\x1a\0\0",
    ],
)
def test_footers(file, geometry, below):
    check(file("a.hor", written("{} {} {}") + below), geometry)


@pytest.mark.parametrize(
    "row", ["1O4 301 20", "oops 300 12", "104 301", "104 301 2O", "EOD 104 301 20", "104"]
)
def test_a_wrong_last_row_is_no_footer(file, geometry, row):
    with pytest.raises(LabelError, match=r"a.hor, line 5: expected .* Correct or remove the line"):
        read_horizon(file("a.hor", written("{} {} {}") + row), geometry)


@pytest.mark.parametrize("place", ["inf", "1e400", "nan", "****"])
def test_places_that_are_not_known_are_no_nodes(file, geometry, place):
    rows = written("{},{},{},500,500") + f"{place},301,20,{place},0\n"
    assert np.isfinite(read_horizon(file("a.hor", rows), geometry, reach=0).times).sum() == 4
    with pytest.raises(LabelError, match="line 5: expected inline crossline time_ms"):
        read_points([file("a.pts", rows)], geometry)


@pytest.mark.parametrize(
    "value", ["*", "*******", "NaN", "nan", "-nan", "null", "NULL", "1.#QNAN", "N/A", "1e30", ""]
)
def test_values_that_are_not_known(file, geometry, value):
    horizon = read_horizon(file("a.hor", written("{},{},{}") + f"108,301,{value}\n"), geometry)
    assert horizon.undefined == 1
    with pytest.raises(LabelError, match=r"a.pts, line 5: expected inline crossline time_ms"):
        read_points([file("a.pts", written("{},{},{}") + f"108,301,{value}\n")], geometry)


def test_an_empty_field_keeps_its_column(file, geometry):
    text = "inline,crossline,amplitude,time\n104,301,,16\n104,302,0.5,20\n"
    labels = read_points([file("a.pts", text)], geometry)
    assert labels.positions.tolist() == [[2, 1, 1], [2, 2, 2]]


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b\x08\x00" * 9, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"1 2\0 3\n"]
)
def test_other_bytes_are_refused(file, geometry, content):
    with pytest.raises(FormatError, match=r"expected text, .* it holds other bytes. Export"):
        read_horizon(file("a.hor", content), geometry)


@pytest.mark.parametrize(
    "text",
    [
        written("{} {} {}"),
        written("{} {} {}\n"),
        "# a\n" + written("{}, {}, {}") + "# b\n\n" + written("{}, {}, {}"),
        written("{} {} {} F1 7"),
        written('"main fault" {} {} {}'),
        written("{}\t{}\t{}\tmain fault\t7"),
        written("{},{},{}") + "108,301,\n",
        written("{} {} {}") + "108 301 ****\n>\n1 2 0.1D+01\n",
        written("{:.17g} {:.12f} {:.1e}"),
    ],
)
def test_both_ways_of_reading_rows_agree(file, text, monkeypatch):
    path = file("a.dat", text)
    quick = read_table(path, "rows")
    monkeypatch.setattr(cells, "_by_pandas", lambda *_, **__: None)
    monkeypatch.setattr(cells, "CHUNK", 3)
    slow = read_table(path, "rows")
    assert len(quick.columns) == len(slow.columns)
    assert_array_equal(quick.lines, slow.lines)
    assert_array_equal(quick.parts, slow.parts)
    for one, other in zip(quick.columns, slow.columns, strict=True):
        assert_array_equal(one.values, other.values)
        assert (one.codes is None) == (other.codes is None)
        if one.codes is not None:
            words = [np.array(column.names)[column.codes] for column in (one, other)]
            assert_array_equal(*words)


def test_rows_of_unequal_length_are_read_one_by_one(file):
    table = read_table(file("a.dat", "1 2 3\n4 5 6 salt dome\n7 8\n9 10 x\n"), "rows")
    assert [column.values.tolist() for column in table.columns[:2]] == [[1, 4, 7, 9], [2, 5, 8, 10]]
    assert table.columns[2].wrong.tolist() == [False, False, True, True]
    assert table.columns[3].names == ("salt dome",)
    assert table.columns[3].codes.tolist() == [-1, 0, -1, -1]
