"""Fault networks trained by the command's own words, in seconds."""

import json
from functools import partial

import keras
import numpy as np
import pandas as pd
import pytest

from tfseis.cli.command import parse
from tfseis.cli.fault_training import LOSSES as LOSS_NAMES
from tfseis.cli.fault_training import NETWORKS
from tfseis.data.synthetic import gaussian_survey
from tfseis.io import cube_pairs, read_cube, write_cube
from tfseis.jobs.faults import survey_crops
from tfseis.jobs.faults.pipeline import FaultJob
from tfseis.jobs.faults.scores import (
    UnseenCube,
    mean_scores,
    recall_by_throw,
    unseen_surveys,
    validation_table,
)
from tfseis.jobs.faults.settings import LOSSES, FaultSettings
from tfseis.jobs.faults.train import split_pairs, train_faults, training_text
from tfseis.learning import load_model
from tfseis.models import FAULT_NETWORKS, light_unet3d, recipe_of, unet3d, unet_ds
from tfseis.models.cubes.networks import fault_network

TINY = FaultSettings(
    network="wu", crop_size=16, survey_size=16, epochs=1, steps=1, batch_size=1, score_minutes=1e9
)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setitem(FAULT_NETWORKS, "wu", partial(unet3d, filters=(2, 3)))
    monkeypatch.setitem(FAULT_NETWORKS, "light", partial(light_unet3d, filters=(2, 3)))
    monkeypatch.setattr(survey_crops, "SURVEYS", 1)
    monkeypatch.setattr(survey_crops, "CROPS", 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("cubes")
    for name in ("seis", "fault"):
        (place / name).mkdir()
    for number in range(3):
        survey = gaussian_survey((18, 18, 18), seed=number)
        write_cube(place / "seis" / f"{number}.dat", survey.amplitude)
        write_cube(place / "fault" / f"{number}.dat", survey.faults)
    return place


def run(words):
    options = parse(["faults", *map(str, words)])
    options.command = "tfseis faults " + " ".join(map(str, words))
    return options.run(options)


def test_from_synthetic_surveys_to_a_model_with_its_scores(tmp_path, capsys):
    words = ["train", "--synthetic", "--out", tmp_path / "run", "--network", "wu", "--unseen", 1,
             "--crop-size", 16, "--epochs", 2, "--steps", 2, "--time-limit", 5]  # fmt: skip
    assert run([*words, "--seed", 3]) == 0
    said = capsys.readouterr().out
    assert "low semblance, spectral: IoU" in said
    assert "this network, all: IoU" in said
    model = load_model(tmp_path / "run" / "model.keras")
    recipe = recipe_of(model)
    assert (recipe.job, recipe.network, recipe.crop_size, recipe.seed) == ("faults", "wu", 16, 3)
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["crops"] == 2 * 2 * 2
    assert metrics["command"].startswith("tfseis faults train --synthetic")
    scores = pd.read_csv(tmp_path / "run" / "scores.csv")
    assert set(scores["method"]) == {"this network", "low semblance", "no faults at all"}
    assert len(scores) == 3 * 3  # laws and methods


def test_a_higher_limit_goes_on_and_other_settings_do_not(tmp_path):
    one = train_faults(out=tmp_path, settings=TINY, unseen=1, progress=False)
    more = FaultSettings(**{**vars(TINY), "epochs": 3})
    assert train_faults(out=tmp_path, settings=more, unseen=1, progress=False)["crops"] == 3
    assert one["crops"] == 1
    other = FaultSettings(**{**vars(TINY), "seed": 1})
    with pytest.raises(ValueError, match=r"holds another run\..*--overwrite to start anew"):
        train_faults(out=tmp_path, settings=other, unseen=1, progress=False)
    anew = train_faults(out=tmp_path, settings=other, unseen=1, overwrite=True, progress=False)
    assert anew["crops"] == 1


def test_from_a_folder_with_a_teacher_and_a_start(tmp_path, folder):
    first = train_faults(folder, out=tmp_path / "a", settings=TINY, progress=False)
    assert first["trained_on"] == ["0", "1"]
    assert first["cubes"] == 1
    assert {row["group"] for row in first["scores"]} == {"files"}
    teacher = tmp_path / "a" / "model.keras"
    student = FaultSettings(**{**vars(TINY), "temperature": 10.0, "network": "light"})
    assert train_faults(
        folder, out=tmp_path / "b", settings=student, teacher=teacher, progress=False
    )["recipe"]["network"] == "light"  # fmt: skip
    still = FaultSettings(**{**vars(TINY), "learning_rate": 0.0, "network": "light"})
    train_faults(folder, out=tmp_path / "c", settings=still, base=teacher, progress=False)
    started = load_model(tmp_path / "c" / "model.keras")
    for one, two in zip(load_model(teacher).get_weights(), started.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5)
    with pytest.raises(ValueError, match=r"start from, wu; got res1\. Leave --network out"):
        train_faults(folder, out=tmp_path / "d", base=teacher,
                     settings=FaultSettings(network="res1"))  # fmt: skip


def test_a_teacher_teaches_where_nothing_is_known(tmp_path, folder):
    place = tmp_path / "cubes"
    for name in ("seis", "fault"):
        (place / name).mkdir(parents=True)
        write_cube(place / name / "0.dat", read_cube(folder / name / "0.dat"))
    write_cube(place / "seis" / "1.dat", read_cube(folder / "seis" / "1.dat"))
    settings = FaultSettings(**{**vars(TINY), "student_noise": 0.1, "epochs": 4})
    metrics = train_faults(
        place, out=tmp_path / "out", settings=settings, teacher="itself", progress=False
    )
    assert metrics["trained_on"] == ["0", "1"]  # the second has no labels
    assert np.isfinite(pd.read_csv(tmp_path / "out" / "history.csv")["loss"]).all()
    with pytest.raises(ValueError, match=r"teacher or losses at each level; got both"):
        train_faults(out=tmp_path / "both", teacher="itself",
                     settings=FaultSettings(network="ds8", deep=True))  # fmt: skip


def test_each_level_learns_and_the_network_is_the_same_afterwards(tmp_path, monkeypatch):
    monkeypatch.setitem(FAULT_NETWORKS, "ds8", partial(unet_ds, base=2, dropout=0.0))
    settings = FaultSettings(**{**vars(TINY), "network": "ds8", "deep": True, "crop_size": 32})
    train_faults(out=tmp_path, settings=settings, unseen=1, progress=False)
    levels = load_model(tmp_path / "training" / "averaged.keras")
    model = load_model(tmp_path / "model.keras")
    cube = np.random.default_rng(0).normal(size=(1, 32, 32, 32, 1)).astype("float32")
    assert set(levels(cube)) == {"logits", "logits_half", "logits_quarter"}
    np.testing.assert_allclose(levels(cube)["logits"], model(cube), rtol=1e-4, atol=1e-5)


def test_held_out_cubes_do_not_train(folder, tmp_path):
    def split(count):
        pairs = cube_pairs(folder)
        many = [type(pairs[0])(str(n), pairs[0].seismic, pairs[0].faults) for n in range(count)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tfseis.jobs.faults.train.cube_pairs", lambda place: many)
            return [[pair.name for pair in part] for part in split_pairs(folder)]

    assert split(1) == [["0"], []]
    assert split(2) == [["0"], ["1"]]
    train, held_out = split(11)
    assert held_out == ["0", "5", "10"]
    assert sorted(train + held_out, key=int) == [str(n) for n in range(11)]
    for name in ("seis", "fault"):
        (tmp_path / name).mkdir()
    write_cube(tmp_path / "seis" / "0.dat", np.zeros((4, 4, 4)))
    with pytest.raises(ValueError, match=r"labels in fault/ for some cube.*found none"):
        split_pairs(tmp_path)


def test_a_single_cube_has_nothing_to_be_scored_on(tmp_path, folder):
    for name in ("seis", "fault"):
        (tmp_path / "one" / name).mkdir(parents=True)
        (tmp_path / "one" / name / "0.dat").write_bytes((folder / name / "0.dat").read_bytes())
    metrics = train_faults(tmp_path / "one", out=tmp_path / "out", settings=TINY, progress=False)
    assert metrics["scores"] == []
    assert "nothing is left to score" in training_text(metrics)


def test_a_perfect_network_scores_one():
    cubes = list(unseen_surveys(("gaussian", "spectral"), 1, 16))
    assert [cube.group for cube in cubes] == ["gaussian", "spectral"]
    inputs = keras.Input((None, None, None, 1))
    knows = keras.Model(inputs, inputs * 100 - 50)
    told = [type(c)(c.name, c.group, c.faults.astype("float32"), c.faults) for c in cubes]
    means = mean_scores(validation_table(knows, told, progress=False)).set_index(
        ["method", "group"]
    )
    row = means.loc[("this network", "all")]
    assert row["iou"] == row["tolerant_iou"] == row["volume_ratio"] == 1
    assert means.loc[("no faults at all", "all"), "iou"] == 0


def test_recall_is_told_by_throw():
    faults = np.zeros((3, 9, 9), "uint8")
    faults[:, 2], faults[:, 8] = 1, 1
    throw = np.zeros(faults.shape, "float32")
    throw[:, 2], throw[:, 8] = 0.5, 16
    marked = np.zeros(faults.shape, "float32")
    marked[:, 4], marked[:1, 8] = 1, 1  # two voxels beside one; a third of the other
    inputs = keras.Input((None, None, None, 1))
    knows = keras.Model(inputs, inputs * 100 - 50)
    table = recall_by_throw(knows, [UnseenCube("two faults", "made", marked, faults, throw)])
    assert list(table["throw"]) == [
        "below 1", "1 to 2", "2 to 4", "4 to 8", "8 to 16", "16 and more",
    ]  # fmt: skip
    assert list(table["share"]) == [0.5, 0, 0, 0, 0, 0.5]
    np.testing.assert_allclose(table["recall"], [0, *[np.nan] * 4, 1 / 3])
    np.testing.assert_allclose(table["near"], [1, *[np.nan] * 4, 1])


def test_names_of_the_command_are_those_of_the_package():
    assert tuple(FAULT_NETWORKS) == NETWORKS
    assert tuple(LOSSES) == LOSS_NAMES
    with pytest.raises(ValueError, match=r"fault network among light.*got 'unet'\. Choose"):
        fault_network("unet")
    for change, message in (
        ({"network": "unet"}, "network among light"),
        ({"loss": "mse"}, "loss among ce-dice"),
        ({"precision": "int8"}, "precision among float32"),
        ({"laws": ("ricker",)}, "laws among gaussian, spectral, rift; got ricker"),
        ({"deep": True}, "ds8, ds16 or ds32; got 'light'"),
        ({"crop_size": 8}, r"crops of at least 16 .* got 8 and 2\. Raise"),
    ):
        with pytest.raises(ValueError, match=message):
            FaultSettings(**change)


def test_epochs_are_as_many_as_the_minutes_allow():
    assert FaultSettings(minutes=1).training.epochs > 10_000
    assert FaultSettings().training.epochs == 200
    assert FaultSettings(minutes=1, epochs=3).training.epochs == 3


def test_every_loss_is_finite_on_a_batch():
    job = FaultJob(TINY)
    (amplitude, faults) = next(iter(job.batches(0)))
    for name in LOSSES:
        loss = LOSSES[name](0)
        assert np.isfinite(float(loss(faults, amplitude)))
