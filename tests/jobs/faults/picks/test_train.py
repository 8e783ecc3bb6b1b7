"""A fault model fine-tuned on picked lines of a toy survey, in seconds."""

import json
import re
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from tfseis.cli import main
from tfseis.data.synthetic import gaussian_survey
from tfseis.errors import FormatError, LabelError, ModelError, OutputError
from tfseis.io import write_segy
from tfseis.io.array_cube import ArrayCube
from tfseis.jobs.faults import FaultSettings, picked_line, survey_crops, train_faults
from tfseis.jobs.faults.picks.loss import EachCrop
from tfseis.jobs.faults.picks.record import verdict_of
from tfseis.jobs.metrics import SplitScore, check_metrics
from tfseis.learning import load_model
from tfseis.learning.losses.surfaces import fault_crossentropy
from tfseis.models import FAULT_NETWORKS, recipe_of, unet3d

TINY = FaultSettings(
    network="wu", crop_size=16, survey_size=16, epochs=1, steps=2, batch_size=2, score_minutes=1e9
)
SHAPE = (56, 40, 32)
LINES = (4, 50)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setitem(FAULT_NETWORKS, "wu", partial(unet3d, filters=(2, 3)))
    monkeypatch.setattr(survey_crops, "SURVEYS", 1)
    monkeypatch.setattr(survey_crops, "CROPS", 2)


@pytest.fixture(scope="module")
def survey():
    return gaussian_survey(SHAPE, seed=2)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(FAULT_NETWORKS, "wu", partial(unet3d, filters=(2, 3)))
        patch.setattr(survey_crops, "SURVEYS", 1)
        patch.setattr(survey_crops, "CROPS", 2)
        out = tmp_path_factory.mktemp("base")
        train_faults(out=out, settings=TINY, unseen=0, progress=False)
    return out / "model.keras"


@pytest.fixture(scope="module")
def lines(survey):
    cube = ArrayCube(survey.amplitude, survey.geometry)
    masks = {index: survey.faults[index] > 0 for index in LINES}
    return [picked_line(cube, 0, index, mask, ~mask) for index, mask in masks.items()]


@pytest.fixture
def files(survey, tmp_path):
    """A survey and its label cube as files, with the lines that are picked."""
    write_segy(tmp_path / "cube.sgy", survey.amplitude, survey.geometry)
    np.save(tmp_path / "faults.npy", survey.faults.astype("int8"))
    numbers = [str(int(survey.geometry.inlines.numbers[index])) for index in LINES]
    return tmp_path / "cube.sgy", tmp_path / "faults.npy", numbers


def test_from_files_to_a_model_with_scores_before_and_after(files, base, tmp_path, capsys):
    cube, labels, numbers = files
    words = ["faults", "train", str(cube), "--base", str(base), "--out", str(tmp_path / "out")]
    words += [f"--inline={number}" for number in numbers]
    tiny = {"crop-size": 16, "survey-size": 16, "epochs": 1, "steps": 2, "unseen": 1}
    words += [f"--{name}={number}" for name, number in tiny.items()]
    assert main([*words, str(labels), "--complete", "faults.npy"]) == 0
    text = capsys.readouterr().out
    assert re.search(r"expected: about \d+ min \(3 trainings, then scores\)", text)
    assert "1 of 3 trainings: " in text
    assert "2 of 3 trainings: " in text
    assert "low semblance, threshold by picks, picked lines, each held out in turn: F1" in text
    found = json.loads((tmp_path / "out" / "metrics.json").read_text())
    check_metrics(found)
    assert found["data"]["training"] == [f"inline {number}" for number in numbers]
    picked, synthetic = found["scores"]
    assert set(picked["baselines"]) == {
        "the model it started from",
        "the model it started from, threshold by picks",
        "low semblance, threshold by picks",
    }
    parts = picked["details"]["parts"]
    assert len(parts) == 2
    assert all(set(part) == {"this network", *picked["baselines"]} for part in parts.values())
    assert found["verdict"]["rank"] == "no better"
    assert "Fewer than 3 held-out lines do not tell a difference from chance" in text
    assert set(synthetic["baselines"]) == {"the model it started from"}
    assert found["verdict"]["text"] in text
    assert found["training"]["epochs"] == [1, 1, 1]
    assert found["settings"]["learning_rate"] == 0.0003
    model = load_model(tmp_path / "out" / "model.keras")
    recipe = recipe_of(model)
    assert (recipe.network, recipe.window) == ("wu", 128)
    assert recipe.threshold == found["details"]["recipe"]["threshold"]
    moved = zip(load_model(base).get_weights(), model.get_weights(), strict=True)
    assert any(not np.array_equal(one, two) for one, two in moved)
    report = (tmp_path / "out" / "report.html").read_text()
    for part in ("Picks and prediction", "Unseen synthetic surveys", "held out"):
        assert part in report


def test_without_steps_nothing_is_better(lines, base, tmp_path):
    still = replace(TINY, learning_rate=0.0, steps=1)
    finished = train_faults(
        lines, out=tmp_path, settings=still, base=base, unseen=1, progress=False
    )
    picked, synthetic = finished.metrics["scores"]
    tuned = picked["baselines"]["the model it started from, threshold by picks"]
    assert picked["network"] == pytest.approx(tuned, abs=0.02)  # averages round
    assert finished.metrics["verdict"]["rank"] != "better"
    before = synthetic["baselines"]["the model it started from"]
    assert synthetic["network"]["average_precision"] == pytest.approx(before["average_precision"])
    for one, two in zip(
        load_model(base).get_weights(),
        load_model(tmp_path / "model.keras").get_weights(),
        strict=True,
    ):
        np.testing.assert_allclose(one, two, rtol=1e-5)


def test_a_single_fault_is_not_scored_and_a_run_is_resumed(survey, base, tmp_path):
    picks = np.zeros(SHAPE[1:], bool)
    picks[20, 4:28] = True
    cube = ArrayCube(survey.amplitude)

    def trained(index):
        line = picked_line(cube, 0, index, picks)
        return train_faults(
            [line], out=tmp_path, settings=TINY, base=base, unseen=0, progress=False
        )

    first = trained(9)
    assert first.metrics["scores"] == []
    assert first.text.startswith("No score says whether this network is better than the model")
    assert first.metrics["training"]["epochs"] == [1]
    weights = load_model(tmp_path / "model.keras").get_weights()
    recipe = recipe_of(load_model(tmp_path / "model.keras"))
    assert recipe.threshold == recipe_of(load_model(base)).threshold
    with pytest.raises(OutputError, match="holds a finished run"):
        trained(9)
    (tmp_path / "metrics.json").unlink()
    with pytest.raises(OutputError, match=r"differs in data \(picks\)"):
        trained(10)
    trained(9)
    after = load_model(tmp_path / "model.keras").get_weights()
    assert all(np.array_equal(one, two) for one, two in zip(weights, after, strict=True))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"teacher": "itself"}, "picked lines alone; got a teacher too"),
        ({"settings": replace(TINY, batch_size=1)}, "batches of 2 crops or more"),
        ({"settings": replace(TINY, network="res1")}, r"start from, wu; got res1"),
        ({"settings": replace(TINY, network="ds8", deep=True)}, "Leave --deep out"),
    ],
)
def test_what_does_not_go_together_leaves_nothing(lines, base, tmp_path, options, message):
    with pytest.raises(ModelError, match=message):
        train_faults(
            lines, out=tmp_path / "out", base=base, **{"settings": TINY, **options}, progress=False
        )
    assert not (tmp_path / "out").exists()


def test_wrong_files_leave_nothing(files, base, tmp_path):
    cube, labels, _ = files
    out = {"out": tmp_path / "out", "base": base, "settings": TINY, "progress": False}
    with pytest.raises(FormatError, match=r"none\.npy"):
        train_faults(cube, [tmp_path / "none.npy"], **out)
    with pytest.raises(
        LabelError, match=f"{labels.name}: expected at least one line to read labels of; got none"
    ):
        train_faults(cube, [labels], **out)
    with pytest.raises(ModelError, match="Expected the cube that the labels pick; got none"):
        train_faults(None, [labels], **out)
    with pytest.raises(ModelError, match=r"cube\.sgy: expected picked labels with a cube, or a"):
        train_faults(cube, **out)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words",
    [
        "--synthetic --complete all",
        "--synthetic --inline 5",
        "--synthetic --ignore 255",
        "--synthetic --inline-byte 9",
        "--synthetic --reader a:b",
        "pairs --complete a.sticks",
        "pairs --crossline 5",
        "pairs --kind sticks",
        "pairs --unit ms",
        "pairs --columns inline,crossline,time",
        "pairs --crossline-byte 21",
        "cube.sgy --inline 5",
        "cube.sgy a.sticks --reader a:b --inline-byte 9",
    ],
)
def test_what_is_said_of_picks_without_picks_is_refused(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("seis", "fault"):
        (tmp_path / "pairs" / name).mkdir(parents=True)
        np.save(tmp_path / "pairs" / name / "0.npy", np.zeros((20, 20, 20), "float32"))
    (tmp_path / "cube.sgy").write_bytes(bytes(3600))
    (tmp_path / "a.sticks").write_text("1 2 3 0\n")
    assert main(["faults", "train", *words.split(), "--out", "out"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    option = next(word for word in reversed(words.split()) if word.startswith("--"))
    assert option in line
    assert "out" in line.split(". ")[-1]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [{"complete": ["all"]}, {"lines": [(0, 5)]}])
def test_lines_that_are_given_as_such_say_themselves_what_is_known(lines, options, tmp_path):
    with pytest.raises(ModelError, match="Expected label files for --"):
        train_faults(lines, out=tmp_path / "out", settings=TINY, **options)


def test_each_crop_counts_the_same():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 4, 4, 4, 1)).astype("float32")
    labels = np.full(logits.shape, -1.0, "float32")
    labels[0, 2, 1] = 1  # four samples of the first, all of the second
    labels[1] = 0
    crossentropy = np.logaddexp(0, logits) - np.maximum(labels, 0) * logits
    expected = (crossentropy[0, 2, 1].mean() + crossentropy[1].mean()) / 2
    found = float(EachCrop(fault_crossentropy, 2)(labels, logits))
    assert found == pytest.approx(expected, rel=1e-5)


SYNTHETIC = "unseen synthetic surveys, all generators"
PICKED = "picked lines, each held out in turn"
BEFORE = "the model it started from"


def synthetic(ours, before):
    return SplitScore(split=SYNTHETIC, network={"iou": ours}, baselines={BEFORE: {"iou": before}})


def picked(ours, parts, split=PICKED):
    """F1 of the network, 0.65 of low semblance and 0.64 of the model before; by part."""
    names = ("this network", BEFORE, "low semblance")
    return SplitScore(
        split=split,
        network={"f1": ours},
        baselines={BEFORE: {"f1": 0.64}, "low semblance": {"f1": 0.65}},
        details={
            "parts": {
                f"inline {number}": {
                    name: {"f1": x} for name, x in zip(names, (one, 0.9, other), strict=True)
                }
                for number, (one, other) in enumerate(parts)
            }
        },
    )


ALL_BETTER = [(0.7, 0.65), (0.8, 0.7), (0.6, 0.5)]
MIXED = [(0.9, 0.65), (0.8, 0.6), (0.6, 0.61)]


@pytest.mark.parametrize(
    ("ours", "parts", "rank", "words"),
    [
        (
            0.7,
            ALL_BETTER,
            "better",
            "Better than low semblance: F1 within 2 samples 0.700 against 0.650 (picked lines, "
            "each held out in turn), higher on each of 3.",
        ),
        (0.655, ALL_BETTER, "no better", "No better than low semblance: F1 within 2 samples 0.655"),
        (0.6, [two[::-1] for two in ALL_BETTER], "worse", ", lower on each of 3. Keep the other."),
        (
            0.7,
            MIXED,
            "no better",
            "No better than chance allows: F1 within 2 samples 0.700 against ",
        ),
        (0.7, MIXED, "no better", "higher on 2 of 3 and not on 1. Keep the simpler one."),
        (0.6, MIXED, "no better", "higher on 2 of 3 and not on 1. Keep the simpler one."),
        (0.9, ALL_BETTER[:2], "no better", "Fewer than 3 held-out lines do not tell a difference"),
        (0.9, [*ALL_BETTER, (0.6, 0.6)], "no better", "higher on 3 of 4 and not on 1."),
        (0.9, [*ALL_BETTER, (0.6, 0.59)], "better", "higher on each of 4."),
    ],
)
def test_the_verdict_asks_each_line_that_was_held_out(ours, parts, rank, words):
    found = verdict_of([picked(ours, parts), synthetic(0.62, 0.63)])
    assert found.rank == rank
    assert words in found.text
    assert found.text.endswith("IoU 0.620 after 0.630.")


def test_blocks_of_one_line_tell_nothing_of_others():
    split = "blocks along the picked line, each held out in turn"
    found = verdict_of([picked(0.9, ALL_BETTER, split)])
    assert found.rank == "no better"
    assert "Blocks of one line do not tell a difference from chance: pick lines" in found.text


def test_what_is_forgotten_is_said_behind_the_verdict():
    found = verdict_of([picked(0.7, ALL_BETTER), synthetic(0.60, 0.63)])
    assert "It has forgotten too much: take fewer epochs." in found.text
