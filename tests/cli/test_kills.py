"""Commands that are killed while they write, and given again.

A process is killed just before one of its writes: before a file is opened, moved or removed, or a
folder made. So each moment between two writes can be hit, however short. ``KILLS`` says how often
each command is killed (default 3).
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tfseis.data.synthetic import borehole_patches, facies_survey, gaussian_survey, synthetic_gather
from tfseis.io.segy.create import write_segy
from training.salt_experiments import toy_challenge

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("KILLS", "3"))
LONGEST = 400  # seconds of one command
NUMBERED_ANEW = (  # TensorFlow names and orders what a SavedModel holds in another way each time
    "saved_model.pb",
    "fingerprint.pb",
    "variables.index",
    "variables.data-00000-of-00001",
)

MEASURED = re.compile("minutes|backend_reason")

SCRIPT = """
import os, signal, sys
here, kill_at, seen = os.getcwd(), int(sys.argv[1]), 0
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}

def watch(event, given):
    global seen
    if event == "open":
        writes = given[2] & (os.O_WRONLY | os.O_RDWR) if isinstance(given[2], int) else 0
    else:
        writes = event in CHANGES
    if not writes or not isinstance(given[0], (str, bytes, os.PathLike)):
        return
    if not os.path.abspath(os.fsdecode(given[0])).startswith(here):
        return
    seen += 1
    if seen == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
from tfseis.cli import main
code = main(sys.argv[2:])
print("writes", seen)
sys.exit(code)
"""
COMMANDS = {
    "gathers_extract": "gathers extract gathers.sgy out",
    "synthetic": "synthetic out.sgy --shape 32 32 32 --seed 3",
    "fix": "doctor survey.sgy --fix good.sgy",
    "faults": "faults train cubes --out out --network wu --crop-size 16 --epochs 2 --steps 2",
    "faults_apply": "faults apply survey.sgy out.sgy --mask mask.sgy --skeleton thin.sgy "
    "--sticks a.dat --objects o.csv --surfaces s.ts --map m.png --picture p.png --spread d.sgy "
    "--tta --model faults.keras",
    "boreholes": "boreholes train wells --labels labels.csv --held-out 2 --out out "
    "--network micro --epochs 2 --patches-per-epoch 16 --batch-size 8",
    "boreholes_apply": "boreholes apply wells out --wells --model boreholes.keras",
    "gathers": "gathers train arrays --out out --filters 2,4 --size 8,32 --samples 64 --epochs 2 "
    "--patches-per-epoch 16 --batch-size 8 --interval 4",
    "gathers_apply": "gathers apply gathers.sgy out.sgy --residual r.sgy --picture p.png "
    "--scores s.json --model gathers.keras",
    "salt": "salt train challenge --out out --folds 2 --networks 2 --epochs 2 --batch-size 8 "
    "--size 32 --loss crossentropy --network tests.jobs.test_recomputed_scores:bright",
    "salt_apply": "salt apply survey.sgy out.sgy --mask mask.sgy --model salt.keras",
    "salt_submission": "salt apply challenge out.csv --model salt.keras",
    "facies": "facies train survey.sgy sand.pts shale.pts --out out --accept network "
    "--network unet --filters 2,3 --crop-size 8 --folds 2 --epochs 2 --crops-per-epoch 24 "
    "--batch-size 8",
    "facies_apply": "facies apply survey.sgy out.sgy --confidence sure.sgy --model facies.keras",
    "export": "export facies.keras served",
}
TRAININGS = ("facies", "faults", "boreholes", "gathers", "salt")


def test_every_training_is_killed():
    from tfseis.jobs.contract import JOBS

    assert set(TRAININGS) == set(JOBS)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """A folder with the data of all commands."""
    folder = tmp_path_factory.mktemp("inputs")
    survey = facies_survey((9, 40, 44), seed=1)
    write_segy(folder / "survey.sgy", survey.amplitude, survey.geometry)
    numbers = [axis.numbers for axis in survey.geometry.axes]
    for name, rows in (("sand", slice(2, 20)), ("shale", slice(22, 42))):
        trace, sample = np.mgrid[2:38:3, rows].reshape(2, -1)
        inline = np.full(len(trace), numbers[0][3])
        np.savetxt(folder / f"{name}.pts", np.c_[inline, numbers[1][trace], numbers[2][sample]])
    for kind in ("seis", "fault"):
        (folder / "cubes" / kind).mkdir(parents=True)
    for number in range(2):
        made = gaussian_survey((24, 24, 24), seed=number)
        np.save(folder / f"cubes/seis/{number}.npy", made.amplitude)
        np.save(folder / f"cubes/fault/{number}.npy", made.faults)
    _wells(folder)
    _gathers(folder)
    toy_challenge(folder / "challenge")
    return folder


def _wells(folder):
    (folder / "wells").mkdir()
    table = {}
    for well in (1, 2):
        for number, pair in enumerate(zip(*borehole_patches(8, seed=well), strict=True)):
            np.save(folder / "wells" / f"well_{well}_patch_{number}.npy", pair[0])
            table[f"well_{well}_patch_{number}"] = pair[1].ravel()
    pd.DataFrame(table).T.to_csv(folder / "labels.csv")


def _gathers(folder):
    import segyio

    made = [synthetic_gather(64, seed=number).gather.amplitude[:12] for number in range(8)]
    (folder / "arrays").mkdir()
    for number, gather in enumerate(made):
        np.save(folder / "arrays" / f"{number}.npy", gather)
    spec = segyio.spec()
    spec.format, spec.samples, spec.tracecount = 5, 4.0 * np.arange(64), 12 * len(made)
    with segyio.create(folder / "gathers.sgy", spec) as file:
        file.bin.update({3217: 4000})
        for place, trace in enumerate(np.concatenate(made)):
            file.header[place] = {9: place // 12, 13: place % 12, 37: 25 * (place % 12)}
            file.trace[place] = trace


@pytest.fixture(scope="module")
def undisturbed(inputs, tmp_path_factory):
    """From the name of a command: the folder after it, and how often it wrote."""

    @cache
    def get(name):
        for word in COMMANDS[name].split():
            if word.endswith(".keras"):
                trained, _ = get(word.removesuffix(".keras"))
                shutil.copy(trained / "out" / "model.keras", inputs / word)
        folder = tmp_path_factory.mktemp(name) / "work"
        shutil.copytree(inputs, folder)
        done = run(folder, name)
        assert done.returncode == 0, done.stderr
        return folder, int(done.stdout.split()[-1])

    return get


def run(folder, name, kill_at=0, again=False):
    """Run a command; the second time a file of the first may be replaced."""
    words = [*COMMANDS[name].split(), *(["--overwrite"] if again else [])]
    command = [sys.executable, "-c", SCRIPT, str(kill_at), *words]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_the_same_command_ends_as_if_nothing_had_been(name, inputs, undisturbed, tmp_path):
    reference, writes = undisturbed(name)
    seed = int(os.environ.get("KILL_SEED", "0"))
    rng = np.random.default_rng([seed, list(COMMANDS).index(name)])
    folder, expected, again = tmp_path / "work", contents(reference), False
    shutil.copytree(inputs, folder)
    for moment in [*rng.integers(1, writes + 1, KILLS).tolist(), 0]:
        done = run(folder, name, moment, again)
        print(name, writes, moment, done.returncode, done.stderr[-300:])
        assert done.returncode in (-signal.SIGKILL, 0), done.stderr
        for path in results_in(folder):
            assert path in expected, f"killed at {moment}"
            assert timeless(folder / path) == expected[path], f"{path}, killed at {moment}"
        if done.returncode == 0:  # it had less to do than from the beginning
            break
        again = name not in TRAININGS and any(
            path not in results_in(inputs) for path in results_in(folder)
        )
    found = contents(folder)
    assert sorted(found) == sorted(expected)
    assert [path for path in expected if found[path] != expected[path]] == []


def results_in(folder):
    """Files under final names; checkpoints and ledgers left aside."""
    hidden = lambda path: any(
        part.startswith((".", "training")) or part.endswith(".unfinished") for part in path.parts
    )
    every = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in every if not hidden(path)]


def contents(folder):
    """What each file of a folder says, but for times; hidden ones too, which shall not be there."""
    return {
        str(path.relative_to(folder)): timeless(path)
        for path in folder.rglob("*")
        if path.is_file() and "tensorboard" not in path.parts
    }


def timeless(path):
    """What a file says, but for minutes, dates and places in memory."""
    if path.suffix == ".json":
        return untimed(json.loads(path.read_text()))
    if path.name == "history.csv":
        return pd.read_csv(path).drop(columns=["minutes"]).to_csv()
    if path.name == "report.html":
        return re.sub(r"[0-9.]+(?= (?:minutes|were training))", "T", path.read_text())
    if path.suffix == ".npz":
        with np.load(path) as stored:
            return {name: stored[name].tobytes() for name in stored if name != "record"}
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            known = json.loads(archive.read("config.json"))
            places = r'"shared_object_id": [0-9]+'
            return archive.read("model.weights.h5"), re.sub(places, "", json.dumps(known))
    return None if path.name in NUMBERED_ANEW else path.read_bytes()


def untimed(found):
    """The same without what is measured: minutes, and which library was the faster one."""
    if not isinstance(found, dict):
        return found
    return {key: untimed(value) for key, value in found.items() if not MEASURED.search(key)}
