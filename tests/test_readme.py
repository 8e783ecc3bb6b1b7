"""The README's Python examples run as they stand, in one process, on a small survey."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_python_examples_run(labelled_survey, capsys):
    examples = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    assert len(examples) == 4
    names: dict[str, object] = {}
    for example in examples:
        exec(example, names)
    printed = capsys.readouterr().out
    assert "(6, 40, 44)" in printed
    assert "(None, 4) (None, None, None, 4)" in printed
    assert "(None, None, None, 1) ['serve_float32', 'serve_float32_scaled']" in printed
    assert (labelled_survey / "served" / "saved_model.pb").exists()
    assert (labelled_survey / "result" / "report.html").exists()
    with names["cube"], names["tfseis"].open_segy(labelled_survey / "again.sgy") as again:
        assert again.shape == (3, 20, 22)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert link.startswith("http") or (page.parent / link).exists(), link


def test_commands_and_options_exist():
    from tfseis.cli.command import parse

    lines = re.findall(
        r"^tfseis (?!brings)\w+.*?(?=\s{2,}#|$)", README.read_text(), flags=re.MULTILINE
    )
    assert len(lines) > 20
    for line in lines:
        assert callable(parse(line.split()[1:]).run)
