"""`tfseis doctor`: what a SEG-Y file is, and which arguments open it."""

import argparse
import json

from tfseis import io
from tfseis.jobs.arguments import add_opening, opening_arguments


def add(parser: argparse.ArgumentParser) -> None:
    """Add the file, the form of the answer, and what is known of the file already."""
    parser.add_argument("cube", metavar="FILE.sgy", help="SEG-Y file to examine.")
    parser.add_argument("--json", action="store_true", help="Print everything as JSON.")
    add_opening(parser)


def run(options: argparse.Namespace) -> int:
    """Say what a SEG-Y file is, and which arguments open it.

    Exit code 0: it opens as it is; 3: it opens with the printed arguments; 4: it cannot be opened
    as a cube.
    """
    diagnosis = io.diagnose(options.cube, **opening_arguments(options))
    if options.json:
        print(json.dumps(diagnosis.as_dict(), indent=1))
    else:
        print(io.describe(diagnosis))
    return diagnosis.exit_code
