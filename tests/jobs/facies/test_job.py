"""What a facies training writes, on a survey and a network as small as they can be."""

import json
from dataclasses import replace

import numpy as np
import pytest
import segyio

from tfseis.errors import TfseisError
from tfseis.io import open_segy
from tfseis.io.labels.legend import read_legend
from tfseis.jobs.facies.apply import apply_facies
from tfseis.jobs.facies.record import BLOCKS, LEAKING, LINES, score_of
from tfseis.jobs.facies.stages import BLOCKED, PREDICTION, READING, SCORING, TRAINING, WRITING
from tfseis.jobs.facies.train import train_facies
from tfseis.jobs.metrics import check_metrics
from tfseis.learning import load_model
from tfseis.models import recipe_of

OUTPUTS = {
    "model.keras",
    "facies.sgy",
    "facies.classes.csv",
    "confidence.sgy",
    "metrics.json",
    "report.html",
    "training",
}


def strict(path):
    def refuse(name):
        raise ValueError(f"{name} is no JSON")

    return json.loads(path.read_text(), parse_constant=refuse)


def test_everything_is_there(done):
    assert {path.name for path in done.folder.iterdir()} == OUTPUTS
    assert {path.name for path in done.files} == OUTPUTS - {"training"}
    metrics = strict(done.folder / "metrics.json")
    assert metrics == json.loads(json.dumps(done.metrics))
    check_metrics(metrics)


def test_metrics_say_what_was_scored(done, job):
    metrics = strict(done.folder / "metrics.json")
    total = sum(metrics["data"]["labels"])
    blocked, on_lines = score_of(metrics, BLOCKS), score_of(metrics, LINES)
    assert metrics["scores"] == [blocked, on_lines]
    assert len(blocked["details"]["blocks"]) == 2
    assert np.sum(blocked["details"]["confusion"]) == total
    lines = 3 * np.prod(job.facies.shape[1:]) - 1  # one sample is no number
    assert np.sum(on_lines["details"]["confusion"]) == lines
    assert metrics["data"]["cube"]["missing_traces"] == 4
    assert metrics["settings"]["crop_size"] == 8
    assert metrics["details"]["guard_gap"] == 8
    assert metrics["training"]["epochs"] == [2, 2, 2]
    for score in (blocked, on_lines):
        assert set(score["baselines"]) == {
            "most frequent class",
            "depth only",
            "copy of the labelled section",
        }
        confusion = score["details"]["confusion"]
        hits = np.trace(confusion) / np.sum(confusion)
        assert score["network"]["accuracy"] == pytest.approx(hits)


def test_it_says_where_the_time_went(done):
    minutes, whole = done.metrics["details"]["minutes"], done.metrics["minutes"]["whole"]
    assert list(minutes) == [READING, BLOCKED, TRAINING, SCORING, WRITING, PREDICTION]
    assert minutes[BLOCKED] > 0
    assert min(minutes.values()) >= 0
    assert sum(minutes.values()) <= whole + 0.005 * len(minutes)  # each is rounded
    assert f"minutes: {READING} " in done.text


def test_a_score_that_leaks_is_no_score(done):
    found = done.metrics["details"][LEAKING]
    assert "not to be reported" in found["leaks"]
    assert 0 <= found["mean_iou"] <= found["accuracy"] <= 1
    assert "leaks; do not report it" in done.text


def test_the_report_has_the_head_and_the_last_section_of_every_job(done):
    page = (done.folder / "report.html").read_text()
    assert "Facies of cube.sgy" in page
    assert "seed 1" in page
    headings = [part.split("</h2>")[0].split(">")[-1] for part in page.split("<h2")[1:]]
    assert headings == ["What was found", "Scores", "Training", "Data", "Run"]


@pytest.mark.parametrize("name", ["facies.sgy", "confidence.sgy"])
def test_results_open_in_segyio_under_the_headers_of_the_cube(done, job, name):
    with (
        segyio.open(job.folder / "cube.sgy", strict=False) as cube,
        segyio.open(done.folder / name, strict=False) as result,
    ):
        assert result.tracecount == cube.tracecount == int(job.live.sum())
        for i in range(cube.tracecount):
            assert dict(result.header[i]) == dict(cube.header[i])
        np.testing.assert_array_equal(result.samples, cube.samples)
        assert int(result.bin[segyio.BinField.Format]) == (3 if name == "facies.sgy" else 5)


def test_dead_and_missing_traces_have_no_class_and_the_rest_has(done, job):
    with (
        open_segy(done.folder / "facies.sgy") as classes,
        open_segy(done.folder / "confidence.sgy") as sure,
    ):
        codes, confidence, live = classes[:], sure[:], classes.live
    np.testing.assert_array_equal(live, job.live)
    assert (codes[9, 30] == -1).all()
    assert codes[3, 3, 3] == -1
    assert not confidence[9, 30].any()
    assert confidence[3, 3, 3] == 0
    rest = np.broadcast_to(live[..., None], codes.shape).copy()
    rest[9, 30] = rest[3, 3, 3] = False
    assert (confidence[rest] > 1 / 7).all()
    assert confidence.max() <= 1


def test_the_legend_beside_the_result_names_its_codes(done, job):
    legend = read_legend(done.folder / "facies.classes.csv")
    assert legend.names == tuple(sorted(path.stem for path in job.points))
    with open_segy(done.folder / "facies.sgy") as classes:
        assert set(np.unique(classes[:]).astype(int)) <= {-1, *legend.codes}


def test_the_model_predicts_what_the_job_wrote(done, job, tmp_path):
    assert recipe_of(load_model(done.folder / "model.keras")).names
    apply_facies(
        done.folder / "model.keras",
        job.folder / "cube.sgy",
        tmp_path / "again.sgy",
        confidence=tmp_path / "sure.sgy",
        progress=False,
    )
    for mine, theirs in (("facies.sgy", "again.sgy"), ("confidence.sgy", "sure.sgy")):
        with open_segy(done.folder / mine) as one, open_segy(tmp_path / theirs) as other:
            np.testing.assert_allclose(one[:], other[:], atol=1e-6)


@pytest.mark.parametrize(
    "lines, options",
    [
        ([(0, 103.0), (0, 108.0)], {"folds": 0}),
        ([(1, 320.0)], {"folds": 0, "channels": "seed"}),
        ([(2, 80.0)], {"folds": 0}),
    ],
    ids=["two inlines", "a crossline", "a time slice"],
)
def test_lines_of_a_label_cube_train(job, settings, tmp_path, lines, options):
    done = job.train(
        tmp_path / "out",
        points=False,
        label_cube=job.folder / "truth.npz",
        lines=lines,
        settings=replace(settings, **options),
        inlines=(102, 109),
        stride=2,
    )
    assert {path.name for path in (tmp_path / "out").iterdir()} == OUTPUTS
    assert done.metrics["scores"] == []
    assert "No score" in done.text
    dead = (0, 103.0) in lines  # a sample there is no number, as on the slice 5 traces are dead
    samples = sum({0: 1600, 1: 480, 2: 475}[axis] for axis, _ in lines)
    assert sum(done.metrics["data"]["labels"]) == samples - dead
    assert recipe_of(load_model(tmp_path / "out" / "model.keras")).axis == lines[0][0]
    with open_segy(tmp_path / "out" / "facies.sgy") as result:
        assert result.geometry.inlines.numbers.tolist() == [102, 104, 106, 108]
        assert result.shape == (4, 20, 20)


def test_line_numbers_at_other_bytes(job, settings, tmp_path):
    with open_segy(job.folder / "cube.sgy") as cube:
        layout = cube.layout
    data = bytearray((job.folder / "cube.sgy").read_bytes())
    traces = np.frombuffer(data, "u1")[layout.first_trace :].reshape(-1, layout.trace_bytes)
    traces[:, 8:16] = traces[:, 188:196]
    traces[:, 188:196] = 0
    (tmp_path / "cube.sgy").write_bytes(data)
    with open_segy(tmp_path / "cube.sgy", inline_byte=9, crossline_byte=13) as cube:
        short = replace(settings, folds=0)
        train_facies(cube, job.points, out=tmp_path / "out", settings=short, accept="network")
    assert {path.name for path in (tmp_path / "out").iterdir()} == OUTPUTS


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"points": False}, "got neither"),
        ({"label_cube": "truth.npz"}, "got both"),
        ({"truth_inlines": (101, 102)}, "Add --truth"),
        ({"stride": 0}, "stride of at least 1"),
        ({"inlines": (500, 600)}, "range of inlines"),
        ({"crop_size": 4}, "crop of at least"),
        ({"crop_size": 400}, r"crop size of at most 128 for cube.sgy, .* 40 samples; got 400"),
        ({"learning_rate": -1.0}, "learning_rate, a number from 0"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_written(
    job, settings, tmp_path, options, reason
):
    changes = {name: options[name] for name in options if hasattr(settings, name)}
    options = {name: value for name, value in options.items() if name not in changes}
    with pytest.raises(TfseisError, match=reason):
        job.train(tmp_path / "out", settings=replace(settings, **changes), **options)
    assert not (tmp_path / "out").exists()
