"""`tfseis doctor`: what a SEG-Y file is, and which arguments open it."""

import argparse
import json

from tfseis import io
from tfseis.jobs.arguments import add_opening, opening_arguments


def add(parser: argparse.ArgumentParser) -> None:
    """Add the file, the form of the answer, the copy, and what is known of the file already."""
    parser.add_argument("cube", metavar="FILE.sgy", help="SEG-Y file to examine.")
    parser.add_argument("--json", action="store_true", help="Print everything as JSON.")
    parser.add_argument(
        "--fix",
        metavar="OUT.sgy",
        help="Also write a copy that opens without arguments: line numbers at bytes 189 and 193, "
        "coordinates at 181 and 185, scalar, interval and number of samples where the standard has "
        "them; samples and other headers byte for byte.",
    )
    parser.add_argument("--overwrite", action="store_true", help="Replace a copy of this name.")
    add_opening(parser)


def run(options: argparse.Namespace) -> int:
    """Say what a SEG-Y file is, and which arguments open it.

    Exit code 0: it opens as it is, or its copy does (--fix); 3: it opens with the printed
    arguments; 4: it cannot be opened as a cube.
    """
    given = opening_arguments(options)
    diagnosis = io.diagnose(options.cube, **given)
    fixed = None
    if options.fix and diagnosis.verdict != "cannot":
        fixed = io.fix_segy(options.cube, options.fix, overwrite=options.overwrite, **given)
    if options.json:
        copy = {"fixed": fixed.as_dict()} if fixed else {}
        print(json.dumps({**diagnosis.as_dict(), **copy}, indent=1))
    else:
        print(io.describe(diagnosis))
        if fixed:
            traces = f"{fixed.facts['traces']} of {diagnosis.facts['traces']} traces"
            print(f"\nCopy of {traces}: {options.fix}\n{io.describe(fixed)}")
    return (fixed or diagnosis).exit_code
