"""Fault cubes against fault labels: as all at once, on parts, beside baselines."""

import json

import numpy as np
import pytest

from tfseis.cli import main
from tfseis.errors import LabelError
from tfseis.io import write_segy
from tfseis.scores import surface_cubes as score_faults
from tfseis.scores.cubes import score
from tfseis.scores.surfaces import fault_scores


@pytest.fixture
def arrays():
    """Labels and probabilities (7, 8, 9)."""
    inline, crossline, sample = np.indices((7, 8, 9))
    faults = np.abs(crossline - inline / 2 - sample / 4) < 0.6
    noise = np.random.default_rng(0).normal(0, 0.2, faults.shape)
    return faults.astype("int16"), np.clip(0.3 + 0.4 * faults + noise, 0.01, 0.99).astype("float32")


@pytest.fixture
def files(arrays, tmp_path, geometry):
    write_segy(tmp_path / "truth.sgy", arrays[0], geometry, format=3)
    write_segy(tmp_path / "guess.sgy", arrays[1], geometry)
    return tmp_path / "truth.sgy", tmp_path / "guess.sgy"


def test_probabilities_are_recognised_and_scored(files, arrays, monkeypatch):
    expected = fault_scores(*arrays)
    for samples in (4_000_000, 200):  # at once, and two or three lines at a time
        monkeypatch.setattr(score_faults, "BLOCK_SAMPLES", samples)
        found = score(*files)
        own = found.scores["this prediction"]
        assert own.iou == expected.iou
        assert own.tolerant_iou == pytest.approx(expected.tolerant_iou)
        assert own.average_precision == pytest.approx(expected.average_precision, abs=1e-4)
        assert found.compared["fault samples"] == arrays[0].sum()
    text = found.text()
    for word in ("IoU at 0.5", "Tol-IoU@2", "found / true", "all background", "random, at"):
        assert word in text


def test_parts_are_matched_by_line_numbers(files, arrays, tmp_path, geometry):
    parts = slice(1, 6), slice(0, 8, 2), slice(2, 9)
    write_segy(tmp_path / "part.sgy", arrays[1][parts], geometry.sliced(parts))
    found = score(files[0], tmp_path / "part.sgy", inlines=(104, None)).scores["this prediction"]
    inside = slice(2, 6), *parts[1:]
    expected = fault_scores(arrays[0][inside], arrays[1][inside])
    assert found.iou == expected.iou
    assert found.volume_ratio == expected.volume_ratio


def test_missing_traces_do_not_count(files, arrays, tmp_path, geometry, ragged):
    write_segy(tmp_path / "ragged.sgy", arrays[1], geometry, live=ragged)
    found = score(files[0], tmp_path / "ragged.sgy")
    known = np.broadcast_to(ragged[..., None], arrays[0].shape)
    assert found.compared["scored samples"] == known.sum()
    assert found.scores["this prediction"].iou == fault_scores(*arrays, known=known).iou
    assert f"{(~known).sum()} labelled samples without a prediction, not counted." in found.notes


def test_binary_cubes_are_scored_as_faults_on_demand(files, arrays, tmp_path, geometry, capsys):
    mask = (arrays[1] > 0.5).astype("int16")
    write_segy(tmp_path / "mask.sgy", mask, geometry, format=3)
    words = ["score", str(files[0]), str(tmp_path / "mask.sgy")]
    out = tmp_path / "s.json"
    assert main([*words, "--faults", "--json", str(out), "--html", str(tmp_path / "s.html")]) == 0
    assert "Tol-IoU@2" in capsys.readouterr().out
    written = json.loads(out.read_text())
    assert written["faults"]["iou"] == pytest.approx(fault_scores(arrays[0], mask).iou)
    assert written["baselines"]["all background"]["precision"] is None
    assert "Tol-IoU@2" in (tmp_path / "s.html").read_text()
    assert main(words) == 0
    assert "Confusion matrix" in capsys.readouterr().out


def test_refusals(files, arrays, tmp_path):
    np.save(tmp_path / "two.npy", 2 * arrays[0])
    with pytest.raises(LabelError, match=r"two\.npy: expected 0 and 1 .*got 0 to 2\. Choose"):
        score(tmp_path / "two.npy", files[1], faults=True)
    with pytest.raises(LabelError, match="got fractions"):  # the truth's classes are no faults
        score(tmp_path / "two.npy", files[1])
    np.save(tmp_path / "high.npy", 3 * arrays[1])
    with pytest.raises(LabelError, match=r"high\.npy: expected 0 to 1 for a score of faults"):
        score(files[0], tmp_path / "high.npy", faults=True)
    np.save(tmp_path / "none.npy", np.full(arrays[0].shape, -1))
    with pytest.raises(LabelError, match=r"none\.npy labels .*got none on their shared lines"):
        score(tmp_path / "none.npy", files[1])
