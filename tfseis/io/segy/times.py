"""Sample interval, first sample and unit of a SEG-Y file, from headers or from what is said.

Source: SEG-Y revision 2.0 (see `binary_header`), bytes 3217, 3273, 105, 109, 117 and 215.
Differs from it: intervals of depth are read in thousandths too, as most programs write them, and
the unit of depth has no field, so that our own files name it in unassigned bytes.
"""

import math
import warnings

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.segy.binary_header import BinaryHeader
from tfseis.io.segy.header_fields import USUALLY, time_factor
from tfseis.io.segy.layout import UNIT_BYTE, UNIT_MARKS, Layout, Said
from tfseis.io.segy.stated_sizes import column, stated_count

UNKNOWN_INTERVAL = 4000  # microseconds; what segyio assumes too
ROUND = 250  # microseconds; usual intervals are multiples of it
EVEN = 125  # microseconds; of two intervals, the one that is no multiple of it is chance
WRAP = 2**16  # what a negative number in two bytes lacks
SIGNED = 2**15 - 1  # largest number that is the same with and without a sign
LEAST_NEGATIVE = 1000  # microseconds; negative ones below are marks of programs
LONGEST_EXACT = 1e9  # microseconds; larger doubles are chance
SHORTEST_EXACT = 1e-3  # microseconds; smaller doubles are chance
MOST_METRES = 100  # largest interval of depth in whole units
LEAST_THOUSANDTHS = 250  # smallest interval of depth in thousandths
SHORT_INTERVAL, SHORT_TRACE = 100, 100_000  # microseconds; both below this are no seismic times
THOUSAND = 1000
EXACT = 1e-6  # microseconds and ms; numbers this close are the same


def read_times(
    header: BinaryHeader, headers: np.ndarray, samples: int, said: Said
) -> tuple[float, float, str]:
    """First sample, sample interval and unit.

    Args:
        header: the binary header.
        headers: some trace headers, the first among them, uint8 (traces, 240).
        samples: number of samples in a trace.
        said: what is known and stands in no header.

    Raises:
        FormatError: the headers have several intervals, and nothing tells which one is right.
    """
    marked = marked_unit(header)
    unit = said.unit or marked or "ms"
    start = said.start
    if start is None:
        start = start_time(header, headers)
        _tell_lag(header, headers, start, unit)
    if said.sample_interval is not None:
        return start, said.sample_interval, unit
    interval = _interval(header, headers, samples)
    if unit == "ms" or marked:
        if not (said.unit or marked):
            _tell_short(header, interval, samples)
        return start, interval / THOUSAND, unit
    if MOST_METRES < interval < LEAST_THOUSANDTHS:
        raise FormatError(
            f"{header.name}: expected a sample interval in {unit} (up to {MOST_METRES}) or in "
            f"thousandths of it (from {LEAST_THOUSANDTHS}); got {interval:g} at byte 3217. Say "
            f"which: sample_interval={interval:g} or sample_interval={interval / THOUSAND:g}."
        )
    return start, interval if interval <= MOST_METRES else interval / THOUSAND, unit


def start_time(header: BinaryHeader, headers: np.ndarray, byte: int = 109) -> float:
    """Time of the first sample of the first trace, which byte 215 scales."""
    return int(column(headers, header, byte)[0]) * time_factor(column(headers, header, 215))


def stated_interval(header: BinaryHeader) -> float:
    """Interval in microseconds of the binary header alone, as its standard reads it; 0 for none.

    In revision 2 the double at byte 3273 overrides byte 3217. In other files it only refines it.
    """
    short, exact = header.value(3217, "H"), header.double(3273)
    if not (math.isfinite(exact) and SHORTEST_EXACT <= exact <= LONGEST_EXACT):
        exact = 0.0
    beside = abs(exact - short) <= 1 / 2 or (short == 0 and marked_unit(header))
    if exact and (header.revision[0] == 2 or beside):
        return exact
    return float(short) if _is_interval(short) else 0.0


def marked_unit(header: BinaryHeader) -> str | None:
    """The unit that a file of tfseis names; None for other files."""
    start = UNIT_BYTE - 1
    mark = header.data[start : start + len(UNIT_MARKS["ms"])]
    return next((unit for unit, text in UNIT_MARKS.items() if text == mark), None)


def _is_interval(number: int) -> bool:
    """Whether an unsigned number is an interval, and not a negative one of a usual size."""
    negative = WRAP - number  # what a signed reading makes of a large one
    odd = number > SIGNED and (negative % ROUND == 0 or negative < LEAST_NEGATIVE)
    return number > 0 and (number % ROUND == 0 or not odd)


def _interval(header: BinaryHeader, headers: np.ndarray, samples: int) -> float:
    """The interval in microseconds on which binary header and trace headers agree."""
    stated = stated_interval(header)
    short = header.value(3217, "H")
    in_traces = [n for n in column(headers, header, 117, "u2").tolist() if _is_interval(n)]
    usual = max(set(in_traces), key=in_traces.count, default=0)
    if stated and header.revision[0] == 2 and stated == header.double(3273):
        if _is_interval(short) and abs(stated - short) > 1 / 2:
            _warn(
                header,
                f"the sample interval is {stated:g} microseconds at byte 3273 and {short} at byte "
                "3217; revision 2 lets the former override the latter.",
            )
        return stated
    if not stated and not usual:
        if samples > 1:
            _warn(
                header,
                "no sample interval at byte 3217 or 117; 4 ms assumed. Say another one "
                "(sample_interval).",
            )
        return UNKNOWN_INTERVAL
    shared = in_traces.count(usual) >= USUALLY * len(headers)
    if not stated:
        return usual
    if usual in (0, round(stated)) or not shared:
        return stated
    return _chosen(header, stated, usual)


def _chosen(header: BinaryHeader, stated: float, usual: int) -> float:
    """One of two intervals, in microseconds, where binary header and trace headers differ.

    Raises:
        FormatError: both are intervals that surveys have.
    """
    places = f"{stated:g} microseconds at byte 3217 and {usual} at byte 117 of the traces"
    if THOUSAND in (usual / stated, stated / usual):
        larger = max(stated, usual)
        _warn(
            header,
            f"the sample interval is {places}, one number in two units; {larger:g} microseconds "
            "are read.",
        )
        return larger
    both = {number: number % EVEN == 0 or number <= MOST_METRES for number in (stated, usual)}
    if all(both.values()):
        raise FormatError(
            f"{header.name}: expected one sample interval; got {places}. Say which one: "
            f"sample_interval={stated / THOUSAND:g} or sample_interval={usual / THOUSAND:g}."
        )
    number = usual if both[usual] else stated
    which = "latter" if both[usual] else "former"
    _warn(header, f"the sample interval is {places}; the {which} is used.")
    return number


def _tell_lag(header: BinaryHeader, headers: np.ndarray, start: float, unit: str) -> None:
    """Say where byte 105 holds what may be the start time, as some programs write it."""
    lags = column(headers, header, 105)
    if start == 0 and lags[0] != 0 and (lags == lags[0]).all():
        lag = start_time(header, headers, 105)
        _warn(
            header,
            f"the first sample is taken to lie at 0 (byte 109), but byte 105 says {lag:g}, where "
            f"some programs write its time. If this is the time, open it with start={lag:g}.",
        )


def _tell_short(header: BinaryHeader, interval: float, samples: int) -> None:
    """Say where an interval in microseconds makes a trace too short for seismic data."""
    if samples < 2 or interval > SHORT_INTERVAL or interval * samples >= SHORT_TRACE:
        return
    depth = "ft" if header.value(3255) == 2 else "m"
    _warn(
        header,
        f"the sample interval is {interval:g} microseconds (byte 3217), and a trace "
        f"{interval * samples / THOUSAND:g} ms long. If the interval is {interval:g} {depth}, open "
        f"it with sample_unit='{depth}'; if it is {interval:g} ms, with "
        f"sample_interval={interval:g}.",
    )


def _warn(header: BinaryHeader, text: str) -> None:
    warnings.warn(f"{header.name}: {text}", stacklevel=6)


def are_plain(header: BinaryHeader, headers: np.ndarray, layout: Layout) -> bool:
    """Whether headers state the samples and times of a layout without help and without doubt.

    Args:
        header: the binary header.
        headers: some trace headers, the first among them, uint8 (traces, 240).
        layout: what has been read, by whatever arguments.
    """
    interval = layout.sample_interval * THOUSAND
    in_traces = column(headers, header, 117, "u2")
    return bool(
        stated_count(header) == layout.samples
        and abs(stated_interval(header) - interval) <= EXACT
        and np.isin(in_traces, (0, round(interval))).mean() > 1 - USUALLY
        and abs(start_time(header, headers) - layout.first_sample) <= EXACT
        and (marked_unit(header) or "ms") == layout.unit
    )
