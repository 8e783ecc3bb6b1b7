"""Scores of a fault network on cubes that did not train, beside what needs no network."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.io.arrays import CubePair
from tfseis.jobs.faults.pairs import read_pair
from tfseis.jobs.faults.survey_crops import scaled
from tfseis.scores.semblance import low_semblance
from tfseis.scores.surfaces import THRESHOLD, fault_scores, within

UNSEEN_SEED = 900_000_000  # of the first unseen survey; those that train draw from 2^62
LARGEST = 160  # samples a side that are scored, from the middle of larger cubes
NETWORK, SEMBLANCE, BACKGROUND = "this network", "low semblance", "no faults at all"
SCORES = ("iou", "best_iou", "tolerant_iou", "average_precision", "precision", "recall",
          "volume_ratio")  # fmt: skip
THROWS = (1, 2, 4, 8, 16)  # samples, where one range of throws ends and the next begins


@dataclass(frozen=True)
class UnseenCube:
    """A cube to score.

    Args:
        name: generator and number, or the file's.
        group: cubes of one group are summed up together.
        amplitude: float32 (inlines, crosslines, samples), scaled.
        faults: of the same shape; negative where unknown.
        throw: of the same shape, in samples, on faults; None where unknown.
    """

    name: str
    group: str
    amplitude: np.ndarray
    faults: np.ndarray
    throw: np.ndarray | None = None


def unseen_surveys(generators: Sequence[str], count: int, size: int = 128) -> Iterator[UnseenCube]:
    """Surveys of each generator, generator by generator in turn, whose seeds no training draws; one at a time.

    Args:
        generators: names of `tfseis.data.synthetic.SURVEY_GENERATORS`.
        count: of each generator.
        size: samples along each axis.
    """
    for number in range(count):
        for generator in generators:
            survey = SURVEY_GENERATORS[generator]((size, size, size), seed=UNSEEN_SEED + number)
            yield UnseenCube(
                f"{generator} {number}",
                generator,
                scaled(survey.amplitude),
                survey.faults,
                survey.throw,
            )


def unseen_pairs(pairs: Sequence[CubePair]) -> Iterator[UnseenCube]:
    """Cubes from files, one at a time; of larger ones the middle 160 samples a side."""
    for pair in pairs:
        amplitude, faults = read_pair(pair)
        middle = tuple(
            slice(max(0, (size - LARGEST) // 2), max(0, (size - LARGEST) // 2) + LARGEST)
            for size in amplitude.shape
        )
        yield UnseenCube(pair.name, "files", amplitude[middle], faults[middle])


def validation_table(
    model: keras.Model,
    cubes: Iterable[UnseenCube],
    *,
    baselines: bool = True,
    total: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Scores cube by cube; one row a cube and method.

    Args:
        model: gives logits of a fault.
        cubes: to score, each predicted as a whole.
        baselines: whether low semblance and an empty prediction are scored beside it.
        total: how many cubes, for the bar.
        progress: show a bar.

    Returns:
        Columns name, group, method, and those of `tfseis.learning.FaultScores`.
    """
    predict = keras.Model(model.input, model.output)
    rows = []
    for cube in tqdm(cubes, "score", total, unit=" cubes", disable=not progress, leave=False):
        found = {NETWORK: fault_probability(predict, cube.amplitude)}
        if baselines:
            found[SEMBLANCE] = low_semblance(cube.amplitude)
            found[BACKGROUND] = np.zeros(cube.faults.shape, "float32")
        for method, probability in found.items():
            scores = fault_scores(cube.faults > 0, probability, known=cube.faults >= 0)
            rows.append(
                {"name": cube.name, "group": cube.group, "method": method, **asdict(scores)}
            )
    return pd.DataFrame(rows)


def recall_by_throw(model: keras.Model, cubes: Iterable[UnseenCube]) -> pd.DataFrame:
    """How much of the faults a network finds, by their throw.

    Args:
        model: gives logits of a fault.
        cubes: to look at; those whose throw is unknown are left out.

    Returns:
        One row a range of throws: throw in samples, its share of the true voxels, how many of them
        are found, and how many have a found one within 2 voxels; the last two NaN where there are
        no such faults.
    """
    counts = np.zeros((3, len(THROWS) + 1))
    for cube in cubes:
        if cube.throw is None:
            continue
        marked = fault_probability(model, cube.amplitude) >= THRESHOLD
        faults = cube.faults > 0
        for row, kept in enumerate((faults, marked, within(marked))):
            counts[row] += np.histogram(cube.throw[faults & kept], (0, *THROWS, np.inf))[0]
    names = [f"below {THROWS[0]}", *(f"{low} to {high}" for low, high in pairwise(THROWS)),
             f"{THROWS[-1]} and more"]  # fmt: skip
    true, found, near = counts
    some = np.where(true > 0, true, np.nan)
    return pd.DataFrame(
        {"throw": names, "share": true / true.sum(), "recall": found / some, "near": near / some}
    )


def fault_probability(model: keras.Model, amplitude: np.ndarray) -> np.ndarray:
    """Probability of a fault at each sample of a cube that fits in memory at once.

    Args:
        model: gives one logit, or two of which the second is the fault's.
        amplitude: float32 (inlines, crosslines, samples), scaled.

    Returns:
        float32 of the same shape.
    """
    logits = np.asarray(model.predict_on_batch(amplitude[np.newaxis, ..., np.newaxis]))[0]
    logit = logits[..., 0] if logits.shape[-1] == 1 else logits[..., 1] - logits[..., 0]
    return (0.5 * (1 + np.tanh(0.5 * logit.astype("float32")))).astype("float32")


def mean_scores(table: pd.DataFrame) -> pd.DataFrame:
    """Means over cubes: one row a method and group, and over all groups if there are several."""
    groups = table.groupby(["method", "group"], sort=False)[list(SCORES)].mean().reset_index()
    if table["group"].nunique() > 1:
        every = table.groupby("method", sort=False)[list(SCORES)].mean().reset_index()
        groups = pd.concat([every.assign(group="all"), groups], ignore_index=True)
    return groups[["method", "group", *SCORES]]
