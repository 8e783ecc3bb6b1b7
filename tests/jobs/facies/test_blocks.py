"""What held-out blocks choose, and that no block chooses for itself."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tfseis.data.picks import pick_points
from tfseis.data.scaling import survey_scaling
from tfseis.data.synthetic import facies_survey
from tfseis.io import ArrayCube
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.jobs.facies.blocks import SPREAD, _movable, _nested, score_blocks
from tfseis.jobs.facies.evidence import USUAL, WEIGHTS, chosen_weight, weight_scores
from tfseis.jobs.facies.held_out import Block, HeldOut, Scored
from tfseis.jobs.facies.settings import FaciesSettings
from tfseis.jobs.facies.spreading import spread_labels
from tfseis.jobs.facies.survey import Survey
from tfseis.learning.losses.classes import labelled_crossentropy
from tfseis.scores.baselines import BASELINES
from tfseis.scores.classes import confusion_matrix, mean_iou
from tfseis.scores.comparison import NETWORK, Score
from tfseis.tasks.task import Found
from tfseis.tasks.workers import Workers

SETTINGS = FaciesSettings(
    filters=(2, 3), crop_size=8, epochs=1, crops_per_epoch=8, batch_size=4, folds=2
)


def block(seed, network_right, spread_right, *, sure=0.85, count=400):
    """Log-probabilities of a network and of spread labels that are right that often."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, 3, count)

    def says(share, sure):
        said = np.where(rng.random(count) < share, classes, rng.integers(0, 3, count))
        return np.log(np.where(said[:, np.newaxis] == np.arange(3), sure, (1 - sure) / 2))

    network, spread = says(network_right, sure), says(spread_right, 0.8)
    return Block(classes, network, spread, weight_scores(network, spread, classes))


@pytest.mark.parametrize(
    "scores, weight",
    [
        ({0.0: 0.9, 0.25: 0.8, 0.5: 0.7, 1.0: 0.6}, 0.0),
        ({0.0: 0.705, 0.25: 0.7, 0.5: 0.7, 1.0: 0.6}, USUAL),  # hardly better
        ({0.0: 0.3, 0.25: 0.5, 0.5: 0.7, 1.0: 0.8}, 1.0),
    ],
)
def test_a_weight_is_chosen_where_it_matters(scores, weight):
    # of two classes, each with that IoU: s hits for each (1 - s) / 2 misses of either kind
    matrices = {w: np.array([[2 * s, 1 - s], [1 - s, 2 * s]]) for w, s in scores.items()}
    for given, matrix in matrices.items():
        assert mean_iou(matrix) == pytest.approx(scores[given])
    assert chosen_weight(matrices) == weight


def test_without_blocks_the_usual_weight_is_taken():
    assert chosen_weight({}) == USUAL


def test_a_network_that_knows_nothing_does_not_count_and_one_that_knows_all_does():
    empty = Score.empty(Legend.of(["a", "b", "c"]))
    useless = _nested(empty, [block(n, 0.0, 0.9, sure=0.98) for n in range(3)], [])
    better = _nested(empty, [block(n, 0.9, 0.0) for n in range(3)], [])
    assert useless.weight < USUAL < better.weight


def test_each_block_is_scored_with_what_the_others_choose():
    """One block alone would choose otherwise than the two others."""
    blocks = [block(0, 0.0, 0.9, count=4000), block(1, 0.9, 0.0), block(2, 0.9, 0.0)]
    found = _nested(Score.empty(Legend.of(["a", "b", "c"])), blocks, [])
    expected = np.zeros((3, 3), int)
    for one in blocks:
        others = [other for other in blocks if other is not one]
        totals = {
            weight: mean_iou(np.sum([other.confusion[weight] for other in others], axis=0))
            for weight in WEIGHTS
        }
        best = max(WEIGHTS, key=totals.get)
        weight = best if totals[best] >= totals[USUAL] + 0.01 else USUAL
        classes = (weight * one.network + one.spread).argmax(axis=-1)
        expected += confusion_matrix(one.classes, classes, 3)
    np.testing.assert_array_equal(found.score.confusion[NETWORK], expected)
    spread = sum(confusion_matrix(b.classes, b.spread.argmax(-1), 3) for b in blocks)
    np.testing.assert_array_equal(found.score.confusion[SPREAD], spread)
    assert len(found.calibration) == 4800
    assert found.calibrated


def saying(right, sure):
    """Blocks in which network and labels say the same, right that often, that sure."""
    rng, blocks = np.random.default_rng(0), []
    for _ in range(3):
        classes = rng.integers(0, 2, 2000)
        said = np.where(rng.random(2000) < right, classes, 1 - classes)
        told = np.log(np.where(said[:, np.newaxis] == [0, 1], sure, 1 - sure))
        blocks.append(Block(classes, told, told, weight_scores(told, told, classes)))
    return _nested(Score.empty(Legend.of(["a", "b"])), blocks, [])


def test_confidence_is_calibrated_on_the_other_blocks():
    found = saying(right=0.9, sure=0.6)
    assert found.calibration[:, 0].mean() == pytest.approx(0.9, abs=0.01)
    assert found.temperature < 0.5
    assert found.network_temperature < 0.5


def test_blocks_make_nothing_less_sure_but_the_network_alone():
    found = saying(right=2 / 3, sure=0.99)
    assert found.temperature == 1
    assert found.network_temperature > 3


@pytest.mark.slow
def small_survey(settings=SETTINGS):
    made = facies_survey((6, 60, 40), seed=2)
    positions, classes = pick_points(made.facies, inline=3, fraction=0.3)
    cube = ArrayCube(made.amplitude)
    labels = Labels(positions, classes, Legend.of(made.names))
    return Survey.of(cube, labels, survey_scaling(cube), settings)


def test_other_processes_get_what_can_be_sent_alone(tmp_path):
    survey = small_survey()
    folds = tuple(survey.folds())
    assert _movable(HeldOut(survey, tmp_path, folds, progress=False))
    assert pickle.loads(pickle.dumps(survey)).fingerprint() == survey.fingerprint()

    def own(labels, logits):
        return labelled_crossentropy(labels, logits)

    survey = small_survey(replace(SETTINGS, loss=own))
    assert not _movable(HeldOut(survey, tmp_path, folds, progress=False))


def test_blocks_are_handed_out_and_put_in_their_order(tmp_path, monkeypatch):
    """As by workers that end in another order; each block is scored once."""
    asked = []

    def backwards(tasks, work, done, *, workers, states, tick):
        asked.append((workers.count, work.progress))
        for task in reversed(tasks):
            history = pd.DataFrame({"loss": [task.number]})
            matrix = np.full((7, 7), task.number + 1)
            one = Scored(history, dict.fromkeys([NETWORK, *BASELINES], matrix), None)
            done(task, Found(one), 0.0)
            tick(task.cost)

    monkeypatch.setattr("tfseis.jobs.facies.blocks.do_tasks", backwards)
    survey = small_survey(replace(SETTINGS, follow=False))
    for count in (None, 1, 9):
        found = score_blocks(survey, tmp_path, workers=Workers(count), progress=False)
        assert [history["loss"][0] for history in found.histories] == [0, 1]
        assert (found.score.confusion[NETWORK] == 1 + 2).all()
    assert asked == [(None, False), (1, False), (2, False)]  # no more processes than blocks


@pytest.mark.slow
def test_several_processes_score_what_one_scores(tmp_path):
    survey = small_survey()
    one, two = (
        score_blocks(survey, tmp_path / str(n), workers=Workers(n), progress=False) for n in (1, 2)
    )
    for name, matrix in one.score.confusion.items():
        np.testing.assert_array_equal(two.score.confusion[name], matrix)
    assert (two.weight, two.temperature) == (one.weight, one.temperature)
    for history, other in zip(one.histories, two.histories, strict=True):
        assert history["loss"].tolist() == other["loss"].tolist()
    again = score_blocks(survey, tmp_path / "2", progress=False)  # trained: nothing is left to do
    assert [len(history) for history in again.histories] == [1, 1]


@pytest.mark.slow
def test_the_row_without_a_network_is_that_of_labels_spread_from_outside_the_block(tmp_path):
    made = facies_survey((6, 60, 40), seed=2)
    positions, classes = pick_points(made.facies, inline=3, fraction=0.3)
    labels = Labels(positions, classes, Legend.of(made.names))
    cube = ArrayCube(made.amplitude)
    survey = Survey.of(cube, labels, survey_scaling(cube), SETTINGS)
    found = score_blocks(survey, tmp_path / "followed", progress=False)
    section = survey.scaling.apply(*cube.read((slice(3, 4), slice(None), slice(None))))[0]
    expected = np.zeros((len(made.names),) * 2, int)
    for fold in survey.folds():
        seen = positions[fold.train][:, 1:], classes[fold.train]
        spread = spread_labels(section, *seen, len(made.names), seed=SETTINGS.seed)
        there = spread.log_probability[tuple(positions[fold.test][:, 1:].T)]
        truth = classes[fold.test]
        expected += confusion_matrix(truth, there.argmax(-1), len(made.names))
    np.testing.assert_array_equal(found.score.confusion[SPREAD], expected)
    alone = replace(SETTINGS, follow=False)
    survey = Survey.of(cube, labels, survey_scaling(cube), alone)
    other = score_blocks(survey, tmp_path / "alone", progress=False)
    assert SPREAD not in other.score.confusion
    assert not other.calibrated
