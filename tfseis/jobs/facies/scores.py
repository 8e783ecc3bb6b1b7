"""Scores of a facies network: in held-out blocks and on other lines, beside the baselines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from tfseis.io.labels.label_cube import LabelCube, legend_of
from tfseis.jobs.facies.classifier import DenseClassifier, Predicted
from tfseis.jobs.facies.following import Follower
from tfseis.jobs.facies.pipeline import Survey, train
from tfseis.scores.baselines import BASELINES
from tfseis.scores.classes import accuracy, class_scores, confusion_matrix, mean_iou
from tfseis.scores.comparison import NETWORK, Score
from tfseis.scores.islands import wrong_islands


def blocked_score(survey: Survey, folder: Path) -> Score | None:
    """Score every label once, by a network that saw nothing within a guard gap of its block.

    Args:
        survey: cube, labels and settings.
        folder: for checkpoints.

    Returns:
        The score; None where it is not wanted, or the labels are too narrow for two blocks with
        the gap between them.
    """
    labels, folds = survey.labels, survey.folds()
    if not folds:
        return None
    score, history = Score.empty(labels.legend), None
    for number, fold in enumerate(folds, start=1):
        model, past = train(
            survey,
            folder / f"block{number}",
            chosen=fold.train,
            held_out=fold.test,
            title=f"train without block {number} of {len(folds)}",
        )
        history = past if history is None else history
        seen = labels.positions[fold.train], labels.classes[fold.train]
        guesses = {
            name: guess(*seen, labels.positions[fold.test]) for name, guess in BASELINES.items()
        }
        guesses[NETWORK] = predict_labels(survey, model)[fold.test]
        for name, guess in guesses.items():
            score.confusion[name] += confusion_matrix(
                labels.classes[fold.test], guess, len(labels.legend)
            )
    return Score(labels.legend, score.confusion, folds, history)


def line_score(
    survey: Survey,
    model: keras.Model,
    truth: LabelCube,
    lines: Sequence[tuple[int, float]],
    follower: Follower | None = None,
) -> Score:
    """Score whole lines of a truth that did not train.

    Classes of the truth that were never labelled count too; the network cannot find them.

    Args:
        survey: cube, labels and settings that trained `model`.
        model: a trained network with its recipe.
        truth: class codes on the survey's grid.
        lines: (axis, number) of each line, all along one axis.
        follower: follows reflections to the lines, if they lie along its axis.
    """
    codes = set().union(*(np.unique(truth.read_line(*line)[1]).tolist() for line in lines))
    legend = legend_of(truth.path, np.union1d(list(codes), survey.labels.legend.codes))
    place = {code: index for index, code in enumerate(legend.codes)}
    trained = np.array([place[code] for code in survey.labels.legend.codes])
    score, islands = Score.empty(legend), 0
    seen = survey.labels.positions, survey.labels.classes
    for (axis, number), result in _predicted(survey, model, lines, follower):
        positions, found = truth.read_line(axis, number)
        local = positions.copy()
        local[:, axis] = 0
        live = result.live[tuple(local.T)]
        right = np.searchsorted(legend.codes, found[live])
        guesses = {name: guess(*seen, positions[live]) for name, guess in BASELINES.items()}
        guesses[NETWORK] = result.classes[tuple(local[live].T)]
        for name, guess in guesses.items():
            score.confusion[name] += confusion_matrix(right, trained[guess], len(legend))
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
) -> Iterator[tuple[tuple[int, float], Predicted]]:
    """What is said of each line; the follower says it in the order of its walk."""
    places = {survey.cube.geometry.axes[axis].index(n): (axis, n) for axis, n in lines}
    if follower is not None and lines[0][0] == follower.axis:
        for index, result in follower.predict_lines(list(places)):
            yield places[index], result
        return
    classifier = DenseClassifier(model)
    for index, line in tqdm(places.items(), desc="score lines"):
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
    """Scores at random points among those that trained: what not to report, for comparison.

    Args:
        survey: cube, labels and settings.
        model: trained on all of these labels.
        points: how many to draw.
    """
    rng = np.random.default_rng(survey.settings.seed)
    some = rng.integers(0, len(survey.labels), points)
    truth, guess = survey.labels.classes[some], predict_labels(survey, model)[some]
    confusion = confusion_matrix(truth, guess, len(survey.labels.legend))
    f1 = class_scores(confusion, survey.labels.legend.names)["f1"]["mean"]
    return {"mean_iou": mean_iou(confusion), "accuracy": accuracy(confusion), "f1": f1}


def beats_baselines(metrics: Mapping[str, Any]) -> bool:
    """Whether the mean IoU in held-out blocks is above that of every baseline."""
    blocked = metrics["blocked"]
    if not blocked:
        return False
    return all(blocked["mean_iou"] > other["mean IoU"] for other in blocked["baselines"].values())


def score_text(metrics: Mapping[str, Any]) -> str:
    """The scores of metrics.json as a table to print: mean IoU (accuracy)."""
    titles = {"blocked": "held-out blocks", "lines": "other lines"}
    columns = {}
    for key, title in titles.items():
        score = metrics[key]
        if score:
            ours = {"mean IoU": score["mean_iou"], "accuracy": score["accuracy"]}
            columns[title] = {
                name: f"{row['mean IoU']:.3f} ({row['accuracy']:.3f})"
                for name, row in {NETWORK: ours, **score["baselines"]}.items()
            }
    if not columns:
        return (
            f"No score: none was asked for, or the labels are too narrow for blocks with a gap of "
            f"{metrics['guard_gap']} samples. Label a wider part of the section, use a smaller "
            "--crop-size, or give --truth."
        )
    leaking = metrics["random_points_leaking"]["mean_iou"]
    return (
        f"mean IoU (accuracy)\n{pd.DataFrame(columns).to_string()}\n"
        f"random training points: {leaking:.3f}, a number that leaks; do not report it"
    )
