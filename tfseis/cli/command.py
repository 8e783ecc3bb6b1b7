"""Runs one command: reads its words, calls its job, turns refusals into one line."""

import argparse
import shlex
import sys
from collections.abc import Sequence

from tfseis import __version__
from tfseis.cli import (
    backbones,
    boreholes,
    demo,
    doctor,
    export,
    facies,
    faults,
    gathers,
    predict,
    rle,
    salt,
    score,
    summary,
    synthetic,
    view,
)
from tfseis.errors import TfseisError

REFUSED = 1  # refused input; 0 is done, and argparse itself exits with 2 on wrong usage
COMMANDS = (
    facies,
    faults,
    boreholes,
    gathers,
    predict,
    doctor,
    demo,
    view,
    score,
    backbones,
    summary,
    export,
    synthetic,
    salt,
    rle,
)  # each with `add` and `run`


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 refused input, 2 wrong usage."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = parse(words)
    options.command = shlex.join(["tfseis", *words])
    try:
        return int(options.run(options))
    except TfseisError as error:
        print(f"tfseis: {error}", file=sys.stderr)
    except OSError as error:
        print(f"tfseis: {error}. Check the file, its folder and the disk.", file=sys.stderr)
    except KeyboardInterrupt:
        what = "the same command goes on from here" if options.resumes else "nothing was written"
        print(f"tfseis: interrupted; {what}.", file=sys.stderr)
    return REFUSED


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Read the words of a command; `run` in the result does it."""
    parser = argparse.ArgumentParser(
        prog="tfseis", description="Deep-learning seismic interpretation.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"tfseis {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="job")
    for command in COMMANDS:
        command.add(commands)
    pair = " ".join(words[:2])  # commands of two words, such as faults train
    words = [pair, *words[2:]] if pair in commands.choices else words
    options, left = parser.parse_known_args(words)
    files = [word for word in left if not word.startswith("-")]  # files after an option
    more = getattr(options, "more", None)  # what they belong to
    if len(files) < len(left) or (files and more is None):
        parser.error(f"unrecognized arguments: {' '.join(left)}")
    if more is not None:
        setattr(options, more, [*getattr(options, more), *files])
    return options
