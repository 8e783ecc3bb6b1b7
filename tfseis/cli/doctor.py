"""`tfseis doctor`: what a SEG-Y file is, and which arguments open it."""

import argparse
import json

from tfseis.cli.arguments import add_opening, opening_arguments
from tfseis.io import describe, diagnose


def add(commands: "argparse._SubParsersAction") -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "doctor",
        help="say what a SEG-Y file is, and which arguments open it",
        description="Exit code 0: opens as it is; 3: opens with the printed arguments; 4: cannot "
        "be opened as a cube.",
        allow_abbrev=False,
    )
    parser.add_argument("cube", metavar="FILE.sgy")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    add_opening(parser)
    parser.set_defaults(run=run, resumes=False)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit code."""
    diagnosis = diagnose(options.cube, **opening_arguments(options))
    if options.json:
        print(json.dumps(diagnosis.as_dict(), indent=1))
    else:
        print(describe(diagnosis))
    return diagnosis.exit_code
