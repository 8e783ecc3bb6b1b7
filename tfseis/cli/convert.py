"""`tfseis convert`: a cube in another format."""

import argparse
from contextlib import ExitStack

from tfseis import io
from tfseis.jobs.several_cubes import add_openings, open_cubes


def add(parser: argparse.ArgumentParser) -> None:
    """Add both cubes, the template, and how the input is opened."""
    argument = parser.add_argument
    argument("input", metavar="IN", help="Cube of any format, also s3://, gs:// and https://.")
    argument(
        "output",
        metavar="OUT",
        help="File or folder to write: .sgy, .segy, .zarr, .mdio, .zgy, .npy or .npz.",
    )
    argument(
        "--template",
        metavar="CUBE.sgy",
        help="SEG-Y file on the same lines whose headers OUT.sgy gets.",
    )
    argument("--overwrite", action="store_true", help="Replace a file or folder of that name.")
    add_openings(parser, "IN", reader=True)


def run(options: argparse.Namespace) -> int:
    """Write a cube in another format, which the ending of its name says.

    A SEG-Y file that is converted to .zarr or .mdio and back is the same byte for byte; where it
    is not, a line says why. Cubes larger than memory are copied block by block.
    """
    with ExitStack() as stack:
        paths = [options.input, *([options.template] if options.template else [])]
        cube, *template = open_cubes(paths, options, stack)
        done = io.convert_cube(
            cube,
            options.output,
            template=template[0] if template else None,
            overwrite=options.overwrite,
        )
    print(done.path, *(f"{done.path.name}: {note}." for note in done.notes), sep="\n")
    return 0
