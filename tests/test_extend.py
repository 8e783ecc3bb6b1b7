"""The examples of docs/extend.md run as they stand, in one process, on a small survey."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tfseis.data.synthetic import facies_survey
from tfseis.io import LABEL_KINDS, open_segy, write_segy

PAGE = Path(__file__).resolve().parents[1] / "docs" / "extend.md"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A survey with points of two classes on one inline, as the working directory."""
    survey = facies_survey((6, 40, 44), seed=1)
    write_segy(tmp_path / "survey.sgy", survey.amplitude, survey.geometry)
    numbers = [axis.numbers for axis in survey.geometry.axes]
    for name, rows in (("sand", slice(2, 20)), ("shale", slice(22, 42))):
        trace, sample = np.mgrid[2:38:3, rows].reshape(2, -1)
        inline = np.full(len(trace), numbers[0][3])
        np.savetxt(tmp_path / f"{name}.pts", np.c_[inline, numbers[1][trace], numbers[2][sample]])
    monkeypatch.chdir(tmp_path)
    kinds = dict(LABEL_KINDS)
    yield tmp_path
    LABEL_KINDS.clear()
    LABEL_KINDS.update(kinds)


def test_examples_run(folder, capsys):
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    assert len(examples) == 4
    names: dict[str, object] = {"__name__": "mine"}
    for example in examples:
        exec(example, names)
    assert "16 ('sand', 'shale')" in capsys.readouterr().out
    for run, loss in (("narrow", "crossentropy"), ("margin", "mine:squared_margin")):
        metrics = json.loads((folder / run / "metrics.json").read_text())
        assert metrics["settings"]["network"] == "mine:narrow"
        assert metrics["settings"]["loss"] == loss
    with names["cube"], open_segy("narrow.sgy") as ours, open_segy("raw.sgy") as raw:
        np.testing.assert_array_equal(ours[:], raw[:])
        assert raw.geometry.inlines.numbers.tolist() == [100, 103]
        assert raw.geometry.sample_interval == 6
