"""`tfseis view` and `tfseis score`: what the arguments reach; the jobs have their own tests."""

import json

import numpy as np
import pytest

from tfseis.cli import main
from tfseis.cli.command import parse
from tfseis.io import (
    Legend,
    create_result,
    legend_path,
    open_cube,
    read_legend,
    write_legend,
    write_segy,
)


@pytest.fixture
def facies(tmp_path, geometry):
    """A class cube with a legend."""
    path = tmp_path / "facies.sgy"
    codes = np.random.default_rng(0).choice([0, 3], (7, 8, 9))
    write_segy(path, codes, geometry, format=3)
    write_legend(path.with_suffix(".classes.csv"), Legend.of(["chalk", "salt"], [0, 3]))
    return path


def refused(capsys, *words):
    assert main(words) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("tfseis: ")
    return lines[0]


@pytest.mark.parametrize(
    "place", [[], ["--inline", "104"], ["--crossline", "301"], ["--time", "20"]]
)
def test_view_writes_a_picture(survey, facies, tmp_path, place):
    np.savetxt(tmp_path / "salt.pts", [(104, 301, 20), (104, 302, 24)], fmt="%g")
    png = tmp_path / "a.png"
    words = ["view", str(survey), "--png", str(png), *place, str(facies)]
    assert main([*words, "--points", str(tmp_path / "salt.pts")]) == 0
    assert png.read_bytes().startswith(b"\x89PNG")


def test_view_takes_overlays_before_and_after_options():
    options = parse(["view", "a.sgy", "b.sgy", "--inline", "5", "c.sgy", "--points", "d", "e"])
    assert options.overlays == ["b.sgy", "c.sgy"]
    assert options.marked == ["d", "e"]


def test_view_takes_overlays_after_points(survey, facies, tmp_path):
    np.savetxt(tmp_path / "salt.pts", [(104, 301, 20), (104, 302, 24)], fmt="%g")
    png = tmp_path / "a.png"
    words = ["view", str(survey), "--points", str(tmp_path / "salt.pts"), str(facies)]
    assert main([*words, "--png", str(png)]) == 0
    assert png.read_bytes().startswith(b"\x89PNG")


def test_view_marks_a_single_horizon_and_says_how_files_were_taken(survey, tmp_path, capsys):
    rows = [(104, 300 + k, 20 + k) for k in range(8)]
    np.savetxt(tmp_path / "top.hor", rows, fmt="%d")
    np.savetxt(tmp_path / "picks.txt", [row[::-1] for row in rows], fmt="%d")
    png = str(tmp_path / "a.png")
    words = ["view", str(survey), "--png", png, "--inline", "104", "--overwrite", "--points"]
    assert main([*words, str(tmp_path / "top.hor")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "top.hor: horizon; inline crossline time; ms; 8 nodes; 8 samples labelled"
    ]
    files = [str(tmp_path / name) for name in ("top.hor", "picks.txt")]
    options = ["--kind", "picks.txt=points", "--columns", "picks.txt=time,crossline,inline"]
    assert main([*words, *files, *options, "--unit", "ms"]) == 1
    assert "labels the same one" in capsys.readouterr().err
    assert main([*words, files[1], *options, "--unit", "ms"]) == 0
    assert "picks.txt: points; time crossline inline; ms; 8 points" in capsys.readouterr().out
    assert "of a file that is given; got 'other'" in refused(
        capsys, *words, files[0], "--unit", "other=ms"
    )


def test_score_leaves_out_codes_that_mean_unlabelled(tmp_path, geometry, capsys):
    codes = np.random.default_rng(0).integers(0, 3, (7, 8, 9)).astype("uint8")
    codes[2:4] = 255
    for name, values in (("truth", codes), ("found", np.where(codes == 255, 0, codes))):
        write_segy(tmp_path / f"{name}.sgy", values, geometry, format=16)
    words = ["score", str(tmp_path / "truth.sgy"), str(tmp_path / "found.sgy")]
    out = tmp_path / "s.json"
    assert main([*words, "--json", str(out), "--ignore", "1"]) == 0
    printed = capsys.readouterr().out
    assert "truth.sgy: codes that mean unlabelled: 1, 255" in printed
    written = json.loads(out.read_text())
    assert written["accuracy"] == 1
    assert written["compared"]["scored samples"] == int(np.isin(codes, (0, 2)).sum())


def test_results_in_zarr_are_viewed_and_scored_as_those_in_segy(survey, facies, tmp_path, capsys):
    pytest.importorskip("zarr")
    found = tmp_path / "found.zarr"
    with open_cube(facies) as codes, create_result(found, codes, kind="classes") as result:
        result.write(codes[:].astype("int16"), inline=0, crossline=0)
    write_legend(legend_path(found), read_legend(legend_path(facies)))
    texts = []
    for path in (facies, found):
        out = tmp_path / f"{path.stem}.json"
        assert main(["score", str(facies), str(path), "--json", str(out)]) == 0
        texts.append(capsys.readouterr().out)
        png = tmp_path / f"{path.stem}.png"
        assert main(["view", str(survey), str(path), "--inline", "104", "--png", str(png)]) == 0
    assert "chalk" in texts[1]
    one, other = (
        json.loads((tmp_path / f"{name}.json").read_text()) for name in ("facies", "found")
    )
    assert one["accuracy"] == other["accuracy"] == 1
    assert one["compared"]["scored samples"] == other["compared"]["scored samples"]


def test_view_refusals_are_one_line(survey, tmp_path, capsys):
    png = str(tmp_path / "a.png")
    assert "none.sgy" in refused(capsys, "view", str(tmp_path / "none.sgy"), "--png", png)
    assert "got 7" in refused(capsys, "view", str(survey), "--png", png, "--inline", "7")
    assert main(["view", str(survey), "--png", png]) == 0
    assert "one exists" in refused(capsys, "view", str(survey), "--png", png)
    assert main(["view", str(survey), "--png", png, "--overwrite"]) == 0
    assert "Choose x.png" in refused(capsys, "view", str(survey), "--png", str(tmp_path / "x.txt"))


def test_view_without_a_display_proposes_a_picture(survey, capsys):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    assert "--png FILE" in refused(capsys, "view", str(survey))


def test_score_prints_the_tables_and_writes_them(facies, tmp_path, capsys):
    out = tmp_path / "s.json"
    words = ["score", str(facies), str(facies), "--inlines", "100:104", "--json", str(out)]
    assert main([*words, "--html", str(tmp_path / "s.html"), "--crosslines", ":305"]) == 0
    printed = capsys.readouterr().out
    words_of_tables = (
        *("chalk", "salt", "precision", "recall", "f1", "iou", "support", "mean IoU"),
        *("depth only", "most frequent class", "Confusion matrix"),
    )
    assert [word for word in words_of_tables if word not in printed] == []
    written = json.loads(out.read_text())
    assert written["accuracy"] == 1
    assert written["compared"]["scored samples"] == 3 * 6 * 9
    assert (tmp_path / "s.html").exists()
    assert "one exists" in refused(capsys, *words)


def test_score_refusals_are_one_line(facies, survey, tmp_path, capsys):
    np.save(tmp_path / "half.npy", np.full((7, 8, 9), 0.5))
    half = str(tmp_path / "half.npy")
    assert "got fractions" in refused(capsys, "score", str(facies), half)
    assert "none.sgy" in refused(capsys, "score", str(facies), str(tmp_path / "none.sgy"))


@pytest.mark.parametrize(
    "words",
    [
        ["view"],
        ["view", "a.sgy", "--inline", "1", "--time", "2"],
        ["view", "a.sgy", "--inline", "x"],
        ["score", "a.sgy"],
        ["score", "a.sgy", "b.sgy", "c.sgy"],
        ["score", "a.sgy", "b.sgy", "--inlines", "5"],
        ["score", "a.sgy", "b.sgy", "--ignore", "x"],
        ["view", "a.sgy", "--points", "b", "--unit", "b=km"],
        ["view", "a.sgy", "--points", "b", "--kind", "b="],
    ],
)
def test_wrong_usage_ends_with_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "usage: tfseis" in error
    assert len(error.splitlines()) == 1
