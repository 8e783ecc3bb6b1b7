"""Pictures of the fault network that ships on real sections, which have no labels to score it.

``python -m benchmarks.fault_pictures docs/faults-on-real-sections.png``: each section is repeated
into a cube, as if its faults struck across it, and the middle line is plotted.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.realism import REAL, section
from tfseis.geometry import Axis, Geometry
from tfseis.io import open_segy, write_segy
from tfseis.jobs.faults.apply import apply_faults
from tfseis.view import FaultSection, fault_figure

LINES = 48
INTERVAL = 4.0  # ms; of the real ones it is not known


def plot(path: Path) -> None:
    """Predict the three sections and plot them side by side."""
    sections = [_found(name, section(file)) for name, file in REAL.items()]
    fault_figure(sections).savefig(path, dpi=70)


def _found(name: str, amplitude: np.ndarray) -> FaultSection:
    traces, samples = amplitude.shape
    geometry = Geometry(
        Axis("inline", 1, 1, LINES),
        Axis("crossline", 1, 1, traces),
        Axis("sample", INTERVAL, INTERVAL, samples),
    )
    with tempfile.TemporaryDirectory() as folder:
        cube_path, out = Path(folder) / "cube.sgy", Path(folder) / "faults.sgy"
        write_segy(cube_path, np.repeat(amplitude[np.newaxis], LINES, axis=0), geometry)
        with open_segy(cube_path) as cube:
            apply_faults("faults", cube, out)
        with open_segy(out) as found:
            probability = found[LINES // 2].copy()
    return FaultSection(
        amplitude / amplitude.std(),
        probability.squeeze(),
        geometry.crosslines.numbers,
        geometry.samples.numbers,
        name,
        "trace",
        "sample x 4 (ms)",
    )


if __name__ == "__main__":
    plot(Path(sys.argv[1]))
