"""Every job keeps the contract with a network and a loss defined here, on data in memory."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import segyio

import tfseis
from tfseis.cli import main
from tfseis.data.synthetic import facies_survey, salt_images, synthetic_gather
from tfseis.errors import ModelError, OutputError, TfseisError
from tfseis.io import ImageFolder, Labels
from tfseis.jobs.boreholes.patches import synthetic_patches
from tfseis.jobs.contract import JOBS, Applied, Finished
from tfseis.jobs.metrics import check_metrics
from tfseis.learning.fitting import loop

layers = keras.layers
SEED = 5


def stack(input_shape, outputs, kernel=3):
    """Two convolutions of any number of axes, as a Sequential model."""
    conv = {3: layers.Conv2D, 4: layers.Conv3D}[len(input_shape)]
    return keras.Sequential(
        [
            keras.Input(input_shape),
            conv(3, kernel, padding="same", activation="tanh"),
            conv(outputs, 1),
        ]
    )


def one_output(input_shape):
    return stack(input_shape, 1)


def of_classes(input_shape, *, classes):
    return stack(input_shape, classes)


def squares(labels, logits):
    """Of a mask, -1 where unlabelled."""
    known = keras.ops.cast(labels >= 0, "float32")
    miss = (keras.ops.sigmoid(logits) - keras.ops.cast(labels, "float32")) ** 2
    return keras.ops.sum(known * miss) / keras.ops.sum(known)


def of_labels(labels, logits):
    """Of class indices, negative where unlabelled."""
    known = keras.ops.cast(labels >= 0, "float32")
    wanted = keras.ops.one_hot(keras.ops.maximum(labels, 0), logits.shape[-1])
    miss = keras.ops.sum((keras.ops.softmax(logits) - wanted) ** 2, axis=-1)
    return keras.ops.sum(known * miss) / keras.ops.maximum(keras.ops.sum(known), 1)


def of_gathers(targets, output):
    """Of what is wanted and how much it counts."""
    return keras.ops.mean(targets[..., 1:2] * (output - targets[..., :1]) ** 2)


@dataclass(frozen=True)
class Case:
    """One job.

    Args:
        train: takes a folder and whether it may be replaced, and trains.
        data: what a model is applied to: a path.
        ending: of the result.
    """

    train: Callable[..., Finished]
    data: Path
    ending: str = ".sgy"


def facies(folder: Path) -> Case:
    survey = facies_survey((5, 24, 32), seed=1)
    cube = tfseis.ArrayCube(survey.amplitude, survey.geometry, name="survey")
    tfseis.io.write_segy(folder / "cube.sgy", survey.amplitude, survey.geometry)
    places = np.argwhere(np.ones((1, 12, 16))) * (1, 2, 2) + (2, 0, 0)
    labels = Labels.at_indices(places, (places[:, 2] > 15).astype(int), survey.geometry)
    settings = tfseis.FaciesSettings(
        network=of_classes,
        loss=of_labels,
        epochs=2,
        crops_per_epoch=16,
        batch_size=8,
        crop_size=16,
        folds=0,
        seed=SEED,
    )
    return Case(bound(tfseis.train_facies, cube, labels, settings=settings), folder / "cube.sgy")


def faults(folder: Path) -> Case:
    rng = np.random.default_rng(0)
    shape = (18, 20, 22)
    pairs = [(rng.normal(size=shape), rng.random(shape) > 0.9) for _ in range(2)]
    np.save(folder / "cube.npy", pairs[0][0].astype("float32"))
    settings = tfseis.FaultSettings(
        network=one_output, loss=squares, crop_size=16, batch_size=2, epochs=2, steps=2, seed=SEED
    )
    return Case(bound(tfseis.train_faults, pairs, settings=settings), folder / "cube.npy")


def boreholes(folder: Path) -> Case:
    patches = synthetic_patches(130, seed=1)
    place = folder / "patches"
    place.mkdir()
    for name, image in zip(patches.names()[:4], patches.images, strict=False):
        np.save(place / f"{name}.npy", image)
    settings = tfseis.BoreholeSettings(
        network=one_output, loss=squares, epochs=2, patches_per_epoch=16, batch_size=8, seed=SEED
    )
    return Case(bound(tfseis.train_boreholes, patches, settings=settings), place, "")


def gathers(folder: Path) -> Case:
    made = [synthetic_gather(64, seed=number).gather.amplitude[:12] for number in range(6)]
    spec = segyio.spec()
    spec.format, spec.samples, spec.tracecount = 5, 4.0 * np.arange(64), 12 * len(made)
    with segyio.create(folder / "gathers.sgy", spec) as file:
        file.bin.update({3217: 4000})
        for place, trace in enumerate(np.concatenate(made)):
            file.header[place] = {9: place // 12, 13: place % 12, 37: 25 * (place % 12)}
            file.trace[place] = trace
    settings = tfseis.GatherSettings(
        network=one_output,
        loss=of_gathers,
        epochs=2,
        patches_per_epoch=16,
        batch_size=8,
        size=(8, 32),
        seed=SEED,
    )
    return Case(bound(tfseis.train_gathers, made, settings=settings), folder / "gathers.sgy")


def salt(folder: Path) -> Case:
    images, masks = salt_images(20, size=21)
    ids = [f"i{number:02}" for number in range(20)]
    found = ImageFolder(ids, images, masks, np.full(20, np.nan), [], images[:0], np.zeros(0), [])
    survey = facies_survey((5, 20, 24), seed=2)
    tfseis.io.write_segy(folder / "cube.sgy", survey.amplitude, survey.geometry)
    settings = tfseis.SaltSettings(
        network=one_output,
        loss=squares,
        folds=2,
        networks=1,
        epochs=2,
        batch_size=8,
        size=32,
        seed=SEED,
    )
    return Case(bound(tfseis.train_salt, found, settings=settings), folder / "cube.sgy")


CASES = {"facies": facies, "faults": faults, "boreholes": boreholes, "gathers": gathers}
CASES["salt"] = salt


def bound(train: Callable[..., Finished], *data: Any, settings: Any) -> Callable[..., Finished]:
    def run(out: Path, *others: Any, overwrite: bool = False, **change: Any) -> Finished:
        given = others or data
        how = {"settings": replace(settings, **change), "overwrite": overwrite}
        return train(*given, out=out, progress=False, **how)

    return run


@pytest.fixture(scope="module")
def every(tmp_path_factory) -> Callable[[str], tuple[Case, Finished]]:
    """Trains a job once."""

    @cache
    def get(job: str) -> tuple[Case, Finished]:
        folder = tmp_path_factory.mktemp(job)
        case = CASES[job](folder)
        return case, case.train(folder / "run")

    return get


@pytest.fixture(params=CASES)
def trained(request, every) -> tuple[str, Case, Finished]:
    return request.param, *every(request.param)


def weights(folder: Path) -> list[np.ndarray]:
    return tfseis.load_model(folder / "model.keras").get_weights()


def test_every_job_is_tried():
    assert set(CASES) == set(JOBS)


def test_a_training_gives_its_files_and_one_schema(trained):
    job, _, finished = trained
    assert isinstance(finished, Finished)
    assert finished.text
    names = {path.relative_to(finished.folder).name for path in finished.files}
    assert {"model.keras", "report.html", "metrics.json"} <= names
    assert all(path.exists() for path in finished.files)
    written = json.loads((finished.folder / "metrics.json").read_text())
    assert written == finished.metrics
    check_metrics(written)
    assert (written["job"], written["seed"]) == (job, SEED)
    for name in ("network", "loss"):
        assert written["settings"][name].startswith(f"{__name__}:")
    assert set(written["training"]["epochs"]) == {2}
    minutes = written["minutes"]
    assert 0 <= minutes["training"] <= minutes["whole"]
    for score in written["scores"]:
        assert score["baselines"]
        assert all(set(row) >= set(score["network"]) for row in score["baselines"].values())
    page = (finished.folder / "report.html").read_text()
    assert f"tfseis {tfseis.__version__}, {job};" in page
    assert "<img" in page


def test_a_finished_training_stays_and_an_interrupted_one_ends_the_same(trained):
    _, case, finished = trained
    with pytest.raises(OutputError, match="holds a finished run"):
        case.train(finished.folder)
    before = weights(finished.folder)
    (finished.folder / "metrics.json").unlink()  # as if it had been killed before its end
    again = case.train(finished.folder)
    assert all(map(np.array_equal, before, weights(again.folder)))
    assert again.metrics["scores"] == finished.metrics["scores"]
    assert again.metrics["minutes"]["training"] == finished.metrics["minutes"]["training"]


def no_batch(labels):
    return 0.0


def of_other_shapes(labels, logits):
    return keras.ops.mean(logits @ keras.ops.ones((7, 11, 13, 17)))


def counts(labels, logits):
    return keras.ops.sum(keras.ops.cast(labels, "int32"))


def nothing(*given, **named):
    return None


def halves(first, *others, **named):
    """Of the first thing that it is given; gathers are shortened."""
    values = first.amplitude if isinstance(first, tfseis.io.Gather) else first
    half = values[: len(values) // 2]
    if values is not first:
        return replace(first, amplitude=half)
    return half, *others[:1]


WRONG = {
    "setting": {"learning_rate": -1.0},
    "network that fails": {"network": no_batch},
    "network that is none": {"network": nothing},
    "network of another shape": {"network": lambda shape, **named: of_classes(shape, classes=3)},
    "loss of one argument": {"loss": no_batch},
    "loss of other shapes": {"loss": of_other_shapes},
    "loss that counts": {"loss": counts},
    "loss that is a number": {"loss": "math:pi"},
    "variation of no arguments": {"variation": lambda: 3},
    "variation that gives nothing": {"variation": nothing},
    "variation of another shape": {"variation": halves},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_refused_leaves_a_finished_training_as_it_is(trained, wrong):
    _, case, finished = trained
    before = contents_of(finished.folder)
    with pytest.raises(ModelError, match="Expected") as refused:
        case.train(finished.folder, overwrite=True, **wrong)
    assert "\n" not in str(refused.value)
    assert contents_of(finished.folder) == before
    assert not list(finished.folder.glob("training.*"))


def test_data_that_are_not_there_leave_a_finished_training_as_it_is(trained):
    job, case, finished = trained
    before = contents_of(finished.folder)
    missing = finished.folder.parent / "missing.sgy"
    with pytest.raises(TfseisError, match="missing"):
        case.train(finished.folder, missing, *["x.pts"] * (job == "facies"), overwrite=True)
    if job == "facies":
        with pytest.raises(TfseisError, match=r"missing\.pts"):
            case.train(finished.folder, case.data, [missing.with_suffix(".pts")], overwrite=True)
    assert contents_of(finished.folder) == before


def test_an_interrupted_new_training_leaves_the_finished_one_in_place(trained, monkeypatch):
    _, case, finished = trained
    before = contents_of(finished.folder)
    steps = loop._epoch

    def interrupted(run, stream, number):
        if number:
            raise KeyboardInterrupt
        return steps(run, stream, number)

    monkeypatch.setattr(loop, "_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        case.train(finished.folder, overwrite=True, learning_rate=1e-5)
    monkeypatch.undo()
    assert before.items() <= contents_of(finished.folder).items()
    assert (finished.folder / "training.new").is_dir()
    again = case.train(finished.folder, overwrite=True, learning_rate=1e-5)
    assert again.metrics["settings"]["learning_rate"] == 1e-5
    after = contents_of(finished.folder)
    logs = {name for name in {**before, **after} if "tfevents" in name}  # named by the clock
    assert set(after) - logs == set(before) - logs
    assert not logs & set(before) & set(after)
    for name in ("metrics.json", "model.keras", "report.html", "training/run.json"):
        assert after[name] != before[name]
    case.train(finished.folder, overwrite=True)  # for the tests that follow


def test_the_model_says_what_it_is_and_is_applied_by_any_door(trained, tmp_path, capsys):
    job, case, finished = trained
    path = finished.folder / "model.keras"
    model = tfseis.load_model(path)
    recipe = tfseis.models.recipe_of(model)
    assert (recipe.job, recipe.seed, recipe.schema) == (job, SEED, 1)
    assert recipe.version == tfseis.__version__
    results = [tmp_path / f"{door}{case.ending}" for door in ("object", "file", "line", "job")]
    applied = tfseis.apply(model, case.data, results[0], progress=False)
    assert isinstance(applied, Applied)
    assert applied.text
    assert json.loads(json.dumps(applied.facts)) == json.loads(json.dumps(applied.facts))
    assert all(file.exists() for file in applied.files)
    JOBS[job].part("apply")(path, case.data, results[1], progress=False)
    words = [str(case.data), str(results[2]), "--model", str(path)]
    assert main(["apply", *words]) == 0
    assert main([job, "apply", str(case.data), str(results[3]), *words[2:]]) == 0
    contents = [contents_of(result) for result in results]
    assert contents[0]
    assert contents.count(contents[0]) == len(results)
    capsys.readouterr()
    assert main(["apply", *words]) == 1
    assert "one exists" in capsys.readouterr().err
    assert contents_of(results[2]) == contents[0]


def contents_of(place: Path) -> dict[str, bytes]:
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    return {str(path.relative_to(place)): path.read_bytes() for path in files if path.is_file()}


LOAD = """
import sys
import numpy as np
import tfseis

for path in sys.argv[1:]:
    model = tfseis.load_model(path)
    print(tfseis.models.recipe_of(model).job, sum(w.size for w in model.get_weights()))
"""


def test_models_load_in_a_process_that_knows_nothing_of_this_file(every):
    paths = [every(job)[1].folder / "model.keras" for job in CASES]
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *map(str, paths)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        cwd=paths[0].parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(CASES)
