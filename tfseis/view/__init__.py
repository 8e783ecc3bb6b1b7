"""Figures, reports and the viewer; the only room that imports Matplotlib."""

from tfseis.view.borehole_sheet import patch_sheet_figure
from tfseis.view.charts import (
    compared_curves_figure,
    confusion_figure,
    crop_channels_figure,
    learning_curve_figure,
)
from tfseis.view.faults import FaultSection, draw_faults, fault_figure
from tfseis.view.gathers import gather_figure, write_gather_png
from tfseis.view.report import Report
from tfseis.view.sections import (
    amplitude_limit,
    class_handles,
    draw_classes,
    draw_map,
    draw_section,
    draw_values,
    section_panel,
)
from tfseis.view.viewer import Viewer
from tfseis.view.viewer_state import ViewerState
from tfseis.view.window import show, write_png

__all__ = [
    "FaultSection",
    "Report",
    "Viewer",
    "ViewerState",
    "amplitude_limit",
    "class_handles",
    "compared_curves_figure",
    "confusion_figure",
    "crop_channels_figure",
    "draw_classes",
    "draw_faults",
    "draw_map",
    "draw_section",
    "draw_values",
    "fault_figure",
    "gather_figure",
    "learning_curve_figure",
    "patch_sheet_figure",
    "section_panel",
    "show",
    "write_gather_png",
    "write_png",
]
