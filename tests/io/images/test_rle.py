import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tfseis.errors import FormatError
from tfseis.io.images.images import read_mask
from tfseis.io.images.rle import decode_rle, encode_rle
from tfseis.io.images.submission import check_submission, read_submission, write_submission

MASKS = arrays.arrays(
    "uint8", st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 1)
)


@given(MASKS)
def test_decoding_undoes_encoding(mask):
    np.testing.assert_array_equal(decode_rle(encode_rle(mask), mask.shape), mask)


@given(MASKS)
def test_runs_are_those_of_a_loop_over_pixels(mask):
    runs, inside = [], False
    for number, pixel in enumerate(mask.T.reshape(-1).tolist(), start=1):
        if pixel and not inside:
            runs.append([number, 0])
        inside = bool(pixel)
        if inside:
            runs[-1][1] += 1
    assert encode_rle(mask) == " ".join(f"{start} {length}" for start, length in runs)


@pytest.mark.parametrize("nothing", [None, float("nan"), "", "  "])
def test_no_runs_are_an_empty_mask(nothing):
    assert decode_rle(nothing, (2, 3)).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_first_and_last_pixel():
    assert decode_rle("1 1 6 1", (2, 3)).tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    "text, message",
    [
        ("1 2 3", "pairs of a start and a length"),
        ("0 2", "both at least 1"),
        ("3 0", "both at least 1"),
        ("1 3 3 1", "do not overlap"),
        ("4 1 1 1", "in order"),
        ("5 3", "inside of 6 pixels"),
        ("7 1", "inside of 6 pixels"),
        ("1 x", r"whole numbers.*got '1 x'"),
        ("-1 2", "without sign"),
        ("1.0 2", "whole numbers"),
    ],
)
def test_wrong_runs_are_refused(text, message):
    with pytest.raises(FormatError, match=message):
        decode_rle(text, (2, 3))


def test_runs_that_touch_are_one():
    assert decode_rle("1 2 3 1 5 2", (2, 3)).tolist() == decode_rle("1 3 5 2", (2, 3)).tolist()


def test_thousands_of_ids_are_checked_at_once(tmp_path):
    """The time is that of the number of ids: 18,000 took 80 s, when it was that of its square."""
    rows = "".join(f"{number:05},1 1\n" for number in range(18_000))
    for name in ("s.csv", "sample.csv"):
        (tmp_path / name).write_text(f"id,rle_mask\n{rows}")
    began = time.process_time()
    assert len(check_submission(tmp_path / "s.csv", tmp_path / "sample.csv", (2, 2))) == 18_000
    assert time.process_time() - began < 10


def test_a_stack_of_masks_is_refused():
    with pytest.raises(FormatError, match=r"shape \(2, 3, 4\).*one at a time"):
        encode_rle(np.zeros((2, 3, 4)))


def test_every_mask_of_the_challenge_reproduces_its_runs(data):
    folder = data / "tgs_salt"
    table = read_submission(folder / "train.csv")
    assert len(table) == 3200
    masks = [read_mask(folder / "train" / "masks" / f"{i}.png") for i in table["id"]]
    assert [encode_rle(mask) for mask in masks] == table["rle_mask"].tolist()
    for mask, text in zip(masks, table["rle_mask"], strict=True):
        assert (decode_rle(text) == mask).all()


def test_a_submission_comes_back(tmp_path):
    masks = np.zeros((3, 101, 101))
    masks[1, :, 2] = 1
    write_submission(tmp_path / "s.csv", ["b", "a", "nan"], masks)
    assert (tmp_path / "s.csv").read_text() == "id,rle_mask\nb,\na,203 101\nnan,\n"
    table = check_submission(tmp_path / "s.csv")
    assert table["pixels"].tolist() == [0, 101, 0]


def test_a_submission_needs_each_id_once(tmp_path):
    with pytest.raises(FormatError, match=r"1 different ids; got 2 masks and 2 ids"):
        write_submission(tmp_path / "s.csv", ["a", "a"], np.zeros((2, 3, 3)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "rows, message",
    [
        ([("a", ""), ("a", "")], "each id once; got a again"),
        ([("a", "")], r"missing: 1 \(b\), unknown: 0 \(none\)"),
        ([("a", ""), ("c", "")], r"missing: 1 \(b\), unknown: 1 \(c\)"),
        ([("b", ""), ("a", "")], "line 2 has b where it has a"),
        ([("a", ""), ("b", "5 99999")], "line 3: Expected runs inside of 10201"),
    ],
)
def test_wrong_submissions_are_refused(tmp_path, rows, message):
    pd.DataFrame(rows, columns=["id", "rle_mask"]).to_csv(tmp_path / "s.csv", index=False)
    (tmp_path / "sample.csv").write_text("id,rle_mask\na,1 1\nb,1 1\n")
    with pytest.raises(FormatError, match=message):
        check_submission(tmp_path / "s.csv", tmp_path / "sample.csv")


def test_other_tables_are_refused(tmp_path):
    (tmp_path / "s.csv").write_text("id,mask\n")
    with pytest.raises(FormatError, match="columns id,rle_mask; got id,mask"):
        read_submission(tmp_path / "s.csv")
    with pytest.raises(FormatError, match="got none"):
        read_submission(tmp_path / "absent.csv")
