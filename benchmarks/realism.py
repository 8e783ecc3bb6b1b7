"""How synthetic surveys compare with real sections: amplitudes, spectra and dips.

A cube passes where its number lies within the spread among the real sections, widened by half of
that spread on either side: three sections are few.
"""

import os
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from scipy import ndimage

from tfseis.data.synthetic import SURVEY_GENERATORS

REAL = {"F3": "F3", "Kerry": "K3", "Thebe": "Thebe"}
SHAPE = (64, 128, 128)
CUBES = 40
WIDENED = 0.5
SMOOTHING = 2.0  # samples, of the structure tensor
CLEAR = 0.3  # of planarity, above which a dip is counted


def run(cubes: int = CUBES) -> pd.DataFrame:
    """Measures of real sections and of every generator, and how many cubes lie within the spread.

    Returns:
        One row a measure: what, F3, Kerry, Thebe, then for each generator mean and share within.
    """
    real = {name: measures(section(file)) for name, file in REAL.items()}
    made = {
        name: [
            measures(generator(SHAPE, seed=seed).amplitude[SHAPE[0] // 2]) for seed in range(cubes)
        ]
        for name, generator in SURVEY_GENERATORS.items()
    }
    rows = []
    for what in next(iter(real.values())):
        known = [numbers[what] for numbers in real.values()]
        room = WIDENED * (max(known) - min(known))
        row = {"what": what, **{name: numbers[what] for name, numbers in real.items()}}
        for generator, surveys in made.items():
            values = np.array([numbers[what] for numbers in surveys])
            within = (values >= min(known) - room) & (values <= max(known) + room)
            row |= {
                f"{generator} median": np.median(values),
                f"{generator} within": f"{within.sum()}/{cubes}",
            }
        rows.append(row)
    return pd.DataFrame(rows)


def section(name: str) -> np.ndarray:
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TFSEIS_DATA") or default) / "fault_slices"
    with h5py.File(folder / f"{name}_seismic_slice.h5") as file:
        return file["data"][:].astype("float64")  # (traces, samples)


def measures(amplitude: np.ndarray) -> dict[str, float]:
    """Numbers of one section, (traces, samples), that do not depend on its amplitude level."""
    centred = amplitude - np.median(amplitude)
    spread = np.percentile(np.abs(centred), [50, 90, 99])
    frequency = np.fft.rfftfreq(amplitude.shape[1])
    taper = np.hanning(amplitude.shape[1])
    power = (np.abs(np.fft.rfft(centred * taper)) ** 2).mean(0)
    part = np.cumsum(power) / power.sum()
    dips = local_dips(centred)
    return {
        "amplitude: 90 % / median": spread[1] / spread[0],
        "amplitude: 99 % / 90 %": spread[2] / spread[1],
        "spectrum: 10 % of power below (cycles a sample)": frequency[np.searchsorted(part, 0.1)],
        "spectrum: 50 %": frequency[np.searchsorted(part, 0.5)],
        "spectrum: 90 %": frequency[np.searchsorted(part, 0.9)],
        "likeness of neighbouring traces": likeness(centred),
        "dip: median (samples a trace)": float(np.median(dips)),
        "dip: 90 %": float(np.percentile(dips, 90)),
    }


def likeness(amplitude: np.ndarray) -> float:
    """Mean correlation of each trace with the next."""
    traces = amplitude - amplitude.mean(1, keepdims=True)
    traces /= np.maximum(np.linalg.norm(traces, axis=1, keepdims=True), 1e-12)
    return float((traces[1:] * traces[:-1]).sum(1).mean())


def local_dips(amplitude: np.ndarray) -> np.ndarray:
    """Absolute dips from the structure tensor, where events are clear."""
    # Both derivatives smoothed alike along both axes, else short waves look steeper than they are.
    across, down = (ndimage.gaussian_filter(amplitude, 1.0, order) for order in ((1, 0), (0, 1)))
    smooth: Callable = lambda product: ndimage.gaussian_filter(product, SMOOTHING)
    xx, zz, xz = smooth(across * across), smooth(down * down), smooth(across * down)
    angle = 0.5 * np.arctan2(2 * xz, xx - zz)  # of the normal, from the trace axis
    planarity = np.hypot(xx - zz, 2 * xz) / np.maximum(xx + zz, 1e-30)
    # A normal that leans by this much from the vertical belongs to a dip of its cotangent.
    dip = np.abs(np.cos(angle)) / np.maximum(np.abs(np.sin(angle)), 1e-6)
    return dip[planarity > CLEAR]


if __name__ == "__main__":
    print(run().round(3).to_string(index=False))
