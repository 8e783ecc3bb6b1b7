"""The table of jobs, and choices by name, object or 'package.module:object'."""

from dataclasses import dataclass, fields
from functools import partial

import numpy as np
import pytest

from tfseis.errors import ModelError
from tfseis.jobs.contract import JOBS, Job, recorded
from tfseis.named import check_choice, chosen, imported, name_of

JOB = Job(
    name="sixth", about="", settings=None, recipe=None, train="math:sqrt", apply=abs, command=None
)


def test_every_part_of_every_job_can_be_imported():
    optional = {"signatures", "examples", "network"}
    for name in JOBS:
        job = JOBS[name]
        assert job.name == name
        for field in fields(Job):
            if field.name not in {"name", "about"} and (
                field.name not in optional or getattr(job, field.name) is not None
            ):
                assert job.part(field.name) is not None


def test_a_job_is_one_line_in_the_table(monkeypatch):
    monkeypatch.setitem(JOBS.data, "sixth", f"{__name__}:JOB")
    monkeypatch.setitem(JOBS.data, "seventh", JOB)
    monkeypatch.setattr(
        "tfseis.jobs.contract.imported", lambda name: {f"{__name__}:JOB": JOB}[name]
    )
    assert JOBS["sixth"] is JOBS["seventh"] is JOB
    assert JOB.part("apply") is abs


def test_parts_are_imported_when_they_are_asked_for():
    assert JOB.part("train")(9.0) == 3.0


def test_an_unknown_job_and_a_missing_part_are_refused():
    with pytest.raises(ModelError, match=r"job among facies, .*; got 'sixth'. Choose one"):
        JOBS["sixth"]
    with pytest.raises(ModelError, match="a job with signatures; 'sixth' has none"):
        JOB.part("signatures")


def test_choices(tmp_path, monkeypatch):
    (tmp_path / "mine_of_this_test.py").write_text("def build(shape):\n    return shape\n")
    monkeypatch.chdir(tmp_path)
    known = {"unet": max}
    assert chosen("unet", known, "network") is max
    assert chosen(min, known, "network") is min
    assert chosen("mine_of_this_test:build", known, "network")((1, 2)) == (1, 2)
    assert imported("os.path") is imported("os:path")
    with pytest.raises(ModelError, match=r"network among unet, a function, .* got 'vnet'"):
        chosen("vnet", known, "network")
    with pytest.raises(ModelError, match="loss among a, b, a function"):
        check_choice("c", ("a", "b"), "loss")
    for wrong in ("no_such_module:build", "mine_of_this_test:other", ":build"):
        with pytest.raises(ModelError, match=r"can be imported; got .*Check both names"):
            chosen(wrong, known, "network")


@dataclass(frozen=True)
class Settings:
    network: object = max
    loss: object = None
    sizes: tuple[int, ...] = (1, 2)
    seed: int = 0


def test_recorded_settings_are_plain_and_the_same_in_every_process():
    found = recorded(Settings(loss=partial(min, 1)))
    assert found == {
        "network": "builtins:max",
        "loss": {"of": "builtins:min", "arguments": [1]},
        "sizes": [1, 2],
        "seed": 0,
    }
    assert "0x" not in str(found)
    assert name_of(None) is None


def test_what_differs_is_recorded_as_different():
    rows = [
        recorded(Settings(network=value))["network"]
        for value in (lambda x: x + 1, lambda x: x + 2, partial(min, 1), partial(min, 2))
    ]
    assert len({str(row) for row in rows}) == 4
    numbers = recorded(Settings(seed=np.int64(3), sizes=np.array([1.5, 2])))
    assert numbers["seed"] == 3
    assert type(numbers["seed"]) is int
    assert numbers["sizes"] == [1.5, 2]


@pytest.mark.parametrize("wrong", [3, 0.5, True])
def test_a_number_is_no_choice(wrong):
    with pytest.raises(ModelError, match=rf"loss among a, a function, .* got {wrong}"):
        check_choice(wrong, ("a",), "loss")


def test_a_module_that_cannot_be_read_is_refused_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "broken_of_this_test.py").write_text("def build(:\n")
    monkeypatch.chdir(tmp_path)
    for name in ("broken_of_this_test:build", ".x:b"):
        with pytest.raises(ModelError, match=r"can be imported; got .*Check both names"):
            imported(name)
