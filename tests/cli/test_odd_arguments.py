"""Every numeric option of every command with numbers that cannot be, made from the parsers."""

import argparse
from dataclasses import fields
from typing import get_args, get_type_hints

import pytest

from tfseis.cli import command
from tfseis.cli.command import main, parse
from tfseis.cli.settings import PREFIX, flag, read_settings
from tfseis.errors import ModelError, TfseisError
from tfseis.jobs.contract import JOBS

NEVER = ("nan", "inf", "-inf", "1e400", "1e30", "-1e30", str(10**18), "-1", "x", "", "1,")
COMMANDS = [
    *([job, word] for job in JOBS for word in ("train", "apply")),
    ["faults", "table"],
    ["gathers", "extract"],
    *([tool] for tool in command.TOOLS),
    ["rle", "decode"],
    ["rle", "check"],
]
NEGATIVE = {  # options for which a number below 0 is right
    "--coordinate-scalar", "--start", "--ignore", "--inline", "--crossline", "--time",
    "--held-out", "--code",
}  # fmt: skip
WORDS = ("--network", "--loss")  # take a text too


def parsers(words):
    """The parser of a command with all its options."""
    found = []
    keep = argparse.ArgumentParser.parse_known_args

    def kept(self, args=None, namespace=None):
        found.append(self)
        return keep(self, args, namespace)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_known_args", kept)
        with pytest.raises(SystemExit):
            parse([*words, "--help"])
    return found[-1]


def numeric(words):
    """Options of a command that take numbers, and whether they belong to the settings."""
    found = []
    for action in parsers(words)._actions:
        if not action.option_strings or action.type is None or action.choices:
            continue
        name = action.option_strings[0]
        metavar = action.metavar if isinstance(action.metavar, str) else "N"
        if set(metavar.replace(",", "").replace("..", "").replace("|", "")) <= set("NXPSTABW:"):
            found.append((name, action.nargs, action.dest.startswith(PREFIX)))
    return found


def test_the_table_is_long_and_knows_every_number_of_every_settings_class(capsys):
    every = {" ".join(words): numeric(words) for words in COMMANDS}
    assert sum(map(len, every.values())) > 90
    for job in JOBS:
        kind = JOBS[job].part("settings")
        hints = get_type_hints(kind)
        numbers = {
            flag(one.name)
            for one in fields(kind)
            if {int, float} & {hints[one.name], *get_args(hints[one.name])}
            and hints[one.name] is not bool
        }
        assert numbers <= {name for name, _, _ in every[f"{job} train"]}


def told(capsys, words):
    """Exit code and what was printed, of a command that must be refused before it does anything."""
    try:
        code = main(words)
    except SystemExit as ended:
        code = ended.code
    return code, capsys.readouterr().err.strip().splitlines()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_numbers_that_cannot_be_are_refused_in_one_line(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = ["no-such-file"] * 9
    for name, nargs, _ in numeric(words):
        for value in NEVER:
            if value == "-1" and name in NEGATIVE:
                continue
            word = [f"{name}={value}"] if nargs is None else [name, *[value] * nargs]
            out = ["--out", "out"] if words[1:] == ["train"] else []
            many = 2 if words[0] in ("facies",) else 1
            code, lines = told(capsys, [*words, *data[:many], *out, *word])
            assert code in (1, 2) or words == ["doctor"], (words, word, lines)
            assert len(lines) == 1 or words == ["doctor"], (words, word, lines)
            assert not list(tmp_path.iterdir())
            if lines and "required" not in lines[0]:
                shown = name.strip("-")
                names = (
                    shown,
                    shown.replace("-", "_"),
                    "no-such-file",
                    "there is no",
                    "unrecog",
                    "width",
                )
                assert any(one in lines[0] for one in names), (words, word, lines)


SETTINGS = [
    (job, name) for job in JOBS for name, _, own in numeric([job, "train"]) if own
]  # fmt: skip


@pytest.mark.parametrize(("job", "name"), SETTINGS, ids=" ".join)
@pytest.mark.parametrize("value", NEVER)
def test_settings_refuse_before_anything_is_read(job, name, value):
    data = ["a", "b"] if job == "facies" else ["a"]
    words = [job, "train", *data, "--out", "out", f"{name}={value}"]
    kind = JOBS[job].part("settings")
    defaults = getattr(JOBS[job].part("command"), "BY_NETWORK", None)
    empty = value == "" and name == "--filters"  # none: the network's own
    if empty and job != "facies":
        read_settings(parse(words), kind, defaults)
        return
    with pytest.raises((SystemExit, ModelError)) as found:
        read_settings(parse(words), kind, defaults)
    if isinstance(found.value, ModelError):
        assert len(str(found.value).splitlines()) == 1
        assert "Expected" in str(found.value)


@pytest.mark.parametrize(
    ("job", "change"),
    [
        ("facies", {"crop_size": 100_000}),
        ("facies", {"crop_size": 4096, "batch_size": 1000}),
        ("facies", {"network": "unet25", "sections": 999}),
        ("facies", {"folds": 100_000}),
        ("facies", {"epochs": 2.5}),
        ("facies", {"epochs": True}),
        ("facies", {"seed": 2**32}),
        ("faults", {"crop_size": 1000, "batch_size": 2}),
        ("faults", {"crop_size": 100_000}),
        ("faults", {"epochs": 0}),
        ("faults", {"student_noise": float("nan")}),
        ("faults", {"temperature": 0}),
        ("faults", {"minutes": 0}),
        ("faults", {"salty": 1.5}),
        ("gathers", {"size": (1, 1)}),
        ("gathers", {"size": (9999, 9999)}),
        ("gathers", {"size": (8192, 8192)}),
        ("gathers", {"samples": 1}),
        ("boreholes", {"threshold": 1}),
        ("boreholes", {"batch_size": 0}),
        ("salt", {"size": 8}),
        ("salt", {"folds": 1}),
        ("salt", {"minutes": -1}),
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(job, change):
    with pytest.raises(TfseisError, match=r"^Expected .*; got ") as found:
        JOBS[job].part("settings")(**change)
    assert len(str(found.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("job", "change"),
    [
        ("facies", {"crop_size": 8, "epochs": 1, "folds": 0, "learning_rate": 0}),
        ("facies", {"network": "unet3d", "crop_size": 64, "filters": (8, 16, 32)}),
        ("faults", {"epochs": None, "minutes": 600.0, "student_noise": 0.5, "salty": 0}),
        ("faults", {"crop_size": 128, "batch_size": 8, "minutes": 1}),
        ("gathers", {"size": (8, 32), "samples": 32}),
        ("gathers", {"size": (240, 1500)}),
        ("boreholes", {"noise": 0, "threshold": 0.999, "width": 64}),
        ("salt", {"size": 256, "folds": 2, "networks": 1, "minutes": 0.5}),
    ],
    ids=str,
)
def test_settings_in_range_are_taken(job, change):
    made = JOBS[job].part("settings")(**change)
    assert {name: getattr(made, name) for name in change} == change


@pytest.mark.parametrize("text", ["1-99999999999", "0-5", "9-1", "1-99999999999,3"])
def test_trace_numbers_that_fill_the_memory_are_refused(text, capsys, tmp_path):
    (tmp_path / "a.sgy").touch()
    with pytest.raises(SystemExit):
        main(["doctor", str(tmp_path / "a.sgy"), "--skip-traces", text])
    (told,) = capsys.readouterr().err.splitlines()
    assert "trace numbers from 1 on, the smaller first, such as 6,9-11; got" in told
