"""Tables beside images and gathers are read by name, or refused in one line that names them."""

import zipfile

import numpy as np
import pytest

from tests.io.test_damaged_arrays import challenge
from tfseis.errors import FormatError, LabelError
from tfseis.io import open_gathers, read_images
from tfseis.io.images.wells import read_mask_table


def with_table(folder, name, content):
    """The challenge's zip with another table in it, and one test image."""
    challenge(folder / "whole.zip")
    with (
        zipfile.ZipFile(folder / "whole.zip") as whole,
        zipfile.ZipFile(folder / "changed.zip", "w") as archive,
    ):
        for member in whole.namelist():
            if member != name:
                archive.writestr(member, whole.read(member))
        archive.writestr("test/images/t.png", whole.read("train/images/a.png"))
        archive.writestr(name, content)
    return folder / "changed.zip"


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("depths.csv", "id,z\na,1\nb,2,3\n", r"depths.csv: expected a table .*saw 3"),
        ("depths.csv", "", r"depths.csv: expected a table"),
        ("depths.csv", b"id,z\n\xff,1\n", r"depths.csv: expected a table .*utf-8"),
        ("depths.csv", "id,z\na,1\na,2\nb,3\n", r"depths.csv: expected each id once; got a again"),
        ("train.csv", "id,rle_mask\na,1 1\na,\n", r"train.csv: expected each id once; got a again"),
        ("train.csv", "id;rle_mask\na;1 1\n", r"train.csv: expected the columns id,rle_mask"),
        ("train.csv", "", r"^train.csv: expected a CSV file"),
        ("sample_submission.csv", "id,rle_mask\nt,\nt,\n", r"expected each id once; got t again"),
    ],
)
def test_tables_of_the_challenge_are_refused_by_name(name, content, message, tmp_path):
    with pytest.raises(FormatError, match=message) as refused:
        read_images(with_table(tmp_path, name, content), progress=False)
    assert "\n" not in str(refused.value)


def test_the_same_depth_twice_is_one_depth(tmp_path):
    path = with_table(tmp_path, "depths.csv", "id,z,note\na,1,x\na,1,y\nb,-3,\nt,deep,\n")
    found = read_images(path, progress=False)
    np.testing.assert_array_equal(found.depths, [1, np.nan])
    np.testing.assert_array_equal(found.test_depths, [np.nan])


def test_a_patch_has_one_row_of_labels(tmp_path):
    row = "well_1_patch_0,0,1,0,1\n"
    (tmp_path / "labels.csv").write_text(f"name,0,1,2,3\n{row}well_1_patch_1,1,1,1,1\n")
    assert len(read_mask_table(tmp_path / "labels.csv")) == 2
    (tmp_path / "labels.csv").write_text(f"name,0,1,2,3\n{row}{row}")
    with pytest.raises(LabelError, match=r"expected each patch once; got well_1_patch_0 again"):
        read_mask_table(tmp_path / "labels.csv")


def traces(folder, rows):
    """A gather of three traces beside a table of (trace, offset, interval)."""
    np.save(folder / "g.npy", np.ones((3, 9), "float32"))
    lines = [f"g.npy,{trace},{offset},{interval}" for trace, offset, interval in rows]
    (folder / "traces.csv").write_text("\n".join(["file,trace,offset,interval", *lines]))
    return open_gathers(folder / "g.npy").read(0)


def test_offsets_are_those_of_the_traces_in_any_order_of_rows(tmp_path):
    gather = traces(tmp_path, [(2, 30, 2), (0, 10, 2), (1, 20, 2)])
    assert gather.offset.tolist() == [10, 20, 30]
    assert gather.sample_interval == 2


@pytest.mark.parametrize(
    "rows, message",
    [
        ([(0, 10, 4)], r"an offset for each of the 3 traces of g.npy; got 1"),
        ([(n, n, 0) for n in range(3)], r"one interval above 0 ms; got \[0.0\]"),
        ([(n, n, "nan") for n in range(3)], r"one interval above 0 ms; got \[nan\]"),
        ([(n, n, 2 + n) for n in range(3)], r"one interval above 0 ms; got \[2.0, 3.0, 4.0\]"),
        ([(n, "far", 4) for n in range(3)], r"could not convert string to float"),
        ([], r"one interval above 0 ms; got \[\]"),
    ],
)
def test_a_table_of_other_traces_is_refused(rows, message, tmp_path):
    with pytest.raises(FormatError, match=message) as refused:
        traces(tmp_path, rows)
    assert "\n" not in str(refused.value)
