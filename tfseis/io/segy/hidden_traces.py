"""Traces that lie where headers state textual headers before, or records behind the traces.

Records and textual headers have 3200 bytes. Where these are whole traces too, a wrong number of
them divides the file as well, and nothing but the trace headers shows that traces are lost.
"""

import warnings
from dataclasses import replace
from pathlib import Path

from tfseis.io.segy.binary_header import BinaryHeader
from tfseis.io.segy.layout import BINARY_END
from tfseis.io.segy.sampled_headers import trace_counts
from tfseis.io.segy.stated_sizes import Sizes


def with_hidden_traces(
    path: Path, header: BinaryHeader, itemsize: int, sizes: Sizes, *, text_said: bool
) -> Sizes:
    """The sizes with all traces that trace headers prove, and a warning about further ones.

    Args:
        path: the file.
        header: its binary header.
        itemsize: bytes of a sample.
        sizes: a reading that fits.
        text_said: whether the user says the number of extended textual headers.
    """
    size = path.stat().st_size
    trace_bytes = sizes.header_bytes + sizes.samples * itemsize
    before, behind = "extended textual headers (byte 3505)", "records behind them (byte 3529)"
    places = [(BINARY_END, 0, f"{before} and {behind}")] if sizes.trailer else []
    places += [(BINARY_END, sizes.trailer, before)]
    if text_said or sizes.first_trace == BINARY_END:
        places = []
    for first, trailer, stated in [*places, (sizes.first_trace, 0, behind)]:
        traces, rest = divmod(size - first - trailer, trace_bytes)
        if rest or traces <= sizes.traces:
            continue
        found = replace(sizes, first_trace=first, trailer=trailer, traces=traces)
        if (trace_counts(path, header, found, itemsize) == sizes.samples).all():
            warnings.warn(
                f"{header.name}: {traces - sizes.traces} traces lie where the binary header states "
                f"{stated}; they are read too.",
                stacklevel=5,
            )
            return found
    return sizes
