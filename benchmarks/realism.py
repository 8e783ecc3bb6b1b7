"""How synthetic surveys compare with real sections: amplitudes, spectra and dips.

A cube passes where its number lies within the spread among the real sections, widened by half of
that spread on either side: three sections are few.
"""

import os
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from tfseis.data.section_measures import measures
from tfseis.data.synthetic import SURVEY_GENERATORS

REAL = {"F3": "F3", "Kerry": "K3", "Thebe": "Thebe"}
SHAPE = (64, 128, 128)
CUBES = 40
WIDENED = 0.5


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


if __name__ == "__main__":
    print(run().round(3).to_string(index=False))
