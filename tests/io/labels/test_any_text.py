"""Any text and any bytes: a result, or an error of tfseis that is one line."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tfseis.errors import TfseisError
from tfseis.io import read_labels

FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NUMBERS = ("100", "102", "104", "300", "301", "16", "20.5", "-16", "0", "999", "6", "7", "8", "1,5")
ODD = (
    "1e30",
    "1e400",
    "nan",
    "****",
    "0.2D+02",
    "449000",
    "6784000",
    "-996",
    "é",
    "",
    '"',
    '"a b"',
)
TITLES = ("x", "y", "z", "inline", "crossline", "time", "stick", "class", "polygon", "Horizon")
MARKS = ("INLINE-", "INLINE", "XLINE", ":", "-", "->", ">", "#", "!", "@", "$", ",", ";", "EOD")
VENDORS = ("PROFILE", "FFASCI", "BEGIN HEADER", "END HEADER", "@A HEADER, POINT", "# Field: 1 x")
WORDS = st.sampled_from((*NUMBERS, *ODD, *TITLES, *MARKS, *VENDORS))
LINES = st.lists(st.lists(WORDS, max_size=7), max_size=8)
ENDINGS = st.sampled_from([".dat", ".pts", ".hor", ".sticks", ".poly", ".csv"])


def read(path, geometry, **reading):
    message = ""
    try:
        labels = read_labels([path], geometry, **reading)
    except TfseisError as error:
        message = str(error)
    else:
        assert ((labels.positions >= 0) & (labels.positions < geometry.shape)).all()
        assert len(labels.notes) == 1
    assert "\n" not in message


def written(folder, ending, content):
    path = folder / f"a{ending}"
    path.write_bytes(content)
    return path


@FEW
@given(ENDINGS, LINES, st.sampled_from([" ", "\t", ",", ";"]))
@example(".dat", [["100", "300", "16"], ["100", "300"]], " ")
@example(".poly", [["999", "999", "999"]], " ")
def test_lines_of_words(tmp_path, geometry, ending, lines, separator):
    text = "\n".join(separator.join(words) for words in lines)
    read(written(tmp_path, ending, text.encode()), geometry)


@FEW
@given(ENDINGS, st.text(max_size=80), st.sampled_from(["utf-8", "utf-16", "utf-16-le"]))
def test_any_text(tmp_path, geometry, ending, text, encoding):
    read(written(tmp_path, ending, text.encode(encoding, "surrogatepass")), geometry)


@FEW
@given(ENDINGS, st.binary(max_size=80))
@example(".dat", b"\xff\xfe\x00\x00")
@example(".dat", b"\xff\xfe\x00\xd8")
def test_any_bytes(tmp_path, geometry, ending, content):
    read(written(tmp_path, ending, content), geometry)


@pytest.mark.parametrize("columns", ["inline,crossline,time", "x,y,time,stick", "time,y,x,-,class"])
@FEW
@given(ENDINGS, LINES)
def test_any_rows_with_named_columns(tmp_path, geometry, columns, ending, lines):
    text = "\n".join(" ".join(words) for words in lines)
    read(written(tmp_path, ending, text.encode()), geometry, columns=columns, unit="ms")
