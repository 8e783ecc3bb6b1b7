"""Scores of a training, computed once more from the cubes and models that it writes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from tfseis.io import open_segy
from tfseis.jobs.facies.apply import apply_facies
from tfseis.jobs.facies.record import BLOCKS, LINES, score_of

TRUTH_LINES = (101, 103)  # as the training of `done` was asked


@pytest.fixture
def lines(done, job):
    """Class and truth of each live sample of the lines, and its array indices."""
    inlines = job.geometry.inlines.numbers
    some = np.flatnonzero((inlines >= TRUTH_LINES[0]) & (inlines <= TRUTH_LINES[1]))
    with open_segy(done.folder / "facies.sgy") as classes:
        found = classes[:].astype(int)
    places = np.argwhere(found >= 0)
    places = places[np.isin(places[:, 0], some)]
    on = tuple(places.T)
    return found[on], job.facies[on], places


def mean_iou(truth, found):
    values = [
        ((truth == one) & (found == one)).sum() / ((truth == one) | (found == one)).sum()
        for one in np.unique(truth)
    ]
    return np.mean(values)


def test_scores_on_lines_are_those_of_the_written_cube(done, lines):
    found, truth, _ = lines
    score = score_of(done.metrics, LINES)
    ours = {"accuracy": (truth == found).mean(), "mean_iou": mean_iou(truth, found)}
    assert score["network"] == pytest.approx(ours)
    confusion = np.zeros_like(score["details"]["confusion"])
    for one, other in zip(truth, found, strict=True):
        confusion[one, other] += 1
    np.testing.assert_array_equal(score["details"]["confusion"], confusion)
    names = list(score["details"]["classes"])
    for number in np.unique(truth):
        told = score["details"]["classes"][names[number]]
        assert told["support"] == (truth == number).sum()
        assert told["recall"] == pytest.approx((found[truth == number] == number).mean())
        if (found == number).any():
            expected = (truth[found == number] == number).mean()
            assert told["precision"] == pytest.approx(expected)


def test_baselines_on_lines_are_made_of_the_labels(done, job, lines):
    _, truth, places = lines
    names = sorted(path.stem for path in job.points)
    rows = [np.loadtxt(job.folder / f"{name}.pts") for name in names]
    labels = np.repeat(np.arange(len(names)), [len(part) for part in rows])
    axes = [axis.numbers for axis in job.geometry.axes]
    points = np.stack(
        [
            np.searchsorted(axis, part)
            for axis, part in zip(axes, np.concatenate(rows).T, strict=True)
        ],
        axis=1,
    )
    baselines = score_of(done.metrics, LINES)["baselines"]
    most = np.bincount(labels).argmax()
    told = baselines["most frequent class"]["accuracy"]
    assert told == pytest.approx((truth == most).mean())
    depths = np.unique(points[:, 2])
    usual = np.array([np.bincount(labels[points[:, 2] == depth]).argmax() for depth in depths])
    apart = np.abs(places[:, 2:3] - depths)
    clear = (apart == apart.min(axis=1, keepdims=True)).sum(axis=1) == 1
    assert clear.all()
    right = truth == usual[apart.argmin(axis=1)]
    assert baselines["depth only"]["accuracy"] == pytest.approx(right.mean())
    apart = cdist(places.astype("float64"), points.astype("float64"), "sqeuclidean")
    nearest = apart == apart.min(axis=1, keepdims=True)
    right = [np.isin(labels[row], one).any() for row, one in zip(nearest, truth, strict=True)]
    sure = [(labels[row] == one).all() for row, one in zip(nearest, truth, strict=True)]
    told = baselines["copy of the labelled section"]["accuracy"]
    assert np.mean(sure) - 1e-9 <= told <= np.mean(right) + 1e-9


def labels_of(job):
    """Array indices and classes of all label files."""
    axes, places, classes = [axis.numbers for axis in job.geometry.axes], [], []
    for number, path in enumerate(job.points):
        part = np.loadtxt(path)
        pairs = zip(axes, part.T, strict=True)
        places.append(np.stack([np.searchsorted(axis, column) for axis, column in pairs], 1))
        classes += [number] * len(part)
    return np.concatenate(places), np.array(classes)


def test_scores_of_blocks_are_those_of_the_model_of_each_block(
    job, settings, tmp_path_factory, tmp_path
):
    """The network alone, laid on the cube; labels in the guard gap count nowhere."""
    out = tmp_path_factory.mktemp("blocks") / "out"
    alone = replace(settings, follow=False, epochs=1)
    done = job.train(out, settings=alone)
    places, classes = labels_of(job)
    score, gap = score_of(done.metrics, BLOCKS), done.metrics["details"]["guard_gap"]
    assert len(score["details"]["blocks"]) == 2
    confusion, usual = np.zeros((len(job.names),) * 2, int), []
    for number, block in enumerate(score["details"]["blocks"], start=1):
        along = places[:, ("inline", "crossline").index(block["axis"])]
        test = (along >= block["start"]) & (along < block["stop"])
        train = (along <= block["start"] - gap) | (along >= block["stop"] - 1 + gap)
        assert (test.sum(), train.sum()) == (block["test"], block["train"])
        folder, classified = out / "training" / f"block{number}", tmp_path / f"{number}.sgy"
        apply_facies(folder / "best.keras", job.folder / "cube.sgy", classified, progress=False)
        with open_segy(classified) as cube:
            found = cube[:].astype(int)[tuple(places[test].T)]
        np.add.at(confusion, (classes[test], found), 1)
        usual.append(classes[test] == np.bincount(classes[train]).argmax())
    np.testing.assert_array_equal(score["details"]["confusion"], confusion)
    hits = np.diag(confusion)
    union = confusion.sum(0) + confusion.sum(1) - hits
    some = confusion.sum(1) > 0
    ours = {"accuracy": hits.sum() / confusion.sum(), "mean_iou": (hits / union)[some].mean()}
    assert score["network"] == pytest.approx(ours)
    told = score["baselines"]["most frequent class"]["accuracy"]
    assert told == pytest.approx(np.concatenate(usual).mean())
    history = pd.read_csv(folder / "history.csv")
    assert history["val_accuracy"].iloc[-1] == pytest.approx((found == classes[test]).mean())
