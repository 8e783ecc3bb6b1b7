"""Layouts by which a SEG-Y file can be read, even where its binary header is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tfseis.errors import FormatError
from tfseis.io.segy.layout import (
    BINARY_END,
    DTYPES,
    ORDERS,
    REFUSED,
    TEXT_BYTES,
    Layout,
)
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.reading import read_layout
from tfseis.io.segy.samples import (
    CHECKED_BYTES,
    CHECKED_TRACES,
    check_samples,
    looks_like,
    proves,
    read_samples,
)
from tfseis.io.segy.text import is_text

FORMAT_BYTE = 3225
LIKELY_FORMATS = (5, 1, 2, 3, 8, 16)
FOUR_BYTES = 4
MOST_TEXT_HEADERS = 12  # extended textual headers that are looked for, at most
LEAST_TRACES = 4  # number of traces from which a guessed layout can be checked


def readable_layouts(path: Path, opening: Opening) -> tuple[list[tuple[Opening, Layout]], str]:
    """Find arguments of `open_segy` by which the file divides into whole traces.

    Args:
        path: any file.
        opening: the given arguments.

    Returns:
        Arguments with their layouts, the best first; and why the first of them are not the given
        ones, or why there are none ("" where they are).
    """
    try:
        layout = _layout(path, opening)
    except FormatError as error:
        return list(_guesses(path, opening)), str(error)
    if opening.sample_format is not None:
        return [(opening, layout)], ""
    try:
        check_samples(path, layout)
    except FormatError as error:
        bits = read_samples(path, layout, CHECKED_TRACES, CHECKED_BYTES)
        found = looks_like(bits.ravel(), layout.format)
        if found is None:
            return [], str(error)
        other = replace(opening, sample_format=found)
        return [(other, _layout(path, other))], str(error)
    return [(opening, layout)], ""


def _layout(path: Path, opening: Opening) -> Layout:
    return read_layout(path, **opening.layout_arguments())


def _guesses(path: Path, opening: Opening) -> Iterator[tuple[Opening, Layout]]:
    """Other interpretations of the binary header that fit the size of the file."""
    if not path.is_file() or path.stat().st_size <= BINARY_END:
        return
    for guess in _openings(path, opening):
        try:
            layout = _layout(path, guess)
        except FormatError:
            continue
        if guess.sample_format is None:
            try:
                check_samples(path, layout)
            except FormatError:
                continue
        elif layout.traces < LEAST_TRACES or not _samples_fit(path, layout):
            continue
        yield guess, layout


def _openings(path: Path, opening: Opening) -> Iterator[Opening]:
    if opening.endian is not None:
        yield replace(opening, endian=None)
    if opening.text_headers is None:
        for count in range(MOST_TEXT_HEADERS + 1):
            if _is_text(path, count):
                yield replace(opening, text_headers=count)
    if opening.sample_format is None and path.stat().st_size > BINARY_END and _unknown(path):
        for endian in ORDERS:
            for code in LIKELY_FORMATS:
                yield replace(opening, endian=endian, sample_format=code)


def _unknown(path: Path) -> bool:
    """Whether the format code is unknown in either byte order."""
    with path.open("rb") as file:
        file.seek(FORMAT_BYTE - 1)
        code = file.read(2)
    codes = {int.from_bytes(code, "big"), int.from_bytes(code, "little")}
    return codes.isdisjoint({*DTYPES, *REFUSED})


def _is_text(path: Path, count: int) -> bool:
    """Whether this number of blocks after the binary header are text."""
    with path.open("rb") as file:
        file.seek(BINARY_END)
        block = file.read(TEXT_BYTES * count)
    if len(block) < TEXT_BYTES * count:
        return False
    return is_text(block)


def _samples_fit(path: Path, layout: Layout) -> bool:
    """Whether the samples confirm their format."""
    bits = read_samples(path, layout, CHECKED_TRACES, CHECKED_BYTES).ravel()
    if layout.dtype.itemsize != FOUR_BYTES:
        return True  # only the size of the file and the grid can confirm it
    return proves(bits, layout.format)
