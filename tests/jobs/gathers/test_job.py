"""`tfseis gathers` from end to end, on small synthetic gathers."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import segyio

from tfseis.cli.command import main
from tfseis.data.synthetic import SyntheticGatherSettings, synthetic_gather
from tfseis.io import GATHER_KEYS, open_gathers
from tfseis.jobs.gathers import apply_gathers, command
from tfseis.jobs.metrics import check_metrics
from tfseis.learning import load_model
from tfseis.models import recipe_of
from tfseis.wording import counted

SHOTS = 9
SMALL = ["--filters", "4,6", "--epochs", "2", "--patches-per-epoch", "16", "--batch-size", "8"]
SMALL += ["--size", "8,32"]


@pytest.fixture(scope="module")
def shots(tmp_path_factory):
    """Noisy and clean shots of unequal fold, headers that differ from trace to trace."""
    folder = tmp_path_factory.mktemp("shots")
    made = [
        synthetic_gather(
            100, seed=n, settings=SyntheticGatherSettings(traces=(10, 16), noise=(0, 0))
        )
        for n in range(SHOTS)
    ]
    spec = segyio.spec()
    spec.format, spec.samples = 1, 4.0 * np.arange(100)
    spec.tracecount = sum(len(one.signal) for one in made)
    for name in ("noisy", "clean"):
        with segyio.create(folder / f"{name}.sgy", spec) as file:
            file.bin.update({3217: 4000})
            trace = 0
            for shot, one in enumerate(made):
                values = one.gather.amplitude if name == "noisy" else one.signal
                for offset, row in zip(one.gather.offset, values, strict=True):
                    file.header[trace] = {9: shot, 13: trace, 37: int(offset), 231: 3 * trace}
                    file.trace[trace] = row
                    trace += 1
    return folder


@pytest.fixture(scope="module")
def trained(shots, tmp_path_factory):
    out = tmp_path_factory.mktemp("trained") / "out"
    words = ["gathers", "train", str(shots / "noisy.sgy"), "--out", str(out), *SMALL]
    assert main([*words, "--channels", "amplitude,offset,band16"]) == 0
    return out, words


def test_training_on_real_gathers_leaves_model_scores_and_report(trained):
    out, _ = trained
    metrics = json.loads((out / "metrics.json").read_text())
    check_metrics(metrics)
    assert metrics["data"]["training_gathers"] == 6
    (score,) = metrics["scores"]
    assert score["split"] == "2 of 2 held-out gathers"
    assert set(score["baselines"]) == {"median", "f-x deconvolution"}
    predicted = score["details"]["blind traces predicted"]
    assert set(predicted) == {"network", "mean of both neighbours"}
    assert all("gain dB" not in row for row in [score["network"], *score["baselines"].values()])
    recipe = recipe_of(load_model(out / "model.keras"))
    assert recipe.channels == ("amplitude", "offset", "band16")
    assert (recipe.trained_on, recipe.size, recipe.stride) == ("blind-trace", (16, 64), (8, 32))
    report = (out / "report.html").read_text()
    assert "Before, after, removed" in report
    assert "amplitude, offset, band16" in report
    assert main(["summary", str(out / "model.keras")]) == 0


def test_a_finished_run_is_not_replaced_and_an_interrupted_one_goes_on(trained, capsys):
    out, words = trained
    words = [*words, "--channels", "amplitude,offset,band16"]
    assert main(words) == 1
    assert "holds a finished run" in capsys.readouterr().err
    before = load_model(out / "model.keras").get_weights()
    (out / "metrics.json").unlink()  # as if it had been interrupted while it wrote its results
    assert main(words) == 0
    after = load_model(out / "model.keras").get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_applied_gathers_keep_every_header_and_residual_adds_up(trained, shots, tmp_path, capsys):
    out, residual = tmp_path / "out.sgy", tmp_path / "removed.sgy"
    words = ["gathers", "apply", str(shots / "noisy.sgy"), str(out)]
    words += ["--model", str(trained[0] / "model.keras"), "--truth", str(shots / "clean.sgy")]
    words += ["--residual", str(residual), "--picture", str(tmp_path / "a.png")]
    words += ["--scores", str(tmp_path / "a.json")]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "9 gathers" in printed
    assert "signal leakage" in printed
    assert "signal to noise" in printed
    scores = json.loads((tmp_path / "a.json").read_text())["scores"]
    assert scores["gain near dB"] == pytest.approx(scores["gain dB"], abs=20)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    raw = [np.frombuffer(p.read_bytes(), "u1") for p in (shots / "noisy.sgy", out, residual)]
    heads = [r[3600:].reshape(-1, 640)[:, :240] for r in raw]
    for other in (1, 2):
        assert (raw[0][:3600] == raw[other][:3600]).all()
        assert (heads[0] == heads[other]).all()
    noisy, kept, removed = (open_gathers(p).read(4) for p in (shots / "noisy.sgy", out, residual))
    np.testing.assert_allclose(kept.amplitude + removed.amplitude, noisy.amplitude, atol=0.05)
    assert not np.allclose(kept.amplitude, noisy.amplitude)
    assert not kept.amplitude[~noisy.live].any()
    assert main(words) == 1
    assert "one exists" in capsys.readouterr().err


def test_the_network_that_ships_gains_much_and_leaks_little(shots, tmp_path):
    found = apply_gathers(
        "gathers",
        shots / "noisy.sgy",
        tmp_path / "out.sgy",
        truth=shots / "clean.sgy",
        scores=tmp_path / "a.json",
    )
    scores = json.loads((tmp_path / "a.json").read_text())["scores"]
    assert scores == found.facts["scores"]
    assert found.files == (tmp_path / "out.sgy", tmp_path / "a.json")
    assert scores["gain dB"] > 5
    assert scores["leakage"] < 0.15


def test_synthetic_training_is_scored_on_other_settings_beside_tuned_filters(
    tmp_path, monkeypatch, capsys
):
    from tfseis.jobs.gathers import scores

    monkeypatch.setattr(scores.synthetic_scores, "__kwdefaults__", {"tuning": 2, "scored": 2})
    out = tmp_path / "out"
    words = ["gathers", "train", "--synthetic", "--out", str(out), "--samples", "120", *SMALL]
    assert main(words) == 0
    metrics = json.loads((out / "metrics.json").read_text())
    check_metrics(metrics)
    (score,) = metrics["scores"]
    assert score["split"] == "2 synthetic gathers of other settings"
    assert {"median", "f-x deconvolution", "nothing done"} <= set(score["baselines"])
    assert score["baselines"]["nothing done"]["gain dB"] == 0
    assert score["baselines"]["median"]["gain dB"] > 0
    assert "gain dB" in score["network"]
    assert score["details"]["filters"]["median"]["traces"] in {3, 5}
    assert "gain near dB" in capsys.readouterr().out


def test_extracted_gathers_are_full_fold_unless_asked(shots, tmp_path, capsys):
    noisy = open_gathers(shots / "noisy.sgy")
    full = int((noisy.shapes[:, 0] == noisy.shapes[:, 0].max()).sum())
    assert main(["gathers", "extract", str(shots / "noisy.sgy"), str(tmp_path / "full")]) == 0
    assert f"{counted(full, 'gather')} written, {SHOTS - full} of" in capsys.readouterr().out
    words = ["gathers", "extract", str(shots / "noisy.sgy"), str(tmp_path / "all")]
    assert main([*words, "--partial-fold"]) == 0
    again = open_gathers(tmp_path / "all")
    assert again.shapes.tolist() == noisy.shapes.tolist()
    np.testing.assert_array_equal(again.read(3).offset, noisy.read(3).offset)
    assert len(pd.read_csv(tmp_path / "all" / "traces.csv")) == noisy.shapes[:, 0].sum()


@pytest.fixture
def refusal_folder(trained, shots, tmp_path, monkeypatch):
    """What the words IN and MODEL stand for; FOLDER lies in the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FOLDER").mkdir()
    np.save(tmp_path / "FOLDER" / "1.npy", np.ones((5, 50)))
    return {"IN": str(shots / "noisy.sgy"), "MODEL": str(trained[0] / "model.keras")}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "--synthetic", "--out", "o", "--channels", "offset"], "amplitude first"),
        (["train", "none.sgy", "--out", "o"], "none.sgy"),
        (["apply", "IN", "o.sgy", "--model", "none.keras"], "none.keras"),
        (["apply", "IN", "IN", "--model", "MODEL"], "same file"),
        (["apply", "IN", "o.sgy", "--model", "MODEL", "--stride", "99,4"], "Lower the stride"),
        (["apply", "FOLDER", "o.sgy", "--model", "MODEL"], "NAME.npy, as the gathers are"),
        (["apply", "IN", "o.sgy", "--model", "MODEL", "--truth", "FOLDER/1.npy"], "same gathers"),
        (["extract", "none", "o"], "expected a SEG-Y file"),
    ],
)
def test_refusals_are_one_line(refusal_folder, capsys, words, message):
    places = refusal_folder
    assert main(["gathers", *(places.get(word, word) for word in words)]) == 1
    error = capsys.readouterr().err.splitlines()
    assert len([line for line in error if line.startswith("tfseis: ")]) == 1
    assert message in error[-1]
    assert not Path("o.sgy").exists()


def test_the_command_names_every_key():
    assert set(command.KEYS) == set(GATHER_KEYS)
