"""Every file of the zoo against what was read off its bytes by hand (tests/io/zoo.csv)."""

import csv
import re
import shlex
import warnings
from pathlib import Path

import numpy as np
import pytest
import segyio
from numpy.testing import assert_array_equal

from tfseis.errors import TfseisError
from tfseis.io.doctor.diagnosis import describe, diagnose
from tfseis.io.segy.cube import open_segy
from tfseis.io.segy.options import OPTIONS

with (Path(__file__).parents[1] / "zoo.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))
FLAGS = {option.flag: option for option in OPTIONS}


def arguments_of(text: str) -> dict[str, object]:
    """Arguments of open_segy from their command-line form."""
    words = shlex.split(text)
    return {
        FLAGS[flag].name: FLAGS[flag].parse(word)
        for flag, word in zip(words[::2], words[1::2], strict=True)
    }


def test_the_table_lists_every_file(zoo):
    files = {path.relative_to(zoo).as_posix() for path in zoo.rglob("*.sgy")}
    assert files == {row["file"] for row in ROWS}


@pytest.mark.filterwarnings("ignore:.*sample interval")
@pytest.mark.filterwarnings("ignore:.*samples in a trace")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_every_file_ends_in_the_right_verdict(zoo, row):
    diagnosis = diagnose(zoo / row["file"])
    assert (diagnosis.exit_code, diagnosis.kind) == (int(row["exit_code"]), row["kind"])
    assert diagnosis.arguments == arguments_of(row["arguments"])
    assert re.search(row["message"] or "^$", diagnosis.reason)
    if row["format"]:
        assert diagnosis.facts["endian"] == row["endian"]
        assert diagnosis.facts["format"] == int(row["format"])
    words = describe(diagnosis)
    assert row["arguments"] in words
    assert diagnosis.reason in words or diagnosis.verdict == "opens"
    if diagnosis.exit_code == 4:
        with pytest.raises(TfseisError):
            open_segy(zoo / row["file"])
        return
    assert diagnosis.facts["shape"] == [int(row[k]) for k in ("inlines", "crosslines", "samples")]
    assert diagnosis.facts["sorting"] == row["sorting"]
    cube = open_segy(zoo / row["file"], **diagnosis.arguments)
    assert list(cube.shape) == diagnosis.facts["shape"]
    assert_array_equal(cube[...], traces_of(zoo / row["file"], row).reshape(cube.shape))
    if diagnosis.exit_code == 3:
        with pytest.raises(TfseisError):
            open_segy(zoo / row["file"])


def traces_of(path: Path, row: dict[str, str]) -> np.ndarray:
    """All samples in file order, which is the cube's order for every cube of the zoo."""
    dtypes = {
        1: "u4",
        2: "i4",
        3: "i2",
        5: "f4",
        6: "f8",
        8: "i1",
        9: "i8",
        10: "u4",
        11: "u2",
        12: "u8",
        16: "u1",
    }
    dtype = np.dtype(dtypes[int(row["format"])])
    samples = int(row["samples"])
    traces = int(row["inlines"]) * int(row["crosslines"])
    raw = np.frombuffer(path.read_bytes(), "u1")
    order = ">" if row["endian"] == "big" else "<"
    extensions = int(raw[3506:3508].view(order + "i2")[0]) if 2 in raw[3500:3502] else 0
    trace_bytes = 240 * (1 + extensions) + samples * dtype.itemsize
    block = raw[-traces * trace_bytes :].reshape(traces, -1)[:, -samples * dtype.itemsize :]
    values = np.ascontiguousarray(block).view(dtype.newbyteorder(order))
    if int(row["format"]) == 1:
        values = segyio.tools.native(np.ascontiguousarray(values.astype(">u4")).view("f4"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return values.astype("float32")
