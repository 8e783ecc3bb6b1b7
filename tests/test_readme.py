"""The README's Python examples run as they stand, in one process, on a small survey."""

import re
from pathlib import Path

import numpy as np
import pytest

from tfseis.data.synthetic import facies_survey
from tfseis.io import write_segy

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    survey = facies_survey((6, 40, 44), seed=1)
    write_segy(tmp_path / "survey.sgy", survey.amplitude, survey.geometry)
    numbers = [axis.numbers for axis in survey.geometry.axes]
    for name, rows in (("sand", slice(2, 20)), ("shale", slice(22, 42))):
        trace, sample = np.mgrid[2:38:3, rows].reshape(2, -1)
        inline = np.full(len(trace), numbers[0][3])
        np.savetxt(tmp_path / f"{name}.pts", np.c_[inline, numbers[1][trace], numbers[2][sample]])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_python_examples_run(folder, capsys):
    examples = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    assert len(examples) == 4
    names: dict[str, object] = {}
    for example in examples:
        exec(example, names)
    printed = capsys.readouterr().out
    assert "(6, 40, 44)" in printed
    assert "(None, 4) (None, None, None, 4)" in printed
    assert "(None, None, None, 1) ['serve_float32', 'serve_float32_scaled']" in printed
    assert (folder / "served" / "saved_model.pb").exists()
    assert (folder / "result" / "report.html").exists()
    with names["cube"], names["tfseis"].open_segy(folder / "again.sgy") as again:
        assert again.shape == (3, 20, 22)


def test_links_lead_somewhere():
    for link in re.findall(r"\]\(([^)#]+)\)", README.read_text()):
        assert link.startswith("http") or (ROOT / link).exists(), link


def test_commands_and_options_exist():
    from tfseis.cli.command import parse

    lines = re.findall(
        r"^tfseis (?!brings)\w+.*?(?=\s{2,}#|$)", README.read_text(), flags=re.MULTILINE
    )
    assert len(lines) > 20
    for line in lines:
        assert callable(parse(line.split()[1:]).run)
