"""Facts about a SEG-Y file, by name and in words."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from tfseis.io.segy.grid import Grid
from tfseis.io.segy.layout import Layout
from tfseis.io.segy.opening import Opening
from tfseis.io.segy.options import command_line, trace_ranges
from tfseis.io.segy.samples import sample_facts
from tfseis.wording import counted

LOOKED_AT = 2048  # traces whose samples are read, at most
LOOKED_BYTES = 2**25  # of their samples, at most
DEAD = 2  # trace identification code of dead traces
MOST_NAMED = 20  # values that are listed, at most
FORMATS = {
    1: "4-byte IBM float",
    2: "4-byte integer",
    3: "2-byte integer",
    5: "4-byte IEEE float",
    6: "8-byte IEEE float",
    8: "1-byte integer",
    9: "8-byte integer",
    10: "4-byte unsigned integer",
    11: "2-byte unsigned integer",
    12: "8-byte unsigned integer",
    16: "1-byte unsigned integer",
}


def layout_facts(path: Path, layout: Layout) -> dict[str, object]:
    """Facts from the binary header and the samples of some traces."""
    return {
        "bytes": path.stat().st_size,
        "endian": layout.endian,
        "format": layout.format,
        "format_name": FORMATS[layout.format],
        "revision": layout.revision,
        "traces": layout.traces,
        "samples": layout.samples,
        "first_sample": layout.first_sample,
        "sample_interval": layout.sample_interval,
        "unit": layout.unit,
        "amplitudes": asdict(sample_facts(path, layout, LOOKED_AT, LOOKED_BYTES)),
    }


def facts_of(
    path: Path,
    layout: Layout,
    opening: Opening,
    grid: Grid,
    columns: Mapping[str, np.ndarray],
) -> dict[str, object]:
    """Facts about a file that opens, including its grid."""
    geometry = grid.geometry
    used = int(np.count_nonzero(grid.trace_index >= 0))
    skipped = opening.skip_traces or ()
    padding = int(np.count_nonzero(columns.get("padding", False)))
    scalar = columns["scalar"]
    return {
        **layout_facts(path, layout),
        "first_sample": geometry.samples.first,
        "sorting": grid.sorting,
        "shape": list(geometry.shape),
        "inlines": [geometry.inlines.first, geometry.inlines.last, geometry.inlines.step],
        "crosslines": [
            geometry.crosslines.first,
            geometry.crosslines.last,
            geometry.crosslines.step,
        ],
        "missing": int(grid.trace_index.size - used),
        "duplicates": int(layout.traces - len(set(skipped)) - padding - used),
        "padding": padding,
        "odd": trace_ranges(skipped[:MOST_NAMED]),
        "flagged_dead": int(np.count_nonzero(columns["kind"] == DEAD)),
        "offsets": [int(columns["offset"].min()), int(columns["offset"].max())],
        "coordinates": geometry.affine is not None,
        "coordinate_scalars": np.unique(scalar)[:MOST_NAMED].tolist(),
        "affine": None if geometry.affine is None else geometry.affine.tolist(),
    }


def told(facts: Mapping[str, object]) -> list[str]:
    """Facts in words, one line for each."""
    if not facts.get("traces"):
        return []
    lines = [
        "Bytes: {bytes}; {endian}-endian, format {format} ({format_name}), "
        "revision {revision}.".format_map(facts),
        "Traces: {traces} of {samples} samples from {first_sample:g}, every "
        "{sample_interval:g} {unit}.".format_map(facts),
    ]
    if "shape" in facts:
        lines += _told_grid(facts)
    amplitudes = facts["amplitudes"]
    assert isinstance(amplitudes, dict)
    lines.append(
        "Amplitudes: {lowest:g} to {highest:g}; of {traces} traces looked at, {dead} are dead, "
        "{nonfinite} samples NaN or infinite.".format_map(amplitudes)
    )
    if amplitudes["nulls"]:
        named = ", ".join(f"{value:.10g}" for value in amplitudes["null_values"])
        lines.append(
            f"No value: {named} in {counted(amplitudes['nulls'], 'sample')} looked at; "
            "such samples are read as 0 and count as dead."
        )
    notes = facts.get("warnings")
    return lines + [f"Note: {note}" for note in (notes if isinstance(notes, list) else [])]


def _told_grid(facts: Mapping[str, object]) -> list[str]:
    lines = ["Cube: {} inlines x {} crosslines x {} samples".format(*facts["shape"])]  # type: ignore[misc]
    lines[0] += ", sorted by {sorting}.".format_map(facts)
    for name in ("inlines", "crosslines"):
        lines.append("{}: {:g} to {:g}, step {:g}.".format(name.capitalize(), *facts[name]))  # type: ignore[misc]
    lines.append(
        "Missing traces: {missing}; duplicate: {duplicates}; padding: {padding}; "
        "flagged dead: {flagged_dead}; left out as odd: {odd}.".format_map(
            {**facts, "odd": facts["odd"] or "none"}
        )
    )
    elsewhere = facts.get("map_arguments")
    lines.append(
        "Map coordinates: "
        + ("fit the grid" if facts["coordinates"] else "none that fit the grid")
        + "; scalar (byte 71): {coordinate_scalars}.".format_map(facts)
        + (
            f" Others do: {command_line(elsewhere)}."
            if isinstance(elsewhere, dict) and elsewhere
            else ""
        )
    )
    return lines
