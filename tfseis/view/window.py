"""The viewer in a window, or its first slice as a picture."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
from matplotlib.backend_bases import FigureManagerBase

from tfseis.errors import OutputError
from tfseis.io.cube import Cube
from tfseis.io.labels.labels import Labels
from tfseis.io.output import check_outputs, complete_or_absent
from tfseis.view.viewer import KEYS, SIZE, Viewer
from tfseis.view.viewer_state import ViewerState

DPI = 130  # of pictures


def write_png(
    path: str | Path,
    cube: Cube,
    overlays: Sequence[Cube] = (),
    *,
    points: Labels | None = None,
    axis: int = 0,
    number: float | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the slice that the viewer shows first as a PNG file; needs no display.

    Args:
        path: name of the PNG file.
        cube: cube of amplitudes.
        overlays: cubes on the same survey, of which the first is shown.
        points: labels that are marked where they lie on the slice; None for none.
        axis: axis across which the slice is cut: 0 inline, 1 crossline, 2 time or depth.
        number: line number, time in ms or depth in m; None for the middle slice.
        overwrite: whether a file of that name may be replaced.

    Returns:
        The path.

    Raises:
        GeometryError: the cube has no such line.
        OutputError: the file exists, has another ending, or cannot be written there.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise OutputError(
            f"{path}: expected a name that ends in .png, since the picture is one; got "
            f"{path.suffix or 'no ending'}. Choose {path.with_suffix('.png').name}."
        )
    check_outputs([path], [one.path for one in (cube, *overlays)], overwrite)
    with complete_or_absent(path, overwrite) as partial:
        viewer = Viewer(cube, overlays, points=points)
        viewer.show(_start(viewer.state, axis, number))
        viewer.figure.savefig(partial, format="png", dpi=DPI, facecolor="white")
    return path


def show(
    cube: Cube,
    overlays: Sequence[Cube] = (),
    *,
    points: Labels | None = None,
    axis: int = 0,
    number: float | None = None,
) -> None:
    """Open the viewer in a window, and return when it is closed.

    Args:
        cube: cube of amplitudes.
        overlays: cubes of classes or numbers on the same survey.
        points: labels that are marked on the slices that they lie on; None for none.
        axis: axis across which the first slice is cut: 0 inline, 1 crossline, 2 time or depth.
        number: its line number, time in ms or depth in m; None for the middle slice.

    Raises:
        GeometryError: the cube has no such line.
        OutputError: there is no display.
    """
    from matplotlib import pyplot  # noqa: PLC0415  it chooses a window system when imported

    free = {  # Matplotlib's own shortcuts, without the keys of the viewer
        name: [key for key in keys if key not in KEYS]
        for name, keys in mpl.rcParams.items()
        if name.startswith("keymap.")
    }
    with mpl.rc_context(free):
        try:
            figure = pyplot.figure(cube.name, figsize=SIZE, layout="constrained")
        except ImportError as error:
            raise _no_display(str(error)) from None
        if figure.canvas.manager_class is FigureManagerBase:
            pyplot.close(figure)
            raise _no_display(f"only the backend {mpl.get_backend()}, which has no windows")
        viewer = Viewer(cube, overlays, points=points, figure=figure)
        viewer.show(_start(viewer.state, axis, number))
        pyplot.show()


def _start(state: ViewerState, axis: int, number: float | None) -> ViewerState:
    return replace(state, axis=axis) if number is None else state.go_to(number, axis)


def _no_display(got: str) -> OutputError:
    return OutputError(
        f"Expected a display to open a window on; got {got}. Write a picture instead: --png FILE."
    )
