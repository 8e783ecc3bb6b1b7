"""What `import tfseis` offers."""

import inspect
import subprocess
import sys

import pytest

import tfseis

JOBS = {
    "boreholes": "BoreholeSettings",
    "facies": "FaciesSettings",
    "faults": "FaultSettings",
    "gathers": "GatherSettings",
    "salt": "SaltSettings",
}
ROOMS = {
    *("data", "errors", "geometry", "inference", "io", "jobs", "learning", "models", "scores"),
    "view",
}
STAY = {"open_segy", "load_model", "export_model", "open_cube", "ArrayCube", "read_labels"}


def test_dir_shows_public_names_alone():
    names = set(dir(tfseis))
    assert not [name for name in names if name.startswith("_")]
    assert ROOMS | STAY | {"apply", "demo", "score", "summary", "JOBS"} <= names
    assert dir(tfseis) == sorted(tfseis.__all__)


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_dir_of_a_room_shows_its_own_names_alone(room):
    module = getattr(tfseis, room)
    names = dir(module)
    assert names == sorted(module.__all__)
    assert not [name for name in names if name.startswith("_")]
    for name in names:
        source = inspect.getmodule(getattr(module, name))  # None of data
        assert source is None or source.__name__.startswith("tfseis")


@pytest.mark.parametrize("name", dir(tfseis))
def test_every_name_is_there(name):
    found = getattr(tfseis, name)
    assert inspect.ismodule(found) == (name in ROOMS)


@pytest.mark.parametrize("job", JOBS)
def test_a_job_has_three_names_that_its_table_knows(job):
    entry = tfseis.JOBS[job]
    assert getattr(tfseis, f"train_{job}") is entry.part("train")
    assert getattr(tfseis, f"apply_{job}") is entry.part("apply")
    assert getattr(tfseis, JOBS[job]) is entry.part("settings")


def test_import_is_light():
    script = (
        "import sys, tfseis\n"
        "print(sorted({'numpy', 'pandas', 'keras', 'tensorflow'} & set(sys.modules)))\n"
        "print(tfseis.__version__, tfseis.errors.TfseisError.__name__)"
    )
    command = [sys.executable, "-c", script]
    lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()
    assert lines == ["[]", f"{tfseis.__version__} TfseisError"]


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="predict"):
        tfseis.predict  # noqa: B018
