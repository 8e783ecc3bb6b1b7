"""Scores of a facies network in held-out blocks and on other lines, beside the baselines."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from tfseis.io.labels.label_cube import LabelCube, legend_of
from tfseis.jobs.facies.classifier import DenseClassifier, Predicted
from tfseis.jobs.facies.following import Follower
from tfseis.jobs.facies.survey import Survey
from tfseis.jobs.facies.training import train
from tfseis.scores.baselines import BASELINES
from tfseis.scores.classes import accuracy, class_scores, confusion_matrix, mean_iou
from tfseis.scores.comparison import NETWORK, Score
from tfseis.scores.islands import wrong_islands


def blocked_score(
    survey: Survey, folder: Path, *, progress: bool = True
) -> tuple[Score | None, list[pd.DataFrame]]:
    """Score every label once, by a network that saw nothing within a guard gap of its block.

    Args:
        survey: cube, labels and settings.
        folder: folder for checkpoints.
        progress: whether bars are shown.

    Returns:
        The score, None where it is not wanted or the labels are too narrow for two blocks with
        the gap between them; and the history of each training.
    """
    labels, folds = survey.labels, survey.folds()
    if not folds:
        return None, []
    score, histories = Score.empty(labels.legend), []
    for number, fold in enumerate(folds, start=1):
        model, history = train(
            survey,
            folder / f"block{number}",
            chosen=fold.train,
            held_out=fold.test,
            title=f"train without block {number} of {len(folds)}",
            progress=progress,
        )
        histories.append(history)
        seen = labels.positions[fold.train], labels.classes[fold.train]
        predictions = {
            name: baseline(*seen, labels.positions[fold.test])
            for name, baseline in BASELINES.items()
        }
        predictions[NETWORK] = predict_labels(survey, model)[fold.test]
        for name, classes in predictions.items():
            score.confusion[name] += confusion_matrix(
                labels.classes[fold.test], classes, len(labels.legend)
            )
    return Score(labels.legend, score.confusion, folds, histories[0]), histories


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
    codes = set().union(*(np.unique(truth.read_line(*line)[1]).tolist() for line in lines))
    legend = legend_of(truth.path, np.union1d(list(codes), survey.labels.legend.codes))
    place = {code: index for index, code in enumerate(legend.codes)}
    trained = np.array([place[code] for code in survey.labels.legend.codes])
    score, islands = Score.empty(legend), 0
    seen = survey.labels.positions, survey.labels.classes
    for (axis, number), result in _predicted(survey, model, lines, follower, progress=progress):
        positions, found = truth.read_line(axis, number)
        local = positions.copy()
        local[:, axis] = 0
        live = result.live[tuple(local.T)]
        right = np.searchsorted(legend.codes, found[live])
        predictions = {
            name: baseline(*seen, positions[live]) for name, baseline in BASELINES.items()
        }
        predictions[NETWORK] = result.classes[tuple(local[live].T)]
        for name, classes in predictions.items():
            score.confusion[name] += confusion_matrix(right, trained[classes], len(legend))
        known = np.full(result.live.shape, -1)
        known[tuple(local[live].T)] = right
        islands += wrong_islands(known.squeeze(axis), trained[result.classes].squeeze(axis))
    voxels = max(score.network.sum(), 1)
    return replace(score, islands=islands / voxels * 1e6)


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
        parts = [slice(None)] * 3
        parts[line[0]] = slice(index, index + 1)
        region = parts[0], parts[1], parts[2]
        yield line, classifier.predict(survey.cube, region, survey.scaling)


def predict_labels(survey: Survey, model: keras.Model) -> np.ndarray:
    """The class index that a network gives each labelled sample, along its own section."""
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


def leaking_score(survey: Survey, model: keras.Model, points: int) -> dict[str, float]:
    """Scores at random points among those that trained. They leak: not to be reported.

    Args:
        survey: cube, labels and settings.
        model: network that was trained on all of these labels.
        points: number of points that are chosen at random.
    """
    rng = np.random.default_rng(survey.settings.seed)
    some = rng.integers(0, len(survey.labels), points)
    truth, predicted = survey.labels.classes[some], predict_labels(survey, model)[some]
    confusion = confusion_matrix(truth, predicted, len(survey.labels.legend))
    f1 = class_scores(confusion, survey.labels.legend.names)["f1"]["mean"]
    return {"mean_iou": mean_iou(confusion), "accuracy": accuracy(confusion), "f1": f1}
