"""Figures and reports; the only room that imports Matplotlib."""

from tfseis.view.report import Report
from tfseis.view.sections import (
    confusion_figure,
    crop_channels_figure,
    draw_map,
    draw_section,
    learning_curve_figure,
    section_panel,
)

__all__ = [
    "Report",
    "confusion_figure",
    "crop_channels_figure",
    "draw_map",
    "draw_section",
    "learning_curve_figure",
    "section_panel",
]
