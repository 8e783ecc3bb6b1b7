"""Scores that trainings report, computed once more from what `apply` writes with their models.

The networks are single convolutions whose weights are given, so that they find something at once.
"""

import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import segyio
from PIL import Image
from scipy.ndimage import convolve1d
from scipy.spatial.distance import cdist

import tfseis
from tfseis.data.synthetic import borehole_patches, gaussian_survey, synthetic_gather
from tfseis.io import read_patches
from tfseis.jobs.boreholes.patches import scaled_images
from tfseis.jobs.boreholes.recipe import BoreholeRecipe
from tfseis.jobs.gathers.recipe import GatherRecipe
from tfseis.models.recipe import with_recipe
from training.salt_experiments import toy_challenge

TINY_STEP = 1e-9  # of the optimiser, so that weights stay as given


def line(input_shape, slope=1.0, level=0.0, kernel=1):
    """Logits that rise with the mean of `kernel` samples along each axis, above `level`."""
    inputs = keras.Input(input_shape)
    axes = len(input_shape) - 1
    convolution = {2: keras.layers.Conv2D, 3: keras.layers.Conv3D}[axes]
    outputs = convolution(
        1,
        kernel,
        padding="same",
        kernel_initializer=keras.initializers.Constant(slope / kernel**axes),
        bias_initializer=keras.initializers.Constant(-slope * level),
    )
    return keras.Model(inputs, outputs(inputs))


def bright(input_shape):
    return line(input_shape, slope=20.0, level=0.5)


def dark(input_shape):
    return line(input_shape, slope=-4.0, level=-0.5)


def strong(input_shape):
    return line(input_shape, slope=2.0, level=0.6)


def smooth(input_shape):
    return line(input_shape, kernel=3)


def metrics_of(folder: Path) -> dict:
    return json.loads((folder / "metrics.json").read_text())


def counted(truth, found) -> dict[str, float]:
    """Scores of marks, from counts of hits and misses."""
    hit, extra, missed = (truth & found).sum(), (~truth & found).sum(), (truth & ~found).sum()
    return {
        "accuracy": (truth == found).mean(),
        "precision": hit / max(hit + extra, 1),
        "recall": hit / (hit + missed),
        "iou": hit / (hit + extra + missed),
        "dice": 2 * hit / (2 * hit + extra + missed),
    }


def test_boreholes(tmp_path):
    """Masks of the well that did not train, against its labels, where something was measured."""
    table, images = {}, {}
    (tmp_path / "wells").mkdir()
    for well in (1, 2):
        for number, (image, mask) in enumerate(zip(*borehole_patches(12, seed=well), strict=True)):
            name = f"well_{well}_patch_{number}"
            np.save(tmp_path / "wells" / f"{name}.npy", image)
            table[name], images[name] = mask.ravel(), image
    pd.DataFrame(table).T.to_csv(tmp_path / "labels.csv")
    settings = tfseis.BoreholeSettings(
        network=dark,
        loss="bce",
        epochs=1,
        patches_per_epoch=8,
        batch_size=8,
        learning_rate=TINY_STEP,
    )
    tfseis.train_boreholes(
        tmp_path / "wells",
        labels=tmp_path / "labels.csv",
        held_out=[2],
        out=tmp_path / "out",
        settings=settings,
        progress=False,
    )
    names = [name for name in table if name.startswith("well_2")]
    measured = np.stack([images[name] > -999 for name in names])
    truth = np.stack([table[name].reshape(36, 36) for name in names]) > 0
    masks = [Image.open(tmp_path / "out" / "masks" / f"{name}.png") for name in names]
    found = np.stack([np.asarray(mask) for mask in masks]) == 255
    assert 0.01 < found.mean() < 0.9  # a network that marks nothing would pass anything
    (score,) = metrics_of(tmp_path / "out")["scores"]
    assert score["network"] == pytest.approx(counted(truth[measured], found[measured]))
    nothing = counted(truth[measured], np.zeros(measured.sum(), bool))
    assert score["baselines"]["all background"] == pytest.approx(nothing)
    edge = measured.copy()
    edge[..., 2:-2] = False
    seam = score["details"]["seam, 4 columns"]
    assert seam == pytest.approx(counted(truth[edge], found[edge]))
    model = tfseis.load_model(tmp_path / "out" / "model.keras")
    logits = model.predict(scaled_images(read_patches(tmp_path / "wells")), verbose=0)[-12:, ..., 0]
    means = []
    for batch in (slice(0, 8), slice(8, 12)):
        of = measured[batch]
        mark, logit = truth[batch][of], logits[batch][of].astype("float64")
        means.append(np.logaddexp(0, np.where(mark, -logit, logit)).mean())
    history = pd.read_csv(tmp_path / "out" / "training" / "all" / "history.csv")
    assert history["val_loss"].iloc[-1] == pytest.approx(
        np.average(means, weights=(8, 4)), rel=1e-4
    )


def test_dips_and_azimuths(tmp_path):
    """Planes of known dip in a hole of 216 mm, 96 columns around, in rows of 5 mm."""
    rows, columns, radius, height = 72, 96, 108.0, 5.0
    azimuth = 2 * np.pi * (np.arange(columns) + 0.5) / columns
    (tmp_path / "wells").mkdir()
    planes = {1: (20.0, 75.0), 2: (45.0, 310.0), 3: (50.0, 180.0)}
    for number, (dip, towards) in planes.items():
        depth = radius * np.tan(np.radians(dip)) * np.cos(azimuth - np.radians(towards))
        sinusoid = 35.5 + depth / height
        image = np.random.default_rng(number).normal(0, 0.05, (rows, columns)) + 1
        image[np.abs(np.arange(rows)[:, np.newaxis] - sinusoid) < 1.5] -= 9
        np.save(tmp_path / "wells" / f"well_1_patch_{number}.npy", image.astype("float32"))
    recipe = BoreholeRecipe(
        network="by hand", padding="none", columns=columns, threshold=0.5, seed=0, version="0"
    )
    tfseis.apply_boreholes(
        with_recipe(line((None, columns, 1), slope=-4.0, level=-5.0), recipe),
        tmp_path / "wells",
        tmp_path / "out",
        hole_diameter=2 * radius,
        row_height=height,
        progress=False,
    )
    table = pd.read_csv(tmp_path / "out" / "planes.csv").set_index("name")
    assert len(table) == len(planes)
    for number, (dip, towards) in planes.items():
        row = table.loc[f"well_1_patch_{number}"]
        assert row["dip_degrees"] == pytest.approx(dip, abs=1)
        assert row["azimuth_degrees"] == pytest.approx(towards, abs=3)
        assert row["row"] == pytest.approx(35.5, abs=0.5)


def test_salt(tmp_path):
    """The model of one fold on the images outside of it, and the mean over ten thresholds."""
    challenge = toy_challenge(tmp_path / "challenge")
    (challenge / "train.csv").unlink()
    for number, path in enumerate(sorted((challenge / "train" / "masks").iterdir())):
        mask = np.asarray(Image.open(path)) > 0
        Image.fromarray(np.roll(mask, number % 8, axis=0)).save(path)  # so that scores differ
    settings = tfseis.SaltSettings(
        network=bright,
        loss="crossentropy",
        folds=3,
        networks=1,
        epochs=1,
        batch_size=8,
        size=32,
        channels=("image",),
        learning_rate=TINY_STEP,
    )
    tfseis.train_salt(challenge, out=tmp_path / "out", settings=settings, progress=False)
    table = pd.read_csv(tmp_path / "out" / "out_of_fold.csv")
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in table["id"]:
        image = (challenge / "train" / "images" / f"{name}.png").read_bytes()
        (outside / f"{name}.png").write_bytes(image)
    model = tmp_path / "out" / "model.keras"
    tfseis.apply_salt(model, outside, tmp_path / "masks", progress=False)
    read = lambda folder, name: np.asarray(Image.open(folder / f"{name}.png")) > 0
    pairs = [
        (read(challenge / "train" / "masks", name), read(tmp_path / "masks", name))
        for name in table["id"]
    ]
    ious = [(a & b).sum() / (a | b).sum() if (a | b).any() else 1.0 for a, b in pairs]
    passed = [np.mean(iou > np.arange(0.5, 0.96, 0.05) + 1e-9) for iou in ious]
    assert len({*passed}) > 2
    np.testing.assert_allclose(table["iou"], ious)
    np.testing.assert_allclose(table["score"], passed)
    np.testing.assert_allclose(table["coverage"], [a.mean() for a, _ in pairs])
    np.testing.assert_allclose(table["predicted_coverage"], [b.mean() for _, b in pairs])
    (score,) = metrics_of(tmp_path / "out")["scores"]
    assert score["details"]["images"] == len(table) == 8
    expected = {"kaggle_score": np.mean(passed), "mean_iou": np.mean(ious)}
    assert score["network"] == pytest.approx(expected)
    empty = np.mean([not a.any() for a, _ in pairs])
    expected = {"kaggle_score": empty, "mean_iou": empty}
    assert score["baselines"]["all masks empty"] == pytest.approx(expected)


def test_faults(tmp_path):
    """The cube that did not train: distances of single voxels, and precision at each recall."""
    for kind in ("seis", "fault"):
        (tmp_path / "cubes" / kind).mkdir(parents=True)
    shape = (18, 20, 22)
    for number in range(2):
        made = gaussian_survey((24, 24, 24), seed=number)
        cut = tuple(slice(size) for size in shape)
        np.save(tmp_path / f"cubes/seis/{number}.npy", made.amplitude[cut])
        np.save(tmp_path / f"cubes/fault/{number}.npy", made.faults[cut])
    settings = tfseis.FaultSettings(
        network=strong, crop_size=16, batch_size=2, epochs=1, steps=1, learning_rate=TINY_STEP
    )
    tfseis.train_faults(tmp_path / "cubes", out=tmp_path / "out", settings=settings, progress=False)
    metrics = metrics_of(tmp_path / "out")
    (held,) = metrics["data"]["scored"]
    tfseis.apply_faults(
        tmp_path / "out" / "model.keras",
        tmp_path / "cubes" / "seis" / f"{held}.npy",
        tmp_path / "p.sgy",
        progress=False,
    )
    with segyio.open(tmp_path / "p.sgy") as file:
        probability = file.trace.raw[:].reshape(shape).astype("float64")
    truth = np.load(tmp_path / "cubes" / "fault" / f"{held}.npy") > 0
    (score,) = metrics["scores"]
    ours = fault_numbers(truth, probability)
    assert 0.01 < ours["volume_ratio"] < 20
    assert score["network"] == pytest.approx(ours, rel=1e-4)
    nothing = score["baselines"]["no faults at all"]
    assert (nothing["iou"], nothing["recall"], nothing["volume_ratio"]) == (0, 0, 0)
    assert nothing["best_iou"] == nothing["average_precision"] == pytest.approx(truth.mean())


def fault_numbers(truth, probability) -> dict[str, float]:
    found = probability > 0.5
    marks = counted(truth, found)
    apart = cdist(np.argwhere(truth), np.argwhere(found)) <= 2
    near = {"precision": apart.any(0).mean(), "recall": apart.any(1).mean()}
    f1 = 2 * near["precision"] * near["recall"] / (near["precision"] + near["recall"])
    ious, area, recall = [], 0.0, 0.0
    for cut in np.unique(probability)[::-1]:
        above = counted(truth, probability >= cut)
        ious.append(above["iou"])
        area += (above["recall"] - recall) * above["precision"]
        recall = above["recall"]
    return {
        "iou": marks["iou"],
        "best_iou": max(ious),
        "tolerant_iou": f1 / (2 - f1),
        "average_precision": area,
        "precision": marks["precision"],
        "recall": marks["recall"],
        "volume_ratio": found.sum() / truth.sum(),
    }


def gaussian_mean(values, widths):
    """Means under a Gaussian that ends at three standard deviations; zeros outside."""
    for axis, width in enumerate(widths):
        reach = np.arange(-int(3 * width + 0.5), int(3 * width + 0.5) + 1)
        weights = np.exp(-0.5 * (reach / width) ** 2)
        values = convolve1d(values, weights / weights.sum(), axis=axis, mode="constant")
    return values


def leakage(removed, kept, live, widths):
    """Mean size of the local correlation where something was measured, weighted by the levels."""
    across, first, second = (
        gaussian_mean(part, widths) for part in (removed * kept, removed**2, kept**2)
    )
    return np.abs(across)[live].sum() / np.sqrt(first * second)[live].sum()


def between_mutes(values):
    """From the first to the last sample of each trace that is not 0."""
    there = values != 0
    return np.maximum.accumulate(there, 1) & np.maximum.accumulate(there[:, ::-1], 1)[:, ::-1]


def test_gathers(tmp_path):
    """Energy removed from held-out gathers, and how much it resembles what was kept."""
    made = [synthetic_gather(64, seed=number).gather.amplitude[:12] for number in range(10)]
    (tmp_path / "arrays").mkdir()
    for number, gather in enumerate(made):
        np.save(tmp_path / "arrays" / f"{number}.npy", gather)
    settings = tfseis.GatherSettings(
        network=smooth,
        epochs=1,
        patches_per_epoch=8,
        batch_size=8,
        size=(8, 32),
        learning_rate=TINY_STEP,
    )
    tfseis.train_gathers(
        tmp_path / "arrays", out=tmp_path / "out", settings=settings, progress=False
    )
    (score,) = metrics_of(tmp_path / "out")["scores"]
    removed_energy, leaked = [], []
    for number in (8, 9):
        tfseis.apply_gathers(
            tmp_path / "out" / "model.keras",
            tmp_path / "arrays" / f"{number}.npy",
            tmp_path / f"{number}.npy",
            progress=False,
        )
        before = made[number].astype("float64")
        kept = np.load(tmp_path / f"{number}.npy").astype("float64")
        removed_energy.append(((before - kept) ** 2).sum() / (before**2).sum())
        leaked.append(leakage(before - kept, kept, between_mutes(before), (5, 40 / 4)))
    assert 0.05 < removed_energy[0] < 0.95
    assert score["network"]["removed energy"] == pytest.approx(np.mean(removed_energy), rel=1e-4)
    assert score["network"]["leakage"] == pytest.approx(np.mean(leaked), rel=1e-4)


def test_gain_of_gathers(tmp_path):
    """Energy of the noise before and after, of all traces and of thirds of them by offset."""
    made = [synthetic_gather(64, seed=number) for number in range(3)]
    noisy = np.stack([one.gather.amplitude[:12] for one in made])
    clean = np.stack([one.signal[:12] for one in made])
    np.save(tmp_path / "noisy.npy", noisy)
    np.save(tmp_path / "clean.npy", clean)
    recipe = GatherRecipe(
        network="by hand",
        size=(8, 32),
        stride=(4, 16),
        channels=("amplitude",),
        sample_interval=4.0,
        trained_on="nothing",
        seed=0,
        version="0",
    )
    done = tfseis.apply_gathers(
        with_recipe(smooth((None, None, 1)), recipe),
        tmp_path / "noisy.npy",
        tmp_path / "kept.npy",
        truth=tmp_path / "clean.npy",
        progress=False,
    )
    kept = np.load(tmp_path / "kept.npy").astype("float64")
    live = np.stack([between_mutes(one) for one in noisy])
    before, after = (np.where(live, part - clean, 0) ** 2 for part in (noisy, kept))
    traces = [np.flatnonzero(one.any(axis=1)) for one in live]
    assert min(map(len, traces)) < 12  # a dead trace is in no third
    thirds = [np.array_split(some, 3) for some in traces]
    gains = {"gain dB": [slice(None)] * 3}
    for place, band in enumerate(("near", "middle", "far")):
        gains[f"gain {band} dB"] = [third[place] for third in thirds]
    for name, chosen in gains.items():
        pairs = zip(before, after, chosen, strict=True)
        expected = np.mean([10 * np.log10(b[some].sum() / a[some].sum()) for b, a, some in pairs])
        assert abs(expected) > 0.1
        assert done.facts["scores"][name] == pytest.approx(expected, abs=1e-3)
