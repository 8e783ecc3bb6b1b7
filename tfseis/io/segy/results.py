"""Results of a cube as SEG-Y files: begun under the cube's headers, or new ones."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfseis.geometry import Geometry
from tfseis.io.cube import Cube
from tfseis.io.result_blocks import Part
from tfseis.io.segy.copy import CopiedHeaders, copied_times
from tfseis.io.segy.cube import SegyCube
from tfseis.io.segy.layout import IEEE_FLOAT, INT16
from tfseis.io.segy.new_headers import NewHeaders
from tfseis.io.segy.writer import SegyWriter

FORMATS = {"classes": INT16, "probability": IEEE_FLOAT}


def segy_result(
    path: Path,
    draft: Path,
    template: Cube,
    *,
    kind: str,
    geometry: Geometry,
    part: Part,
    provenance: Sequence[str],
    overwrite: bool,
) -> SegyWriter:
    """Start a result as a SEG-Y file, or go on with it; samples are 0 until written.

    Args:
        path: final name of the file.
        draft: the file as far as it is written; headers are written where it is not there.
        template: cube that the result was made from, whose headers are copied from a SEG-Y file.
        kind: "classes" (int16) or "probability" (IEEE float).
        geometry: geometry of the result.
        part: the inlines and crosslines of the template that the result keeps.
        provenance: what made the result, put into blank lines of the textual header.
        overwrite: whether a file of that name may be replaced.

    Raises:
        GeometryError: new headers cannot hold the line numbers or sample times.
    """
    headers: CopiedHeaders | NewHeaders
    if isinstance(template, SegyCube):
        times = copied_times(template, geometry.samples)
        kept = template.trace_index[part]
        headers = CopiedHeaders(template, geometry, FORMATS[kind], kept, times)
    else:
        headers = NewHeaders(geometry, np.asarray(template.live[part]), FORMATS[kind])
    resumed = draft.is_file()
    if not resumed:
        headers.write(draft, provenance)
    return SegyWriter(path, draft, headers, overwrite=overwrite, resumed=resumed)
