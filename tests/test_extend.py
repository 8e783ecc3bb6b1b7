"""The examples of docs/extend.md run as they stand, in one process, on a small survey."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tfseis.io import LABEL_KINDS, open_segy

PAGE = Path(__file__).resolve().parents[1] / "docs" / "extend.md"


@pytest.fixture
def folder(labelled_survey):
    """The survey; kinds of labels that the examples add are taken away afterwards."""
    kinds = dict(LABEL_KINDS)
    yield labelled_survey
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
