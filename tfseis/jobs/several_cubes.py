"""Arguments of commands that open several cubes: each belongs to one file."""

import argparse
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from tfseis import io
from tfseis.errors import FormatError, TfseisError
from tfseis.jobs.option_types import READER_HELP, check_reader, reader

GRAMMAR = "[FILE=]"  # before a value: the file that it belongs to; without, the first file
PLACES = (  # arguments that say where numbers lie, which files of one survey often share
    *("inline_byte", "crossline_byte", "x_byte", "y_byte"),
    *("grid", "line_format", "coordinate_format"),
)
READER = "reader"
SEGY = {".sgy", ".segy"}  # endings; any ending without a reader is taken for SEG-Y too


def add_openings(parser: argparse.ArgumentParser, first: str, *, reader: bool = False) -> None:
    """Add the arguments of `open_segy`, for the first file or for one that is named.

    Args:
        parser: parser of the command.
        first: what the help calls the first file.
        reader: whether to add ``--reader``.
    """
    group = parser.add_argument_group(
        "reading the cubes (see tfseis doctor)",
        f"These belong to {first}, or to the file that is named, as in --inline-byte "
        "labels.sgy=9. A file for which nothing is said is opened as it is, or as tfseis doctor "
        f"finds, or by the header fields said for {first} where these put it on the same lines.",
    )
    if reader:
        group.add_argument(
            "--reader",
            action="append",
            default=[],
            type=_of_file(str, ()),
            metavar=f"{GRAMMAR}MODULE:FUNCTION",
            help=READER_HELP,
        )
    for option in io.OPTIONS:
        group.add_argument(
            option.flag,
            dest=option.name,
            action="append",
            default=[],
            type=_of_file(option.parse, option.choices),
            metavar=f"{GRAMMAR}{option.metavar or '{' + ','.join(option.choices) + '}'}",
            help=f"{option.help[0].upper()}{option.help[1:].rstrip('.')}.",
        )


def open_cubes(
    paths: Sequence[str], options: argparse.Namespace, stack: ExitStack
) -> "list[io.Cube]":
    """Open the cubes that a command was given, by the options of `add_openings`.

    Args:
        paths: the files; the first one takes the arguments that name no file.
        options: parsed options.
        stack: closes the cubes.

    Raises:
        FormatError: an argument for a file that is not given; or as `open_segy`.
        GeometryError: as `open_segy`.
    """
    _check_files(paths, options)
    if not paths:
        return []
    given = arguments_of(paths[0], options, first=True)
    first = stack.enter_context(_open(paths[0], given) if given else _open_asked(paths[0]))
    places = {name: value for name, value in given.items() if name in (*PLACES, READER)}
    cubes, unsaid = [first], [] if given else [first]
    for path in paths[1:]:
        own = arguments_of(path, options, first=False)
        cube = stack.enter_context(_open(path, own) if own else _open_beside(path, first, places))
        cubes.append(cube)
        unsaid += [] if own else [cube]
    for cube in unsaid:
        _tell(cube)
    return cubes


def arguments_of(path: str, options: argparse.Namespace, *, first: bool) -> dict[str, Any]:
    """Arguments of one file: those that name it, before those that name none."""
    found: dict[str, Any] = {}
    for name in (*(option.name for option in io.OPTIONS), READER):
        given = dict(getattr(options, name, []))
        names = (path, Path(path).name, *([""] if first else []))
        said = [given[key] for key in names if key in given]
        if said:
            found[name] = said[0]
    return found


def _open(path: str, arguments: dict[str, Any]) -> "io.Cube":
    reader = arguments.get(READER)
    rest = {name: value for name, value in arguments.items() if name != READER}
    check_reader(path, reader, rest)
    return io.open_segy(path, **rest) if rest else io.open_cube(path, reader=reader)


def _open_beside(path: str, first: "io.Cube", places: dict[str, Any]) -> "io.Cube":
    """Open a cube as it needs it; of several ways, the one that puts it on the first's lines."""
    if READER in places and Path(path).suffix.lower() not in io.CUBE_READERS:
        return io.open_cube(path, reader=places[READER])
    rest = {name: value for name, value in places.items() if name != READER}
    ways: list[Callable[[], io.Cube]] = [lambda: _open_asked(path)]
    if rest:
        ways.append(lambda: io.open_segy(path, **rest))
    opened: list[io.Cube] = []
    refusals = []
    for way in ways:
        try:
            opened.append(way())
        except TfseisError as error:
            refusals.append(error)
            continue
        if _shared(opened[-1], first) == 1:
            break
    if not opened:
        raise refusals[0]
    best = max(opened, key=lambda cube: _shared(cube, first))  # the first of equal ones
    for cube in opened:
        if cube is not best:
            cube.close()
    return best


def _open_asked(path: str) -> "io.Cube":
    """Open a cube for which nothing was said."""
    if Path(path).suffix.lower() in set(io.CUBE_READERS) - SEGY:
        return io.open_cube(path)
    return io.open_asked(path)


def _tell(cube: "io.Cube") -> None:
    """Say with which arguments a file was opened that nothing was said of."""
    if isinstance(cube, io.SegyCube) and (needed := cube.opening.changes()):
        print(f"{cube.name}: opened with {io.command_line(needed)} (see tfseis doctor).")


def _shared(cube: "io.Cube", first: "io.Cube") -> float:
    """Share of the lines of a cube that another one has too."""
    axes = zip(cube.geometry.axes[:2], first.geometry.axes[:2], strict=True)
    return min(float(np.isin(own.numbers, other.numbers).mean()) for own, other in axes)


def _check_files(paths: Sequence[str], options: argparse.Namespace) -> None:
    known = {"", *paths, *(Path(path).name for path in paths)}
    for name in (*(option.name for option in io.OPTIONS), READER):
        for file, _ in getattr(options, name, []):
            if file not in known:
                raise FormatError(
                    f"Expected --{name.replace('_', '-')} for a file that is given; got {file!r}. "
                    f"Name one of {', '.join(Path(path).name for path in paths)}."
                )


def _of_file(
    parse: Callable[[str], Any], choices: Sequence[str]
) -> Callable[[str], tuple[str, Any]]:
    """A reader of [FILE=]VALUE, into the file, "" for the first, and the value."""

    def read(text: str) -> tuple[str, Any]:
        file, _, said = text.rpartition("=")
        if choices and said not in choices:
            raise argparse.ArgumentTypeError(
                f"expected [FILE=]VALUE with one of {', '.join(choices)}; got {text!r}"
            )
        try:
            return file, reader(parse)(said)
        except (ValueError, argparse.ArgumentTypeError) as error:
            if isinstance(error, argparse.ArgumentTypeError) and parse not in (int, float):
                raise
            raise argparse.ArgumentTypeError(
                f"expected a number, or FILE=NUMBER; got {text!r}"
            ) from None

    return read
