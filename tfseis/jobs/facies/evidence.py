"""Evidence for the class of a sample: labels that were spread, and the output of a network.

The log-probabilities of both are added, those of the network with a weight, because a network that
is overfitted to the labelled section is overconfident. The weight is chosen among a few values in
blocks that did not train; another than the usual one only if it is clearly better there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import keras
import numpy as np

from tfseis.data.splits import Fold
from tfseis.io.labels.labels import UNLABELLED
from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.crops import Volume
from tfseis.jobs.facies.section_network import SectionNetwork
from tfseis.jobs.facies.spreading import Spread, spread_labels
from tfseis.jobs.facies.survey import Survey
from tfseis.scores.baselines import copy_nearest
from tfseis.scores.classes import confusion_matrix, mean_iou

WEIGHTS = (0.0, 0.25, 0.5, 1.0)  # of the network, beside labels that are spread
USUAL = 0.5
MATTERS = 0.01  # mean IoU in blocks by which another weight must be better than the usual one
COPIED = 0.5  # probability of the nearest label of another section
CENTRES = 20_000  # painted samples of a section on which crops are centred


def spread_survey(survey: Survey, chosen: np.ndarray) -> list[Spread | None]:
    """Some labels of a survey, spread over each section; None on sections that hold none of them.

    Args:
        survey: cube, labels and settings; reflections can be followed along its sections.
        chosen: which labels are spread, bool (labels,).
    """
    spreads: list[Spread | None] = []
    for volume in survey.only(chosen):
        spread = None
        if len(volume.classes):
            spread = spread_labels(
                volume.inside,
                volume.positions,
                volume.classes,
                len(survey.labels.legend),
                seed=survey.settings.seed,
            )
        spreads.append(spread)
    return spreads


def painted_volumes(
    survey: Survey,
    chosen: np.ndarray,
    spreads: Sequence[Spread | None],
    fold: Fold | None = None,
) -> list[Volume]:
    """The labelled sections of a survey, painted between scattered labels.

    The network then learns from each class as much as there is of it, however many points it has.

    Args:
        survey: cube, labels and settings.
        chosen: which labels train, bool (labels,).
        spreads: these labels, spread over each section.
        fold: block that is held out; nothing is painted in it and in the guard gap around it.
    """
    rng, volumes = np.random.default_rng(survey.settings.seed), []
    every = zip(survey.sections, survey.only(chosen), spreads, strict=True)
    for section, volume, spread in every:
        if spread is None:
            volumes.append(volume)
            continue
        painted = spread.painted()
        if fold is not None and fold.axis != section.axis:  # traces follow the blocks
            guard = survey.guard()
            painted[max(0, fold.start - guard + 1) : fold.stop - 1 + guard] = UNLABELLED
        places = np.argwhere(painted >= 0)
        places = places[np.sort(rng.permutation(len(places))[:CENTRES])]
        classes = painted[tuple(places.T)].astype("int64")
        volumes.append(replace(volume, positions=places, classes=classes, painted=painted))
    return volumes


def spread_at_labels(
    survey: Survey, spreads: Sequence[Spread | None], seen: np.ndarray, wanted: np.ndarray
) -> np.ndarray:
    """Log-probabilities of labels that were spread, at other labels of the survey.

    Args:
        survey: cube, labels and settings.
        spreads: some of its labels, spread over each section.
        seen: which labels these are, bool (labels,).
        wanted: mask of the labels that are asked for, bool (labels,).

    Returns:
        float32 (wanted labels, classes). On sections where nothing was spread the class of the
        nearest label of other sections has a probability of one half.
    """
    count, labels = len(survey.labels.legend), survey.labels
    found = np.empty((wanted.sum(), count), "float32")
    there, copied = labels.positions[wanted], labels.classes[wanted]
    if any(spread is None for spread in spreads):
        copied = copy_nearest(labels.positions[seen], labels.classes[seen], there)
    for section, places, rows in _wanted_places(survey, wanted):
        spread = spreads[section]
        if spread is not None:
            found[rows] = spread.log_probability[places]
        else:
            same = copied[rows][:, np.newaxis] == np.arange(count)
            found[rows] = np.log(np.where(same, COPIED, (1 - COPIED) / (count - 1)))
    return found


def network_at_labels(survey: Survey, model: keras.Model, wanted: np.ndarray) -> np.ndarray:
    """Log-probabilities of a network at labels of a survey, along the label's own section.

    Args:
        survey: cube, labels and settings; every sample of single sections is classified.
        model: network that was trained on this survey.
        wanted: mask of the labels that are asked for, bool (labels,).

    Returns:
        float32 (wanted labels, classes), at least `SURE`.
    """
    networks: dict[int, SectionNetwork] = {}
    found = np.empty((wanted.sum(), len(survey.labels.legend)), "float32")
    for number, places, rows in _wanted_places(survey, wanted):
        section = survey.sections[number]
        if section.axis not in networks:
            classifier = DenseClassifier(model, section.axis)
            networks[section.axis] = SectionNetwork(classifier, survey.cube, survey.scaling)
        network = networks[section.axis]
        evidence = network.log_probability(network.read(section.index))
        found[rows] = np.moveaxis(evidence, 0, -1)[places]
    return found


def _wanted_places(
    survey: Survey, wanted: np.ndarray
) -> Iterator[tuple[int, tuple[np.ndarray, ...], np.ndarray]]:
    """Number of each section with wanted labels, their places on it, and their rows among all."""
    row = np.cumsum(wanted) - 1
    for number, (section, volume) in enumerate(zip(survey.sections, survey.volumes, strict=True)):
        some = wanted[section.chosen]
        if some.any():
            yield number, tuple(volume.positions[some].T), row[section.chosen[some]]


def predict_labels(survey: Survey, model: keras.Model) -> np.ndarray:
    """The class index that a network alone gives each labelled sample, along its own section.

    Args:
        survey: cube, labels and settings.
        model: network that was trained on this survey.

    Returns:
        int64 (labels,).
    """
    classifiers: dict[int, DenseClassifier] = {}
    predicted = np.zeros(len(survey.labels), "int64")
    for section in survey.sections:
        axis = section.axis if survey.settings.flat else 0
        if axis not in classifiers:
            classifiers[axis] = DenseClassifier(model, axis)
        result = classifiers[axis].predict(survey.cube, section.parts, survey.scaling)
        places = survey.labels.positions[section.chosen].copy()
        places[:, section.axis] = 0
        predicted[section.chosen] = result.classes[tuple(places.T)]
    return predicted


def weight_scores(
    network: np.ndarray, spread: np.ndarray, classes: np.ndarray
) -> dict[float, np.ndarray]:
    """Confusion matrix of labels that did not train for each weight of the network.

    Args:
        network: log-probabilities of the network, (labels, classes).
        spread: log-probabilities of labels that were spread, (labels, classes).
        classes: true class indices, (labels,).
    """
    return {
        weight: confusion_matrix(
            classes, (weight * network + spread).argmax(axis=-1), network.shape[-1]
        )
        for weight in WEIGHTS
    }


def chosen_weight(confusion: dict[float, np.ndarray]) -> float:
    """The weight that is best in blocks; the usual one where that is hardly better.

    Args:
        confusion: confusion matrix of each weight; empty where nothing was scored.
    """
    if not confusion:
        return USUAL
    scores = {weight: mean_iou(matrix) for weight, matrix in confusion.items()}
    best = max(WEIGHTS, key=scores.__getitem__)
    return best if scores[best] >= scores[USUAL] + MATTERS else USUAL
