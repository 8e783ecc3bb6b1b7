"""The facies job from end to end, on surveys and networks as small as they can be."""

import json
from dataclasses import replace

import numpy as np
import pytest
import segyio

from tfseis.data.picks import pick_points
from tfseis.data.synthetic import facies_survey
from tfseis.errors import TfseisError
from tfseis.io import open_segy, write_segy
from tfseis.io.labels.legend import read_legend
from tfseis.jobs.facies.apply import apply_facies
from tfseis.jobs.facies.settings import DEFAULTS, FaciesSettings
from tfseis.jobs.facies.train import facies
from tfseis.learning import load_model
from tfseis.learning.fitting.fit import EpochBar
from tfseis.models import recipe_of

# What an interrupted process leaves open, it need not close.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
SHAPE = (12, 40, 40)
SETTINGS = FaciesSettings(
    network="patch",
    layout="cna cnap",
    filters=(3, 4),
    crop_size=8,
    epochs=2,
    crops_per_epoch=60,
    batch_size=20,
    folds=2,
    seed=1,
)
OUTPUTS = {
    "model.keras",
    "facies.sgy",
    "facies.classes.csv",
    "confidence.sgy",
    "metrics.json",
    "report.html",
    "training",
}


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFSEIS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """A survey with missing and dead traces on disk, its points, and its truth."""
    folder = tmp_path_factory.mktemp("survey")
    survey = facies_survey(SHAPE)
    live = np.ones(SHAPE[:2], bool)
    live[0, :4] = False
    amplitude = survey.amplitude.copy()
    amplitude[9, 30] = 0
    amplitude[3, 3, 3] = np.nan
    write_segy(folder / "cube.sgy", amplitude, survey.geometry, live=live)
    indices, classes = pick_points(survey.facies, inline=6, fraction=0.3)
    axes = survey.geometry.axes
    for number in np.unique(classes):
        on = indices[classes == number]
        rows = np.stack([axis.numbers[i] for axis, i in zip(axes, on.T, strict=True)], 1)
        np.savetxt(folder / f"{survey.names[number]}.pts", rows, fmt="%g")
    np.savez(
        folder / "truth.npz",
        labels=survey.facies,
        inline_numbers=axes[0].numbers,
        crossline_numbers=axes[1].numbers,
        sample_times_ms=axes[2].numbers,
    )
    return folder, survey, live


def run(job, out, points=True, **options):
    folder = job[0]
    files = sorted(folder.glob("*.pts")) if points else ()
    with open_segy(folder / "cube.sgy") as cube:
        return facies(cube, files, out=out, **({"settings": SETTINGS} | options))


@pytest.fixture(scope="module")
def done(job, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "result"
    return out, run(job, out, truth=job[0] / "truth.npz", truth_inlines=(101, 103))


def strict(path):
    def refuse(name):
        raise ValueError(f"{name} is no JSON")

    return json.loads(path.read_text(), parse_constant=refuse)


def test_everything_is_there(done):
    out, metrics = done
    assert {path.name for path in out.iterdir()} == OUTPUTS
    assert strict(out / "metrics.json") == json.loads(json.dumps(metrics))


def test_metrics_say_what_was_scored(done, job):
    metrics = strict(done[0] / "metrics.json")
    total = sum(metrics["labels"])
    assert len(metrics["blocked"]["blocks"]) == 2
    assert np.sum(metrics["blocked"]["confusion"]) == total
    assert np.sum(metrics["lines"]["confusion"]) == 3 * SHAPE[1] * SHAPE[2] - 1  # NaN
    assert metrics["cube"]["missing_traces"] == 4
    assert metrics["settings"]["crop_size"] == 8
    assert metrics["guard_gap"] == 8
    for score in (metrics["blocked"], metrics["lines"]):
        assert set(score["baselines"]) == {
            "most frequent class",
            "depth only",
            "copy of the labelled section",
        }
        hits = np.trace(score["confusion"]) / np.sum(score["confusion"])
        assert score["accuracy"] == pytest.approx(hits)


@pytest.mark.parametrize("name", ["facies.sgy", "confidence.sgy"])
def test_results_open_in_segyio_under_the_headers_of_the_cube(done, job, name):
    with (
        segyio.open(job[0] / "cube.sgy", strict=False) as cube,
        segyio.open(done[0] / name, strict=False) as result,
    ):
        assert result.tracecount == cube.tracecount == int(job[2].sum())
        for i in range(cube.tracecount):
            assert dict(result.header[i]) == dict(cube.header[i])
        np.testing.assert_array_equal(result.samples, cube.samples)
        assert int(result.bin[segyio.BinField.Format]) == (3 if name == "facies.sgy" else 5)


def test_dead_and_missing_traces_are_zero_and_the_rest_is_not(done, job):
    with (
        open_segy(done[0] / "facies.sgy") as classes,
        open_segy(done[0] / "confidence.sgy") as sure,
    ):
        codes, confidence, live = classes[:], sure[:], classes.live
    np.testing.assert_array_equal(live, job[2])
    assert not codes[9, 30].any()
    assert not confidence[9, 30].any()
    assert confidence[3, 3, 3] == 0
    rest = np.broadcast_to(live[..., None], SHAPE).copy()
    rest[9, 30] = rest[3, 3, 3] = False
    assert (confidence[rest] > 1 / 7).all()
    assert confidence.max() <= 1


def test_the_legend_beside_the_result_names_its_codes(done, job):
    legend = read_legend(done[0] / "facies.classes.csv")
    assert legend.names == tuple(sorted(path.stem for path in job[0].glob("*.pts")))
    with open_segy(done[0] / "facies.sgy") as classes:
        assert set(np.unique(classes[:]).astype(int)) <= set(legend.codes)


def test_the_model_predicts_what_the_job_wrote(done, job, tmp_path):
    assert recipe_of(load_model(done[0] / "model.keras")).names
    with open_segy(job[0] / "cube.sgy") as cube:
        apply_facies(
            done[0] / "model.keras",
            cube,
            tmp_path / "again.sgy",
            confidence=tmp_path / "sure.sgy",
            progress=False,
        )
    for mine, theirs in (("facies.sgy", "again.sgy"), ("confidence.sgy", "sure.sgy")):
        with open_segy(done[0] / mine) as one, open_segy(tmp_path / theirs) as other:
            np.testing.assert_allclose(one[:], other[:], atol=1e-6)


def test_results_are_not_replaced_unasked(done, job):
    with pytest.raises(TfseisError, match=r"one exists.*--overwrite"):
        run(job, done[0])


def test_an_interrupted_job_goes_on_and_ends_the_same(done, job, tmp_path, monkeypatch):
    epochs = []

    def stop(self, epoch, logs=None):
        epochs.append(epoch)
        if len(epochs) == 3:  # in the second training
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(EpochBar, "on_epoch_end", stop)
        with pytest.raises(KeyboardInterrupt):
            run(job, tmp_path / "out")
    run(job, tmp_path / "out")
    names = ("facies.sgy", "facies.classes.csv")
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (done[0] / name).read_bytes()
    first, again = (strict(out / "metrics.json")["blocked"] for out in (done[0], tmp_path / "out"))
    assert first == again


@pytest.mark.parametrize(
    "lines, options",
    [
        ([(0, 103.0), (0, 108.0)], {"folds": 0}),
        ([(1, 320.0)], {"folds": 0, "channels": "seed"}),
        ([(2, 80.0)], {"folds": 0}),
    ],
    ids=["two inlines", "a crossline", "a time slice"],
)
def test_lines_of_a_label_cube_train(job, tmp_path, lines, options):
    settings = FaciesSettings(**{**vars(SETTINGS), **options})
    metrics = run(
        job,
        tmp_path / "out",
        points=False,
        labels=job[0] / "truth.npz",
        lines=lines,
        settings=settings,
        inlines=(102, 109),
        stride=2,
    )
    assert {path.name for path in (tmp_path / "out").iterdir()} == OUTPUTS
    assert metrics["blocked"] is None
    dead = (0, 103.0) in lines  # a sample there is no number, as on the slice 5 traces are dead
    samples = sum({0: 1600, 1: 480, 2: 475}[axis] for axis, _ in lines)
    assert sum(metrics["labels"]) == samples - dead
    assert recipe_of(load_model(tmp_path / "out" / "model.keras")).axis == lines[0][0]
    with open_segy(tmp_path / "out" / "facies.sgy") as result:
        assert result.geometry.inlines.numbers.tolist() == [102, 104, 106, 108]
        assert result.shape == (4, 20, 20)


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"points": False}, "got neither"),
        ({"labels": "truth.npz"}, "got both"),
        ({"truth_inlines": (101, 102)}, "Add --truth"),
        ({"stride": 0}, "stride of at least 1"),
        ({"inlines": (500, 600)}, "range of inlines"),
        ({"settings": FaciesSettings(**{**vars(SETTINGS), "crop_size": 4})}, "crop of at least"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_trained(job, tmp_path, options, reason):
    with pytest.raises(TfseisError, match=reason):
        run(job, tmp_path / "out", **options)
    assert not list(tmp_path.rglob("*.sgy"))
    assert not list(tmp_path.rglob("*.keras"))


@pytest.mark.parametrize(
    "network, folds",
    [
        ("unet", 0),
        pytest.param("unet25", 2, marks=pytest.mark.slow),
        pytest.param("unet3d", 0, marks=pytest.mark.slow),
    ],
)
def test_a_unet_takes_the_same_way(job, tmp_path, network, folds):
    settings = replace(
        DEFAULTS[network],
        filters=(2, 3),
        crop_size=8,
        epochs=2,
        crops_per_epoch=32,
        batch_size=8,
        folds=folds,
        follow=False,  # `predict` has no labels to follow reflections from
    )
    metrics = run(job, tmp_path / "out", settings=settings)
    assert len(metrics["blocked"]["blocks"] if metrics["blocked"] else []) == folds
    assert recipe_of(load_model(tmp_path / "out" / "model.keras")).network == network
    with open_segy(job[0] / "cube.sgy") as cube:
        apply_facies(tmp_path / "out" / "model.keras", cube, tmp_path / "again.sgy", progress=False)
    with (
        open_segy(tmp_path / "out" / "facies.sgy") as one,
        open_segy(tmp_path / "again.sgy") as other,
    ):
        np.testing.assert_array_equal(one[:], other[:])


def test_a_followed_job_keeps_its_labels_and_marks_what_is_dead(job, tmp_path):
    _, survey, live = job
    settings = replace(
        DEFAULTS["unet"],
        filters=(2, 3),
        crop_size=8,
        epochs=2,
        crops_per_epoch=32,
        batch_size=8,
        folds=0,
    )
    metrics = run(job, tmp_path / "out", settings=settings)
    assert 0 <= metrics["kept_from_line_to_line"] <= 1
    names = sorted(survey.names)
    indices, classes = pick_points(survey.facies, inline=6, fraction=0.3)
    ranks = np.array([names.index(name) for name in survey.names])
    with (
        open_segy(tmp_path / "out" / "facies.sgy") as found,
        open_segy(tmp_path / "out" / "confidence.sgy") as sure,
    ):
        np.testing.assert_array_equal(found[:][tuple(indices.T)], ranks[classes])
        assert sure[:][tuple(indices.T)].min() > 0.9
        dead = np.repeat(~live[..., np.newaxis], SHAPE[2], axis=2)
        dead[9, 30] = dead[3, 3, 3] = True
        np.testing.assert_array_equal(sure[:] == 0, dead)


def test_each_network_has_its_own_defaults():
    assert {name: settings.network for name, settings in DEFAULTS.items()} == {
        name: name for name in ("unet", "unet25", "unet3d", "patch", "patch3d")
    }
    with pytest.raises(TfseisError, match=r"unet.*got 'vnet'"):
        FaciesSettings(network="vnet")


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"network": "unet", "sections": 3}, r"Expected 1 section for unet; got 3"),
        ({"network": "unet25"}, r"odd number of sections from 3 on for unet25; got 1"),
        ({"network": "unet25", "sections": 4}, r"from 3 on for unet25; got 4.*--sections 5"),
        ({"network": "unet3d", "crop_size": 20}, r"multiple of 8 .* 4 levels; got 20\. Use 24"),
    ],
)
def test_sizes_that_no_unet_takes_are_refused(changes, reason):
    with pytest.raises(TfseisError, match=reason):
        FaciesSettings(**changes)


@pytest.mark.slow
def test_an_interrupted_job_with_overwrite_goes_on_too(job, tmp_path, monkeypatch):
    options = {"settings": replace(SETTINGS, folds=0), "overwrite": True}
    run(job, tmp_path / "out", **options)
    whole = (tmp_path / "out" / "facies.sgy").read_bytes()
    epochs = []

    def count(self, epoch, logs=None):
        epochs.append(epoch)
        if len(epochs) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(EpochBar, "on_epoch_end", count)
    with pytest.raises(KeyboardInterrupt):
        run(job, tmp_path / "out", **options)
    assert not (tmp_path / "out" / "metrics.json").exists()
    run(job, tmp_path / "out", **options)
    assert epochs == [0, 1]
    assert (tmp_path / "out" / "facies.sgy").read_bytes() == whole


def test_the_cube_in_the_folder_of_results_is_not_replaced(job, tmp_path):
    with open_segy(job[0] / "cube.sgy") as cube:
        path = tmp_path / "facies.sgy"
        path.write_bytes(cube.path.read_bytes())
    with open_segy(path) as cube, pytest.raises(TfseisError, match="is the same file"):
        facies(cube, sorted(job[0].glob("*.pts")), out=tmp_path, settings=SETTINGS, overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == ["facies.sgy"]


def test_line_numbers_at_other_bytes(job, tmp_path):
    with open_segy(job[0] / "cube.sgy") as cube:
        layout = cube.layout
    data = bytearray((job[0] / "cube.sgy").read_bytes())
    traces = np.frombuffer(data, "u1")[layout.first_trace :].reshape(-1, layout.trace_bytes)
    traces[:, 8:16] = traces[:, 188:196]
    traces[:, 188:196] = 0
    (tmp_path / "cube.sgy").write_bytes(data)
    with open_segy(tmp_path / "cube.sgy", inline_byte=9, crossline_byte=13) as cube:
        settings = replace(SETTINGS, folds=0)
        facies(cube, sorted(job[0].glob("*.pts")), out=tmp_path / "out", settings=settings)
    assert {path.name for path in (tmp_path / "out").iterdir()} == OUTPUTS


@pytest.mark.parametrize(
    "halvings, trained, kept", [(0.02, 1, 0.9), (0.1, 1, 0.9**3), (0.2, 2, 0.9**6)]
)
def test_the_less_drifts_the_more_is_carried(monkeypatch, tmp_path, halvings, trained, kept):
    from types import SimpleNamespace

    from tfseis.jobs.facies import followed_training as module

    for name, found in {
        "train": (1, "history"),
        "train_followed": (2, "history"),
        "follows": True,
        "follower": SimpleNamespace(halvings=halvings, keep=0.9),
    }.items():
        monkeypatch.setattr(module, name, lambda *_, found=found, **__: found)
    model, _, guide = module.train_following(None, tmp_path)
    assert (model, guide.keep) == (trained, kept)
