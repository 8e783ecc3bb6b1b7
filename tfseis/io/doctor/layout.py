"""Layouts by which a SEG-Y file can be read, even where its binary header is wrong."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.segy.binary_header import BinaryHeader
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
from tfseis.io.segy.sampled_headers import trace_counts
from tfseis.io.segy.samples import (
    CHECKED_BYTES,
    CHECKED_TRACES,
    check_samples,
    looks_like,
    proves,
    read_samples,
)
from tfseis.io.segy.stated_sizes import Sizes
from tfseis.io.segy.text import is_text

FORMAT_BYTE = 3225
LIKELY_FORMATS = (5, 1, 2, 3, 8, 16)
SIZED_FORMATS = (5, 1, 3, 6)  # that the size of a sample, or the samples themselves, prove
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
        return [*_guesses(path, opening), *_by_trace_headers(path, opening)], str(error)
    if opening.sample_format is not None:
        return [(opening, layout)], ""
    counts = _stated_samples(path, layout)
    if counts.any() and np.mean(counts == layout.samples) < 1 / 2:  # headers lie elsewhere
        others = list(_by_trace_headers(path, opening))
        if others:
            return others, (
                f"{path.name}: expected samples of format {layout.format} (byte 3225); the trace "
                f"headers lie where format {others[0][1].format} has them. Say so (sample_format)."
            )
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


def _by_trace_headers(path: Path, opening: Opening) -> Iterator[tuple[Opening, Layout]]:
    """Other formats by which every trace header states the number of samples."""
    if opening.sample_format is not None or not path.is_file():
        return
    for code in SIZED_FORMATS:
        guess = replace(opening, sample_format=code)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                layout = _layout(path, guess)
        except FormatError:
            continue
        proved = layout.traces >= LEAST_TRACES and _samples_fit(path, layout)
        if proved and (_stated_samples(path, layout) == layout.samples).all():
            yield guess, layout


def _stated_samples(path: Path, layout: Layout) -> np.ndarray:
    """Numbers of samples that some trace headers state, int64 (traces,)."""
    header = BinaryHeader(path.name, b"", layout.order)
    sizes = Sizes(layout.samples, layout.first_trace, layout.header_bytes, 0, layout.traces, 0)
    return trace_counts(path, header, sizes, layout.dtype.itemsize)


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
