"""Kernels run unchanged, on a folder with the layout of Kaggle's that is made here."""

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
KERNELS = ("salt_training", "salt_inference", "experiments")
QUICK = "--folds 2 --networks 1 --epochs 1 --batch-size 8 --size 32"


def load(name):
    spec = importlib.util.spec_from_file_location(f"kernel_{name}", KAGGLE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(words, **environment):
    return subprocess.run(
        [sys.executable, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": str(KAGGLE.parent),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            **environment,
        },
    )


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_notebook_is_that_of_the_script(kernel):
    script = (KAGGLE / kernel / "kernel.py").read_text()
    written = (KAGGLE / kernel / "kernel.ipynb").read_text()
    assert written == load("notebooks").notebook(script), "run python kaggle/notebooks.py"
    cells = json.loads(written)["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    compile(code, kernel, "exec")
    assert cells[0]["source"][0].startswith("# ")
    lines = [x for x in script.split("\n") if x.strip() and not x.startswith("#")]
    assert lines == [x for x in code.split("\n") if x.strip() and not x.startswith("#")]


@pytest.mark.parametrize("kernel", KERNELS)
def test_metadata_asks_for_no_internet(kernel, tmp_path):
    copy = load("push").prepare(kernel, "somebody", tmp_path)
    metadata = json.loads((copy / "kernel-metadata.json").read_text())
    assert metadata["id"] == f"somebody/tfseis-{kernel.replace('_', '-')}"
    assert metadata["enable_internet"] is False
    assert metadata["dataset_sources"][0] == "somebody/tfseis-wheels"
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


CLIENT = """#!/bin/sh
echo called "$@"
case "$1 $2" in
"datasets status") test -f "$0.sent" && echo ready;;
"datasets create" | "datasets version") touch "$0.sent";;
"kernels push") cat "$4/kernel.ipynb";;
esac
"""


@pytest.fixture
def client(tmp_path):
    path = tmp_path / "kaggle"
    path.write_text(CLIENT)
    path.chmod(0o755)
    return path


def test_experiments_are_filled_in(tmp_path):
    copy = load("push").prepare("experiments", "me", tmp_path, [305, 302])
    for name in ("kernel.py", "kernel.ipynb"):
        text = (copy / name).read_text()
        assert "305 302" in text
        assert "300 301" not in text
    metadata = json.loads((copy / "kernel-metadata.json").read_text())
    assert metadata["dataset_sources"] == ["me/tfseis-wheels", "me/tfseis-training"]


def test_code_is_made_once_then_versioned(client, tmp_path, capfd):
    (tmp_path / "code/training").mkdir(parents=True)
    (tmp_path / "code/training/commit.txt").write_text("abc1234-dirty")
    push = load("push")
    for words in ("datasets create -p", "datasets version -m abc1234-dirty -p"):
        assert push.send_code(str(client), "me", tmp_path / "code") == 0
        assert f"called {words} {tmp_path / 'code'} -r zip" in capfd.readouterr().out


def test_code_that_is_not_sent_or_not_ready_stops_the_push(client, tmp_path, capsys):
    (tmp_path / "training").mkdir()
    (tmp_path / "training/commit.txt").write_text("abc1234")
    push = load("push")
    client.write_text('#!/bin/sh\ntest "$2" != create || exit 4\nexit 1\n')
    assert push.send_code(str(client), "me", tmp_path) == 4
    client.write_text('#!/bin/sh\ntest "$2" = create\n')
    assert push.send_code(str(client), "me", tmp_path, patience=0.0) == 1
    assert "expected me/tfseis-training ready in 0 s" in capsys.readouterr().err


@pytest.mark.slow
def test_push_refuses_experiments_that_do_not_exist(client, tmp_path):
    (tmp_path / "kaggle.json").write_text("{}")
    words = [KAGGLE / "push.py", "--user", "me", "--experiments", "300", "299999"]
    done = run(words, PATH=f"{tmp_path}:{os.environ['PATH']}", KAGGLE_CONFIG_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "expected experiments that exist; got [299999]" in done.stderr
    assert "called" not in done.stdout


@pytest.mark.slow
def test_experiments_run_on_the_code_that_travelled(tmp_path):
    made = load("push").code("me", tmp_path / "input/tfseis-training")
    assert len(list(made.glob("tfseis-*.whl"))) == 1
    assert json.loads((made / "dataset-metadata.json").read_text())["id"] == "me/tfseis-training"
    assert not list(made.rglob("__pycache__"))
    (made / "training/commit.txt").write_text("travelled")
    (tmp_path / "working").mkdir()
    done = run(
        [KAGGLE / "experiments/kernel.py"],
        TFSEIS_OPTIONS="305 --quick",
        TFSEIS_INSTALLED="1",
        KAGGLE_INPUT=str(tmp_path / "input"),
        KAGGLE_WORKING=str(tmp_path / "working"),
    )
    assert done.returncode == 0, done.stderr
    assert "| 305 |" in done.stdout
    assert "| travelled |" in done.stdout


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
    nothing = run(
        [KAGGLE / "salt_inference/kernel.py"],
        KAGGLE_INPUT=str(tmp_path / "working"),
        KAGGLE_WORKING=str(tmp_path / "working"),
    )
    assert nothing.returncode == 1
    assert "Attach the data set that holds it" in nothing.stderr
