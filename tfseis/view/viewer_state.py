"""What the viewer shows, and how each key changes it; no window and no files."""

from dataclasses import dataclass, replace

from tfseis.geometry import Axis

NAMES = ("Inline", "Crossline", "Slice")
FADE = 0.1  # opacity that one key adds
OPACITY = 0.45


@dataclass(frozen=True)
class ViewerState:
    """One slice of a cube, an overlay and its opacity; every method returns the next state.

    The place along each axis is kept, so that switching back and forth leads to the same slices.

    Args:
        axes: axes of the cube: inlines, crosslines, samples.
        places: array index of the slice along each axis.
        axis: axis across which the slice is cut: 0 inline, 1 crossline, 2 time or depth.
        overlays: number of overlays.
        overlay: index of the overlay that is shown; None for none.
        opacity: opacity of the overlay, 0 to 1.
        help: whether an explanation of the keys is shown.

    Example:
        >>> axes = [Axis(n, 100, 2, 7) for n in ("inline", "crossline", "sample")]
        >>> state = ViewerState.centred((axes[0], axes[1], axes[2]))
        >>> state.number, state.step(-2).number, state.step(99).number
        (106, 102, 112)
    """

    axes: tuple[Axis, Axis, Axis]
    places: tuple[int, int, int]
    axis: int = 0
    overlays: int = 0
    overlay: int | None = None
    opacity: float = OPACITY
    help: bool = False

    @classmethod
    def centred(cls, axes: tuple[Axis, Axis, Axis], overlays: int = 0) -> "ViewerState":
        """The middle inline, with the first overlay.

        Args:
            axes: axes of the cube: inlines, crosslines, samples.
            overlays: number of overlays.
        """
        middle = (axes[0].count // 2, axes[1].count // 2, axes[2].count // 2)
        return cls(axes, middle, overlays=overlays, overlay=0 if overlays else None)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(inlines, crosslines, samples)."""
        return self.axes[0].count, self.axes[1].count, self.axes[2].count

    @property
    def index(self) -> int:
        """Array index of the slice along its axis."""
        return self.places[self.axis]

    @property
    def number(self) -> float:
        """Line number of the slice, or its time in ms or depth in m."""
        shown = self.axes[self.axis]
        return shown.first + shown.step * self.index

    @property
    def key(self) -> tuple[slice, slice, slice]:
        """What to read from the cube: one slice, no axis dropped."""
        parts = [slice(None)] * 3
        parts[self.axis] = slice(self.index, self.index + 1)
        return parts[0], parts[1], parts[2]

    @property
    def rest(self) -> tuple[int, int]:
        """The two axes that the slice extends along."""
        first, second = (axis for axis in range(3) if axis != self.axis)
        return first, second

    def step(self, count: int) -> "ViewerState":
        """The slice that lies a number of slices further; the first or last one beyond the ends.

        Args:
            count: number of slices; negative to go back.
        """
        return self._at(self.index + count)

    def switch_axis(self) -> "ViewerState":
        """From inlines to crosslines to time slices to inlines."""
        return replace(self, axis=(self.axis + 1) % 3)

    def next_overlay(self) -> "ViewerState":
        """The next overlay; none after the last."""
        following = 0 if self.overlay is None else self.overlay + 1
        return replace(self, overlay=following if following < self.overlays else None)

    def fade(self, steps: int) -> "ViewerState":
        """A more opaque or more transparent overlay.

        Args:
            steps: tenths of opacity to add; negative for a more transparent overlay.
        """
        opacity = min(max(round(self.opacity + FADE * steps, 2), 0.0), 1.0)
        return replace(self, opacity=opacity)

    def toggle_help(self) -> "ViewerState":
        """With or without an explanation of the keys."""
        return replace(self, help=not self.help)

    def go_to(self, number: float, axis: int | None = None) -> "ViewerState":
        """The slice of a line number, time or depth.

        Args:
            number: line number, time in ms or depth in m as in the file; not an array index.
            axis: axis across which the slice is cut: 0 inline, 1 crossline, 2 time or depth; None
                for the axis that is shown.

        Raises:
            GeometryError: the cube has no such line.
        """
        on = self if axis is None else replace(self, axis=axis)
        return on._at(on.axes[on.axis].index(number))

    def _at(self, index: int) -> "ViewerState":
        places = list(self.places)
        places[self.axis] = min(max(index, 0), self.shape[self.axis] - 1)
        return replace(self, places=(places[0], places[1], places[2]))
