"""Sections and maps, drawn by Matplotlib.

Every figure is a `matplotlib.figure.Figure` of its own: no display, no global state, nothing to
close. Time runs downwards.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from tfseis.errors import LabelError
from tfseis.io.labels.legend import Legend

CLIP = 0.98  # amplitudes above this quantile of |amplitude| are drawn alike
SAMPLE_LABEL = "time (ms)"
PANEL_WIDTH, PANEL_HEIGHT = 4.2, 4.0  # inches


def draw_section(
    axes: Axes,
    amplitude: ArrayLike,
    *,
    trace_numbers: ArrayLike,
    sample_numbers: ArrayLike,
    overlay: ArrayLike | None = None,
    legend: Legend | None = None,
    alpha: float = 0.45,
    limit: float | None = None,
    title: str = "",
    trace_label: str = "crossline",
    sample_label: str = SAMPLE_LABEL,
) -> None:
    """Draw one vertical section in grey, with classes laid over it.

    Args:
        axes: where to draw.
        amplitude: (traces, samples); samples that are not finite stay white.
        trace_numbers: line number of each trace, evenly spaced.
        sample_numbers: time or depth of each sample, evenly spaced.
        overlay: class index of each sample, (traces, samples); -1 or masked draws nothing.
        legend: colours of the classes; the standard ones without it.
        alpha: opacity of the overlay, 0 to 1.
        limit: amplitude that is drawn black; None to find it, as `amplitude_limit` does.
        title: above the section.
        trace_label: below the horizontal axis.
        sample_label: beside the vertical axis.

    Raises:
        LabelError: the overlay has another shape, or a class that the legend lacks.

    Example:
        >>> axes = Figure().subplots()
        >>> draw_section(axes, np.ones((7, 9)), trace_numbers=range(300, 307),
        ...              sample_numbers=range(0, 36, 4))
        >>> axes.get_xlabel(), axes.get_ylabel()
        ('crossline', 'time (ms)')
    """
    amplitude = _image(amplitude)
    extent = _extent(trace_numbers, sample_numbers)
    limit = amplitude_limit(amplitude) if limit is None else limit
    axes.imshow(
        amplitude.T, cmap="gray_r", vmin=-limit, vmax=limit, extent=extent,
        aspect="auto", interpolation="bilinear" if np.isfinite(amplitude).all() else "nearest",
    )  # fmt: skip
    if overlay is not None:
        if np.shape(overlay) != amplitude.shape:
            raise LabelError(
                f"Expected classes of shape {amplitude.shape}, one a sample; got "
                f"{np.shape(overlay)}. Cut both from the same section."
            )
        draw_classes(
            axes, overlay, legend, trace_numbers=trace_numbers, sample_numbers=sample_numbers,
            alpha=alpha,
        )  # fmt: skip
    axes.set(title=title, xlabel=trace_label, ylabel=sample_label)


def draw_map(
    axes: Axes,
    amplitude: ArrayLike,
    *,
    inline_numbers: ArrayLike,
    crossline_numbers: ArrayLike,
    overlay: ArrayLike | None = None,
    legend: Legend | None = None,
    alpha: float = 0.45,
    limit: float | None = None,
    title: str = "",
) -> None:
    """Draw one time slice in grey, inline numbers upwards, with classes laid over it.

    Args:
        axes: where to draw.
        amplitude: (inlines, crosslines).
        inline_numbers: number of each inline, evenly spaced.
        crossline_numbers: number of each crossline, evenly spaced.
        overlay: class index of each place, (inlines, crosslines); -1 or masked draws nothing.
        legend: colours of the classes; the standard ones without it.
        alpha: opacity of the overlay, 0 to 1.
        limit: amplitude that is drawn black; None to find it, as `amplitude_limit` does.
        title: above the map.

    Raises:
        LabelError: the overlay has another shape, or a class that the legend lacks.

    Example:
        >>> axes = Figure().subplots()
        >>> draw_map(axes, np.ones((7, 8)), inline_numbers=range(100, 107),
        ...          crossline_numbers=range(300, 308))
        >>> axes.get_ylabel()
        'inline'
    """
    flipped = None if overlay is None else np.ma.masked_array(overlay).T
    draw_section(
        axes, _image(amplitude).T,
        trace_numbers=crossline_numbers, sample_numbers=inline_numbers,
        overlay=flipped, legend=legend, alpha=alpha, limit=limit,
        title=title, trace_label="crossline", sample_label="inline",
    )  # fmt: skip
    axes.invert_yaxis()


def draw_classes(
    axes: Axes,
    classes: ArrayLike,
    legend: Legend | None = None,
    *,
    trace_numbers: ArrayLike,
    sample_numbers: ArrayLike,
    alpha: float = 0.45,
) -> None:
    """Draw classes alone, in the colours of their legend; arguments as in `draw_section`.

    Raises:
        LabelError: a class that the legend lacks.
    """
    axes.imshow(
        _class_colours(classes, legend, alpha).transpose(1, 0, 2), aspect="auto",
        extent=_extent(trace_numbers, sample_numbers), interpolation="nearest",
    )  # fmt: skip


def draw_values(
    axes: Axes,
    values: ArrayLike,
    *,
    trace_numbers: ArrayLike,
    sample_numbers: ArrayLike,
    limits: tuple[float, float] = (0.0, 1.0),
    alpha: float = 1.0,
) -> AxesImage:
    """Draw numbers such as a confidence in colours; returns the image, for a colour bar.

    Args:
        axes: where to draw.
        values: (traces, samples); nothing is drawn where they are not finite.
        trace_numbers: line number of each trace, evenly spaced.
        sample_numbers: time or depth of each sample, evenly spaced.
        limits: values of the first and the last colour.
        alpha: opacity, 0 to 1.

    Example:
        >>> image = draw_values(Figure().subplots(), np.ones((7, 9)), trace_numbers=range(7),
        ...                     sample_numbers=range(9))
        >>> image.get_clim()
        (0.0, 1.0)
    """
    return axes.imshow(
        _image(values).T, cmap="viridis", vmin=limits[0], vmax=limits[1], aspect="auto",
        extent=_extent(trace_numbers, sample_numbers), interpolation="nearest", alpha=alpha,
    )  # fmt: skip


def amplitude_limit(amplitude: ArrayLike) -> float:
    """The amplitude that is drawn black: robust against spikes, and never 0.

    Example:
        >>> amplitude_limit(np.zeros((7, 9)))
        1.0
    """
    amplitude = np.asarray(amplitude, "float64")
    live = np.abs(amplitude[np.isfinite(amplitude)])
    live = live[live > 0]  # dead traces would pull the quantile down
    return float(np.quantile(live, CLIP)) if live.size else 1.0


def class_handles(legend: Legend) -> list[Patch]:
    """A coloured patch with a name for each class, for a Matplotlib legend."""
    return [
        Patch(color=colour, label=name)
        for name, colour in zip(legend.names, legend.colours, strict=True)
    ]


def section_panel(
    amplitude: ArrayLike,
    *,
    legend: Legend,
    trace_numbers: ArrayLike,
    sample_numbers: ArrayLike,
    labels: ArrayLike | None = None,
    prediction: ArrayLike | None = None,
    confidence: ArrayLike | None = None,
    title: str = "",
    trace_label: str = "crossline",
    sample_label: str = SAMPLE_LABEL,
) -> Figure:
    """Up to four panels of one section: amplitude, labels, prediction and confidence.

    Args:
        amplitude: (traces, samples).
        legend: names and colours of the classes, drawn once below the panels.
        trace_numbers: line number of each trace.
        sample_numbers: time or depth of each sample.
        labels: class index of each sample, -1 where nobody labelled; None leaves the panel out.
        prediction: class index of each sample, or None.
        confidence: 0 to 1 for each sample, or None.
        title: above all panels.
        trace_label: below the horizontal axes.
        sample_label: beside the vertical axes.

    Returns:
        Figure of one row, every panel on the same axes.

    Raises:
        LabelError: labels or prediction do not fit the amplitude or the legend.

    Example:
        >>> figure = section_panel(np.ones((7, 9)), legend=Legend.of(["chalk", "salt"]),
        ...     trace_numbers=range(7), sample_numbers=range(9), labels=np.zeros((7, 9), int))
        >>> [axes.get_title() for axes in figure.axes]
        ['amplitude', 'labels']
    """
    classes = {"amplitude": None, "labels": labels, "prediction": prediction}
    classes = {n: c for n, c in classes.items() if c is not None or n == "amplitude"}
    panels = len(classes) + (confidence is not None)
    figure = Figure((PANEL_WIDTH * panels + 0.6, PANEL_HEIGHT + 0.7), layout="constrained")
    row = figure.subplots(1, panels, sharex=True, sharey=True, squeeze=False)[0]
    for axes, (name, overlay) in zip(row, classes.items(), strict=False):
        draw_section(
            axes, amplitude, trace_numbers=trace_numbers, sample_numbers=sample_numbers,
            overlay=overlay, legend=legend, title=name, trace_label=trace_label,
            sample_label=sample_label if axes is row[0] else "",
        )  # fmt: skip
    if confidence is not None:
        image = draw_values(
            row[-1], confidence, trace_numbers=trace_numbers, sample_numbers=sample_numbers
        )
        row[-1].set(title="confidence", xlabel=trace_label)
        figure.colorbar(image, ax=row[-1], shrink=0.9, pad=0.02)
    if len(classes) > 1:
        figure.legend(
            handles=class_handles(legend), loc="outside lower center", ncols=min(len(legend), 7)
        )
    figure.suptitle(title, fontweight="bold")
    return figure


def _image(values: ArrayLike) -> np.ndarray:
    return np.ma.filled(np.ma.masked_array(values).astype("float64"), np.nan)


def _extent(traces: ArrayLike, samples: ArrayLike) -> tuple[float, float, float, float]:
    """Left, right, bottom and top, so that pixel centres lie on their numbers."""
    across, down = (np.asarray(n, "float64") for n in (traces, samples))
    halves = [(n[-1] - n[0]) / max(len(n) - 1, 1) / 2 or 0.5 for n in (across, down)]
    return (
        across[0] - halves[0], across[-1] + halves[0], down[-1] + halves[1], down[0] - halves[1],
    )  # fmt: skip


def _class_colours(overlay: ArrayLike, legend: Legend | None, alpha: float) -> np.ndarray:
    """RGBA of each sample, (traces, samples, 4); transparent where there is no class."""
    classes = np.ma.filled(np.ma.masked_array(overlay), -1).astype("int64")
    highest = int(classes.max(initial=-1))
    legend = legend or Legend.of([str(k) for k in range(highest + 1)])
    if highest >= len(legend):
        raise LabelError(
            f"Expected class indices below {len(legend)}, as many as the legend has; "
            f"got {highest}. Pass indices, not codes, or the legend of these classes."
        )
    table = [(*to_rgb(colour), alpha) for colour in legend.colours]
    return np.array([*table, (0, 0, 0, 0)])[np.where(classes < 0, len(table), classes)]
