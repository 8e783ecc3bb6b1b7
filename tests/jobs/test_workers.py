"""Cubes of the jobs by one process, by several, and by a cluster: the same to the last bit.

A worker is a new process that loads TensorFlow, so that the tests which start some are slow ones.
"""

import pickle
import shutil
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import keras
import numpy as np
import pytest

import tfseis
from tests.jobs.faults.line_files import edge_model
from tests.jobs.unfinished import FACIES, patch_model
from tfseis.cli import main
from tfseis.data.scaling import Scaling
from tfseis.data.synthetic import facies_survey
from tfseis.errors import OutputError
from tfseis.inference.cube_windows import Windows
from tfseis.inference.ensemble import ensemble
from tfseis.inference.runtime import Runtime
from tfseis.inference.volume import VolumeWork, volume_tasks
from tfseis.io import open_segy, write_segy
from tfseis.jobs.facies import DenseClassifier
from tfseis.jobs.facies.cube import BlockWork, block_tasks
from tfseis.jobs.facies.following import Follower
from tfseis.jobs.facies.line_work import LineWork, line_tasks
from tfseis.jobs.facies.section_network import SectionNetwork
from tfseis.jobs.facies.spreading import spread_labels
from tfseis.jobs.faults import FaultFiles, FaultModel
from tfseis.jobs.salt.sections import SectionWork, section_tasks
from tfseis.models import recipe_of, unet, with_recipe

WHOLE = (slice(None),) * 3
SCALING = Scaling(0.0, 1.0)


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    made = facies_survey((26, 20, 30), seed=1)
    path = tmp_path_factory.mktemp("cube") / "survey.sgy"
    write_segy(path, made.amplitude, made.geometry)
    return path


def section_classifier():
    keras.utils.set_random_seed(0)
    network = unet((None, None, 1), classes=3, filters=(2, 3))
    recipe = replace(FACIES, network="unet", answers="every sample", crop_size=8)
    return DenseClassifier(with_recipe(network, recipe))


def volume(cube, salt_model):
    windows = Windows.over(cube.shape, 8, 2)
    make = partial(ensemble, [FaultModel(edge_model(window=8), "keras")])
    return VolumeWork(make, cube, windows, WHOLE, SCALING), volume_tasks(windows, WHOLE, cube.shape)


def sections(cube, salt_model):
    runtime = Runtime(salt_model, "keras")
    work = SectionWork(runtime, recipe_of(salt_model), cube, WHOLE, SCALING)
    return work, section_tasks(cube, WHOLE)


def blocks(cube, salt_model):
    classifier = DenseClassifier(patch_model())
    return BlockWork(classifier, cube, WHOLE, SCALING), block_tasks(classifier, cube, WHOLE)


def lines(cube, salt_model):
    section = cube[12]
    places = np.argwhere(np.ones(section.shape, bool))[::7]
    spread = spread_labels(section, places, places[:, 1] // 10, 3)
    network = SectionNetwork(section_classifier(), cube, SCALING)
    follower = Follower(network, {12: spread}, 3)
    return LineWork(follower, WHOLE), line_tasks(follower, WHOLE)


@pytest.mark.parametrize("make", [volume, sections, blocks, lines])
def test_work_that_was_sent_gives_the_same(make, survey, salt_model):
    with open_segy(survey) as cube:
        work, tasks = make(cube, salt_model[0])
        there = pickle.loads(pickle.dumps(work))
        assert len(tasks) >= 1
        here, sent = (one.run(tasks[0], None, lambda _: None) for one in (work, there))
        assert np.std(np.asarray(here.values[0], "float64")) > 0
        for one, other in zip(here.values, sent.values, strict=True):
            np.testing.assert_array_equal(one, other)
        for one, other in zip(here.state or (), sent.state or (), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "words, function",
    [
        ("facies apply cube.sgy out.sgy --model m.keras", "facies.apply.apply_facies"),
        ("facies train cube.sgy a.pts b.pts --out run", "facies.train.train_facies"),
        ("faults apply cube.sgy out.sgy", "faults.apply.apply_faults"),
        ("salt apply cube.sgy out.sgy --model m.keras", "salt.apply.apply_salt"),
        ("gathers apply shots.npy out.npy", "gathers.apply.apply_gathers"),
    ],
)
def test_commands_hand_the_workers_on(words, function, survey, tmp_path, monkeypatch):
    given = {}

    def watched(*_, workers, **__):
        given["workers"] = workers
        raise OutputError("Seen.")

    job, _, name = function.split(".")
    room = import_module(f"tfseis.jobs.{job}")
    monkeypatch.setattr(room, name, watched)
    monkeypatch.chdir(tmp_path)
    shutil.copy(survey, "cube.sgy")
    np.save("shots.npy", np.ones((2, 5, 20), "float32"))
    assert main([*words.split(), "--workers", "3"]) == 1
    assert given == {"workers": tfseis.Workers(3)}


def fault_cubes(survey, out, backend, **options):
    files = FaultFiles(mask=out.with_name(f"mask_{out.name}"))
    model = edge_model(window=8)
    tfseis.apply_faults(model, survey, out, files=files, backend=backend, progress=False, **options)
    return out, files.mask


def facies_cubes(survey, out, backend, **options):
    sure = out.with_name(f"sure_{out.name}")
    model = patch_model()
    tfseis.apply_facies(
        model, survey, out, confidence=sure, backend=backend, progress=False, **options
    )
    return out, sure


@pytest.fixture(params=["2 processes", "4 processes", "cluster"])
def workers(request):
    if request.param != "cluster":
        yield tfseis.Workers(int(request.param[0]))
        return
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        yield tfseis.Workers(scheduler=cluster.scheduler_address)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["keras", "openvino"])
@pytest.mark.parametrize("cubes", [fault_cubes, facies_cubes])
def test_several_workers_give_the_cube_of_one(cubes, survey, tmp_path, workers, backend):
    if backend == "openvino" and not find_spec("openvino"):
        pytest.skip("OpenVINO is not installed")
    one = cubes(survey, tmp_path / "one.sgy", backend, workers=tfseis.Workers(1))
    several = cubes(survey, tmp_path / "several.sgy", backend, workers=workers)
    for path, other in zip(one, several, strict=True):
        assert path.read_bytes() == other.read_bytes()
    if backend == "openvino":  # which does not depend on the number of threads
        here = cubes(survey, tmp_path / "here.sgy", backend)
        assert here[0].read_bytes() == one[0].read_bytes()


def test_a_scheduler_that_is_not_there(survey, tmp_path):
    pytest.importorskip("distributed")
    with pytest.raises(OutputError, match="address of a Dask scheduler that answers"):
        facies_cubes(
            survey, tmp_path / "a.sgy", "keras", workers=tfseis.Workers(scheduler="nowhere")
        )
    assert list(tmp_path.iterdir()) == []
