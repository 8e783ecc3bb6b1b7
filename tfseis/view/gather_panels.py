"""A gather before and after denoising, and what was removed, side by side."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tfseis.io.gathers.gather import Gather
from tfseis.io.output import complete_or_absent
from tfseis.view.colours import amplitude_limit
from tfseis.view.report import DPI
from tfseis.view.sections import PANEL_HEIGHT, PANEL_WIDTH, plot_section


def gather_figure(gather: Gather, kept: Sequence[tuple[str, np.ndarray]]) -> Figure:
    """A gather beside the results of one or several denoising methods.

    Args:
        gather: gather before denoising; samples that are not live stay white.
        kept: name of each method and the amplitudes that it left, floating-point numbers
            (traces, samples).

    Returns:
        Figure with one row for each method: the gather, what is left, and what was removed; all
        panels on the grey scale of the gather.

    Example:
        >>> from tfseis.io import gather_of
        >>> figure = gather_figure(gather_of(np.ones((4, 9))), [("network", np.ones((4, 9)))])
        >>> [axes.get_title() for axes in figure.axes]
        ['before', 'after: network', 'removed']
    """
    size = (3 * PANEL_WIDTH, PANEL_HEIGHT * len(kept) + 0.4)  # 3 panels a row
    figure = Figure(size, layout="constrained")
    rows = figure.subplots(len(kept), 3, sharex=True, sharey=True, squeeze=False)
    limit = amplitude_limit(gather.amplitude)
    times = np.arange(gather.shape[1]) * gather.sample_interval
    for row, (name, left) in zip(rows, kept, strict=True):
        panels = {
            "before": gather.amplitude,
            f"after: {name}": left,
            "removed": gather.amplitude - left,
        }
        for axes, (title, values) in zip(row, panels.items(), strict=True):
            plot_section(
                axes,
                np.where(gather.live, values, np.nan),
                trace_numbers=range(len(values)),
                sample_numbers=times,
                limit=limit,
                title=title,
                trace_label="trace, by offset",
                sample_label="time (ms)" if title == "before" else "",
            )
    figure.suptitle(gather.name, fontweight="bold")
    return figure


def write_gather_png(
    path: str | Path,
    gather: Gather,
    kept: Sequence[tuple[str, np.ndarray]],
    *,
    overwrite: bool = False,
) -> None:
    """Write `gather_figure` as a PNG file.

    Args:
        path: name of the PNG file, which appears when it is complete.
        gather: gather before denoising.
        kept: name of each method and the amplitudes that it left, (traces, samples).
        overwrite: whether a file of that name may be replaced.

    Raises:
        OutputError: the file exists and may not be replaced, or cannot be written there.
    """
    with complete_or_absent(Path(path), overwrite) as partial:
        figure = gather_figure(gather, kept)
        figure.savefig(partial, format="png", dpi=DPI, facecolor="white")
