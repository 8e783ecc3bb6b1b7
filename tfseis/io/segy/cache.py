"""Cache of the grids of SEG-Y files that have been opened, in the user's cache directory."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import platformdirs

from tfseis.geometry import Axis, Geometry
from tfseis.io.partial import partial_path
from tfseis.io.segy.grid import Grid
from tfseis.io.segy.layout import Layout

VERSION = 3  # format of the entries; entries of another version are not used


def cache_folder() -> Path:
    """The folder of the cache: $TFSEIS_CACHE if it is set, else the user's cache directory.

    For an account without a home directory it is a place where nothing can be kept.
    """
    try:
        return Path(os.environ.get("TFSEIS_CACHE") or platformdirs.user_cache_dir("tfseis"))
    except RuntimeError:
        return Path(os.devnull)


def cache_entry(path: Path, arguments: Mapping[str, object]) -> Path:
    """The cache file for a SEG-Y file opened with these arguments.

    Its name changes when the SEG-Y file moves, changes its size, or is written again.
    """
    state = path.stat()
    key = [VERSION, os.fspath(path.absolute()), state.st_size, state.st_mtime_ns, arguments]
    digest = hashlib.sha256(json.dumps(key, sort_keys=True, default=float).encode()).hexdigest()
    return cache_folder() / f"grid-{digest[:32]}.npz"


def load_grid(entry: Path) -> tuple[Layout, Grid] | None:
    """Layout and grid that `store_grid` wrote; None where they are missing or damaged."""
    try:
        with entry.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            about = json.loads(str(stored["about"]))
            affine = stored["affine"] if about["has_affine"] else None
            trace_index = stored["trace_index"]
        inlines, crosslines, samples = (Axis(**axis) for axis in about["axes"])
        layout = Layout(**{**about["layout"], "nulls": tuple(about["layout"]["nulls"])})
        geometry = Geometry(inlines, crosslines, samples, affine, layout.unit)
        if trace_index.shape != geometry.shape[:2]:
            return None
        return layout, Grid(geometry, trace_index, about["sorting"])
    except Exception:
        return None


def store_grid(entry: Path, layout: Layout, grid: Grid) -> None:
    """Write layout and grid to the cache; a folder that cannot be written to is ignored."""
    geometry = grid.geometry
    about = {
        "layout": asdict(layout),
        "axes": [asdict(axis) for axis in geometry.axes],
        "sorting": grid.sorting,
        "has_affine": geometry.affine is not None,
    }
    affine = np.zeros(0) if geometry.affine is None else geometry.affine
    partial = entry
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        partial = partial_path(entry)
        with partial.open("wb") as file:
            np.savez(file, trace_index=grid.trace_index, affine=affine, about=json.dumps(about))
        partial.replace(entry)
    except OSError:
        try:
            if partial != entry:
                partial.unlink(missing_ok=True)
        except OSError:
            return
