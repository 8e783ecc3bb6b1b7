"""Options from the fields of a settings class: all fields of all jobs, and one of every type."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from tfseis.cli.command import parse
from tfseis.cli.parser import Parser
from tfseis.cli.settings import add_settings, flag, read_settings, sentences
from tfseis.jobs.contract import JOBS
from tfseis.named import chosen

SETTINGS = {job: JOBS[job].part("settings") for job in JOBS}
FIELDS = [(job, one) for job, kind in SETTINGS.items() for one in fields(kind)]
NAMES = [f"{job} {one.name}" for job, one in FIELDS]
DATA = {"facies": ["cube.sgy", "a.pts"]}  # others take one


def own_network(shape):
    """What an option names."""
    return shape


def options_of(job, *words):
    return parse([job, "train", *DATA.get(job, ["data"]), "--out", "out", *words])


def settings_of(job, *words):
    defaults = getattr(JOBS[job].part("command"), "BY_NETWORK", None)
    return read_settings(options_of(job, *words), SETTINGS[job], defaults)


def kinds(hint):
    """The members of a union without None, or the one type."""
    one = get_origin(hint) in (None, tuple) or get_origin(hint) is Callable
    return [kind for kind in ((hint,) if one else get_args(hint)) if kind is not NoneType]


def spellings(one, hint):
    """Words of the command line for a field, each with the value that it must be read as."""
    members = kinds(hint)
    choices = one.metadata.get("choices", ())
    if bool in members:
        return [([flag(one.name)], True), ([flag(f"no_{one.name}")], False)]
    found = []
    for kind in members:
        if get_origin(kind) is tuple:
            parts = get_args(kind)
            count = 2 if Ellipsis in parts else len(parts)
            if int in kinds(parts[0]):
                values = tuple(range(3, 3 + count))
            else:
                values = tuple((choices or ("a", "b"))[:count])
            found.append((",".join(map(str, values)), values))
            if Ellipsis in parts:
                found.append((str(values[0]), values[:1]))
        elif kind is int:
            found.append(("7", 7))
        elif kind is float:
            found.append(("0.25", 0.25))
        else:
            found += [(word, word) for word in choices or ("package.module:function",)]
            if kind is not str:
                found.append(("package.module:function", "package.module:function"))
    if NoneType in get_args(hint):
        found.append(("none", None))
    return [([flag(one.name), word], value) for word, value in found]


@pytest.mark.parametrize(("job", "one"), FIELDS, ids=NAMES)
def test_every_field_is_an_option_that_reads_the_right_type(job, one):
    hint = get_type_hints(SETTINGS[job])[one.name]
    tried = spellings(one, hint)
    assert tried
    for words, value in tried:
        found = vars(options_of(job, *words))[f"settings.{one.name}"]
        assert found == value
        assert type(found) is type(value)


@pytest.mark.parametrize("job", JOBS)
def test_defaults_are_those_of_the_class(job):
    assert settings_of(job) == SETTINGS[job]()


def test_defaults_are_those_of_the_network_that_is_asked_for():
    defaults = JOBS["facies"].part("command").BY_NETWORK
    assert len(defaults) > 3
    for network, settings in defaults.items():
        assert settings_of("facies", "--network", network) == settings
        words = ["--network", network, "--seed", "5"]
        assert settings_of("facies", *words) == replace(settings, seed=5)


@pytest.mark.parametrize("job", JOBS)
def test_help_tells_every_field_in_full(job, capsys):
    told = sentences(SETTINGS[job])
    assert set(told) == {one.name for one in fields(SETTINGS[job])}
    with pytest.raises(SystemExit) as ended:
        parse([job, "train", "--help"])
    assert ended.value.code == 0
    text = "".join(capsys.readouterr().out.split())
    for one in fields(SETTINGS[job]):
        assert flag(one.name) in text
        assert "".join(told[one.name].split()) in text, one.name
        assert told[one.name][0].isupper() or not told[one.name][0].isalpha()
        assert told[one.name].endswith(".")
        assert not told[one.name].startswith("Of ")
        for choice in one.metadata.get("choices", ()):
            assert choice in text


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("words", [["--unheard-of"], ["--unheard-of", "3"], ["--epoch", "3"]])
def test_an_unknown_option_ends_with_2(job, words, capsys):
    with pytest.raises(SystemExit) as ended:
        options_of(job, *words)
    assert ended.value.code == 2
    assert f"unrecognized arguments: {' '.join(words)}" in capsys.readouterr().err


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("name", ["network", "loss"])
def test_an_own_function_is_accepted_and_found(job, name, tmp_path, monkeypatch):
    (tmp_path / "own_parts.py").write_text("def made(*values):\n    return 'made here'\n")
    monkeypatch.chdir(tmp_path)
    settings = settings_of(job, flag(name), "own_parts:made")
    assert getattr(settings, name) == "own_parts:made"
    assert chosen(getattr(settings, name), {}, name)() == "made here"
    sys.modules.pop("own_parts")


HELP = [
    ["--help"],
    *([job, *words, "--help"] for job in JOBS for words in ([], ["train"], ["apply"])),
    ["faults", "table", "--help"],
    ["gathers", "extract", "--help"],
    *([tool, "--help"] for tool in ("apply", "demo", "doctor", "view", "score", "summary")),
    *([tool, "--help"] for tool in ("export", "synthetic", "backbones", "rle")),
]


def test_no_help_loads_a_framework():
    script = (
        "import contextlib, io, sys\n"
        "from tfseis.cli.command import main\n"
        f"for words in {HELP!r}:\n"
        "    with contextlib.redirect_stdout(io.StringIO()) as text:\n"
        "        try:\n            main(words)\n"
        "        except SystemExit as ended:\n            assert ended.code == 0, words\n"
        "    assert 'usage: tfseis' in text.getvalue()\n"
        "    heavy = {'tensorflow', 'keras', 'pandas', 'matplotlib'} & set(sys.modules)\n"
        "    assert not heavy, (words, heavy)\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True, kw_only=True)
class Made:
    """Settings with a field of every type.

    Args:
        network: architecture of the network, for 100 % of the samples
            of a crop.
        crop_size: length of a crop, in samples.
        rate: step size of `Adam`; see ``keras``.
        limit: largest number of minutes; None for no limit.
        deep: whether levels have losses.
        plain: whether crops stay as they are.
        size: traces and samples of a patch.
        filters: widths of the levels.
        bands: names of the bands.
        form: format of the file.

    Raises:
        ModelError: never.
    """

    network: str | Callable[..., Any] = field(
        default="light", metadata={"choices": ("light", "wu")}
    )
    crop_size: int = 64
    rate: float = 1e-3
    limit: float | None = None
    deep: bool = False
    plain: bool = True
    size: tuple[int, int] = (48, 128)
    filters: tuple[int, ...] = ()
    bands: tuple[str | Callable, ...] = field(
        default=("near",), metadata={"choices": ("near", "far")}
    )
    form: str | None = field(default=None, metadata={"choices": ("a", "b")})


def made(*words, defaults=None):
    parser = Parser(prog="tfseis made")
    add_settings(parser, Made, defaults)
    return read_settings(parser.parse_args(words), Made, defaults)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {}),
        (["--network", "wu"], {"network": "wu"}),
        (["--network", f"{__name__}:own_network"], {"network": f"{__name__}:own_network"}),
        (["--crop-size", "32", "--rate", "1e-2"], {"crop_size": 32, "rate": 0.01}),
        (["--rate", "1"], {"rate": 1.0}),
        (["--limit", "2.5"], {"limit": 2.5}),
        (["--limit", "none"], {"limit": None}),
        (["--deep", "--no-plain"], {"deep": True, "plain": False}),
        (["--size", "8,9"], {"size": (8, 9)}),
        (["--filters", "8,16,32"], {"filters": (8, 16, 32)}),
        (["--filters", "8"], {"filters": (8,)}),
        (["--filters", ""], {"filters": ()}),
        (["--bands", "far,a.b:c"], {"bands": ("far", "a.b:c")}),
        (["--form", "b"], {"form": "b"}),
        (["--form", "none"], {"form": None}),
    ],
    ids=str,
)
def test_words_become_values(words, expected):
    assert made(*words) == replace(Made(), **expected)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--network", "vgg"], "expected light, wu or 'package.module:function'; got 'vgg'"),
        (["--crop-size", "1.5"], "expected a whole number; got '1.5'"),
        (["--rate", "fast"], "expected a number; got 'fast'"),
        (["--size", "8"], "expected 2 values with commas between; got '8'"),
        (["--size", "8,9,10"], "expected 2 values"),
        (["--filters", "8,x"], "expected a whole number; got 'x'"),
        (["--bands", "near,middle"], "expected near, far or 'package.module:function'"),
        (["--form", "c"], "expected a or b; got 'c'"),
        (["--form", "a:b"], "expected a or b; got 'a:b'"),
        (["--deep", "yes"], "unrecognized arguments: yes"),
        (["--crop", "3"], "unrecognized arguments: --crop 3"),
    ],
    ids=str,
)
def test_wrong_words_are_refused_in_one_line(words, told, capsys):
    with pytest.raises(SystemExit) as ended:
        made(*words)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.splitlines()) == 1


def test_help_shows_sentences_choices_and_defaults(capsys):
    with pytest.raises(SystemExit):
        made("--help", defaults={"light": Made(), "wu": Made(network="wu", crop_size=32)})
    text = " ".join(capsys.readouterr().out.split())
    for told in (
        "--network NAME Architecture of the network, for 100 % of the samples of a crop. Choices: "
        "light, wu or 'package.module:function'. Default: light.",
        "--crop-size N Length of a crop, in samples. Default: 64 (wu: 32).",
        "--rate X Step size of Adam; see keras. Default: 0.001.",
        "--limit X Largest number of minutes; None for no limit. Default: none.",
        "--deep, --no-deep Whether levels have losses. Default: --no-deep.",
        "--plain, --no-plain Whether crops stay as they are. Default: --plain.",
        "--size N,N Traces and samples of a patch. Default: 48,128.",
        "--filters N,N,.. Widths of the levels. Default: none.",
        "--bands NAME,NAME,.. Names of the bands. Choices: near, far or",
        "--form NAME Format of the file. Choices: a or b. Default: none.",
    ):
        assert told in text


def test_a_field_that_is_not_explained_is_an_error():
    @dataclass(frozen=True)
    class Silent:
        """Settings.

        Args:
            told: one.
        """

        told: int = 0
        untold: int = 0

    with pytest.raises(TypeError, match="untold"):
        sentences(Silent)
