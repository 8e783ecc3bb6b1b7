"""Faults in 3D, drawn without a display."""

import numpy as np
import pytest

from tfseis.errors import MissingPackageError
from tfseis.view import fault_scene
from tfseis.view.fault_objects import FaultPatch
from tfseis.view.fault_scene import SceneSlice, draw_scene

ENDS = [(100, 112), (300, 307), (0, 32)]
NUMBERS = (np.arange(100, 114, 2), np.arange(300, 308), np.arange(0, 36, 4))


def drawn(path):
    corners = np.array([[100, 300, 0], [112, 303, 0], [100, 300, 32], [112, 303, 32.0]])
    patch = FaultPatch(3, corners, np.array([[0, 1, 2], [1, 2, 3]]))
    slices = []
    for axis, shape in enumerate([(1, 8, 9), (7, 1, 9), (7, 8, 1)]):
        numbers = list(NUMBERS)
        numbers[axis] = numbers[axis][-1:]
        values = np.random.default_rng(axis).normal(size=shape)
        slices.append(SceneSlice(values, tuple(numbers)))
    draw_scene(path, [patch], slices, ENDS)


def test_surfaces_and_slices_are_drawn(tmp_path):
    pytest.importorskip("pyvista")
    from PIL import Image

    drawn(tmp_path / "scene.png")
    with Image.open(tmp_path / "scene.png") as image:
        assert image.size == fault_scene.SIZE
        pixels = np.asarray(image.convert("RGB")).astype(int)
    grey = (pixels.max(axis=-1) - pixels.min(axis=-1)) < 3
    white = (pixels > 250).all(axis=-1)
    assert 0.1 < (grey & ~white).mean() < 0.9  # slices
    assert (~grey).mean() > 0.02  # the fault
    assert white[[0, -1]].mean() > 0.95  # nothing is cut off


def test_without_pyvista_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(fault_scene, "can_draw", lambda: False)
    with pytest.raises(MissingPackageError, match=r"'pyvista'.*pip install 'tfseis\[3d\]'"):
        drawn(tmp_path / "scene.png")
    assert not (tmp_path / "scene.png").exists()
