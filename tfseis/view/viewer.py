"""The viewer: a figure that steps through a cube by mouse and keys."""

from collections.abc import Callable, Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import Event, KeyEvent, MouseEvent
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from tfseis.io.cube import Cube
from tfseis.io.labels.labels import Labels
from tfseis.view.colours import amplitude_limit
from tfseis.view.overlay import Overlay
from tfseis.view.viewer_layers import (
    map_aspect,
    plot_overlay,
    plot_points,
    plot_slice,
    slice_name,
)
from tfseis.view.viewer_state import ViewerState

SIZE = (11.0, 7.0)  # inches
PAGE = 10  # slices that a page key moves on
LEGEND_WIDTH = 140  # letters that fit side by side below the slice
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
Limits = tuple[tuple[float, float], tuple[float, float]]  # of the horizontal and vertical axis
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
        cube: cube of amplitudes.
        overlays: cubes of classes or numbers on the same survey, which may cover a part of it or
            fewer lines.
        points: labels that are marked on the slices that they lie on; None for none.
        figure: figure that receives the plots; None for a new one without a window.

    Attributes:
        state: what is shown.
        figure: the figure.
    """

    def __init__(
        self,
        cube: Cube,
        overlays: Sequence[Cube] = (),
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
        self.plot()

    def show(self, state: ViewerState) -> None:
        """Show another state; nothing is read or plotted if it is the same.

        Args:
            state: what is to be shown.
        """
        if state != self.state:
            self._keep_zoom(state)
            self.state = state
            self.plot()
            self.figure.canvas.draw_idle()

    def press(self, key: str) -> None:
        """Do what a key does; other keys do nothing.

        Args:
            key: name of the key as Matplotlib gives it, such as "right" or "a".
        """
        if key in KEYS:
            self.show(KEYS[key](self.state))

    def plot(self) -> None:
        """Read the slice that is shown and plot it again."""
        self.figure.clear()
        axes = self.figure.subplots()
        live = plot_slice(axes, self.cube, self.state, self._limit)
        self._home = axes.get_xlim(), axes.get_ylim()
        patches: list[Patch] = []
        note = ""
        if self.state.overlay is not None:
            overlay = self.overlays[self.state.overlay]
            patches, note = plot_overlay(axes, overlay, self.state, live)
        handles: list[Artist] = [*patches]
        if self.points is not None:
            handles += plot_points(axes, self.points, self.state, patches)
        limits = self._zoom or self._home
        axes.set(xlim=limits[0], ylim=limits[1])
        if self.state.axis == 2:
            axes.set_aspect(map_aspect(self.cube.geometry))
        where = slice_name(self.state, self.cube.geometry)
        axes.set_title(f"{where}   {note}".rstrip(), fontweight="bold")
        self._explain(axes, handles)

    def _explain(self, axes: Axes, handles: Sequence[Artist]) -> None:
        """Add the legend, and the explanation of the keys where it is wanted."""
        if handles:
            longest = max(len(str(handle.get_label())) for handle in handles)
            columns = max(min(len(handles), LEGEND_WIDTH // (longest + 6)), 1)  # 6 for its colour
            self.figure.legend(handles=handles, loc="outside lower center", ncols=columns)
        if self.state.help:
            axes.text(
                0.02,
                0.97,
                HELP,
                transform=axes.transAxes,
                va="top",
                family="monospace",
                fontsize="small",
                bbox={"facecolor": "white", "alpha": 0.9, "edgecolor": "none"},
            )

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
