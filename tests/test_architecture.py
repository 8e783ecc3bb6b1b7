"""Data flows one way: a room imports only from the rooms before it."""

import ast
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import tfseis

ROOMS = [
    "errors",
    "backend",
    "geometry",
    "windows",
    "selection",
    "io",
    "view",
    "data",
    "models",
    "scores",
    "learning",
    "inference",
    "jobs",
    "export",
    "cli",
    "__main__",
]
WITHOUT_TENSORFLOW = {
    "errors",
    "backend",
    "geometry",
    "windows",
    "io",
    "models",
    "learning",
    "view",
}
WITHOUT_KERAS = {"errors", "geometry", "windows", "io", "view"}
HOME = Path(tfseis.__file__).parent
FILES = [path for path in sorted(HOME.rglob("*.py")) if path != HOME / "__init__.py"]
BLOCK = """
import importlib.abc, sys

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)

sys.meta_path.insert(0, Absent())
"""


def room(path: Path) -> str:
    return path.relative_to(HOME).with_suffix("").parts[0]


def imports(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    froms = [n for n in nodes if isinstance(n, ast.ImportFrom)]
    assert not any(n.level for n in froms), "relative imports hide their room"
    for n in froms:
        names = [alias.name for alias in n.names] if n.module == "tfseis" else [""]
        plain |= {f"{n.module}.{name}".rstrip(".") for name in names}
    return plain


def run(script: str, **environment: str) -> subprocess.CompletedProcess:
    """A script in a fresh process."""
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        cwd=HOME.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def python(script: str, **environment: str) -> str:
    """What a script prints that must not fail."""
    done = run(script, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_room_is_known():
    assert {room(path) for path in FILES} <= set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=lambda p: "/".join(p.relative_to(HOME).parts))
def test_imports_point_backwards_only(path):
    here = ROOMS.index(room(path))
    inside = {name.split(".")[1] for name in imports(path) if name.startswith("tfseis.")}
    used = inside - {"__version__"}
    assert {name for name in used if ROOMS.index(name) > here} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda p: "/".join(p.relative_to(HOME).parts))
def test_frameworks_stay_in_their_rooms(path):
    packages = {name.split(".")[0] for name in imports(path)}
    assert not packages & {"training", "kaggle", "tests", "benchmarks"}
    if room(path) in WITHOUT_TENSORFLOW:
        assert "tensorflow" not in packages
    if room(path) in WITHOUT_KERAS:
        assert "keras" not in packages
    if room(path) not in {"view"}:
        assert "matplotlib" not in packages


def test_importing_tfseis_and_its_command_loads_no_framework():
    heavy = {"tensorflow", "keras", "matplotlib"}
    script = f"import sys, tfseis.cli; print(sorted({heavy!r} & set(sys.modules)))"
    assert python(script) == "[]"
    heavy |= {"numpy", "pandas", "segyio"}
    script = f"import sys, tfseis; print(sorted({heavy!r} & set(sys.modules)))"
    assert python(script) == "[]"


@pytest.mark.parametrize("name", ["tfseis.io", "tfseis.view", "tfseis.windows", "tfseis.geometry"])
def test_files_and_figures_need_no_tensorflow(name):
    blocked = ("tensorflow", "keras")
    script = BLOCK.format(blocked=blocked) + f"import {name}; print('keras' in sys.modules)"
    assert python(script) == "False"


@pytest.mark.parametrize(
    "name",
    ["io", "models", "learning", "view", "workflows", "inference", "data", ""],
)
def test_public_names_are_what_they_say_in_a_fresh_process(name):
    """Named twice: a file that is imported in between must not hide a function of its name."""
    module = f"tfseis.{name}".rstrip(".")
    script = (
        f"import importlib, json, pkgutil, types\nroom = importlib.import_module({module!r})\n"
        "names = getattr(room, '__all__', [])\n"
        "first = [getattr(room, n) for n in names]\n"
        "[importlib.import_module(f'{room.__name__}.{m.name}')"
        " for m in pkgutil.iter_modules(room.__path__) if room.__name__ != 'tfseis']\n"
        "second = [getattr(room, n) for n in names]\n"
        "bad = [n for n, a, b in zip(names, first, second)"
        " if a is not b or isinstance(a, types.ModuleType) and room.__name__ != 'tfseis'"
        " or not (callable(a) or isinstance(a, (dict, tuple, types.ModuleType)))]\n"
        "print(json.dumps([bad, len(names)]))"
    )
    bad, count = json.loads(python(script).splitlines()[-1])
    assert bad == []
    assert count or name in {"inference", "data"}  # their files are imported by name


@pytest.mark.skipif(find_spec("jax") is None, reason="needs another backend of Keras: JAX")
@pytest.mark.parametrize("name", ["models", "learning"])
def test_networks_and_learning_need_keras_but_not_tensorflow(name):
    script = BLOCK.format(blocked=("tensorflow",)) + (
        f"import tfseis.{name}, keras\n"
        "from tfseis.models import patch_classifier\n"
        "model = patch_classifier((8, 8, 1), classes=3, layout='cna cnap', filters=(2, 3))\n"
        "print(keras.backend.backend(), model.output_shape, 'tensorflow' in sys.modules)"
    )
    assert python(script, KERAS_BACKEND="jax").splitlines()[-1] == "jax (None, 3) False"


@pytest.mark.parametrize("name", ["models", "learning"])
def test_a_missing_backend_says_what_to_install(name):
    script = BLOCK.format(blocked=("tensorflow",)) + (
        "from tfseis.errors import MissingPackageError\n"
        f"try:\n    import tfseis.{name}\nexcept MissingPackageError as error:\n    print(error)"
    )
    message = python(script, KERAS_BACKEND="tensorflow").splitlines()[-1]
    assert "'tensorflow'" in message
    assert "pip install 'tfseis[cpu]'" in message


def test_a_missing_keras_says_what_to_install():
    script = BLOCK.format(blocked=("keras",)) + (
        "try:\n    import tfseis.models\nexcept ImportError as error:\n    print(error)"
    )
    message = python(script).splitlines()[-1]
    assert "'keras'" in message
    assert "pip install 'tfseis[cpu]'" in message


def test_a_command_without_a_backend_says_what_to_install(tmp_path):
    script = BLOCK.format(blocked=("tensorflow",)) + (
        "from tfseis.cli import main\n"
        f"print(main(['predict', 'model.keras', {str(tmp_path / 'cube.sgy')!r}, 'out.sgy']))"
    )
    done = run(script, KERAS_BACKEND="tensorflow")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "1"
    assert "pip install 'tfseis[cpu]'" in done.stderr
