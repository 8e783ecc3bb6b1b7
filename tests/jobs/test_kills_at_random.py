"""Results of several workers whose processes are killed at random, until the same command ends.

Either the process that runs the command is killed, or one of its workers, which it replaces.
``KILLS`` says how often each command is killed (default 5), ``KILL_SEED`` at which moments.
"""

import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import numpy as np
import psutil
import pytest
import segyio

from tests.jobs.faults.line_files import edge_model
from tests.jobs.gathers.test_apply import RECIPE as GATHERS
from tests.jobs.unfinished import SHAPE, patch_model, salt_network
from tfseis.data.synthetic import facies_survey, synthetic_gather
from tfseis.errors import OutputError
from tfseis.io.segy.create import write_segy
from tfseis.io.unfinished import unfinished_folder
from tfseis.models import gather_unet, with_recipe
from tfseis.tasks.ledger import NAME, TASK, Ledger

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("KILLS", "5"))
SEED = int(os.environ.get("KILL_SEED", "0"))
STARTING = 3  # seconds in which a command surely has not begun with its work
PAUSE = 0.2  # seconds before and after each part is written
PATIENCE = 30  # seconds in which workers end that have lost their parent
COPY = "ledger of the end"
OPTIONS = "--workers 2 --backend keras --precision float32"
COMMANDS = {
    "faults": "faults apply survey.sgy out.sgy --mask mask.sgy --model faults.keras",
    "facies": "facies apply survey.sgy out.sgy --confidence sure.sgy --model facies.keras",
    "salt": "salt apply survey.sgy out.sgy --mask mask.sgy --model salt.keras",
    "gathers": "gathers apply gathers.sgy out.sgy --residual rest.sgy --model gathers.keras",
}
SCRIPT = f"""
import shutil, sys, time
from tests.jobs.unfinished import SMALL
from tfseis.cli import main
from tfseis.jobs.gathers import denoised
from tfseis.tasks import run

for place, name, value in SMALL:
    setattr(place, name, value)
denoised.GATHERS = 1
done, finish = run._Run._done, run.finish

def slowly(*given):
    time.sleep({PAUSE})
    done(*given)
    time.sleep({PAUSE})

def copied(paths):
    ledger = run.unfinished_folder(paths[0]) / run.NAME
    if ledger.exists():
        shutil.copy(ledger, {COPY!r})
    finish(paths)

run._Run._done, run.finish = slowly, copied
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """A folder with surveys and models of all commands."""
    folder = tmp_path_factory.mktemp("inputs")
    made = facies_survey(SHAPE, seed=1)
    write_segy(folder / "survey.sgy", made.amplitude, made.geometry)
    gathers = [synthetic_gather(64, seed=n).gather.amplitude[:12] for n in range(6)]
    spec = segyio.spec()
    spec.format, spec.samples, spec.tracecount = 5, 4.0 * np.arange(64), 12 * len(gathers)
    with segyio.create(folder / "gathers.sgy", spec) as file:
        file.bin.update({3217: 4000})
        for place, trace in enumerate(np.concatenate(gathers)):
            file.header[place] = {9: place // 12, 13: place % 12, 37: 25 * (place % 12)}
            file.trace[place] = trace
    denoiser = with_recipe(gather_unet((None, None, 1), filters=(2, 2)), GATHERS)
    models = (edge_model(window=8), patch_model(), salt_network(), denoiser)
    for name, model in zip(COMMANDS, models, strict=True):
        model.save(folder / f"{name}.keras")
    return folder


@pytest.fixture(scope="module")
def undisturbed(inputs, tmp_path_factory):
    """From the name of a command: its results."""

    @cache
    def get(name):
        folder = tmp_path_factory.mktemp(name)
        process = start(name, inputs, folder)
        assert process.wait(600) == 0, told(folder)
        return results(folder)

    return get


def start(name, inputs, folder):
    """Begin a command in a folder, in which links lead to its inputs."""
    for path in inputs.iterdir():
        if not (folder / path.name).exists():
            (folder / path.name).symlink_to(path)
    with (folder / "told.txt").open("w") as file:
        return subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *COMMANDS[name].split(), *OPTIONS.split()],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )


def told(folder):
    return (folder / "told.txt").read_text()[-1000:]


def results(folder):
    """Bytes of the files that a command wrote."""
    own = (path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    return {path.name: path.read_bytes() for path in own if path.name not in {"told.txt", COPY}}


def workers_of(process):
    """Processes that compute for another one."""
    try:
        children = psutil.Process(process.pid).children(recursive=True)
        return [one for one in children if "spawn_main" in " ".join(one.cmdline())]
    except psutil.Error:
        return []


def finished_parts(path):
    try:
        return [line[TASK] for line in Ledger(path).lines if TASK in line]
    except (OSError, OutputError):  # not there, or just begun
        return []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_same_command_ends_with_the_same_bytes(name, inputs, undisturbed, tmp_path, request):
    wanted = undisturbed(name)
    rng = np.random.default_rng([SEED, list(COMMANDS).index(name)])
    ledger, kills, code = unfinished_folder(tmp_path / "out.sgy") / NAME, 0, None
    while code != 0:
        process, deaths = start(name, inputs, tmp_path), 0
        request.addfinalizer(process.kill)
        while kills < KILLS and deaths < 2:  # the third one would end the run
            if wait_for(process, moment(process, ledger, rng)):
                break
            children = workers_of(process)
            main = rng.random() < 0.5 or not children
            victim = psutil.Process(process.pid) if main else children[rng.integers(len(children))]
            victim.kill()
            kills, deaths = kills + 1, deaths + 1
            print(name, kills, "command" if main else "worker", finished_parts(ledger))
            if main:
                process.wait()
                _, alive = psutil.wait_procs(children, PATIENCE)
                assert alive == []
                break
        code = process.wait(600)
        assert code in (0, -signal.SIGKILL), told(tmp_path)
    parts = finished_parts(tmp_path / COPY)
    assert len(parts) > 2
    assert kills
    assert sorted(parts) == list(range(len(parts)))  # each of them once
    assert results(tmp_path) == wanted
    assert not ledger.parent.exists()


def moment(process, ledger, rng):
    """Seconds from now to a moment while it starts, or after the next part that is finished."""
    if rng.random() < 0.2:
        return rng.uniform(0, STARTING)
    known = finished_parts(ledger)
    while finished_parts(ledger) == known and process.poll() is None:
        time.sleep(PAUSE / 4)
    return rng.uniform(0, 2 * PAUSE)


def wait_for(process, seconds):
    """Whether a process ends within some seconds."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
