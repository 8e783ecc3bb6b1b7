"""A gather model applied to a SEG-Y file, and gathers extracted: `tfseis gathers apply|extract`."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

import tfseis
from tfseis.errors import FormatError
from tfseis.io.gathers.gather import Gather
from tfseis.io.gathers.opening import Gathers
from tfseis.io.gathers.output import copied_gathers, write_gathers
from tfseis.io.gathers.segy import SegyGathers
from tfseis.io.output import check_outputs, complete_or_absent
from tfseis.jobs.gathers.train import denoiser
from tfseis.learning.saving import load_model
from tfseis.models.recipe import recipe_for
from tfseis.scores.denoising import gather_score, score_table
from tfseis.view import write_gather_png

OFTEN = 1.5  # factor between sample intervals from which a note is printed


def apply_gathers(
    model: keras.Model | str | Path,
    gathers: Gathers,
    out: str | Path,
    *,
    residual: str | Path | None = None,
    truth: Gathers | None = None,
    picture: str | Path | None = None,
    scores: str | Path | None = None,
    size: tuple[int, int] | None = None,
    stride: tuple[int, int] | None = None,
    overwrite: bool = False,
    progress: bool = True,
) -> dict[str, Any]:
    """Take noise out of all gathers of a SEG-Y file, gather by gather.

    Args:
        model: a trained gather model, the file that holds it, or "gathers" for that of tfseis.
        gathers: of one SEG-Y file.
        out: the new file: that one with other samples, everything else byte for byte.
        residual: file for what was removed, likewise.
        truth: the same gathers without noise, to score against.
        picture: PNG file of the gather in the middle, before, after and removed.
        scores: JSON file of the scores.
        size: traces and samples of a window; the model's own if None.
        stride: the same from window to window.
        overwrite: replace files that are there.
        progress: show a bar.

    Returns:
        Gathers, scores, windows, and the model's recipe.

    Raises:
        TfseisError: what is wrong with the model, the gathers or the output, and what to do.
    """
    if not isinstance(gathers, SegyGathers):
        raise FormatError("Expected gathers of one SEG-Y file; got arrays or a folder. Name one.")
    files = [path for path in (out, residual, picture, scores) if path is not None]
    check_outputs(files, [gathers.cube.path], overwrite)
    if truth is not None and truth.shapes.tolist() != gathers.shapes.tolist():
        raise FormatError(
            f"Expected the truth to have the same gathers; it has {len(truth)}, and the file "
            f"{len(gathers)}, or their traces differ. Give the clean version of the same file."
        )
    loaded = model if isinstance(model, keras.Model) else load_model(model)
    denoise, recipe = denoiser(loaded, size=size, stride=stride), recipe_for(loaded, "gathers")
    _note(recipe.sample_interval, gathers.sample_interval)
    found, shown = [], None
    with ExitStack() as stack:
        new = stack.enter_context(copied_gathers(out, gathers, overwrite=overwrite))
        rest = None
        if residual is not None:
            rest = stack.enter_context(copied_gathers(residual, gathers, overwrite=overwrite))
        for number, gather in enumerate(_read(gathers, "denoise", progress)):
            kept = denoise(gather)
            new.write(number, kept, gather.live)
            if rest is not None:
                rest.write(number, gather.amplitude - kept, gather.live)
            signal = None if truth is None else truth.read(number).amplitude
            found.append(gather_score(gather, kept, signal))
            if number == len(gathers) // 2:
                shown = gather, [("network", kept)]
    about = {
        "tfseis": tfseis.__version__, "gathers": len(found), "scores": score_table(found),
        "window": denoise.windowing.size, "stride": denoise.windowing.stride,
        "network": recipe.network, "trained on": recipe.trained_on,
    }  # fmt: skip
    if picture is not None and shown is not None:
        write_gather_png(picture, *shown, overwrite=overwrite)
    if scores is not None:
        with complete_or_absent(Path(scores), overwrite) as partial:
            partial.write_text(json.dumps(about, indent=1))
    return about


def applied_text(about: dict[str, Any]) -> str:
    """What `apply_gathers` found, to print."""
    scores = about["scores"]
    lines = [
        f"{about['gathers']} gathers; {scores['removed energy']:.1%} of their energy removed",
        f"signal leakage {scores['leakage']:.3f} (local correlation of what was removed with what "
        f"was kept; chance alone gives {scores['chance leakage']:.3f})",
    ]
    if "gain dB" in scores:
        bands = ", ".join(f"{band} {scores[f'gain {band} dB']:.1f}" for band in
                          ("near", "middle", "far"))  # fmt: skip
        lines.append(f"signal to noise: {scores['gain dB']:+.1f} dB ({bands} offsets)")
    return "\n".join(lines)


def extract_gathers(
    gathers: Gathers,
    folder: str | Path,
    *,
    partial_fold: bool = False,
    progress: bool = True,
) -> dict[str, int]:
    """Write one array a gather.

    Args:
        gathers: to read from.
        folder: a new folder.
        partial_fold: also gathers with fewer traces than the largest.
        progress: show a bar.

    Returns:
        Gathers that were written, and that were left out.

    Raises:
        OutputError: the folder exists.
    """
    folds = gathers.shapes[:, 0]
    chosen = np.flatnonzero((folds == folds.max()) | partial_fold).tolist()
    some = _read(gathers, "extract", progress, chosen)
    about: dict[str, object] = {"tfseis": tfseis.__version__, "fold": int(folds.max())}
    count = write_gathers(folder, some, about)
    return {"written": count, "left out": len(gathers) - count}


def _read(
    gathers: Gathers, title: str, progress: bool, numbers: list[int] | None = None
) -> Iterator[Gather]:
    some = list(range(len(gathers))) if numbers is None else numbers
    for number in tqdm(some, desc=title, unit=" gathers", disable=not progress, delay=2):
        yield gathers.read(number)


def _note(trained: float, found: float) -> None:
    apart = f"note: samples are {found:g} ms apart, and were {trained:g} ms apart in training; "
    if found > OFTEN * trained:
        print(f"{apart}results may be worse than scores say")
    elif trained > OFTEN * found:
        print(f"{apart}gathers of low enough frequencies are taken apart to match")
