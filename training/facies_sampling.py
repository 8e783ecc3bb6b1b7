"""How the facies job stands ways to label a section, by ID; `training.run` does them.

Each run labels the middle inline of several surveys in one way and scores other lines, beside what
needs no network. A survey takes about three minutes of one core, Penobscot ten.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from tfseis.data.scaling import survey_scaling
from tfseis.data.synthetic import facies_survey
from tfseis.io import ArrayCube, open_segy
from tfseis.io.cube import Cube
from tfseis.io.labels.label_cube import LabelCube, open_label_cube
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.jobs.facies.blocks import score_blocks
from tfseis.jobs.facies.followed_training import train_following
from tfseis.jobs.facies.scores import line_score
from tfseis.jobs.facies.settings import FaciesSettings
from tfseis.jobs.facies.survey import Survey
from tfseis.scores.calibration import calibration_error
from training.facies_experiments import DATA, FILES
from training.facies_surveys import FAR, GENERATORS

SHAPE = (64, 96, 128)
PENOBSCOT = "penobscot"
PENOBSCOT_LINE, PENOBSCOT_SCORED = 1080, (1090, 1099)
SYNTHETIC = tuple(f"{generator}{seed}" for generator in "abc" for seed in (0, 1, 2))
EVERY = 4  # every so many lines of a synthetic survey are scored
SHARE = 0.02  # of the samples, where they are scattered
EQUAL, WHOLE = 3000, 512 * 1536  # points of each class on a section of that many samples
FEWEST = 60  # points of each class on a small section
RANGES = ((0.04, 0.18), (0.35, 0.49), (0.74, 0.9))  # parts of the traces that are labelled
CLICKS = 20  # points of each class
POLYGONS, THICK = 2, 12  # polygons of each class; at most that part of the samples high
Way = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def all_samples(section: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Every sample of a section (traces, samples) of class indices; a mask of the labelled ones."""
    return np.ones(section.shape, bool)


def scattered(section: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two in a hundred samples at random."""
    return rng.random(section.shape) < SHARE


def equal_points(section: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many points of each class, on three ranges of traces."""
    shown = np.zeros(section.shape, bool)
    for first, stop in RANGES:
        shown[int(first * len(section)) : int(stop * len(section))] = True
    return _some(section, shown, max(FEWEST, EQUAL * section.size // WHOLE), rng)


def polygons(section: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two flat bodies in each class, away from its boundaries."""
    mask = np.zeros(section.shape, bool)
    trace, sample = np.ogrid[: section.shape[0], : section.shape[1]]
    for number in np.unique(section):
        inside = section == number
        depth = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
        places = np.argwhere(depth >= min(4, 0.6 * depth.max()))
        for centre in places[rng.integers(0, len(places), POLYGONS)]:
            radius = min(0.9 * depth[tuple(centre)], section.shape[1] / THICK)
            across, down = (trace - centre[0]) / (3 * radius), (sample - centre[1]) / radius
            mask |= inside & (across**2 + down**2 <= 1)
    return mask


def horizons(section: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """The samples next to each boundary, as picked horizons give them."""
    edge, change = np.zeros(section.shape, bool), section[:, 1:] != section[:, :-1]
    edge[:, 1:] |= change
    edge[:, :-1] |= change
    return ndimage.binary_dilation(edge, np.ones((1, 3), bool))


def clicks(section: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Twenty points of each class anywhere."""
    return _some(section, np.ones(section.shape, bool), CLICKS, rng)


WAYS: dict[str, Way] = {
    "all samples": all_samples,
    "2 % at random": scattered,
    "equal points a class on ranges of traces": equal_points,
    "two polygons a class": polygons,
    "along horizons only": horizons,
    "20 clicks a class": clicks,
}
CROSSING = "2 % at random on two sections that cross"


@dataclass(frozen=True, kw_only=True)
class SamplingExperiment:
    """One way to label a section of several surveys.

    Args:
        id: number of the run.
        note: why it was run.
        way: key of `WAYS`, or `CROSSING`.
        surveys: names: "penobscot", or generator and seed.
        seeds: seeds of the labels and of the training.
        shape: samples of a synthetic survey along each axis.
        settings: network and training.
    """

    id: int
    note: str
    way: str
    surveys: tuple[str, ...] = (PENOBSCOT, *SYNTHETIC)
    seeds: tuple[int, ...] = (0,)
    shape: tuple[int, int, int] = SHAPE
    settings: FaciesSettings = field(default_factory=lambda: FaciesSettings(folds=0))


SAMPLINGS = {
    number: SamplingExperiment(id=number, note=f"Labels: {way}.", way=way)
    for number, way in enumerate((*WAYS, CROSSING), start=140)
}


def quick(experiment: SamplingExperiment) -> SamplingExperiment:
    """The same on one toy survey, in seconds."""
    settings = replace(experiment.settings, epochs=1, crops_per_epoch=32, filters=(2, 3, 4))
    return replace(experiment, surveys=("a0",), shape=(24, 40, 48), settings=settings)


def rows(experiment: SamplingExperiment, folder: Path) -> list[dict[str, object]]:
    """Train and score; one row a survey."""
    return [
        _row(experiment, name, seed, folder / f"{name}_{seed}")
        for name in experiment.surveys
        for seed in experiment.seeds
    ]


def _row(experiment: SamplingExperiment, name: str, seed: int, folder: Path) -> dict[str, object]:
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    cube, truth, classes, numbers = _survey(name, experiment.shape, folder)
    labels = _labels(experiment.way, classes, numbers, cube, seed)
    settings = replace(experiment.settings, seed=seed)
    with cube:
        survey = Survey.of(cube, labels, survey_scaling(cube), settings)
        blocks = score_blocks(survey, folder / "training")
        model, _, guide = train_following(
            survey, folder / "training", weight=blocks.weight, temperature=blocks.temperature
        )
        score = line_score(survey, model, truth, [(0, n) for n in numbers[1]], guide)
    table, sure = score.comparison(), score.calibration
    baselines = table["mean IoU"].drop(score.scored)
    return {
        "survey": name,
        "labels": len(labels),
        "mean IoU": f"{table['mean IoU'].iloc[0]:.3f}",
        "baselines, mean IoU": ", ".join(f"{key} {v:.3f}" for key, v in baselines.items()),
        "beyond the best": f"{table['mean IoU'].iloc[0] - baselines.max():+.3f}",
        "accuracy": f"{table['accuracy'].iloc[0]:.3f}",
        "calibration error": "" if sure is None else f"{calibration_error(sure):.3f}",
        "wrong islands per million": f"{score.islands:.0f}",
        "minutes": f"{(time.monotonic() - began) / 60:.1f}",
    }


def _survey(
    name: str, shape: tuple[int, int, int], folder: Path
) -> tuple[Cube, LabelCube, np.ndarray, tuple[float, list[float]]]:
    """A cube, its truth, the classes as an array, the labelled inline and those scored."""
    if name == PENOBSCOT:
        cube_file, truth_file = (DATA / name / file for file in FILES[name])
        cube = open_segy(cube_file)
        truth = open_label_cube(truth_file, cube.geometry)
        with np.load(truth_file) as stored:
            classes = stored["labels"].astype("int64")
        first, last = PENOBSCOT_SCORED
        scored = [n for n in truth.lines(0) if first <= n <= last]
        return cube, truth, classes, (PENOBSCOT_LINE, scored)
    made = facies_survey(shape, settings=GENERATORS[name[0]], seed=int(name[1:]))
    path = folder / "truth.npy"
    np.save(path, made.facies)
    in_memory = ArrayCube(made.amplitude, made.geometry)
    numbers, middle = made.geometry.inlines.numbers, shape[0] // 2
    far = np.flatnonzero(np.abs(np.arange(shape[0]) - middle) >= FAR)[::EVERY]
    truth = open_label_cube(path, in_memory.geometry)
    return in_memory, truth, made.facies.astype("int64"), (numbers[middle], numbers[far].tolist())


def _labels(
    way: str, classes: np.ndarray, numbers: tuple[float, list[float]], cube: Cube, seed: int
) -> Labels:
    """Labels of one inline, or of an inline and a crossline."""
    rng, index = np.random.default_rng(seed), cube.geometry.inlines.index(numbers[0])
    count = int(classes.max()) + 1
    places = np.argwhere(WAYS.get(way, scattered)(classes[index], rng))
    positions = np.column_stack([np.full(len(places), index), places])
    if way == CROSSING:
        crossline = classes.shape[1] * 2 // 3
        places = np.argwhere(scattered(classes[:, crossline], rng))
        other = np.column_stack([places[:, 0], np.full(len(places), crossline), places[:, 1]])
        positions = np.unique(np.concatenate([positions, other]), axis=0)
    legend = Legend.of([f"class {number}" for number in range(count)])
    return Labels(positions, classes[tuple(positions.T)], legend)


def _some(
    section: np.ndarray, shown: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    """At most `count` samples of each class, among those shown if any of it is."""
    mask = np.zeros(section.shape, bool)
    for number in np.unique(section):
        places = np.argwhere((section == number) & shown)
        if not len(places):
            places = np.argwhere(section == number)
        mask[tuple(places[rng.permutation(len(places))[:count]].T)] = True
    return mask
