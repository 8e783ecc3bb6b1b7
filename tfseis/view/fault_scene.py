"""Faults in 3D beside slices of their cube, drawn by PyVista without a display."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import matplotlib as mpl
import numpy as np

from tfseis.errors import MissingPackageError
from tfseis.view.fault_objects import COLOURS, FaultPatch

SIZE = (1400, 1000)  # pixels
CLIPPED = 0.98  # quantile of the amplitudes that is white or black
AWAY = (-2.0, -2.3, 1.4)  # where the eye is, in lengths of the cube from its middle


@dataclass(frozen=True)
class SceneSlice:
    """One inline, crossline or time slice.

    Args:
        amplitude: floating-point numbers (inlines, crosslines, samples), of which one axis has the
            length 1.
        numbers: inline numbers, crossline numbers, and times or depths.
    """

    amplitude: np.ndarray
    numbers: tuple[np.ndarray, np.ndarray, np.ndarray]


def can_draw() -> bool:
    """Whether PyVista is installed."""
    return find_spec("pyvista") is not None


def draw_scene(
    path: str | Path,
    faults: Sequence[FaultPatch],
    slices: Sequence[SceneSlice],
    ends: Sequence[tuple[float, float]],
) -> None:
    """Draw surfaces of faults and slices of the cube as PNG, the cube as wide as it is high.

    Args:
        path: the new file.
        faults: surfaces of the faults.
        slices: slices of the cube.
        ends: first and last inline number, crossline number, and time or depth.

    Raises:
        MissingPackageError: PyVista is not installed.
    """
    if not can_draw():
        raise MissingPackageError(
            "Expected the package 'pyvista'; it is not installed. Run pip install 'tfseis[3d]'."
        )
    import pyvista  # noqa: PLC0415  an extra, which takes seconds to load

    plotter = pyvista.Plotter(off_screen=True, window_size=list(SIZE))
    plotter.set_background("white")
    for one in slices:
        places = np.meshgrid(*(_scaled(n, e) for n, e in zip(one.numbers, ends, strict=True)))
        x, y, z = (np.swapaxes(part, 0, 1) for part in places)
        grid = pyvista.StructuredGrid(x, y, -z)
        grid["amplitude"] = one.amplitude.ravel(order="F")
        limit = float(np.quantile(np.abs(one.amplitude), CLIPPED)) or 1.0
        plotter.add_mesh(
            grid, cmap="gray", clim=(-limit, limit), show_scalar_bar=False, lighting=False
        )
    colours = mpl.colormaps[COLOURS].colors  # type: ignore[attr-defined]
    for fault in faults:
        columns = zip(fault.vertices.T, ends, strict=True)
        points = np.column_stack([_scaled(numbers, e) for numbers, e in columns]) * (1, 1, -1)
        sides = np.insert(fault.triangles, 0, 3, axis=1).ravel()
        colour = colours[(fault.number - 1) % len(colours)]
        plotter.add_mesh(pyvista.PolyData(points, sides), color=colour, smooth_shading=True)
    middle = (0.5, 0.5, -0.5)
    eye = tuple(one + away for one, away in zip(middle, AWAY, strict=True))
    plotter.camera_position = [eye, middle, (0, 0, 1)]
    image = plotter.screenshot(None, return_img=True)
    plotter.close()
    mpl.image.imsave(path, image, format="png")


def _scaled(numbers: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """Numbers of an axis from 0 to 1."""
    return (np.asarray(numbers) - ends[0]) / ((ends[1] - ends[0]) or 1)
