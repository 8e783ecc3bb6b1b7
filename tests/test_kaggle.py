"""Kernels run as they stand, on a folder shaped as Kaggle's, made here."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tfseis.io import check_submission
from training.salt_experiments import TOY_SIZE, toy_challenge

KAGGLE = Path(__file__).resolve().parents[1] / "kaggle"
KERNELS = ("salt_training", "salt_inference")
QUICK = "--folds 2 --networks 1 --epochs 1 --batch-size 8 --size 32"


def load(name):
    spec = importlib.util.spec_from_file_location(f"kernel_{name}", KAGGLE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(words, **environment):
    return subprocess.run(
        [sys.executable, *map(str, words)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(KAGGLE.parent), "TF_CPP_MIN_LOG_LEVEL": "3",
             **environment},
    )  # fmt: skip


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_notebook_is_that_of_the_script(kernel):
    script = (KAGGLE / kernel / "kernel.py").read_text()
    written = (KAGGLE / kernel / "kernel.ipynb").read_text()
    assert written == load("notebooks").notebook(script), "run python kaggle/notebooks.py"
    cells = json.loads(written)["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    compile(code, kernel, "exec")
    assert cells[0]["source"][0].startswith("# Salt")
    lines = [x for x in script.split("\n") if x.strip() and not x.startswith("#")]
    assert lines == [x for x in code.split("\n") if x.strip() and not x.startswith("#")]


@pytest.mark.parametrize("kernel", KERNELS)
def test_metadata_asks_for_no_internet(kernel, tmp_path):
    copy = load("push").prepare(kernel, "somebody", tmp_path)
    metadata = json.loads((copy / "kernel-metadata.json").read_text())
    assert metadata["id"] == f"somebody/tfseis-{kernel.replace('_', '-')}"
    assert metadata["enable_internet"] is False
    assert metadata["dataset_sources"] == ["somebody/tfseis-wheels"]
    assert (copy / metadata["code_file"]).is_file()
    assert "USER" not in (copy / "kernel-metadata.json").read_text()


def test_the_folder_does_not_hide_the_client():
    assert not (KAGGLE / "__init__.py").exists()
    assert "import kaggle" not in (KAGGLE / "push.py").read_text()


def test_push_says_what_is_missing(tmp_path):
    done = run([KAGGLE / "push.py", "--user", "me"], PATH="", HOME=str(tmp_path))
    assert done.returncode == 1
    assert "expected the Kaggle client: pip install kaggle" in done.stderr


def test_push_calls_the_client(tmp_path):
    client = tmp_path / "kaggle"
    client.write_text(
        '#!/bin/sh\necho called "$1" "$2" "$3"\ncat "$4/kernel-metadata.json"\nexit 3\n'
    )
    client.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    words = [KAGGLE / "push.py", "--user", "me", "--kernel", "salt_inference"]
    without = run(words, PATH=path, KAGGLE_CONFIG_DIR=str(tmp_path))
    if "KAGGLE_KEY" not in os.environ:
        assert without.returncode == 1
        assert "expected your token" in without.stderr
    (tmp_path / "kaggle.json").write_text("{}")
    done = run(words, PATH=path, KAGGLE_CONFIG_DIR=str(tmp_path))
    assert done.returncode == 3
    assert "called kernels push -p" in done.stdout
    assert '"me/tfseis-salt-training"' in done.stdout
    assert "me/tfseis-wheels. Once:" in done.stdout


@pytest.mark.slow
def test_kernels_run_on_a_folder_as_kaggle_has_it(tmp_path):
    challenge = toy_challenge(tmp_path / "input/competitions/tgs")
    places = {"KAGGLE_INPUT": str(tmp_path / "input"), "KAGGLE_WORKING": str(tmp_path / "working")}
    (tmp_path / "working").mkdir()
    done = run([KAGGLE / "salt_training/kernel.py"], TFSEIS_OPTIONS=QUICK, **places)
    assert done.returncode == 0, done.stderr
    assert "out of fold" in done.stdout
    (tmp_path / "working/result").rename(tmp_path / "input/training")
    done = run([KAGGLE / "salt_inference/kernel.py"], **places)
    assert done.returncode == 0, done.stderr
    assert "5 images," in done.stdout
    found = tmp_path / "working/submission.csv"
    shape = (TOY_SIZE, TOY_SIZE)
    table = check_submission(found, challenge / "sample_submission.csv", shape)
    earlier = check_submission(tmp_path / "input/training/submission.csv", None, shape)
    assert abs(table["pixels"] - earlier["pixels"]).max() <= 3  # one network: rounding alone
    nothing = run([KAGGLE / "salt_inference/kernel.py"], KAGGLE_INPUT=str(tmp_path / "working"),
                  KAGGLE_WORKING=str(tmp_path / "working"))  # fmt: skip
    assert nothing.returncode == 1
    assert "Attach the data set that holds it" in nothing.stderr
