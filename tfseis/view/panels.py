"""Panels of one section side by side: amplitude, labels, prediction and confidence."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from tfseis.io.labels.legend import Legend
from tfseis.view.colours import class_handles
from tfseis.view.sections import (
    PANEL_HEIGHT,
    PANEL_WIDTH,
    SAMPLE_LABEL,
    plot_section,
    plot_values,
)

DIFFERS = "unlike the nearest label"
LEGEND_COLUMNS = 7  # names side by side below the panels


def section_panel(
    amplitude: ArrayLike,
    *,
    legend: Legend,
    trace_numbers: ArrayLike,
    sample_numbers: ArrayLike,
    labels: ArrayLike | None = None,
    prediction: ArrayLike | None = None,
    confidence: ArrayLike | None = None,
    baseline: ArrayLike | None = None,
    title: str = "",
    trace_label: str = "crossline",
    sample_label: str = SAMPLE_LABEL,
) -> Figure:
    """Up to five panels of one section: amplitude, labels, prediction, a comparison, confidence.

    Args:
        amplitude: floating-point numbers (traces, samples).
        legend: names and colours of the classes, shown once below the panels.
        trace_numbers: line number of each trace, evenly spaced, (traces,).
        sample_numbers: time in ms or depth in m of each sample, evenly spaced, (samples,).
        labels: class index of each sample, integers (traces, samples), -1 where there is no
            label; None leaves the panel out.
        prediction: predicted class index of each sample, as `labels`; None leaves the panel out.
        confidence: largest class probability of each sample, 0 to 1, (traces, samples); None
            leaves the panel out.
        baseline: class index of each sample without a network, as `prediction`; a panel shows the
            prediction where it differs. None leaves the panel out.
        title: text above all panels.
        trace_label: text below the horizontal axes.
        sample_label: text beside the vertical axis of the first panel.

    Returns:
        Figure of one row of panels that share their axes.

    Raises:
        LabelError: labels or prediction have another shape than the amplitude, or hold a class
            that the legend lacks.

    Example:
        >>> import numpy as np
        >>> figure = section_panel(np.ones((7, 9)), legend=Legend.of(["chalk", "salt"]),
        ...     trace_numbers=range(7), sample_numbers=range(9), labels=np.zeros((7, 9), int))
        >>> [axes.get_title() for axes in figure.axes]
        ['amplitude', 'labels']
    """
    classes = {"amplitude": None, "labels": labels, "prediction": prediction}
    if baseline is not None and prediction is not None:
        classes[DIFFERS] = np.where(np.equal(prediction, baseline), -1, prediction)
    classes = {n: c for n, c in classes.items() if c is not None or n == "amplitude"}
    panels = len(classes) + (confidence is not None)
    figure = Figure((PANEL_WIDTH * panels + 0.6, PANEL_HEIGHT + 0.7), layout="constrained")
    row = figure.subplots(1, panels, sharex=True, sharey=True, squeeze=False)[0]
    for axes, (name, overlay) in zip(row, classes.items(), strict=False):
        plot_section(
            axes,
            amplitude,
            trace_numbers=trace_numbers,
            sample_numbers=sample_numbers,
            overlay=overlay,
            legend=legend,
            title=name,
            trace_label=trace_label,
            sample_label=sample_label if axes is row[0] else "",
        )
    if confidence is not None:
        image = plot_values(
            row[-1], confidence, trace_numbers=trace_numbers, sample_numbers=sample_numbers
        )
        row[-1].set(title="confidence", xlabel=trace_label)
        figure.colorbar(image, ax=row[-1], shrink=0.9, pad=0.02)
    if len(classes) > 1:
        figure.legend(
            handles=class_handles(legend),
            loc="outside lower center",
            ncols=min(len(legend), LEGEND_COLUMNS),
        )
    figure.suptitle(title, fontweight="bold")
    return figure
