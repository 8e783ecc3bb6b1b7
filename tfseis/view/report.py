"""A report as one HTML file that holds its own figures, tables and style."""

import base64
import io
import tempfile
from collections.abc import Mapping
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tfseis.errors import OutputError

DPI = 110  # of embedded figures
SMALL, LARGE = 1e-3, 1e6  # magnitudes outside are easier to read as 1.2e-05
STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; color: #1f2933;
  background: #fff; max-width: 72rem; margin: 2.5rem auto; padding: 0 1.5rem; }
header { border-bottom: 3px solid #1f77b4; margin-bottom: 1.5rem; }
h1 { font-size: 1.9rem; margin: 0; }
header p { color: #52606d; margin: .3rem 0 1rem; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .8rem; padding-bottom: .25rem;
  border-bottom: 1px solid #d9e2ec; }
p { max-width: 46rem; }
nav { background: #f5f7fa; border-radius: 6px; padding: .8rem 1.2rem; margin-bottom: 2rem; }
nav ol { margin: 0; padding-left: 1.3rem; columns: 16rem auto; }
a { color: #1f5f99; text-decoration: none; } a:hover { text-decoration: underline; }
figure { margin: 1.2rem 0; overflow-x: auto; }
figure img { max-width: 100%; height: auto; display: block; }
figcaption { color: #52606d; font-size: .9rem; margin-top: .4rem; }
figure.table figcaption { margin: 0 0 .4rem; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .8rem; text-align: right; border-bottom: 1px solid #e4e7eb; }
thead th { border-bottom: 2px solid #9fb3c8; }
th:first-child, td:first-child, table.facts td { text-align: left; }
tbody tr:hover { background: #f5f7fa; }
table.facts th { color: #52606d; font-weight: 500; }
@media print { nav { display: none; } figure { break-inside: avoid; } body { margin: 0; } }
"""


class Report:
    """A report that grows from top to bottom and is written once.

    Every method returns the report, so that calls can be chained. All text is escaped: names
    with "<" or "&" appear as they are.

    Args:
        title: heading of the page.
        subtitle: one line below the heading.
        lead: the sentence that everything else explains, below it.

    Example:
        >>> report = Report("Facies of F3").section("Scores").text("Mean IoU <b>0.81</b>.")
        >>> "Mean IoU &lt;b&gt;0.81" in report.html()
        True
    """

    def __init__(self, title: str, subtitle: str = "", lead: str = "") -> None:
        self.title, self.subtitle, self.lead = title, subtitle, lead
        self._headings: list[str] = []
        self._parts: list[str] = []

    def section(self, heading: str) -> "Report":
        """Begin a section, which appears in the table of contents.

        Args:
            heading: heading of the section, plain text.
        """
        self._headings.append(heading)
        number = len(self._headings)
        return self._add(f'<h2 id="section-{number}">{escape(heading)}</h2>')

    def text(self, paragraph: str) -> "Report":
        """Add a paragraph.

        Args:
            paragraph: plain text.
        """
        return self._add(f"<p>{escape(paragraph)}</p>")

    def facts(self, facts: Mapping[str, object]) -> "Report":
        """Add a table of two columns, names and values.

        Args:
            facts: values by name; numbers are rounded for reading.
        """
        rows = "".join(
            f"<tr><th>{escape(str(name))}</th><td>{escape(_readable(value))}</td></tr>"
            for name, value in facts.items()
        )
        return self._add(f'<figure class="table"><table class="facts">{rows}</table></figure>')

    def table(self, table: pd.DataFrame, caption: str = "") -> "Report":
        """Add a table.

        Args:
            table: cells; the index is shown if it has a name or does not merely count rows.
            caption: plain text above the table.
        """
        counting = isinstance(table.index, pd.RangeIndex) and table.index.name is None
        cells = table.map(_readable)
        body = cells.to_html(index=not counting, border=0, justify="unset", escape=True)
        return self._add(f'<figure class="table">{_caption(caption)}{body}</figure>')

    def figure(self, figure: Figure, caption: str = "", *, dpi: int = DPI) -> "Report":
        """Add a figure as an embedded PNG image.

        Args:
            figure: Matplotlib figure, which may be discarded afterwards.
            caption: plain text below the figure.
            dpi: resolution, dots per inch.
        """
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=dpi, facecolor="white")
        data = base64.b64encode(buffer.getvalue()).decode("ascii")
        image = f'<img src="data:image/png;base64,{data}" alt="{escape(caption)}">'
        return self._add(f"<figure>{image}{_caption(caption)}</figure>")

    def html(self) -> str:
        """The whole page."""
        entries = "".join(
            f'<li><a href="#section-{number}">{escape(heading)}</a></li>'
            for number, heading in enumerate(self._headings, start=1)
        )
        contents = f"<nav><ol>{entries}</ol></nav>" if len(self._headings) > 1 else ""
        subtitle = f"<p>{escape(self.subtitle)}</p>" if self.subtitle else ""
        lead = f'<p class="lead">{escape(self.lead)}</p>' if self.lead else ""
        lines = [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(self.title)}</title><style>{STYLE}</style></head><body>",
            f"<header><h1>{escape(self.title)}</h1>{subtitle}{lead}</header>{contents}<main>",
            *self._parts,
            "</main></body></html>\n",
        ]
        return "\n".join(lines)

    def write(self, path: str | Path) -> Path:
        """Write the page; a reader sees the old file or the new one, never a part of it.

        Args:
            path: name of the HTML file, which is replaced; its folder must exist.

        Returns:
            The path.

        Raises:
            OutputError: the file cannot be written there.
        """
        path = Path(path)
        try:
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=".report-") as folder:
                draft = Path(folder) / path.name
                draft.write_text(self.html(), encoding="utf-8", errors="backslashreplace")
                draft.replace(path)
        except OSError as error:
            raise OutputError(
                f"Expected to write a report to {path}; got {error.strerror}. "
                "Choose a file in a folder that exists and may be written."
            ) from None
        return path

    def _add(self, part: str) -> "Report":
        self._parts.append(part)
        return self


def _caption(caption: str) -> str:
    return f"<figcaption>{escape(caption)}</figcaption>" if caption else ""


def _readable(value: object) -> str:
    """Large integers with separators, fractions with three digits, the rest as it is."""
    if isinstance(value, list | tuple):
        return ", ".join(map(_readable, value))
    if isinstance(value, bool | np.bool_ | np.ndarray) or not hasattr(value, "__float__"):
        return str(value)
    number = float(value)
    if np.isnan(number):
        return "-"
    if hasattr(value, "__index__"):  # line numbers and years carry no separator
        return f"{int(number):,}" if abs(number) >= 10_000 else str(int(number))
    if number and not SMALL <= abs(number) < LARGE:
        return f"{number:.2e}"
    return f"{number:,.3f}" if abs(number) < 100 else f"{number:,.1f}"
