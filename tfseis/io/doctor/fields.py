"""Trace-header fields that may hold line numbers, judged from the headers of some traces."""

from itertools import combinations
from pathlib import Path

import numpy as np

from tfseis.io.segy.headers import MAYBE_LONG, SHORT_FIELDS, has_four_bytes, read_headers
from tfseis.io.segy.layout import HEADER_BYTES, Layout

USUAL = (  # inline and crossline, as programs write them
    (189, 193),
    (9, 21),
    (17, 21),
    (5, 21),
    (9, 17),
    (9, 25),
    (17, 13),
    (181, 185),
    (221, 225),
    (233, 237),
)
COORDINATES = (73, 77, 81, 85, 181, 185)
# Offset, scalars, sample counts and intervals, dates: no line numbers.
NEVER = (37, 69, 71, 109, 115, 117, *range(157, 169, 2), 215)
COUNTERS = (13, 25)  # channel, trace in a gather: line numbers where they do not begin at 0 or 1
LATE, LONG = 181, 4  # first byte behind those of acquisition; bytes of a long field
BLOCKS, BLOCK_TRACES = 16, 256  # blocks of neighbouring traces in which fields are compared
MOST_PAIRS = 6  # pairs of fields that are checked on all traces
MOST_VALUES = 100_000  # largest number in a coordinate field that holds line numbers
LARGEST_STEP = 16  # largest step between lines in a coordinate field
ODDEST_STEP = 2**15  # largest step between lines in other fields
BYTE = 2**8  # what a number grows by in a field that begins one byte beside it
PADDED = 0.5  # share of traces, at least, that are no padding
LONG_SAMPLES = 2**26  # bytes of neighbouring traces above which they are read one by one


def sampled_headers(path: Path, layout: Layout) -> np.ndarray:
    """Headers of blocks of neighbouring traces, uint8 (traces, bytes)."""
    if layout.traces <= BLOCKS * BLOCK_TRACES:
        starts, size = [0], layout.traces
        if layout.trace_bytes * size > LONG_SAMPLES:
            starts, size = list(range(layout.traces)), 1
    else:
        starts = np.linspace(0, layout.traces - BLOCK_TRACES, BLOCKS).astype("int64").tolist()
        size = BLOCK_TRACES
    with path.open("rb") as file:
        blocks = [read_headers(file, layout, np.arange(at, at + size)) for at in starts]
    return np.concatenate(blocks)


def field_of(headers: np.ndarray, layout: Layout, byte: int) -> np.ndarray:
    """Numbers of one field of some headers, int16 or int32 (traces,)."""
    size = 2 if byte in SHORT_FIELDS else 4
    found = _column(headers, layout, byte, size)
    if byte in MAYBE_LONG:
        longer = _column(headers, layout, byte, 4)
        return longer if has_four_bytes(found, longer, layout) else found
    return found


def _column(headers: np.ndarray, layout: Layout, byte: int, size: int) -> np.ndarray:
    raw = np.ascontiguousarray(headers[:, byte - 1 : byte - 1 + size])
    return raw.view(f"{layout.order}i{size}")[:, 0].astype(f"i{size}")


def standard_fields() -> list[int]:
    """First bytes of the fields of the standard, and of the unassigned ones after them."""
    return [byte for byte in range(1, HEADER_BYTES - 2) if _standard(byte)]


def other_fields() -> list[int]:
    """First bytes of all four bytes that are no field of the standard."""
    return [byte for byte in range(1, HEADER_BYTES - 2) if not _standard(byte)]


def is_counter(headers: np.ndarray, layout: Layout, byte: int) -> bool:
    """Whether a field may count channels, or the traces of a gather, instead of lines."""
    return byte in COUNTERS and bool(filled(field_of(headers, layout, byte)).min() <= 1)


def likely_pairs(headers: np.ndarray, layout: Layout, bytes_: list[int]) -> list[tuple[int, int]]:
    """Pairs of fields that tell all sampled traces apart, the most likely ones first.

    Inline is the field that programs write it to, the first of two beside each other behind the
    coordinates, or else the one that changes less often. Fields that may count channels or traces
    come last.
    """
    fields = {}
    for byte in bytes_:
        column = field_of(headers, layout, byte).astype("int64")
        if byte in NEVER or not _may_hold_lines(column, byte):
            continue
        fields[byte] = (column, _step(column), np.count_nonzero(np.diff(column) == 0))
    ranked = []
    for low, high in combinations(sorted(fields), 2):
        (a, step_a, steady_a), (b, step_b, steady_b) = fields[low], fields[high]
        if not _tell_apart(a, b):
            continue
        beside = low >= LATE and high - low == LONG  # which programs fill in this order
        pair = (low, high) if beside or steady_a >= steady_b else (high, low)
        pair = next((one for one in ((low, high), (high, low)) if one in USUAL), pair)
        usual = USUAL.index(pair) if pair in USUAL else len(USUAL)
        counts = sum(is_counter(headers, layout, byte) for byte in (low, high))
        short = (low in SHORT_FIELDS) + (high in SHORT_FIELDS)
        ranked.append(
            (usual, counts, short, step_a * step_b, -max(steady_a, steady_b), low, high, pair)
        )
    return [pair for *_, pair in sorted(ranked)[:MOST_PAIRS]]


def filled(column: np.ndarray) -> np.ndarray:
    """Numbers of a field without the zeros of padding; all of them where most are 0."""
    numbers = column[column != 0]
    return numbers if len(numbers) >= PADDED * len(column) else column


def _may_hold_lines(column: np.ndarray, byte: int) -> bool:
    """Whether the numbers of a field are as varied, and as close to each other, as lines are."""
    numbers = filled(column)
    if not 1 < len(np.unique(numbers)) < len(numbers):
        return False
    step = _step(column)
    if step % BYTE == 0 and not _standard(byte):
        return False
    few = np.abs(numbers).max() < MOST_VALUES and step <= LARGEST_STEP
    return step <= ODDEST_STEP and (byte not in COORDINATES or few)


def _step(column: np.ndarray) -> int:
    return int(np.gcd.reduce(np.diff(np.unique(filled(column)))))


def _tell_apart(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two fields together differ in all traces but those of padding."""
    named = (first != 0) | (second != 0)
    if 1 < np.count_nonzero(~named) <= (1 - PADDED) * len(named):
        first, second = first[named], second[named]
    code = np.sort((first << 32) + second)
    return not bool((np.diff(code) == 0).any())


def _standard(byte: int) -> bool:
    """Whether a field of the standard, or of the unassigned bytes after it, starts there."""
    if byte < 29 or 37 <= byte < 69 or 73 <= byte < 89:
        return byte % 4 == 1
    return byte in (181, 185, 189, 193, 197, 217, 221, 225, 229, 233, 237) or byte in SHORT_FIELDS
