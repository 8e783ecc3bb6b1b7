"""Scores of a fault network on cubes that did not train, beside what needs no network."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from tfseis.data.scaling import scaled
from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.jobs.faults.pairs import LabelledCube, read_pair
from tfseis.jobs.faults.probability import fault_probability
from tfseis.models.recipe import RecipeLayer, recipe_of
from tfseis.scores.semblance import low_semblance
from tfseis.scores.surfaces import THRESHOLD, fault_scores, within

UNSEEN_SEED = 900_000_000  # of the first unseen survey; those that train draw from 2^62
LARGEST = 160  # samples a side that are scored, from the middle of larger cubes
NETWORK, SEMBLANCE, BACKGROUND = "this network", "low semblance", "no faults at all"
EVERY = "all"  # the group of all cubes, where there are several groups
SCORES = (
    "iou",
    "best_iou",
    "tolerant_iou",
    "average_precision",
    "precision",
    "recall",
    "volume_ratio",
)
THROWS = (1, 2, 4, 8, 16)  # samples, where one range of throws ends and the next begins


@dataclass(frozen=True)
class UnseenCube:
    """A cube to score.

    Args:
        name: name of the generator and number of the survey, or name of the file.
        group: cubes of one group are averaged together.
        amplitude: float32 (inlines, crosslines, samples), scaled.
        faults: labels of the same shape, negative where unknown.
        throw: throw of the faults in samples, of the same shape; None where unknown.
    """

    name: str
    group: str
    amplitude: np.ndarray
    faults: np.ndarray
    throw: np.ndarray | None = None


@dataclass(frozen=True)
class Scored:
    """What the scoring of some cubes found.

    Args:
        table: one row a cube and method: name, group, method, and the fields of
            `tfseis.learning.FaultScores`.
        throws: recall by throw, see `recall_by_throw`; no rows where no throw is known.
        first: the first cube with the probability that the network gave; None without cubes.
    """

    table: pd.DataFrame
    throws: pd.DataFrame
    first: tuple[UnseenCube, np.ndarray] | None


def unseen_surveys(generators: Sequence[str], count: int, size: int = 128) -> Iterator[UnseenCube]:
    """Surveys of each generator in turn, whose seeds no training draws; made one at a time.

    Args:
        generators: names of `tfseis.data.synthetic.SURVEY_GENERATORS`.
        count: number of surveys of each generator.
        size: length of a survey along each axis, in samples.
    """
    for number in range(count):
        for name in generators:
            survey = SURVEY_GENERATORS[name]((size, size, size), seed=UNSEEN_SEED + number)
            yield UnseenCube(
                f"{name} {number}", name, scaled(survey.amplitude), survey.faults, survey.throw
            )


def unseen_pairs(pairs: Sequence[LabelledCube]) -> Iterator[UnseenCube]:
    """Labelled cubes, one at a time; of larger ones the middle 160 samples a side."""
    for pair in pairs:
        amplitude, faults = read_pair(pair)
        middle = tuple(
            slice(max(0, (size - LARGEST) // 2), max(0, (size - LARGEST) // 2) + LARGEST)
            for size in amplitude.shape
        )
        yield UnseenCube(pair.name, "files", amplitude[middle], faults[middle])


def score_cubes(
    model: keras.Model,
    cubes: Iterable[UnseenCube],
    *,
    baselines: bool = True,
    total: int | None = None,
    progress: bool = True,
) -> Scored:
    """Predict each cube once as a whole, and score it.

    Args:
        model: network that gives logits of a fault; its faults are counted at the threshold of its
            recipe, or at 0.5 without one. Baselines are counted at 0.5.
        cubes: cubes to score.
        baselines: whether low semblance and an empty prediction are scored beside it.
        total: number of cubes, for the progress bar.
        progress: show a progress bar.
    """
    predict, threshold = keras.Model(model.input, model.output), threshold_of(model)
    rows, throws, first = [], ThrowCounts(threshold), None
    for cube in tqdm(cubes, "score", total, unit=" cubes", disable=not progress, leave=False):
        probability = cube_probability(predict, cube.amplitude)
        first = first or (cube, probability)
        throws.add(cube, probability)
        found = {NETWORK: probability}
        if baselines:
            found[SEMBLANCE] = low_semblance(cube.amplitude)
            found[BACKGROUND] = np.zeros(cube.faults.shape, "float32")
        for method, values in found.items():
            cut = threshold if method == NETWORK else THRESHOLD
            known = cube.faults >= 0
            scores = fault_scores(cube.faults > 0, values, known=known, threshold=cut)
            rows.append(
                {"name": cube.name, "group": cube.group, "method": method, **asdict(scores)}
            )
    return Scored(pd.DataFrame(rows), throws.table(), first)


def recall_by_throw(model: keras.Model, cubes: Iterable[UnseenCube]) -> pd.DataFrame:
    """How much of the faults a network finds, by their throw.

    Args:
        model: network that gives logits of a fault; its threshold is that of its recipe, or 0.5.
        cubes: cubes to look at; those whose throw is unknown are left out.

    Returns:
        One row a range of throws: throw in samples, its share of the true voxels, how many of them
        are found, and how many have a found one within 2 voxels; the last two NaN where there are
        no such faults.
    """
    counts = ThrowCounts(threshold_of(model))
    for cube in cubes:
        if cube.throw is not None:
            counts.add(cube, cube_probability(model, cube.amplitude))
    return counts.table()


@dataclass
class ThrowCounts:
    """True voxels, found ones, and those with a found one within 2 voxels, by range of throws.

    Args:
        threshold: a voxel is found above this probability.
    """

    threshold: float = THRESHOLD
    counts: np.ndarray = field(default_factory=lambda: np.zeros((3, len(THROWS) + 1)))

    def add(self, cube: UnseenCube, probability: np.ndarray) -> None:
        """Count one cube; nothing where its throw is unknown."""
        if cube.throw is None:
            return
        marked = probability > self.threshold
        faults = cube.faults > 0
        for row, kept in enumerate((faults, marked, within(marked))):
            throws = cube.throw[faults & kept]
            self.counts[row] += np.histogram(throws, (0, *THROWS, np.inf))[0]

    def table(self) -> pd.DataFrame:
        """As `recall_by_throw` returns it; no rows where nothing was counted."""
        true, found, near = self.counts
        columns = ["throw", "share", "recall", "near"]
        if not true.any():
            return pd.DataFrame(columns=columns)
        between = [f"{low} to {high}" for low, high in pairwise(THROWS)]
        names = [f"below {THROWS[0]}", *between, f"{THROWS[-1]} and more"]
        some = np.where(true > 0, true, np.nan)
        values = (names, true / true.sum(), found / some, near / some)
        return pd.DataFrame(dict(zip(columns, values, strict=True)))


def threshold_of(model: keras.Model) -> float:
    """Probability above which a model calls a voxel a fault: of its recipe; 0.5 without one."""
    told = any(isinstance(layer, RecipeLayer) for layer in model.layers)
    return float(recipe_of(model).threshold) if told else THRESHOLD


def cube_probability(model: keras.Model, amplitude: np.ndarray) -> np.ndarray:
    """Probability of a fault at each sample of a cube that fits in memory at once.

    Args:
        model: network that gives one logit, or two of which the second is that of a fault.
        amplitude: float32 (inlines, crosslines, samples), scaled.

    Returns:
        float32 of the same shape.
    """
    logits = np.asarray(model.predict_on_batch(amplitude[np.newaxis, ..., np.newaxis]))[0]
    return fault_probability(logits.astype("float32"))[..., 0]


def mean_scores(table: pd.DataFrame) -> pd.DataFrame:
    """Means over cubes: one row a method and group, and over all groups if there are several."""
    groups = table.groupby(["method", "group"], sort=False)[list(SCORES)].mean().reset_index()
    if table["group"].nunique() > 1:
        every = table.groupby("method", sort=False)[list(SCORES)].mean().reset_index()
        groups = pd.concat([every.assign(group=EVERY), groups], ignore_index=True)
    return groups[["method", "group", *SCORES]]
