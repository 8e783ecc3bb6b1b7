"""`tfseis boreholes` and `tfseis predict` on synthetic wells, end to end."""

import importlib
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.special import expit

from tfseis.cli.command import main
from tfseis.data.synthetic.borehole_image import borehole_patches
from tfseis.errors import ModelError
from tfseis.jobs.boreholes.patches import scaled_images, synthetic_patches
from tfseis.jobs.boreholes.pipeline import (
    BoreholeSettings,
    build,
    drawn_batches,
    mark_scores,
    train,
    well_scores,
)
from tfseis.learning import load_model
from tfseis.jobs.boreholes.recipe import BoreholeRecipe
from tfseis.models.recipe import recipe_of

TRAINING = ["--network", "micro", "--epochs", "2", "--patches-per-epoch", "32", "--batch-size", "8"]


@pytest.fixture(scope="module")
def wells(tmp_path_factory):
    """Three wells with masks; the labels of the second are those of other patches."""
    folder = tmp_path_factory.mktemp("wells")
    (folder / "images").mkdir()
    table = {}
    for well in (1, 2, 3):
        images, masks = borehole_patches(16, seed=well)
        if well == 2:
            masks = np.roll(masks, 5, axis=0)
        for number, (image, mask) in enumerate(zip(images, masks, strict=True)):
            np.save(folder / "images" / f"well_{well}_patch_{number}.npy", image)
            table[f"well_{well}_patch_{number}"] = mask.ravel()
    pd.DataFrame(table).T.to_csv(folder / "labels.csv")
    return folder


@pytest.fixture(scope="module")
def result(wells, tmp_path_factory):
    out = tmp_path_factory.mktemp("result") / "out"
    words = ["boreholes", str(wells), "--labels", str(wells / "labels.csv"), "--out", str(out)]
    assert main([*words, *TRAINING, "--held-out", "3"]) == 0
    return out, words


def test_results_are_complete_and_wells_stay_apart(result):
    out, _ = result
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["wells that trained"] == [1]
    assert metrics["wells held out"] == [3]
    assert metrics["wells whose labels do not line up"] == [2]
    assert set(metrics["scores"]) == {"all wells", "seam, 4 columns", "all background", "well 3"}
    assert metrics["scores"]["all background"]["dice"] == 0
    assert metrics["parameters"] == 3705
    assert len(list((out / "masks").iterdir())) == metrics["found"]["patches"] == 48
    mask = np.asarray(Image.open(out / "masks" / "well_1_patch_0.png"))
    assert mask.shape == (36, 36)
    assert set(np.unique(mask)) <= {0, 255}
    assert list(pd.read_csv(out / "planes.csv")) == ["name", "row", "dip", "azimuth", "coverage"]
    audit = pd.read_csv(out / "audit.csv")
    assert audit["disagreement"].is_monotonic_decreasing
    report = (out / "report.html").read_text()
    assert all(word in report for word in ("Label audit", "all background", "well 3"))
    recipe = recipe_of(load_model(out / "model.keras"))
    assert isinstance(recipe, BoreholeRecipe)
    assert (recipe.network, recipe.columns) == ("micro", 36)


def test_a_finished_run_is_not_replaced_and_an_interrupted_one_goes_on(result, capsys):
    out, words = result
    words = [*words, *TRAINING, "--held-out", "3"]
    assert main(words) == 1
    assert "expected no file there; one exists" in capsys.readouterr().err
    before = load_model(out / "model.keras").get_weights()
    (out / "metrics.json").unlink()  # as if it had been interrupted while it wrote its results
    (out / "model.keras").unlink()
    assert main(words) == 0
    after = load_model(out / "model.keras").get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_predict_on_patches_and_on_whole_wells(result, wells, tmp_path, capsys):
    out, _ = result
    model, images = str(out / "model.keras"), str(wells / "images")
    assert main(["predict", model, images, str(tmp_path / "patches")]) == 0
    ours, theirs = tmp_path / "patches" / "masks", out / "masks"
    for path in theirs.iterdir():
        assert (ours / path.name).read_bytes() == path.read_bytes()
    assert main(["predict", model, images, str(tmp_path / "wells"), "--wells"]) == 0
    assert len(list((tmp_path / "wells" / "masks").iterdir())) == 48
    assert (tmp_path / "wells" / "planes.csv").exists()
    assert main(["predict", model, images, str(tmp_path / "wells")]) == 1
    assert "expected no folder there; one exists" in capsys.readouterr().err


def test_synthetic_patches_train_where_there_are_no_labels(wells, tmp_path, capsys):
    words = ["boreholes", str(wells), "--out", str(tmp_path / "out"), *TRAINING]
    assert main(words) == 1
    assert "train on synthetic patches: --synthetic 2000" in capsys.readouterr().err
    assert main([*words, "--synthetic", "70", "--padding", "zero"]) == 0
    assert "synthetic wells of another seed" in capsys.readouterr().out
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["wells that trained"] == [1, 2]
    assert "No labels to compare" in (tmp_path / "out" / "report.html").read_text()


def test_a_network_learns_from_a_teacher(result, wells, tmp_path):
    teacher, words = result[0] / "model.keras", ["boreholes", str(wells), "--synthetic", "60"]
    small = [*words, *TRAINING, "--width", "2", "--teacher", str(teacher)]
    assert main([*small, "--out", str(tmp_path / "out")]) == 0
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["teacher"] == "model.keras"
    assert metrics["parameters"] < 3705
    history = pd.read_csv(tmp_path / "out" / "training" / "history.csv")
    assert np.isfinite(history[["loss", "val_loss"]]).all(axis=None)


def test_with_a_teacher_unlabelled_patches_train_but_not_those_of_scored_wells(
    result, wells, tmp_path, monkeypatch
):
    seen = {}

    def stop(patches, *_, **__):
        seen["training"] = patches
        raise ModelError("Expected to stop here.")

    module = importlib.import_module("tfseis.jobs.boreholes.train")  # not the function of that name
    monkeypatch.setattr(module, "train", stop)
    words = ["boreholes", str(wells), "--labels", str(wells / "labels.csv"), "--held-out", "3"]
    words += ["--teacher", str(result[0] / "model.keras"), "--out", str(tmp_path / "out")]
    assert main(words) == 1
    training = seen["training"]
    assert set(training.wells.tolist()) == {1, 2}
    assert (training.masks[training.wells == 1] >= 0).any()
    assert (training.masks[training.wells == 2] == -1).all()  # its labels do not line up


def test_few_labels_fill_half_of_each_batch():
    masks = np.full((200, 8, 8, 1), -1, "float32")
    masks[:3] = np.random.default_rng(0).integers(0, 2, (3, 8, 8, 1))
    settings = BoreholeSettings(batch_size=8)
    for number in range(5):
        _, drawn = next(drawn_batches(np.zeros_like(masks), masks, settings, number))
        known = (np.asarray(drawn) >= 0).any(axis=(1, 2, 3))
        assert known[::2].all()
        assert known.sum() < 8


def test_where_nobody_labelled_the_teacher_alone_teaches(tmp_path):
    patches = synthetic_patches(60, seed=0)
    unknown = replace(patches, masks=np.full_like(patches.masks, -1))
    settings = BoreholeSettings(
        network="micro", epochs=4, patches_per_epoch=128, batch_size=16, learning_rate=1e-2
    )
    teacher = build(settings, 36)
    rng = np.random.default_rng(0)
    teacher.set_weights([rng.normal(0, 0.5, w.shape) for w in teacher.get_weights()])
    student, history = train(unknown, settings, tmp_path, teacher=teacher)
    assert history["loss"].iloc[-1] < 0.8 * history["loss"].iloc[0]
    images = scaled_images(patches)[:8]
    models = (teacher, build(settings, 36), student)
    theirs, before, ours = (expit(np.asarray(model(images))) for model in models)
    assert np.abs(theirs - ours).mean() < np.abs(theirs - before).mean() / 3
    with pytest.raises(ModelError, match="teacher for images of 36 columns; got one for 18"):
        train(unknown, settings, tmp_path, teacher=build(settings, 18))


def test_scores_by_hand():
    """Marks: 4 right, 1 missed at the seam, 2 false; one false one is not labelled."""
    patches = synthetic_patches(1, seed=0)
    masks, found = np.zeros((1, 36, 36), "int8"), np.zeros((1, 36, 36))
    masks[0, 0, [0, 1, 35, 17, 18]] = 1
    found[0, 0, [0, 1, 17, 18, 19, 20]] = 0.9
    masks[0, 5, 5], found[0, 5, 5] = -1, 0.9
    table = well_scores(replace(patches, masks=masks), found, 0.5)
    assert table.loc["all wells", "dice"] == pytest.approx(2 * 4 / (5 + 6))
    assert table.loc["all wells", ["precision", "recall", "iou"]].tolist() == pytest.approx(
        [4 / 6, 4 / 5, 4 / 7]
    )
    assert table.loc["seam, 4 columns", "dice"] == pytest.approx(2 * 2 / (3 + 2))
    assert table.loc["all background", "accuracy"] == pytest.approx(1 - 5 / (36 * 36 - 1))
    assert mark_scores(np.zeros(4, int), np.zeros(4, int))["dice"] == 0


def test_refusals(wells, tmp_path, capsys):
    with pytest.raises(ValueError, match=r"network vanilla, stacked, .*; got 'large'"):
        BoreholeSettings(network="large")
    with pytest.raises(ValueError, match=r"threshold between 0 and 1, .* got 1\.5"):
        BoreholeSettings(threshold=1.5)
    words = ["boreholes", str(wells), "--out", str(tmp_path / "out"), "--synthetic", "60"]
    assert main([*words, "--network", "unet", "--width", "4"]) == 1
    assert "one width for flexible and micro" in capsys.readouterr().err
    assert main(["boreholes", str(wells), "--out", str(wells)]) == 1
    assert "a folder of its own" in capsys.readouterr().err
