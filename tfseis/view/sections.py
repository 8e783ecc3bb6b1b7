"""Sections and maps plotted by Matplotlib.

Time and depth run downwards, inline numbers of maps upwards. Plots go into `Axes` that the caller
made; no display is needed and no global state of Matplotlib is touched.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

from tfseis.errors import LabelError
from tfseis.io.labels.legend import Legend
from tfseis.view.colours import amplitude_limit, class_colours

SAMPLE_LABEL = "time (ms)"
PANEL_WIDTH, PANEL_HEIGHT = 4.2, 4.0  # inches


def plot_section(
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
    """Plot one vertical section in grey, with classes laid over it.

    Args:
        axes: axes that receive the plot.
        amplitude: floating-point numbers (traces, samples); samples that are not finite stay white.
        trace_numbers: line number of each trace, evenly spaced, (traces,).
        sample_numbers: time in ms or depth in m of each sample, evenly spaced, (samples,).
        overlay: class index of each sample, integers (traces, samples); samples that are -1 or
            masked show the amplitude alone. None for no overlay.
        legend: names and colours of the classes; None for the standard colours.
        alpha: opacity of the overlay, 0 to 1.
        limit: amplitude that is plotted black, above 0; None to find it with `amplitude_limit`.
        title: text above the section.
        trace_label: text below the horizontal axis.
        sample_label: text beside the vertical axis.

    Raises:
        LabelError: the overlay has another shape than the amplitude, or holds a class that the
            legend lacks.

    Example:
        >>> from matplotlib.figure import Figure
        >>> axes = Figure().subplots()
        >>> plot_section(axes, np.ones((7, 9)), trace_numbers=range(300, 307),
        ...              sample_numbers=range(0, 36, 4))
        >>> axes.get_xlabel(), axes.get_ylabel()
        ('crossline', 'time (ms)')
    """
    amplitude = _image(amplitude)
    extent = _extent(trace_numbers, sample_numbers)
    limit = amplitude_limit(amplitude) if limit is None else limit
    axes.imshow(
        amplitude.T,
        cmap="gray_r",
        vmin=-limit,
        vmax=limit,
        extent=extent,
        aspect="auto",
        interpolation="bilinear" if np.isfinite(amplitude).all() else "nearest",
    )
    if overlay is not None:
        if np.shape(overlay) != amplitude.shape:
            raise LabelError(
                f"Expected classes of shape {amplitude.shape}, one a sample; got "
                f"{np.shape(overlay)}. Cut both from the same section."
            )
        plot_classes(
            axes,
            overlay,
            legend,
            trace_numbers=trace_numbers,
            sample_numbers=sample_numbers,
            alpha=alpha,
        )
    axes.set(title=title, xlabel=trace_label, ylabel=sample_label)


def plot_map(
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
    """Plot one time or depth slice in grey, inline numbers upwards, with classes laid over it.

    Args:
        axes: axes that receive the plot.
        amplitude: floating-point numbers (inlines, crosslines); places that are not finite stay
            white.
        inline_numbers: number of each inline, evenly spaced, (inlines,).
        crossline_numbers: number of each crossline, evenly spaced, (crosslines,).
        overlay: class index of each place, integers (inlines, crosslines); places that are -1 or
            masked show the amplitude alone. None for no overlay.
        legend: names and colours of the classes; None for the standard colours.
        alpha: opacity of the overlay, 0 to 1.
        limit: amplitude that is plotted black, above 0; None to find it with `amplitude_limit`.
        title: text above the map.

    Raises:
        LabelError: the overlay has another shape than the amplitude, or holds a class that the
            legend lacks.

    Example:
        >>> from matplotlib.figure import Figure
        >>> axes = Figure().subplots()
        >>> plot_map(axes, np.ones((7, 8)), inline_numbers=range(100, 107),
        ...          crossline_numbers=range(300, 308))
        >>> axes.get_ylabel()
        'inline'
    """
    flipped = None if overlay is None else np.ma.masked_array(overlay).T
    plot_section(
        axes,
        _image(amplitude).T,
        trace_numbers=crossline_numbers,
        sample_numbers=inline_numbers,
        overlay=flipped,
        legend=legend,
        alpha=alpha,
        limit=limit,
        title=title,
        trace_label="crossline",
        sample_label="inline",
    )
    axes.invert_yaxis()


def plot_classes(
    axes: Axes,
    classes: ArrayLike,
    legend: Legend | None = None,
    *,
    trace_numbers: ArrayLike,
    sample_numbers: ArrayLike,
    alpha: float = 0.45,
) -> None:
    """Plot classes in the colours of their legend, over whatever the axes show already.

    Args:
        axes: axes that receive the plot.
        classes: class index of each sample, integers (traces, samples); samples that are -1 or
            masked stay transparent.
        legend: names and colours of the classes; None for the standard colours.
        trace_numbers: line number of each trace, evenly spaced, (traces,).
        sample_numbers: time in ms or depth in m of each sample, evenly spaced, (samples,).
        alpha: opacity, 0 to 1.

    Raises:
        LabelError: a class that the legend lacks.
    """
    axes.imshow(
        class_colours(classes, legend, alpha).transpose(1, 0, 2),
        aspect="auto",
        extent=_extent(trace_numbers, sample_numbers),
        interpolation="nearest",
    )


def plot_values(
    axes: Axes,
    values: ArrayLike,
    *,
    trace_numbers: ArrayLike,
    sample_numbers: ArrayLike,
    limits: tuple[float, float] = (0.0, 1.0),
    alpha: float = 1.0,
) -> AxesImage:
    """Plot numbers such as a confidence in colours.

    Args:
        axes: axes that receive the plot.
        values: floating-point numbers (traces, samples); samples that are not finite stay
            transparent.
        trace_numbers: line number of each trace, evenly spaced, (traces,).
        sample_numbers: time in ms or depth in m of each sample, evenly spaced, (samples,).
        limits: values that the first and the last colour stand for.
        alpha: opacity, 0 to 1.

    Returns:
        The image, from which a colour bar can be made.

    Example:
        >>> from matplotlib.figure import Figure
        >>> image = plot_values(Figure().subplots(), np.ones((7, 9)), trace_numbers=range(7),
        ...                     sample_numbers=range(9))
        >>> image.get_clim()
        (0.0, 1.0)
    """
    return axes.imshow(
        _image(values).T,
        cmap="viridis",
        vmin=limits[0],
        vmax=limits[1],
        aspect="auto",
        extent=_extent(trace_numbers, sample_numbers),
        interpolation="nearest",
        alpha=alpha,
    )


def _image(values: ArrayLike) -> np.ndarray:
    return np.ma.filled(np.ma.masked_array(values).astype("float64"), np.nan)


def _extent(traces: ArrayLike, samples: ArrayLike) -> tuple[float, float, float, float]:
    """Left, right, bottom and top, so that pixel centres lie on their numbers."""
    across, down = (np.asarray(n, "float64") for n in (traces, samples))
    halves = [(n[-1] - n[0]) / max(len(n) - 1, 1) / 2 or 0.5 for n in (across, down)]
    return (
        across[0] - halves[0],
        across[-1] + halves[0],
        down[-1] + halves[1],
        down[0] - halves[1],
    )
