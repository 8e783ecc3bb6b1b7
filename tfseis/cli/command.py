"""Runs one command: reads its words, calls its job or tool, turns refusals into one line."""

import argparse
import inspect
import io
import os
import shlex
import sys
from collections.abc import Sequence

from tfseis import __version__
from tfseis.cli import (
    backbones,
    convert,
    demo,
    doctor,
    export,
    jobs,
    rle,
    score,
    status,
    summary,
    synthetic,
    view,
)
from tfseis.cli.interruption import exit_code, interruptible, told
from tfseis.cli.parser import Parser, with_files
from tfseis.errors import TfseisError
from tfseis.io.output import FULL
from tfseis.io.unfinished import KEPT
from tfseis.jobs.contract import JOBS

REFUSED = 1  # refused input; 0 is done, and the parser itself exits with 2 on wrong usage
TOOLS = {  # each has `add(parser)` and `run(options) -> exit code`, whose docstring is its help
    "demo": demo,
    "doctor": doctor,
    "view": view,
    "score": score,
    "convert": convert,
    "status": status,
    "summary": summary,
    "export": export,
    "synthetic": synthetic,
    "backbones": backbones,
    "rle": rle,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 refused input, 2 wrong usage.

    Args:
        arguments: words of the command without ``tfseis``; those of this process if None.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _print_any_name()
    options = argparse.Namespace(resumes=False)
    try:
        with interruptible():
            options = parse(words)
            options.words, options.command = words, shlex.join(["tfseis", *words])
            return int(options.run(options))
    except TfseisError as error:
        _tell(str(error))
        _tell_kept()
    except OSError as error:
        _tell(_of_the_system(error))
        _tell_kept()
    except KeyboardInterrupt as interruption:
        _tell(told(resumes=options.resumes))
        return exit_code(interruption, REFUSED)
    return REFUSED


def _tell(text: str) -> None:
    """Say why a command ends, in one line that no progress bar begins or draws over."""
    if "tqdm" in sys.modules:
        for bar in list(getattr(sys.modules["tqdm"].tqdm, "_instances", ())):
            bar.close()
    print(f"tfseis: {one_line(text)}", file=sys.stderr)


def _of_the_system(error: OSError) -> str:
    """What the system refused, and what to do."""
    if error.errno not in FULL:
        return f"{error}. Check the file, its folder and the disk."
    place = f"{error.filename}: " if error.filename else ""
    return (
        f"{place}{'e' if place else 'E'}xpected room on the disk; got: "
        f"{os.strerror(error.errno)}. Free some space, and give the command again."
    )


def one_line(text: str) -> str:
    r"""A message in one line, without characters that command a terminal.

    Names of files and classes in it may come from strangers.

    Examples:
        >>> one_line("a\x1b[2J.sgy: expected one\nline")
        'a\\x1b[2J.sgy: expected one line'
    """
    flat = " ".join(text.splitlines())
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in flat
    )


def _tell_kept() -> None:
    """Say what a failed command leaves to be resumed."""
    for text in KEPT:
        print(f"tfseis: {one_line(text)}", file=sys.stderr)


def _print_any_name() -> None:
    """Print names of files that are no text of the terminal's encoding, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Read the words of a command; `run` in the result does it.

    Only the command that is named gets its arguments, so that help is shown at once.
    """
    parser = Parser(
        prog="tfseis",
        description="Deep-learning seismic interpretation: train a model for a job, and apply it.",
        epilog="Each job has the commands train and apply: see tfseis JOB --help.",
    )
    parser.add_argument("--version", action="version", version=f"tfseis {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="jobs and tools")
    for name in JOBS:
        one = commands.add_parser(name, help=JOBS[name].about, description=JOBS[name].about)
        if [name] == list(words[:1]):
            jobs.add_job(one, name, words[1:])
    for name, tool in {jobs.APPLY: jobs, **TOOLS}.items():
        text = inspect.getdoc(tool.run) or ""
        one = commands.add_parser(name, help=text.partition("\n")[0], description=text)
        if [name] == list(words[:1]):
            one.set_defaults(run=tool.run, resumes=False, parser=one)
            tool.add(one)
    options, left = parser.parse_known_args(words)
    return options if getattr(options, "any_options", False) else with_files(options, left)
