"""Anybody's class cubes against each other: numbers by hand, parts, strides, refusals."""

import json

import numpy as np
import pytest

from tfseis.errors import OutputError
from tfseis.io import Legend, open_segy, write_legend, write_segy
from tfseis.scores.cubes import score

KINDS = ["npy", "npz", "sgy"]


def save(path, codes, geometry, **options):
    if path.suffix == ".npy":
        np.save(path, codes)
    elif path.suffix == ".npz":
        inlines, crosslines, samples = (axis.numbers for axis in geometry.axes)
        np.savez(
            path,
            labels=codes,
            inline_numbers=inlines,
            crossline_numbers=crosslines,
            sample_times_ms=samples,
        )
    else:
        write_segy(path, codes, geometry, format=3, **options)
    return path


@pytest.fixture
def codes():
    """Codes 0, 2 and 5 that do not repeat along any axis."""
    return np.random.default_rng(0).choice([0, 2, 5], (7, 8, 9)).astype("int16")


@pytest.fixture
def files(tmp_path, geometry, codes):
    """A truth of codes, and a prediction with a fifth of it changed; and the changed codes."""
    guess = np.where(np.random.default_rng(1).random(codes.shape) < 0.2, 2, codes)
    paths = save(tmp_path / "truth.sgy", codes, geometry), tmp_path / "guess.sgy"
    save(paths[1], guess, geometry)
    return *paths, guess


def counted(truth, guess, codes):
    return [[int(((truth == t) & (guess == g)).sum()) for g in codes] for t in codes]


def strict(text):
    def refuse(name):
        raise ValueError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("truth_kind", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_numbers_by_hand(tmp_path, geometry, truth_kind, kind):
    """8 samples: chalk 3 of 4 found, salt 2 of 3, one of them called 4; one unlabelled."""
    small = geometry.sliced((slice(0, 2), slice(0, 2), slice(0, 2)))
    truth = np.array([0, 0, 0, 0, 1, 1, 1, -1]).reshape(2, 2, 2)
    guess = np.array([0, 0, 0, 1, 1, 1, 4, 0]).reshape(2, 2, 2)
    found = score(
        save(tmp_path / f"truth.{truth_kind}", truth, small),
        save(tmp_path / f"guess.{kind}", guess, small),
    )
    assert found.score.legend.codes == (0, 1, 4)
    assert found.score.network.tolist() == [[3, 1, 0], [0, 2, 1], [0, 0, 0]]
    table = found.score.classes()
    assert table["precision"].round(4).tolist()[:3] == [1, 0.6667, 0]
    assert table["recall"].round(4)["class 0"] == 0.75
    assert table["iou"].tolist()[:3] == [0.75, 0.5, 0]
    assert table["support"].tolist() == [4, 3, 0, 7, 7]
    written = found.as_dict()
    assert written["mean_iou"] == 0.625
    assert written["accuracy"] == pytest.approx(5 / 7)
    assert written["compared"]["scored samples"] == 7
    assert list(written["baselines"]) == ["most frequent class (of the truth itself)"]
    alone = written["baselines"]["most frequent class (of the truth itself)"]
    assert alone == {"mean IoU": pytest.approx(4 / 7 / 2), "accuracy": pytest.approx(4 / 7)}
    assert any("nobody could know beforehand" in note for note in found.notes)


def test_a_cube_against_itself_is_perfect(files):
    found = score(files[0], files[0])
    assert found.as_dict()["mean_iou"] == 1
    assert found.score.network.sum() == 7 * 8 * 9


@pytest.mark.parametrize("kind", ["npz", "sgy"])
@pytest.mark.parametrize(
    "parts",
    [
        (slice(1, 5), slice(2, 8), slice(3, 9)),
        (slice(0, 7, 2), slice(1, 8, 3), slice(0, 9, 4)),
        (slice(3, 4), slice(None), slice(None)),
    ],
)
def test_parts_and_strides_are_matched_by_numbers(tmp_path, geometry, files, codes, kind, parts):  # noqa: PLR0917  fixtures
    part = save(tmp_path / f"part.{kind}", files[2][parts], geometry.sliced(parts))
    expected = counted(codes[parts], files[2][parts], (0, 2, 5))
    assert score(files[0], part).score.network.tolist() == expected
    turned = score(part, files[0]).score.network.tolist()
    assert turned == np.transpose(expected).tolist()


def test_ranges_choose_lines_and_baselines_learn_from_the_others(files, codes):
    found = score(files[0], files[1], inlines=(102, 106), crosslines=(None, 303))
    inside = np.zeros(codes.shape, bool)
    inside[1:4, :4] = True
    assert found.score.network.tolist() == counted(codes[inside], files[2][inside], (0, 2, 5))
    classes = np.searchsorted([0, 2, 5], codes)
    best = np.bincount(classes[~inside]).argmax()
    hits = (classes[inside] == best).mean()
    comparison = found.score.comparison()
    assert comparison["accuracy"]["most frequent class"] == pytest.approx(hits)
    right = 0
    for sample in range(9):
        outside = classes[..., sample][~inside[..., sample]]
        answer = np.bincount(outside, minlength=3).argmax()
        right += (classes[..., sample][inside[..., sample]] == answer).sum()
    assert comparison["accuracy"]["depth only"] == pytest.approx(right / inside.sum())
    assert any("outside the scored ones" in note for note in found.notes)


def test_missing_traces_and_samples_without_a_prediction_do_not_count(
    tmp_path, geometry, files, codes, ragged
):
    path = save(tmp_path / "ragged.sgy", codes, geometry, live=ragged)
    found = score(files[0], path)
    assert found.score.network.sum() == ragged.sum() * 9
    assert any(f"{(~ragged).sum() * 9} labelled samples without a" in note for note in found.notes)
    turned = score(path, files[0])
    assert turned.score.network.sum() == ragged.sum() * 9
    assert not any("without a prediction" in note for note in turned.notes)


def test_legends_name_the_classes_and_contradictions_are_said(files):
    colours = ("#111111", "#222222")
    write_legend(files[0].with_suffix(".classes.csv"), Legend((0, 2), ("chalk", "salt"), colours))
    write_legend(files[1].with_suffix(".classes.csv"), Legend((2, 5), ("shale", "sand"), colours))
    found = score(files[0], files[1])
    assert found.score.legend.names == ("chalk", "salt", "sand")
    assert found.score.legend.colours == ("#111111", "#222222", "#222222")
    assert any("'salt' in the truth's legend and 'shale'" in note for note in found.notes)
    text = found.text()
    for word in ("precision", "recall", "f1", "iou", "support", "weighted", "mean IoU", "chalk"):
        assert word in text


def test_files_are_strict_json_and_one_page_and_are_not_replaced_unasked(files, tmp_path):
    results = {"json_file": tmp_path / "s.json", "html_file": tmp_path / "s.html"}
    with open_segy(files[1]) as opened:
        found = score(files[0], opened, **results)
    assert strict((tmp_path / "s.json").read_text()) == found.as_dict()
    page = (tmp_path / "s.html").read_text()
    assert "Class by class" in page
    assert "data:image/png;base64" in page
    with pytest.raises(OutputError, match=r"s\.json: expected no file there; one exists"):
        score(files[0], files[1], json_file=tmp_path / "s.json")
    score(files[0], files[1], **results, overwrite=True)


def test_a_class_that_is_only_predicted_is_null_in_json(tmp_path, geometry, codes):
    truth = save(tmp_path / "truth.npy", np.zeros((7, 8, 9)), geometry)
    guess = save(tmp_path / "guess.npy", np.full((7, 8, 9), 3), geometry)
    score(truth, guess, json_file=tmp_path / "s.json")
    written = strict((tmp_path / "s.json").read_text())
    assert written["classes"]["class 3"]["recall"] is None
    assert any("matched by position" in note for note in written["notes"])


def test_refusals(tmp_path, geometry, files, codes):
    with pytest.raises(ValueError, match=r"inlines that .* share; got 100 to 112 .*between 900"):
        score(files[0], files[1], inlines=(900, 950))
    other = type(geometry)(*geometry.axes[:2], type(geometry.samples)("sample", 14, 4, 9))
    shifted = save(tmp_path / "shifted.npz", codes, other)
    with pytest.raises(ValueError, match=r"samples that .* share; got 12 to 44 .* 14 to 46"):
        score(files[0], shifted)
    short = save(tmp_path / "short.npy", codes[1:], geometry)
    with pytest.raises(ValueError, match=r"one shape, .*got \(7, 8, 9\) and \(6, 8, 9\)\. Save"):
        score(files[0], short)
    for number, (values, message) in enumerate(
        (
            (codes + 0.5, r"class numbers 0, 1, \.\. 32767; got fractions\. Choose"),
            (codes + 4e10, r"class numbers 0, 1, \.\. 32767; got larger numbers"),
            (np.full(codes.shape, -1), r"samples that truth.sgy labels .*got none"),
            (np.arange(504).reshape(codes.shape), r"at most 256 classes; got more"),
        )
    ):
        bad = save(tmp_path / f"bad{number}.npy", values, geometry)
        with pytest.raises(ValueError, match=message):
            score(files[0], bad)
    flat = save(tmp_path / "flat.npy", codes[0], geometry)
    with pytest.raises(ValueError, match=r"\(inlines, crosslines, samples\); got shape \(8, 9\)"):
        score(files[0], flat)
