"""Scores of a facies network on other lines and at training points, beside the baselines."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import keras
import numpy as np
from tqdm import tqdm

from tfseis.io.labels.label_cube import LabelCube
from tfseis.jobs.facies.blocks import SPREAD
from tfseis.jobs.facies.classifier import DenseClassifier, Predicted
from tfseis.jobs.facies.codes import Matched, matched_truth
from tfseis.jobs.facies.following import Follower
from tfseis.jobs.facies.sections import line_parts
from tfseis.jobs.facies.survey import Survey
from tfseis.scores.baselines import BASELINES
from tfseis.scores.calibration import calibration_table
from tfseis.scores.classes import accuracy, class_scores, confusion_matrix, mean_iou
from tfseis.scores.comparison import NETWORK, Score
from tfseis.scores.islands import wrong_islands

MOST_CALIBRATED = 20_000  # samples of a line whose confidence is compared with the truth


def line_score(
    survey: Survey,
    model: keras.Model,
    truth: LabelCube,
    lines: Sequence[tuple[int, float]],
    follower: Follower | None = None,
    *,
    progress: bool = True,
) -> Score:
    """Score whole lines of a truth that did not train.

    Classes of the truth that were never labelled count too, although the network cannot find them.

    Args:
        survey: cube, labels and settings that trained `model`.
        model: trained network with its recipe.
        truth: class codes on the survey's grid.
        lines: axis and number of each line, all along one axis.
        follower: follows reflections to the lines, if they lie along its axis.
        progress: whether bars are shown.
    """
    matched = matched_truth(survey.labels.legend, truth, lines)
    legend = matched.legend
    score, islands, sure = Score.empty(legend), 0, []
    seen = survey.labels.positions, survey.labels.classes
    rng = np.random.default_rng(survey.settings.seed)
    for (axis, number), result in _predicted(survey, model, lines, follower, progress=progress):
        positions, places, right = _known(truth, (axis, number), result, matched)
        predictions = {name: baseline(*seen, positions) for name, baseline in BASELINES.items()}
        predictions[NETWORK] = result.classes[places]
        for name, classes in predictions.items():
            score.confusion[name] += confusion_matrix(right, classes, len(legend))
        known = np.full(result.live.shape, -1)
        known[places] = right
        islands += wrong_islands(known.squeeze(axis), result.classes.squeeze(axis))
        some = rng.permutation(len(right))[:MOST_CALIBRATED]
        confidence = result.confidence[places][some]
        hit = predictions[NETWORK][some] == right[some]
        sure.append(np.column_stack([confidence, hit]))
    if follower is not None and lines[0][0] == follower.axis:
        score.confusion[SPREAD] = np.zeros_like(score.network)
        alone = follower.without_network()
        for line, result in _predicted(survey, model, lines, alone, progress=progress):
            _, places, right = _known(truth, line, result, matched)
            found = confusion_matrix(right, result.classes[places], len(legend))
            score.confusion[SPREAD] += found
    voxels = max(score.network.sum(), 1)
    table = calibration_table(*np.concatenate(sure).T)
    return replace(score, islands=islands / voxels * 1e6, calibration=table)


def _known(
    truth: LabelCube, line: tuple[int, float], result: Predicted, matched: Matched
) -> tuple[np.ndarray, tuple[np.ndarray, ...], np.ndarray]:
    """Live samples of a line with a truth: positions, places in its slab, and true classes."""
    positions, codes = truth.read_line(*line)
    local = positions.copy()
    local[:, line[0]] = 0
    live = result.live[tuple(local.T)]
    return positions[live], tuple(local[live].T), matched.indices(codes[live])


def _predicted(
    survey: Survey,
    model: keras.Model,
    lines: Sequence[tuple[int, float]],
    follower: Follower | None,
    *,
    progress: bool,
) -> Iterator[tuple[tuple[int, float], Predicted]]:
    """The prediction of each line; a follower gives them in the order of its walk."""
    places = {survey.cube.geometry.axes[axis].index(n): (axis, n) for axis, n in lines}
    if follower is not None and lines[0][0] == follower.axis:
        for index, result in follower.predict_lines(list(places), progress=progress):
            yield places[index], result
        return
    classifier = DenseClassifier(model)
    for index, line in tqdm(places.items(), desc="score lines", disable=not progress):
        region = line_parts(line[0], index)
        yield line, classifier.predict(survey.cube, region, survey.scaling)


def leaking_score(survey: Survey, predicted: np.ndarray, points: int) -> dict[str, float]:
    """Scores at random points among those that trained. They leak: not to be reported.

    Args:
        survey: cube, labels and settings.
        predicted: class that the network, trained on all labels, gives each of them, (labels,).
        points: number of points that are chosen at random.
    """
    rng = np.random.default_rng(survey.settings.seed)
    some = rng.integers(0, len(survey.labels), points)
    truth = survey.labels.classes[some]
    confusion = confusion_matrix(truth, predicted[some], len(survey.labels.legend))
    f1 = class_scores(confusion, survey.labels.legend.names)["f1"]["mean"]
    return {"mean_iou": mean_iou(confusion), "accuracy": accuracy(confusion), "f1": f1}
