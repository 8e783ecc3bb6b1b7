"""The viewer: a figure that steps through a cube by mouse and keys."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from matplotlib.backend_bases import Event, KeyEvent, MouseEvent
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tfseis.geometry import Geometry
from tfseis.io.labels.points import Labels
from tfseis.io.segy.cube import SegyCube
from tfseis.view.overlay import Overlay
from tfseis.view.sections import (
    amplitude_limit,
    class_handles,
    draw_classes,
    draw_map,
    draw_section,
    draw_values,
)
from tfseis.view.viewer_state import NAMES, ViewerState

SIZE = (11.0, 7.0)  # inches
PAGE = 10  # slices that a page key steps
LEGEND_WIDTH = 140  # letters that fit side by side below the slice
MOST_SLENDER = 4.0  # maps longer than this are stretched to fill the window
HELP = (
    "scroll, left / right   one slice\n"
    "page up / page down    ten slices\n"
    "home / end             first, last slice\n"
    "a                      inlines, crosslines, time slices\n"
    "o                      next overlay, none after the last\n"
    "+ / -  (up / down)     opacity of the overlay\n"
    "h                      this text\n"
    "s / q                  save a picture / close"
)
Limits = tuple[tuple[float, float], tuple[float, float]]  # of the axes: x, y
Action = Callable[[ViewerState], ViewerState]
KEYS: dict[str, Action] = {
    "right": lambda state: state.step(1),
    "left": lambda state: state.step(-1),
    "pageup": lambda state: state.step(PAGE),
    "pagedown": lambda state: state.step(-PAGE),
    "home": lambda state: state.step(-max(state.shape)),
    "end": lambda state: state.step(max(state.shape)),
    "a": ViewerState.switch_axis,
    "o": ViewerState.next_overlay,
    "+": lambda state: state.fade(1),
    "=": lambda state: state.fade(1),  # the same key without shift
    "up": lambda state: state.fade(1),
    "-": lambda state: state.fade(-1),
    "down": lambda state: state.fade(-1),
    "h": ViewerState.toggle_help,
}


class Viewer:
    """A figure that shows a slice of a cube, and the next one when a key is pressed.

    One slice of each cube is read at a time. `state` says what is shown; `press` and the events
    of the figure's canvas change it.

    Args:
        cube: amplitudes.
        overlays: cubes of classes or numbers on the same survey; they may cover a part of it, or
            fewer lines.
        points: labels to mark on the slices that they lie on.
        figure: to draw in; a new one, without a window, if None.

    Attributes:
        state: what is shown.
        figure: where.
    """

    def __init__(
        self,
        cube: SegyCube,
        overlays: Sequence[SegyCube] = (),
        *,
        points: Labels | None = None,
        figure: Figure | None = None,
    ) -> None:
        self.cube = cube
        self.overlays = [Overlay.of(overlay) for overlay in overlays]
        self.points = points
        self.figure = figure or Figure(SIZE, layout="constrained")
        self.state = ViewerState.centred(cube.geometry.axes, len(self.overlays))
        values, live = cube.read(self.state.key)
        self._limit = amplitude_limit(values[live])
        self._home: Limits = ((0.0, 1.0), (0.0, 1.0))
        self._zoom: Limits | None = None
        self.figure.canvas.mpl_connect("key_press_event", self._key)
        self.figure.canvas.mpl_connect("scroll_event", self._scroll)
        self.draw()

    def show(self, state: ViewerState) -> None:
        """Show another state; nothing is read or drawn if it is the same."""
        if state != self.state:
            self._keep_zoom(state)
            self.state = state
            self.draw()
            self.figure.canvas.draw_idle()

    def press(self, key: str) -> None:
        """Do what a key does; other keys do nothing."""
        if key in KEYS:
            self.show(KEYS[key](self.state))

    def draw(self) -> None:
        """Read the slice and draw it anew."""
        state, geometry = self.state, self.cube.geometry
        self.figure.clear()
        axes = self.figure.subplots()
        values, live = (part.squeeze(state.axis) for part in self.cube.read(state.key))
        amplitude = np.where(live, values, np.nan)
        first, second = (geometry.axes[axis].numbers for axis in state.rest)
        if state.axis == 2:
            draw_map(
                axes, amplitude, inline_numbers=first, crossline_numbers=second, limit=self._limit
            )
        else:
            draw_section(
                axes, amplitude, trace_numbers=first, sample_numbers=second, limit=self._limit,
                trace_label="inline" if state.rest[0] == 0 else "crossline",
                sample_label=sample_label(geometry),
            )  # fmt: skip
        self._home = axes.get_xlim(), axes.get_ylim()
        handles, said = self._draw_overlay(live)
        handles += self._draw_points(handles)
        limits = self._zoom or self._home
        axes.set(xlim=limits[0], ylim=limits[1])
        if state.axis == 2:
            axes.set_aspect(map_aspect(geometry))
        axes.set_title(f"{self._where()}   {said}".rstrip(), fontweight="bold")
        if handles:
            longest = max(len(handle.get_label()) for handle in handles)
            columns = max(min(len(handles), LEGEND_WIDTH // (longest + 6)), 1)
            self.figure.legend(handles=handles, loc="outside lower center", ncols=columns)
        if state.help:
            axes.text(
                0.02, 0.97, HELP, transform=axes.transAxes, va="top", family="monospace",
                fontsize="small", bbox={"facecolor": "white", "alpha": 0.9, "edgecolor": "none"},
            )  # fmt: skip

    def _where(self) -> str:
        """The slice in words: "Inline 339", "Time 1200 ms"."""
        number = f"{self.state.number:.10g}"
        if self.state.axis < 2:
            return f"{NAMES[self.state.axis]} {number}"
        unit = self.cube.geometry.sample_unit
        return f"{'Time' if unit == 'ms' else 'Depth'} {number} {unit}"

    def _draw_overlay(self, live: np.ndarray) -> tuple[list, str]:
        """Draw the overlay where the cube is live; its legend, and a word for the title."""
        state, axes = self.state, self.figure.axes[0]
        if state.overlay is None:
            return [], ""
        overlay = self.overlays[state.overlay]
        values = overlay.slice(state)
        if values is None:
            return [], f"({overlay.name}: not here)"
        values = np.where(live, values, np.nan)
        image = values.T if state.axis == 2 else values  # a map has its inlines upwards
        across, down = (state.rest[1], state.rest[0]) if state.axis == 2 else state.rest
        numbers = state.axes[across].numbers, state.axes[down].numbers
        said = f"{overlay.name}, {state.opacity:.0%}"
        if not overlay.classes:
            drawn = draw_values(
                axes, image, trace_numbers=numbers[0], sample_numbers=numbers[1],
                limits=overlay.limits, alpha=state.opacity,
            )  # fmt: skip
            shrink = 0.5 if state.axis == 2 else 0.9  # maps are flatter
            self.figure.colorbar(drawn, ax=axes, shrink=shrink, pad=0.02, label=overlay.name)
            return [], said
        classes, legend = overlay.class_image(image)
        draw_classes(
            axes, classes, legend, trace_numbers=numbers[0], sample_numbers=numbers[1],
            alpha=state.opacity,
        )  # fmt: skip
        return list(class_handles(legend)), said

    def _draw_points(self, handles: Sequence) -> list[Line2D]:
        """Mark the labels on this slice; the legend of those that the overlay's legend lacks."""
        if self.points is None:
            return []
        state, legend = self.state, self.points.legend
        known = {handle.get_label(): handle.get_facecolor() for handle in handles}
        on = self.points.positions[:, state.axis] == state.index
        across, down = (state.rest[1], state.rest[0]) if state.axis == 2 else state.rest
        drawn: list[Line2D] = []
        for index, name in enumerate(legend.names):
            places = self.points.positions[on & (self.points.classes == index)]
            if len(places):
                drawn += self.figure.axes[0].plot(
                    state.axes[across].numbers[places[:, across]],
                    state.axes[down].numbers[places[:, down]],
                    "o", markersize=5, markeredgecolor="white", markeredgewidth=0.6,
                    color=known.get(name, legend.colours[index]), label=name,
                )  # fmt: skip
        return [marks for marks in drawn if marks.get_label() not in known]

    def _keep_zoom(self, following: ViewerState) -> None:
        """Remember a region that the user enlarged, for the next slice along the same axis."""
        axes = self.figure.axes[0]
        shown = axes.get_xlim(), axes.get_ylim()
        keep = following.axis == self.state.axis and shown != self._home
        self._zoom = shown if keep else None

    def _key(self, event: Event) -> None:
        if isinstance(event, KeyEvent) and event.key:
            self.press(event.key)

    def _scroll(self, event: Event) -> None:
        if isinstance(event, MouseEvent):
            self.show(self.state.step(1 if event.step > 0 else -1))


def sample_label(geometry: Geometry) -> str:
    """What the vertical axis of a section counts: "time (ms)" or "depth (m)"."""
    return "time (ms)" if geometry.sample_unit == "ms" else "depth (m)"


def map_aspect(geometry: Geometry) -> float | Literal["auto"]:
    """Height of an inline number over width of a crossline number, true to the ground.

    "auto" where the cube has no map coordinates, or is too slender for a window.
    """
    if geometry.affine is None:
        return "auto"
    metres = np.hypot(*geometry.affine[:, :2])  # that one inline number, one crossline number spans
    high, wide = (
        size * axis.step * axis.count for size, axis in zip(metres, geometry.axes, strict=False)
    )
    slender = max(high / wide, wide / high) > MOST_SLENDER
    return "auto" if slender else float(metres[0] / metres[1])
