"""Exit codes and one line on stderr; what the jobs do is tested with the jobs."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tfseis.cli import main
from tfseis.io import open_segy
from tfseis.jobs.facies.recipe import FaciesRecipe
from tfseis.models import patch_classifier, with_recipe


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    network = patch_classifier((3, 3, 1), classes=2, layout="c", filters=(2,))
    recipe = FaciesRecipe(
        network="patch",
        axes=2,
        answers="middle of a crop",
        crop_size=3,
        channels="amplitude",
        axis=0,
        codes=(0, 1),
        names=("a", "b"),
        colours=("#000000", "#ffffff"),
        scaling={"centre": 0.0, "spread": 1.0},
        grid={},
        seed=0,
        version="0",
    )
    path = tmp_path_factory.mktemp("model") / "model.keras"
    with_recipe(network, recipe).save(path)
    return str(path)


@pytest.fixture
def points(tmp_path):
    """Two classes on inline 106, crosslines 300 to 303 and 304 to 307."""
    paths = []
    for name, crosslines in (("sand", range(300, 304)), ("shale", range(304, 308))):
        rows = [(106, crossline, time) for crossline in crosslines for time in range(12, 48, 4)]
        np.savetxt(tmp_path / f"{name}.pts", rows, fmt="%g")
        paths.append(str(tmp_path / f"{name}.pts"))
    return paths


SMALL = (
    *("--network", "patch", "--layout", "c", "--filters", "2", "--crop-size", "3", "--epochs", "2"),
    *("--crops-per-epoch", "8", "--batch-size", "4"),
)


def refused(capsys, *words):
    assert main(words) == 1
    error = capsys.readouterr().err.splitlines()
    lines = [line for line in error if line.startswith("tfseis: ")]
    assert len(lines) == 1
    assert not any("Traceback" in line for line in error)
    return lines[0]


@pytest.mark.parametrize("job", [["facies"], []], ids=["of the job", "of any job"])
def test_apply(job, model, survey, tmp_path, capsys):
    out = str(tmp_path / "out.sgy")
    words = [*job, "apply", "--model", model, str(survey), out]
    assert main([*words, "--stride", "2", "--time", "12:28"]) == 0
    with open_segy(out) as result:
        assert result.shape == (4, 4, 3)
    assert capsys.readouterr().out.strip()
    assert "one exists" in refused(capsys, *words)


def test_facies_with_points_before_and_after_options(survey, points, tmp_path, capsys):
    out = tmp_path / "result"
    words = [
        "facies",
        "train",
        str(survey),
        points[0],
        "--out",
        str(out),
        *SMALL,
        "--folds",
        "0",
        "--accept",
        "network",
        points[1],
    ]
    assert main(words) == 0
    assert (out / "facies.sgy").exists()
    assert "finished run" in refused(capsys, *words)


def test_refusals_are_one_line(model, survey, points, tmp_path, capsys):
    out = ["--out", str(tmp_path / "out")]
    assert "got neither" in refused(capsys, "facies", "train", str(survey), *out)
    assert "two classes" in refused(capsys, "facies", "train", str(survey), points[0], *out)
    missing = str(tmp_path / "none.sgy")
    assert "none.sgy" in refused(capsys, "facies", "train", missing, *points, *out)
    for apply in (["facies", "apply"], ["apply"]):
        a, none = str(tmp_path / "a.sgy"), str(tmp_path / "none.keras")
        nowhere = str(tmp_path / "none" / "a.sgy")
        assert "none.sgy" in refused(capsys, *apply, missing, a, "--model", model)
        assert "none.keras" in refused(capsys, *apply, str(survey), a, "--model", none)
        words = [*apply, str(survey), a, "--model", model, "--inlines", "900:950"]
        assert "range of inlines" in refused(capsys, *words)
        assert "Create it" in refused(capsys, *apply, str(survey), nowhere, "--model", model)
    assert "Expected epochs, a whole number from 1" in refused(
        capsys, "facies", "train", str(survey), *points, *out, "--epochs", "0"
    )


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["unknown"],
        ["predict", "a.keras", "b.sgy", "c.sgy"],
        ["facies"],
        ["facies", "a.sgy", "--out", "b"],
        ["facies", "apply", "b.sgy", "c.sgy"],
        ["facies", "apply", "b.sgy", "--model", "a.keras"],
        ["facies", "apply", "b.sgy", "c.sgy", "--model", "a.keras", "--inlines", "5"],
        ["facies", "apply", "b.sgy", "c.sgy", "--model", "a.keras", "--inlines", "a:b"],
        ["facies", "apply", "b.sgy", "c.sgy", "d.sgy", "--model", "a.keras"],
        ["facies", "apply", "b.sgy", "c.sgy", "--model", "a.keras", "--scaling", "window"],
        ["apply", "b.sgy", "c.sgy"],
        ["facies", "train", "a.sgy"],
        ["facies", "train", "a.sgy", "--out", "b", "--epoch", "3"],
        ["facies", "train", "a.sgy", "--out", "b", "--filters", "3,x"],
        ["faults", "train", "--out", "b"],
        ["faults", "train", "cubes", "--synthetic", "--out", "b"],
        ["gathers", "train", "--out", "b"],
        ["gathers", "apply", "a.sgy", "b.sgy", "--size", "8"],
        ["salt", "train", "folder", "--out", "b", "--time-limit", "3"],
    ],
)
def test_wrong_usage_ends_with_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "usage: tfseis" in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["facies", "train", "--help"]])
def test_help_ends_with_0(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    assert "tfseis" in capsys.readouterr().out


def stop(*arguments, **options):
    raise KeyboardInterrupt


def test_an_interruption_is_one_line(survey, model, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("tfseis.jobs.facies.apply_facies", stop)
    words = ("facies", "apply", str(survey), str(tmp_path / "a.sgy"), "--model", model)
    assert "interrupted; nothing was written" in refused(capsys, *words)


def test_an_interrupted_training_says_how_it_is_resumed(
    survey, points, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("tfseis.jobs.facies.train_facies", stop)
    words = ("facies", "train", str(survey), *points, "--out", str(tmp_path / "out"))
    assert "the same command resumes" in refused(capsys, *words)


@pytest.mark.parametrize(
    "extra",
    [
        ["--batch-size", "0"],
        ["--crop-size", "0"],
        ["--filters", "0"],
    ],
    ids=" ".join,
)
def test_settings_that_make_no_network_are_refused(survey, points, tmp_path, capsys, extra):
    words = [
        "facies",
        "train",
        str(survey),
        *points,
        "--out",
        str(tmp_path / "o"),
        *SMALL,
        "--folds",
        "0",
    ]
    refused(capsys, *words, *extra)


def test_a_file_where_the_folder_should_be_is_refused(survey, points, tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    refused(
        capsys, *["facies", "train", str(survey), *points, "--out", str(tmp_path / "taken"), *SMALL]
    )


def test_the_console_shows_nothing_of_tensorflow(model, survey, tmp_path):
    words = ["apply", str(survey), str(tmp_path / "a.sgy"), "--model", model]
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    code = "import sys; from tfseis.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        check=True,
        text=True,
        env=environment,
    )
    lines = done.stderr.replace("\r", "\n").splitlines()
    assert [line for line in lines if line and not line.startswith("predict: ")] == []
