"""How well a small network tells crops of real sections from crops of synthetic surveys.

Its accuracy on a real survey and on synthetic surveys that it never saw is how far a generator is
from real: 0.5 cannot be told apart, 1 always can. Each real survey is left out in turn; and once
all of them are known, by the first two thirds of their traces. Half of the crops that train and
half of those that are scored are real.

``python -m benchmarks.realism_network``.
"""

import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pandas as pd
from keras import layers

from benchmarks.realism import REAL, section
from tfseis.io import open_segy
from tfseis.jobs.faults.pipeline import TRAINING_GENERATORS

DATA = Path(os.environ.get("TFSEIS_DATA") or Path(__file__).resolve().parents[2] / "shared/data")
SIZE = 64  # traces and samples of a crop
SHAPE = (16, 128, 128)  # of a synthetic survey, of which one section is taken
SURVEYS, UNSEEN = 60, 30  # synthetic surveys that train, and that are scored
CROPS = 600  # real ones that train, and as many synthetic ones; half as many are scored
NOISE = 0.03  # added to all, so that nobody sees that some are stored in 8 bits
EPOCHS = 10


def run(
    generators: Sequence[str] = tuple(TRAINING_GENERATORS), *, crops: int = CROPS, seed: int = 0
) -> pd.DataFrame:
    """Accuracies of networks that tell real crops from those of each generator.

    Args:
        generators: names of generators of fault surveys.
        crops: real crops that train.
        seed: of crops and networks.

    Returns:
        One row a generator: accuracy in the mean over the real surveys left out, the smallest and
        the largest of them, the share of real and of synthetic crops that are told; and the
        accuracy on other parts of real surveys that are known.
    """
    real = real_sections()
    rows = []
    for name in generators:
        made = [
            TRAINING_GENERATORS[name](SHAPE, seed=number).amplitude[SHAPE[0] // 2]
            for number in range(SURVEYS + UNSEEN)
        ]
        trained, unseen = made[:SURVEYS], made[SURVEYS:]
        splits = [_without(real, left) for left in real]
        found = np.array([_told(one, trained, unseen, crops, seed) for one in splits])
        known = _told(_parts(real), trained, unseen, crops, seed)
        both = found.mean(axis=1)
        rows.append(
            {
                "generator": name,
                "accuracy": both.mean(),
                "least": both.min(),
                "most": both.max(),
                "real told": found[:, 0].mean(),
                "synthetic told": found[:, 1].mean(),
                "of known surveys": np.mean(known),
            }
        )
    return pd.DataFrame(rows)


def real_sections() -> dict[str, list[np.ndarray]]:
    """Real sections (traces, samples) of five surveys."""
    found = {name: [section(file)] for name, file in REAL.items()}
    cube = np.load(DATA / "f3_cube/f3_cube_100.npy")
    found["F3"] += [cube[0], cube[50], cube[99], cube[:, 20], cube[:, 80]]
    found["Opunake"] = [np.load(DATA / "fault_slices/opunake_section_1024x256.npy")]
    with open_segy(DATA / "penobscot/penobscot_il1075-1110.sgy") as penobscot:
        found["Penobscot"] = [penobscot[line] for line in (0, 17, 35)]
    return found


Sections = list[list[np.ndarray]]  # of each survey


def _without(real: dict[str, list[np.ndarray]], left: str) -> tuple[Sections, Sections]:
    """The sections that train, and those of the survey that is left out."""
    return [sections for name, sections in real.items() if name != left], [real[left]]


def _parts(real: dict[str, list[np.ndarray]]) -> tuple[Sections, Sections]:
    """The first two thirds of the traces of all sections, and what else is wide enough."""
    first = [[one[: 2 * len(one) // 3] for one in sections] for sections in real.values()]
    rest = [[one[2 * len(one) // 3 :] for one in sections] for sections in real.values()]
    wide = [[[one for one in some if len(one) >= SIZE] for some in part] for part in (first, rest)]
    return wide[0], wide[1]


def _told(
    real: tuple[Sections, Sections],
    trained: Sequence[np.ndarray],
    unseen: Sequence[np.ndarray],
    crops: int,
    seed: int,
) -> tuple[float, float]:
    """Share of real crops, and of synthetic ones, that a network tells that saw the first part."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    learnt = _crops(real[0], crops, rng), _crops([[one] for one in trained], crops, rng)
    few = crops // 2
    scored = _crops(real[1], few, rng), _crops([[one] for one in unseen], few, rng)
    network = _network()
    truth = np.repeat([1.0, 0.0], crops)
    network.fit(np.concatenate(learnt), truth, epochs=EPOCHS, batch_size=32, verbose=0)
    told = [network.predict(part, verbose=0).ravel() > 0 for part in scored]
    return float(told[0].mean()), float(1 - told[1].mean())


def _crops(surveys: Sequence[list[np.ndarray]], count: int, rng: np.random.Generator) -> np.ndarray:
    """Crops of random sections, each survey as often, level and place removed."""
    found = np.empty((count, SIZE, SIZE, 1), "float32")
    for number in range(count):
        sections = surveys[number % len(surveys)]
        one = sections[rng.integers(len(sections))]
        trace, sample = (rng.integers(size - SIZE + 1) for size in one.shape)
        crop = one[trace : trace + SIZE, sample : sample + SIZE].astype("float64")
        crop = crop[:: rng.choice([-1, 1])] * rng.choice([-1, 1])
        crop = (crop - crop.mean()) / (crop.std() + 1e-12)
        found[number, ..., 0] = crop + NOISE * rng.normal(size=crop.shape)
    return found


def _network() -> keras.Model:
    """Four convolutions and the mean of what they find: 25,000 weights."""
    network = keras.Sequential([keras.Input((SIZE, SIZE, 1))])
    for filters in (16, 24, 32, 48):
        network.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
        network.add(layers.BatchNormalization())
        network.add(layers.ReLU())
        network.add(layers.MaxPooling2D())
    network.add(layers.GlobalAveragePooling2D())
    network.add(layers.Dropout(0.3))
    network.add(layers.Dense(1))
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(1e-3), loss)
    return network


if __name__ == "__main__":
    print(run().round(3).to_string(index=False))
