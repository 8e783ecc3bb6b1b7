"""Rooms, and what each may know: imports point one way, the core names no job.

A room is a module or folder right below `tfseis`. It imports only rooms that stand before it in
`ROOMS`. A job is a folder below `tfseis.jobs`; jobs do not know each other, and the rest of the
package knows the table `tfseis.jobs.contract.JOBS` alone.
"""

import ast
import json
import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

import tfseis

ROOMS = [
    "errors",
    "wording",
    "backend",
    "named",
    "fields",
    "geometry",
    "windows",
    "selection",
    "io",
    "tasks",
    "devices",
    "view",
    "data",
    "models",
    "scores",
    "learning",
    "inference",
    "export",
    "jobs",
    "cli",
    "__main__",
]
CONTRACT = "tfseis.jobs.contract"  # light; every room may import it
WITHOUT_KERAS = (
    "errors",
    "wording",
    "named",
    "fields",
    "geometry",
    "windows",
    "selection",
    "io",
    "view",
)
WITHOUT_TENSORFLOW = (*WITHOUT_KERAS, "backend", "data", "models", "scores", "learning")
PURE = ("data", "synthetic")  # a folder of generators without Keras, in a room with it
WORDS = {  # strings of the core that are a word of the field, and only look like the name of a job
    "data/synthetic/files.py": {"facies", "faults", "salt"},  # names of the cubes that are written
    "data/synthetic/textures.py": {"salt"},  # a rock
    "data/synthetic/survey.py": {"salt"},  # a rock
    "io/gathers/output.py": {"gathers"},  # number of gathers in a table of contents
    "models/sections/light_unet.py": {"salt"},  # name of an output, which saved models hold
    "scores/surface_cubes.py": {"faults"},  # key of the scores in a JSON file
}
SHOWN = {"cli/demo.py": {"facies"}}  # the demonstration is that of one job
HOME = Path(tfseis.__file__).parent
FILES = [path for path in sorted(HOME.rglob("*.py")) if path != HOME / "__init__.py"]
STUBS = sorted(HOME.rglob("__init__.pyi"))
JOBS = sorted(path.name for path in (HOME / "jobs").iterdir() if (path / "job.py").exists())
CORE = [path for path in FILES if path.relative_to(HOME).parts[:1] != ("jobs",)]
BLOCK = """
import importlib.abc, sys

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)

sys.meta_path.insert(0, Absent())
"""


def name(path: Path) -> str:
    """Its place in the package, for the names of tests."""
    return path.relative_to(HOME).as_posix()


each_file = pytest.mark.parametrize("path", FILES, ids=name)
each_core_file = pytest.mark.parametrize("path", CORE, ids=name)


def place(path: Path) -> tuple[str, ...]:
    """Room, and folders and module below it."""
    return path.relative_to(HOME).with_suffix("").parts


@cache
def imports(path: Path) -> set[str]:
    """Modules that a file imports anywhere, also inside functions."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    froms = [n for n in nodes if isinstance(n, ast.ImportFrom)]
    assert not any(n.level for n in froms), "relative imports hide their room"
    for n in froms:
        whole = n.module in {"tfseis", "tfseis.jobs"}  # what is imported from these is a room
        names = [alias.name for alias in n.names] if whole else [""]
        plain |= {f"{n.module}.{one}".rstrip(".") for one in names}
    return plain


def strings(path: Path) -> list[str]:
    """String constants of a file's code; docstrings are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    statements = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    constants = [n for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return [n.value for n in constants if isinstance(n.value, str) and id(n) not in statements]


def listed(stub: Path) -> tuple[set[str], set[str]]:
    """Public names of a room, from its stub: modules, and all else."""
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    froms = [n for n in tree.body if isinstance(n, ast.ImportFrom)]
    whole = {alias.asname or alias.name for n in froms if not n.module for alias in n.names}
    return whole, {alias.asname or alias.name for n in froms if n.module for alias in n.names}


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


def loaded(statement: str, *modules: str) -> set[str]:
    """Which of these modules a statement loads in a fresh process."""
    script = f"import sys\n{statement}\nprint(*({set(modules)!r} & set(sys.modules)))"
    return set(python(script).split())


def test_every_room_is_known():
    assert {place(path)[0] for path in FILES} <= set(ROOMS)
    assert len(JOBS) >= 5


@each_file
def test_imports_point_backwards_only(path):
    here = ROOMS.index(place(path)[0])
    inside = {found for found in imports(path) if found.startswith("tfseis.")} - {CONTRACT}
    used = {found.split(".")[1] for found in inside} - {"__version__"}
    assert {room for room in used if ROOMS.index(room) > here} == set()


@each_file
def test_a_job_is_imported_by_itself_alone(path):
    used = {found.split(".")[2] for found in imports(path) if found.startswith("tfseis.jobs.")}
    own = {place(path)[1]} if place(path)[0] == "jobs" else SHOWN.get(name(path), set())
    assert used & set(JOBS) <= own


@each_core_file
def test_the_core_names_no_job(path):
    found = strings(path)
    assert set(found) & set(JOBS) == WORDS.get(name(path), set())
    assert not [text for text in found if text.startswith(tuple(f"tfseis.jobs.{j}" for j in JOBS))]


@each_file
def test_frameworks_stay_in_their_rooms(path):
    packages = {found.split(".")[0] for found in imports(path)}
    assert not packages & {"training", "kaggle", "tests", "benchmarks"}
    room = place(path)[0]
    if room in WITHOUT_TENSORFLOW:
        assert "tensorflow" not in packages
    if room in WITHOUT_KERAS or place(path)[:2] == PURE:
        assert "keras" not in packages
    if room != "view":
        assert "matplotlib" not in packages


def test_importing_tfseis_and_its_command_loads_no_framework():
    heavy = ("tensorflow", "keras", "matplotlib")
    assert loaded("import tfseis.cli", *heavy) == set()
    assert loaded("import tfseis", *heavy, "numpy", "scipy", "pandas", "segyio") == set()


@pytest.mark.parametrize(
    "module",
    [
        *(f"tfseis.{room}" for room in WITHOUT_KERAS),
        CONTRACT,
        "tfseis.data.synthetic",
        "tfseis.scores.cubes",
    ],
)
def test_files_figures_and_synthetic_data_need_no_keras(module):
    """Every public name is loaded too: rooms load their files when a name is first used."""
    script = BLOCK.format(blocked=("tensorflow", "keras")) + (
        f"import {module} as room\n"
        "[getattr(room, name) for name in getattr(room, '__all__', [])]\n"
        "print('keras' in sys.modules)"
    )
    assert python(script) == "False"


def test_settings_and_commands_of_jobs_load_no_framework():
    script = (
        "from tfseis.jobs.contract import JOBS\n"
        "for name in JOBS:\n    JOBS[name].part('settings'), JOBS[name].part('command')"
    )
    assert loaded(script, "keras", "tensorflow", "matplotlib") == set()


PUBLIC_NAMES = """
import collections.abc as abc, importlib, json, pkgutil, types

def shown(room):
    return [name for name in dir(room) if not name.startswith("__")]

def load_files(room):
    for file in pkgutil.iter_modules(room.__path__):
        if file.name != "__main__":
            importlib.import_module(f"{{room.__name__}}.{{file.name}}")

rooms = [importlib.import_module(module) for module in {modules!r}]
if {files_first!r}:
    [load_files(room) for room in rooms]
found = {{}}
for room in rooms:
    names = shown(room)
    first = [getattr(room, name) for name in names]
    load_files(room)
    second = [getattr(room, name) for name in names]
    modules = [n for n, value in zip(names, first) if isinstance(value, types.ModuleType)]
    good = [n for n, v in zip(names, first) if callable(v) or isinstance(v, abc.Mapping | tuple)]
    same = all(a is b for a, b in zip(first, second)) and names == shown(room)
    found[room.__name__] = [modules, good, same]
print(json.dumps(found))
"""


@pytest.mark.parametrize("files_first", [False, True])
def test_public_names_are_what_they_say_in_a_fresh_process(files_first):
    """A file that is imported before or after must not hide a function of its name."""
    names = {".".join(("tfseis", *stub.parent.relative_to(HOME).parts)): stub for stub in STUBS}
    script = PUBLIC_NAMES.format(modules=list(names), files_first=files_first)
    found = json.loads(python(script).splitlines()[-1])
    assert set(found) == set(names)
    for module, (modules, good, same) in found.items():
        assert (set(modules), set(good)) == listed(names[module]), module
        assert same, module


def test_the_package_shows_public_names_alone():
    names = python("import tfseis; print(*dir(tfseis))").split()
    assert set(names) <= {*tfseis.__all__, "__version__"}
    shown = python("import tfseis; print([getattr(tfseis, n) for n in dir(tfseis)] and 1)")
    assert shown.splitlines()[-1] == "1"


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
        f"print(main(['apply', {str(tmp_path / 'cube.sgy')!r}, 'out.sgy', '--model', 'faults']))"
    )
    done = run(script, KERAS_BACKEND="tensorflow")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "1"
    assert "pip install 'tfseis[cpu]'" in done.stderr
