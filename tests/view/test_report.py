import base64
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from tfseis.view import Report

VOID = {"meta", "img"}


class Balance(HTMLParser):
    """Fails where a tag is closed that was not the last one opened."""

    def __init__(self):
        super().__init__()
        self.open, self.links, self.places = [], [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.links += [attrs["href"]] if "href" in attrs else []
        self.places += [attrs["id"]] if "id" in attrs else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def full_report():
    figure = Figure((2, 1))
    figure.subplots().plot([1, 2])
    table = pd.DataFrame({"class": ["salt & <b>", "chalk"], "IoU": [0.81234, np.nan]})
    return (
        Report("Facies & <faults>", "line 1 < line 2")
        .section("Data")
        .facts({"shape": (651, 951, 462), "samples": 286_000_000, "spread": 1.5e-7, "none": "x<y"})
        .section("Scores <blind>")
        .text("5 < 6")
        .table(table, "per class")
        .figure(figure, 'a "curve"')
    )


def test_the_page_is_well_formed_and_its_contents_lead_somewhere():
    page = Balance()
    page.feed(full_report().html())
    assert page.open == []
    assert page.links == ["#section-1", "#section-2"]
    assert page.places == ["section-1", "section-2"]


def test_every_text_is_escaped():
    html = full_report().html()
    for raw in ("<faults>", "line 1 <", "<blind>", "5 < 6", "& <b>", "x<y", '"curve"'):
        assert raw not in html
    for escaped in ("&lt;faults&gt;", "5 &lt; 6", "salt &amp; &lt;b&gt;", "x&lt;y"):
        assert escaped in html


def test_nothing_is_fetched_from_elsewhere():
    html = full_report().html()
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", html)
    assert "url(" not in html
    assert "<script" not in html


def test_figures_are_embedded_png():
    data = re.search(r"data:image/png;base64,([^\"]+)", full_report().html())[1]
    assert base64.b64decode(data).startswith(b"\x89PNG\r\n")


@pytest.mark.parametrize(
    "value, text",
    [
        (0.81234, "0.812"),
        (1234.56, "1,234.6"),
        (1.5e-7, "1.50e-07"),
        (3.2e6, "3.20e+06"),
        (0.0, "0.000"),
        (np.float32(0.5), "0.500"),
        (np.nan, "-"),
        (1250, "1250"),
        (np.int64(286_000), "286,000"),
        (True, "True"),
        ((7, 8, 9), "7, 8, 9"),
        ("chalk", "chalk"),
        (np.arange(3), "[0 1 2]"),
    ],
)
def test_numbers_are_readable(value, text):
    assert f"<td>{text}</td>" in Report("r").facts({"value": value}).html()


def test_a_counting_index_is_left_out_and_a_named_one_shown():
    table = pd.DataFrame({"IoU": [0.5, 0.25]})
    assert "<th>1</th>" not in Report("r").table(table).html()
    assert "<th>salt</th>" in Report("r").table(table.set_axis(["salt", "chalk"])).html()


def test_one_section_needs_no_contents():
    assert "<nav>" not in Report("r").section("only").html()


def test_writing_replaces_the_old_page_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    assert Report("new").write(path) == path
    assert "<h1>new</h1>" in path.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"write a report to .*lost.*No such file.*Choose"):
        Report("r").write(tmp_path / "lost" / "report.html")


def test_names_that_no_encoding_holds_are_written(tmp_path):
    name = "caf\udce9 <script>.sgy"
    page = Report(name).section(name).write(tmp_path / "r.html").read_text(encoding="utf-8")
    assert "caf\\udce9 &lt;script&gt;.sgy" in page
    assert "<script>" not in page
