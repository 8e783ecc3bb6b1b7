"""The salt job on a folder shaped as the challenge's, made here."""

import json
import shutil
from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tfseis.cli import main
from tfseis.errors import ModelError, OutputError
from tfseis.io import check_submission, decode_rle, read_images
from tfseis.jobs.salt import ImageVariation, SaltSettings, apply_salt, train_salt
from tfseis.jobs.salt.pipeline import SaltTask
from tfseis.learning import load_model
from tfseis.models import recipe_of
from tfseis.models.sections.light_unet import FILTERS, light_unet
from training.salt_experiments import TOY_SIZE, toy_challenge

SIZE = TOY_SIZE
QUICK = SaltSettings(folds=3, networks=2, epochs=2, batch_size=8, size=32)


@pytest.fixture(scope="module", autouse=True)
def three_levels():
    """The light network with three of its levels, which is traced in half the time."""
    with pytest.MonkeyPatch.context() as patch:
        small = partial(light_unet, filters=FILTERS[:3])
        patch.setattr("tfseis.jobs.salt.pipeline.light_unet", small)
        yield


@pytest.fixture(scope="module")
def challenge(tmp_path_factory):
    return toy_challenge(tmp_path_factory.mktemp("challenge"))


@pytest.fixture(scope="module")
def finished(challenge, tmp_path_factory):
    out = tmp_path_factory.mktemp("salt") / "result"
    done = train_salt(challenge, out=out, settings=QUICK, progress=False)
    return out, done.metrics


def test_everything_is_delivered(challenge, finished):
    out, metrics = finished
    assert json.loads((out / "metrics.json").read_text()) == metrics
    [score] = metrics["scores"]
    assert score["details"]["images"] == 16
    assert score["baselines"]["all masks empty"]["kaggle_score"] == pytest.approx(0.35, abs=0.06)
    ours = score["network"]["kaggle_score"]
    assert 0 <= score["details"]["kaggle_score_at_half"] <= ours <= 1
    assert metrics["data"]["without_depth"] == 1
    assert metrics["training"]["epochs"] == [2, 2]
    table = pd.read_csv(out / "out_of_fold.csv")
    assert table["score"].mean() == pytest.approx(ours)
    assert table["iou"].mean() == pytest.approx(score["network"]["mean_iou"])
    page = (out / "report.html").read_text()
    for word in ("best", "median", "worst", "all masks empty", "Score by coverage"):
        assert word in page
    shape = (SIZE, SIZE)
    checked = check_submission(out / "submission.csv", challenge / "sample_submission.csv", shape)
    assert checked["id"].tolist() == ["x4", "x3", "x2", "x1", "x0"]


def test_the_delivered_model_gives_the_submission(challenge, finished):
    from tfseis.jobs.salt.images import image_probability

    out, metrics = finished
    model = load_model(out / "model.keras")
    recipe = recipe_of(model)
    assert (recipe.network, recipe.size, recipe.image_size) == ("light", 32, SIZE)
    assert recipe.threshold == metrics["scores"][0]["details"]["threshold"]
    depth = pd.read_csv(challenge / "depths.csv", index_col="id")["z"]
    lines = pd.read_csv(out / "submission.csv", keep_default_na=False)
    for key, runs in lines.itertuples(index=False):
        image = np.asarray(Image.open(challenge / f"test/images/{key}.png"))[None, ..., None]
        found = [
            np.asarray(image_probability(model, part, recipe, np.float32([depth[key]])))[0, ..., 0]
            for part in (image, image[:, :, ::-1])
        ]
        mean = (found[0] + found[1][:, ::-1]) / 2
        mask = mean > recipe.threshold
        clear = abs(mean - recipe.threshold) > 1e-4
        if mask.sum() >= recipe.smallest:
            assert (decode_rle(runs, (SIZE, SIZE))[clear] == mask[clear]).all()


@pytest.mark.slow
def test_an_interrupted_run_is_gone_on_with(challenge, finished, tmp_path, monkeypatch):
    from tfseis.learning.fitting.progress import ProgressBar

    out, _ = finished

    def interrupted(bar, row):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ProgressBar, "move", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train_salt(challenge, out=tmp_path, settings=QUICK, progress=False)
    assert not (tmp_path / "metrics.json").exists()
    other = SaltSettings(folds=3, networks=2, epochs=3, batch_size=8, size=32)
    with pytest.raises(OutputError, match=r"differs in epochs .*--overwrite"):
        train_salt(challenge, out=tmp_path, settings=other, progress=False)
    shutil.copytree(out / "training/fold-1", tmp_path / "training/fold-1")  # done: spares time
    again = train_salt(challenge, out=tmp_path, settings=QUICK, progress=False).metrics
    assert again["training"]["epochs"] == [2, 2]
    histories = [pd.read_csv(path / "training/fold-0/history.csv") for path in (out, tmp_path)]
    assert histories[0]["loss"].tolist() == histories[1]["loss"].tolist()
    assert histories[1]["minutes"][1] > histories[1]["minutes"][0]


def test_a_finished_run_is_not_replaced(challenge, finished):
    out, _ = finished
    with pytest.raises(OutputError, match="--overwrite"):
        train_salt(challenge, out=out, settings=QUICK, progress=False)


@pytest.mark.slow
def test_the_command_with_a_backbone(challenge, tmp_path, capsys):
    words = [
        "salt",
        "train",
        str(challenge),
        "--out",
        str(tmp_path / "out"),
        "--network",
        "mobilenetv2",
        "--weights",
        "none",
        "--folds",
        "2",
        "--networks",
        "1",
        "--epochs",
        "1",
        "--batch-size",
        "8",
        "--size",
        "32",
    ]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "out of fold (12 images" in printed
    assert recipe_of(load_model(tmp_path / "out/model.keras")).network == "mobilenetv2"


@pytest.mark.slow
def test_the_time_limit_ends_the_training(challenge, tmp_path):
    settings = SaltSettings(folds=3, networks=1, epochs=500, minutes=0.01, batch_size=8, size=32)
    metrics = train_salt(challenge, out=tmp_path, settings=settings, progress=False).metrics
    assert metrics["training"]["epochs"][0] < 5
    assert metrics["minutes"]["training"] < metrics["minutes"]["whole"] < 2


def test_missing_masks_are_named_or_skipped(challenge, tmp_path, capsys):
    folder = shutil.copytree(challenge, tmp_path / "challenge")
    (folder / "train/masks/t03.png").unlink()
    assert main(["salt", "train", str(folder), "--out", str(tmp_path / "out")]) == 1
    assert "1 cannot: train/images/t03.png has no mask" in capsys.readouterr().err


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"precision": "half"}, "float32 or mixed_bfloat16; got 'half'"),
        ({"networks": 6}, "1 to 5 networks, one a fold; got 6"),
        ({"batch_size": 0}, "batch_size, a whole number from 1 .*; got 0"),
    ],
)
def test_settings_that_make_no_sense(changes, message):
    with pytest.raises(ModelError, match=message):
        SaltSettings(**changes)


def test_the_submission_again_from_the_saved_model(challenge, finished, tmp_path):
    out, _ = finished
    done = apply_salt(out / "model.keras", challenge, tmp_path / "again.csv", progress=False)
    assert (tmp_path / "again.csv").read_bytes() == (out / "submission.csv").read_bytes()
    assert done.facts["images"] == 5


def own_network(shape, outputs=1):
    """One convolution, as a Sequential model."""
    return keras.Sequential([keras.Input(shape), keras.layers.Conv2D(outputs, 3, padding="same")])


def test_own_network_loss_and_variation_on_images_in_memory(challenge, tmp_path):
    settings = SaltSettings(
        network=own_network,
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        variation=ImageVariation(flip=False),
        folds=2,
        networks=1,
        epochs=1,
        batch_size=8,
        size=32,
    )
    images = read_images(challenge, progress=False)
    done = train_salt(images, out=tmp_path / "out", settings=settings, progress=False)
    recipe = recipe_of(load_model(done.folder / "model.keras"))
    assert recipe.network.endswith(":own_network")
    loss = done.metrics["settings"]["loss"]
    assert loss["of"] == "keras.src.losses.losses:BinaryCrossentropy"
    assert loss["from_logits"] is True
    wrong = replace(settings, network=lambda shape: own_network(shape, outputs=2))
    with pytest.raises(ModelError, match=r"one from \(None, 32, 32, 3\) to \(None, 32, 32, 2\)"):
        SaltTask.of(images, wrong).build()
    with pytest.raises(ModelError, match=r"network among light, .*got 'resnet35'"):
        SaltTask.of(images, replace(settings, network="resnet35"))


@pytest.mark.parametrize("size", [102, 44])
def test_a_size_that_cannot_be_halved_is_refused_before_training(size, tmp_path):
    found = read_images(toy_challenge(tmp_path / "c", train=12, test=3), progress=False)
    settings = SaltSettings(size=size, folds=2, networks=1, epochs=1, batch_size=4)
    with pytest.raises(ModelError, match=rf"halve as often as it does; got {size}\. Use \d+ or"):
        train_salt(found, out=tmp_path / "out", settings=settings, progress=False)
    assert not (tmp_path / "out").exists()


def test_a_submission_never_replaces_what_is_read(tmp_path, salt_model):
    folder = toy_challenge(tmp_path / "c", train=6, test=3)
    before = (folder / "train.csv").read_bytes()
    with pytest.raises(OutputError, match="is the same file"):
        apply_salt(salt_model[0], folder, folder / "train.csv", overwrite=True, progress=False)
    assert (folder / "train.csv").read_bytes() == before
