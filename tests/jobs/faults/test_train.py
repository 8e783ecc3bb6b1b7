"""Fault networks trained in seconds, on synthetic surveys, files and arrays."""

import json
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest

from tfseis.data.synthetic import SURVEY_GENERATORS, gaussian_survey
from tfseis.errors import ModelError, OutputError
from tfseis.io import read_cube, write_cube
from tfseis.io.array_cube import ArrayCube
from tfseis.jobs.faults import survey_crops
from tfseis.jobs.faults.apply import apply_faults
from tfseis.jobs.faults.losses import FAULT_LOSSES, fault_loss
from tfseis.jobs.faults.pipeline import TRAINING_GENERATORS, FaultJob, training_of
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.jobs.faults.scores import (
    UnseenCube,
    mean_scores,
    recall_by_throw,
    score_cubes,
    unseen_surveys,
)
from tfseis.jobs.faults.settings import (
    GENERATORS,
    KNOWN_GENERATORS,
    LOSSES,
    NETWORKS,
    VARIATIONS,
    WITH_LEVELS,
    FaultSettings,
)
from tfseis.jobs.faults.train import _network_of, train_faults
from tfseis.jobs.faults.variation import FAULT_VARIATIONS, Variation
from tfseis.jobs.metrics import check_metrics
from tfseis.learning import load_model
from tfseis.learning.deep_supervision import FACTORS
from tfseis.models import FAULT_NETWORKS, light_unet3d, recipe_of, unet3d, unet_ds
from tfseis.models.cubes.networks import fault_network
from tfseis.models.recipe import with_recipe

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


def score_of(finished, group, method="network"):
    """Numbers of one group of cubes in metrics.json."""
    (score,) = [one for one in finished.metrics["scores"] if one["details"]["group"] == group]
    return score["network"] if method == "network" else score["baselines"][method]


def test_a_function_that_a_model_file_names_is_not_imported(monkeypatch):
    recipe = SimpleNamespace(network="os:getcwd")
    monkeypatch.setattr("tfseis.jobs.faults.train.recipe_of", lambda model: recipe)
    with pytest.raises(ModelError, match=r"cannot bring along. Give it: --network os:getcwd"):
        _network_of(None)


def test_from_synthetic_surveys_to_a_model_with_its_scores(tmp_path):
    settings = replace(TINY, epochs=2, steps=2, batch_size=2, minutes=5, seed=3)
    out = tmp_path / "run"
    finished = train_faults(out=out, settings=settings, unseen=1, command="words", progress=False)
    assert "low semblance, unseen synthetic surveys, generator spectral: IoU" in finished.text
    assert "this network, unseen synthetic surveys, all generators: IoU" in finished.text
    recipe = recipe_of(load_model(out / "model.keras"))
    assert (recipe.job, recipe.network, recipe.crop_size, recipe.seed) == ("faults", "wu", 16, 3)
    assert (recipe.logits, recipe.multiple, recipe.window, recipe.overlap) == (1, 2, 128, 32)
    metrics = json.loads((out / "metrics.json").read_text())
    check_metrics(metrics)
    assert metrics == finished.metrics
    assert metrics["details"]["crops"] == 2 * 2 * 2
    assert metrics["training"]["epochs"] == [2]
    assert metrics["command"] == "words"
    scores = pd.read_csv(out / "scores.csv")
    assert set(scores["method"]) == {"this network", "low semblance", "no faults at all"}
    assert len(scores) == 3 * 3  # generators and methods
    mine = scores[scores["method"] == "low semblance"]
    assert score_of(finished, "all", "low semblance")["iou"] == pytest.approx(mine["iou"].mean())
    (rift,) = mine[mine["group"] == "rift"]["iou"]
    assert score_of(finished, "rift", "low semblance")["iou"] == pytest.approx(rift)
    report = (out / "report.html").read_text()
    for words in ("Recall by throw", "Truth and prediction", "low semblance", "16 and more"):
        assert words in report
    assert {path.name for path in finished.files} == {
        "model.keras",
        "scores.csv",
        "history.csv",
        "report.html",
        "metrics.json",
    }
    assert all(path.is_file() for path in finished.files)


def test_a_higher_limit_goes_on_and_other_settings_do_not(tmp_path):
    def trained(settings, **options):
        found = train_faults(out=tmp_path, settings=settings, unseen=1, progress=False, **options)
        return found.metrics["details"]["crops"]

    assert trained(TINY) == 1
    with pytest.raises(OutputError, match=r"holds a finished run.*raise a limit"):
        trained(TINY)
    assert trained(replace(TINY, epochs=3)) == 3
    for change in ({"score_minutes": 1.0}, {"minutes": 1.0}):  # the first is no limit of training
        with pytest.raises(OutputError, match="holds a finished run"):
            trained(replace(TINY, epochs=5, **change))
    other = replace(TINY, seed=1)
    with pytest.raises(OutputError, match=r"holds a finished run.*--overwrite to start anew"):
        trained(other)
    assert trained(other, overwrite=True) == 1
    (tmp_path / "metrics.json").unlink()  # as if it had been interrupted while it was scored
    before = load_model(tmp_path / "model.keras").get_weights()
    assert trained(other) == 1
    after = load_model(tmp_path / "model.keras").get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    (tmp_path / "metrics.json").unlink()
    with pytest.raises(OutputError, match=r"differs in seed \(1 before, 0 now\)"):
        trained(TINY)


def test_from_a_folder_with_a_teacher_and_a_start(tmp_path, folder):
    first = train_faults(folder, out=tmp_path / "a", settings=TINY, progress=False)
    assert first.metrics["data"] == {"training": ["0", "1"], "scored": ["2"], "scored_cubes": 1}
    (score,) = first.metrics["scores"]
    assert (score["split"], score["details"]["group"]) == ("held-out cubes", "files")
    assert score["baselines"]["no faults at all"]["iou"] == 0
    teacher = tmp_path / "a" / "model.keras"
    student = replace(TINY, temperature=10.0, network="light")
    second = train_faults(
        folder, out=tmp_path / "b", settings=student, teacher=teacher, progress=False
    )
    assert second.metrics["details"]["recipe"]["network"] == "light"
    still = replace(TINY, learning_rate=0.0, network="light")
    train_faults(folder, out=tmp_path / "c", settings=still, base=teacher, progress=False)
    started = load_model(tmp_path / "c" / "model.keras")
    for one, two in zip(load_model(teacher).get_weights(), started.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5)
    settings = FaultSettings(network="res1")
    with pytest.raises(ValueError, match=r"start from, wu; got res1\. Leave --network out"):
        train_faults(folder, out=tmp_path / "d", base=teacher, settings=settings)
    assert not (tmp_path / "d").exists()


def test_a_teacher_teaches_where_nothing_is_known(tmp_path, folder):
    place = tmp_path / "cubes"
    for name in ("seis", "fault"):
        (place / name).mkdir(parents=True)
        write_cube(place / name / "0.dat", read_cube(folder / name / "0.dat"))
    write_cube(place / "seis" / "1.dat", read_cube(folder / "seis" / "1.dat"))
    settings = replace(TINY, student_noise=0.1, epochs=4)
    finished = train_faults(
        place, out=tmp_path / "out", settings=settings, teacher="itself", progress=False
    )
    assert finished.metrics["data"]["training"] == ["0", "1"]  # the second has no labels
    assert np.isfinite(pd.read_csv(tmp_path / "out" / "history.csv")["loss"]).all()
    settings = FaultSettings(network="ds8", deep=True)
    with pytest.raises(ValueError, match=r"teacher or losses at each level; got both"):
        train_faults(out=tmp_path / "both", teacher="itself", settings=settings)


@pytest.mark.slow
def test_each_level_learns_and_the_network_is_the_same_afterwards(tmp_path, monkeypatch):
    monkeypatch.setitem(FAULT_NETWORKS, "ds8", partial(unet_ds, base=2, dropout=0.0))
    settings = replace(TINY, network="ds8", deep=True, crop_size=32)
    train_faults(out=tmp_path, settings=settings, unseen=1, progress=False)
    levels = load_model(tmp_path / "training" / "best.keras")
    model = load_model(tmp_path / "model.keras")
    cube = np.random.default_rng(0).normal(size=(1, 32, 32, 32, 1)).astype("float32")
    assert set(levels(cube)) == {"logits", "logits_half", "logits_quarter"}
    np.testing.assert_allclose(levels(cube)["logits"], model(cube), rtol=1e-4, atol=1e-5)


def own_network(input_shape):
    """A chain, which has neither a name nor levels; of two logits the second is the fault's."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Conv3D(2, 3, padding="same", activation="relu"),
            keras.layers.Conv3D(2, (1, 3, 1), padding="same"),
        ]
    )


def own_loss(labels, logits):
    """Mean squared error of both logits against the label and its opposite."""
    wanted = keras.ops.concatenate([-labels, labels], axis=-1)
    return keras.ops.mean(keras.ops.square(logits - wanted))


def turned_over(amplitude, faults, rng):
    """Polarity at random."""
    return amplitude * np.float32(rng.choice([-1, 1])), faults


def faulted(shape, *, seed):
    """A generator of one's own."""
    return gaussian_survey(shape, seed=seed)


OWN = replace(
    TINY,
    network=own_network,
    loss=own_loss,
    variation=turned_over,
    generators=(faulted, "rift"),
    epochs=2,
)


def test_own_network_loss_variation_and_generator_from_training_to_a_cube(tmp_path):
    finished = train_faults(out=tmp_path / "run", settings=OWN, unseen=1, progress=False)
    settings = finished.metrics["settings"]
    assert settings["network"].endswith("test_train:own_network")
    assert settings["generators"] == [f"{__name__}:faulted", "rift"]
    model = load_model(tmp_path / "run" / "model.keras")
    recipe = recipe_of(model)
    assert (recipe.network, recipe.logits, recipe.multiple) == (f"{__name__}:own_network", 2, 1)
    assert np.isfinite(pd.read_csv(tmp_path / "run" / "history.csv")["loss"]).all()
    survey = gaussian_survey((11, 9, 8), seed=1)
    cube = ArrayCube(survey.amplitude)
    found = apply_faults(model, cube, tmp_path / "faults.sgy", progress=False, backend="keras")
    logits = np.asarray(model(survey_crops.scaled(survey.amplitude)[None, ..., None]))[0]
    assert found.facts["share"] == pytest.approx((logits[..., 1] > logits[..., 0]).mean(), abs=0.1)
    more = replace(OWN, epochs=3)
    again = train_faults(out=tmp_path / "run", settings=more, unseen=1, progress=False)
    assert again.metrics["training"]["epochs"] == [3]


def test_own_parts_may_be_named_by_where_they_lie(tmp_path):
    named = replace(
        OWN,
        network=f"{__name__}:own_network",
        loss=f"{__name__}:own_loss",
        variation=f"{__name__}:turned_over",
        generators=(f"{__name__}:faulted", "rift"),
    )
    runs = [
        train_faults(out=tmp_path / name, settings=settings, unseen=1, progress=False)
        for name, settings in (("objects", OWN), ("names", named))
    ]
    assert runs[0].metrics["settings"] == runs[1].metrics["settings"]
    weights = [load_model(run.folder / "model.keras").get_weights() for run in runs]
    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))
    start = tmp_path / "names" / "model.keras"
    base = replace(named, learning_rate=0.0, variation="usual", generators=TINY.generators)
    with pytest.raises(ModelError, match=r"a file cannot bring along\. Give it: --network "):
        train_faults(out=tmp_path / "c", settings=replace(TINY, network="light"), base=start)
    train_faults(out=tmp_path / "c", settings=base, base=start, unseen=1, progress=False)
    started = load_model(tmp_path / "c" / "model.keras").get_weights()
    assert all(np.allclose(a, b) for a, b in zip(weights[1], started, strict=True))


def test_arrays_train_as_files_do(tmp_path, folder):
    arrays = [
        tuple(read_cube(folder / name / f"{number}.dat") for name in ("seis", "fault"))
        for number in range(3)
    ]
    weights = []
    for name, cubes in (("files", folder), ("arrays", arrays)):
        finished = train_faults(cubes, out=tmp_path / name, settings=TINY, progress=False)
        weights.append(load_model(finished.folder / "model.keras").get_weights())
    assert finished.metrics["data"]["training"] == ["0", "1"]
    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))


def flat(input_shape):
    """One answer a cube."""
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling3D()(inputs))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": flat}, r"1 or 2 logits a sample; got one from .* to \(None, 1\)"),
        ({"network": own_network, "deep": True}, "the layers logits, logits_half"),
        ({"network": "no.such:network"}, "that can be imported; got 'no.such:network'"),
    ],
)
def test_networks_that_cannot_be_trained_leave_nothing_behind(tmp_path, changes, message):
    with pytest.raises(ModelError, match=message):
        train_faults(out=tmp_path / "out", settings=replace(TINY, **changes), progress=False)
    assert not (tmp_path / "out").exists()


def test_a_single_cube_has_nothing_to_be_scored_on(tmp_path, folder):
    for name in ("seis", "fault"):
        (tmp_path / "one" / name).mkdir(parents=True)
        (tmp_path / "one" / name / "0.dat").write_bytes((folder / name / "0.dat").read_bytes())
    finished = train_faults(tmp_path / "one", out=tmp_path / "out", settings=TINY, progress=False)
    assert finished.metrics["scores"] == []
    assert "nothing is left to score" in finished.text
    assert "none was left to score" in (tmp_path / "out" / "report.html").read_text()


def test_a_perfect_network_scores_one():
    cubes = list(unseen_surveys(("gaussian", "spectral"), 1, 16))
    assert [cube.group for cube in cubes] == ["gaussian", "spectral"]
    inputs = keras.Input((None, None, None, 1))
    knows = keras.Model(inputs, inputs * 100 - 50)
    told = [type(c)(c.name, c.group, c.faults.astype("float32"), c.faults) for c in cubes]
    table = score_cubes(knows, told, progress=False).table
    means = mean_scores(table).set_index(["method", "group"])
    row = means.loc[("this network", "all")]
    assert row["iou"] == row["tolerant_iou"] == row["volume_ratio"] == 1
    assert means.loc[("no faults at all", "all"), "iou"] == 0


def test_faults_are_counted_at_the_threshold_of_the_recipe():
    faults = np.zeros((8, 8, 8), "uint8")
    faults[:, 2], faults[:, 6] = 1, 1
    amplitude = np.zeros(faults.shape, "float32")
    amplitude[:, 2], amplitude[:, 4] = 3, 1  # probabilities 0.998 and 0.88; one fault is missed
    inputs = keras.Input((None, None, None, 1))
    plain = keras.Model(inputs, inputs * 2 - 1e-3)  # of 0: below 0.5
    recipe = FaultRecipe(
        network="light",
        crop_size=8,
        window=8,
        overlap=0,
        threshold=0.9,
        scaling={},
        seed=0,
        version="0",
    )
    strict = with_recipe(plain, recipe)
    cube = UnseenCube("one", "made", amplitude, faults, 5.0 * faults)
    for model, iou in ((plain, 1 / 3), (strict, 1 / 2)):
        table = score_cubes(model, [cube], progress=False).table.set_index("method")
        assert table.loc["this network", "iou"] == pytest.approx(iou)
        assert recall_by_throw(model, [cube]).set_index("throw").loc["4 to 8", "recall"] == 0.5


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
        "below 1",
        "1 to 2",
        "2 to 4",
        "4 to 8",
        "8 to 16",
        "16 and more",
    ]
    assert list(table["share"]) == [0.5, 0, 0, 0, 0, 0.5]
    np.testing.assert_allclose(table["recall"], [0, *[np.nan] * 4, 1 / 3])
    np.testing.assert_allclose(table["near"], [1, *[np.nan] * 4, 1])


def test_names_of_the_settings_are_those_of_the_tables():
    assert tuple(FAULT_NETWORKS) == NETWORKS
    assert tuple(FAULT_LOSSES) == LOSSES
    assert tuple(FAULT_VARIATIONS) == VARIATIONS
    assert tuple(SURVEY_GENERATORS) == GENERATORS
    assert tuple(TRAINING_GENERATORS) == KNOWN_GENERATORS
    with pytest.raises(ValueError, match=r"fault network among light.*got 'unet'\. Choose"):
        fault_network("unet")


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_with_levels_are_those_of_the_settings(name):
    layers = {layer.name for layer in FAULT_NETWORKS[name]().layers}
    assert (set(FACTORS) <= layers) == (name in WITH_LEVELS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"network": "unet"}, "network among light"),
        ({"loss": "mse"}, "loss among ce-dice"),
        ({"variation": "some"}, "variation among usual, none"),
        ({"precision": "int8"}, "precision among float32"),
        ({"generators": ("ricker",)}, "generators among gaussian, spectral, rift.* got 'ricker'"),
        ({"generators": ()}, "generators among gaussian, spectral, rift, steep; got none"),
        ({"deep": True}, "ds8, ds16, ds32; got 'light'"),
        ({"crop_size": 8}, r"crop_size, a whole number from 16 to 1,024; got 8\. Change"),
    ],
)
def test_settings_are_checked_at_the_door(change, message):
    with pytest.raises(ValueError, match=message):
        FaultSettings(**change)


def test_epochs_are_as_many_as_the_minutes_allow():
    assert training_of(FaultSettings(minutes=1)).epochs > 10_000
    assert training_of(FaultSettings()).epochs == 200
    assert training_of(FaultSettings(minutes=1, epochs=3)).epochs == 3


@pytest.mark.parametrize("name", KNOWN_GENERATORS)
def test_every_generator_trains_by_its_name(name):
    amplitude, faults = next(iter(FaultJob(replace(TINY, generators=(name,))).batches(0)))
    assert amplitude.shape == faults.shape == (1, 16, 16, 16, 1)
    assert float(np.std(amplitude)) > 0.1


def test_every_loss_is_finite_on_a_batch():
    job = FaultJob(TINY)
    (amplitude, faults) = next(iter(job.batches(0)))
    for name in LOSSES:
        loss = fault_loss(name, 0)
        assert np.isfinite(float(loss(faults, amplitude)))


def test_another_variation_is_another_run(tmp_path):
    def trained(**changes):
        settings = replace(TINY, variation=Variation(**changes))
        return train_faults(out=tmp_path, settings=settings, unseen=1, progress=False)

    trained(flip=1.0)
    (tmp_path / "metrics.json").unlink()
    with pytest.raises(OutputError, match="differs in variation"):
        trained(flip=0.5)


@pytest.mark.parametrize(
    ("generator", "message"),
    [
        (lambda shape: None, r"a shape and a keyword seed; it failed with TypeError"),
        (lambda shape, seed: None, r"amplitude and faults of the shapes .* and .*; got \(\) and"),
        (lambda shape, seed: gaussian_survey((8, 9, 9), seed=seed), r"got \(8, 9, 9\) and"),
    ],
)
def test_an_own_generator_is_tried_before_anything_is_written(tmp_path, generator, message):
    settings = replace(TINY, generators=("gaussian", generator))
    with pytest.raises(ModelError, match=message):
        train_faults(out=tmp_path / "out", settings=settings, progress=False)
    assert not (tmp_path / "out").exists()
