"""`tfseis apply` and `tfseis.apply`: the model says which job does it."""

import json
import subprocess
import sys
import zipfile
from dataclasses import asdict
from types import SimpleNamespace

import pytest

import tfseis
from tfseis.cli.command import parse
from tfseis.cli.jobs import run
from tfseis.errors import FormatError, ModelError
from tfseis.jobs.apply import apply, job_of, shipped
from tfseis.jobs.contract import JOBS, Applied, Job


def write_model(path, *recipes):
    """A file as Keras writes it, with no weights, for those who read its configuration alone."""
    layers = [{"class_name": "Dense", "config": {"units": 2}}]
    layers += [{"class_name": "RecipeLayer", "config": {"recipe": one}} for one in recipes]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"config": {"layers": layers}}))
    return path


@pytest.fixture
def called(monkeypatch):
    """What a job of this test was called with."""
    calls = []

    def apply_stones(model, data, out, *, stride=1, overwrite=False, progress=True):
        calls.append((model, data, out, stride, overwrite, progress))
        return Applied(files=(out,), facts={}, text="42 stones")

    def command_apply(options):
        """Find stones."""
        return apply_stones(
            options.model, options.input, options.output, stride=options.stride, overwrite=True
        )

    command = SimpleNamespace(
        add_train=None,
        train=None,
        add_apply=lambda parser: parser.add_argument("--stride", type=int, default=1),
        apply=command_apply,
    )
    job = Job(
        name="stones",
        about="Find stones.",
        settings=None,
        recipe=None,
        train=None,
        apply=apply_stones,
        command=command,
    )
    monkeypatch.setitem(JOBS.data, "stones", job)
    return calls


@pytest.mark.parametrize("job", JOBS)
def test_the_job_is_read_from_a_file(job, tmp_path):
    assert job_of(write_model(tmp_path / "m.keras", {"job": job})) == job
    note = json.dumps({"recipe": {"job": job}}).replace('"', "&quot;")
    (tmp_path / "m.xml").write_text(f'<net><rt_info><note value="{note}"/></rt_info></net>')
    assert job_of(str(tmp_path / "m.xml")) == job
    (tmp_path / "n.xml").write_text(f'<net><rt_info><tfseis_{job} value=""/></rt_info></net>')
    assert job_of(tmp_path / "n.xml") == job


def test_the_last_recipe_counts(tmp_path):
    found = job_of(write_model(tmp_path / "m.keras", {"job": "salt"}, {"job": "faults"}))
    assert found == "faults"


def test_the_job_of_a_saved_model_is_that_of_its_recipe(tmp_path):
    from tfseis.jobs.faults.recipe import FaultRecipe
    from tfseis.models import patch_classifier, with_recipe
    from tfseis.models.recipe import recipe_of

    recipe = FaultRecipe(
        network="light",
        crop_size=16,
        window=16,
        overlap=4,
        threshold=0.5,
        scaling={},
        seed=0,
        version="0",
    )
    model = with_recipe(patch_classifier((3, 3, 1), classes=2, layout="c", filters=(2,)), recipe)
    model.save(tmp_path / "m.keras")
    assert job_of(tmp_path / "m.keras") == "faults"
    assert job_of(model) == "faults"
    assert asdict(recipe_of(model)) == asdict(recipe)


def test_shipped_names_are_those_of_pretrained():
    from tfseis.models.pretrained import PRETRAINED, pretrained
    from tfseis.models.recipe import recipe_of

    assert shipped() == PRETRAINED
    for name in shipped():
        assert job_of(name) == recipe_of(pretrained(name)).job


def test_reading_the_job_loads_no_framework(tmp_path):
    path = write_model(tmp_path / "m.keras", {"job": "salt"})
    script = (
        "import sys\nfrom tfseis.jobs.apply import job_of\n"
        f"assert job_of({str(path)!r}) == 'salt' and job_of('faults') == 'faults'\n"
        "print(sorted({'keras', 'tensorflow', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("name", "content", "error", "told"),
    [
        ("none.keras", None, FormatError, "none.keras: expected a file of a trained model"),
        ("text.keras", b"text", FormatError, "text.keras: expected a .keras file"),
        ("note.xml", b"<net/>", ModelError, "note.xml: expected a model that tfseis trained"),
    ],
)
def test_what_is_no_model_is_refused(name, content, error, told, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=told):
        job_of(tmp_path / name)


def test_models_without_a_known_recipe_are_refused(tmp_path):
    with pytest.raises(ModelError, match="carries no recipe"):
        job_of(write_model(tmp_path / "m.keras"))
    with pytest.raises(ModelError, match="got 'pebbles'"):
        job_of(write_model(tmp_path / "m.keras", {"job": "pebbles"}))


@pytest.mark.parametrize("words", [["--stride", "3"], []])
def test_the_command_asks_the_job(called, words, tmp_path, capsys):
    path = str(write_model(tmp_path / "m.keras", {"job": "stones"}))
    words = ["apply", "--model", path, "in.sgy", "out.sgy", *words]
    options = parse(words)
    options.words, options.command = words, "tfseis ..."
    assert run(options) == 0
    stride = 3 if "--stride" in words else 1
    assert called == [(path, "in.sgy", "out.sgy", stride, True, True)]
    assert capsys.readouterr().out == "42 stones\n"


def test_what_is_neither_model_nor_file_is_refused():
    with pytest.raises(ModelError, match="one model or more; got an empty list"):
        tfseis.apply([], "in", "out")
    with pytest.raises(ModelError, match="a Keras model or the file of one; got int"):
        tfseis.apply(3, "in", "out")


@pytest.mark.parametrize("data", [3, None, 2.5, True])
def test_what_is_no_data_is_refused(data, tmp_path):
    with pytest.raises(FormatError, match=r"Expected data to apply the model to.*; got \w+\. Give"):
        tfseis.apply("faults", data, tmp_path / "out.sgy")


def test_options_of_another_job_are_wrong_usage(called, tmp_path, capsys):
    path = str(write_model(tmp_path / "m.keras", {"job": "stones"}))
    words = ["apply", "--model", path, "in.sgy", "out.sgy", "--confidence", "c.sgy"]
    options = parse(words)
    options.words, options.command = words, ""
    with pytest.raises(SystemExit) as ended:
        run(options)
    assert ended.value.code == 2
    assert "tfseis stones apply: error: unrecognized" in capsys.readouterr().err
    assert called == []


def test_the_function_asks_the_job(called, tmp_path):
    path = write_model(tmp_path / "m.keras", {"job": "stones"})
    done = tfseis.apply(path, "in", "out", overwrite=True, progress=False, options={"stride": 2})
    assert done.text == "42 stones"
    assert tfseis.apply([path, path], "in", "out").files == ("out",)
    assert called == [
        (path, "in", "out", 2, True, False),
        ([path, path], "in", "out", 1, False, True),
    ]
    with pytest.raises(ModelError, match="options of the stones job among stride; got colour"):
        apply(path, "in", "out", options={"colour": 1})
    with pytest.raises(ModelError, match="got overwrite"):
        apply(path, "in", "out", options={"overwrite": True})


@pytest.mark.parametrize("job", JOBS)
def test_commands_reach_all_that_the_functions_take(job):
    """An argument that is missing on the command line is a forgotten one."""
    import inspect

    words = [job, "apply", "in", "out"] + ([] if job in shipped() else ["--model", "m"])
    given = set(vars(parse(words)))
    named = {"model", "cube", "patches", "gathers", "data", "out", "progress", "files"}
    assert set(inspect.signature(JOBS[job].part("apply")).parameters) - named <= given
    words = [job, "train", *(["cube", "l"] if job == "facies" else ["data"]), "--out", "o"]
    given = set(vars(parse(words)))
    named = {"settings", "progress", "command", "lines", "reading"}  # the last two of several
    assert set(inspect.signature(JOBS[job].part("train")).parameters) - named <= given
