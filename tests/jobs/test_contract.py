"""The table of jobs, and choices by name, object or 'package.module:object'."""

from dataclasses import dataclass, fields
from functools import partial

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
        "loss": "functools:partial",
        "sizes": [1, 2],
        "seed": 0,
    }
    assert "0x" not in str(found)
    assert name_of(None) is None
