"""A gather model applied to a SEG-Y file, and gathers extracted as arrays."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

import tfseis
from tfseis.errors import FormatError
from tfseis.io.gathers.arrays import ArrayGathers
from tfseis.io.gathers.gather import Gather
from tfseis.io.gathers.opening import Gathers
from tfseis.io.gathers.output import copied_array, copied_gathers, write_gathers
from tfseis.io.gathers.segy import SegyGathers
from tfseis.io.output import check_outputs, complete_or_absent
from tfseis.jobs.contract import Applied
from tfseis.jobs.gathers.denoiser import GatherDenoiser, denoiser
from tfseis.jobs.gathers.memory import as_gathers, evenly
from tfseis.learning.saving import as_model
from tfseis.models.recipe import recipe_for
from tfseis.scores.denoising import GatherScore, gather_score, score_table
from tfseis.view import write_gather_png
from tfseis.wording import counted

APART = 1.5  # factor between sample intervals from which a note is given
OFFSETS = ("near", "middle", "far")
SCORED = 200  # gathers whose leakage is measured: of more, the mean hardly changes


def apply_gathers(
    model: keras.Model | str | Path,
    gathers: Gathers | str | Path,
    out: str | Path,
    *,
    residual: str | Path | None = None,
    truth: Gathers | str | Path | None = None,
    picture: str | Path | None = None,
    scores: str | Path | None = None,
    scored: int = SCORED,
    size: tuple[int, int] | None = None,
    stride: tuple[int, int] | None = None,
    overwrite: bool = False,
    progress: bool = True,
) -> Applied:
    """Take noise out of all gathers of a SEG-Y or ``.npy`` file, gather by gather.

    Args:
        model: a trained gather model: an object, a file, or "gathers" for the one that comes with
            tfseis.
        gathers: gathers of one SEG-Y or ``.npy`` file, or its path.
        out: file to write, of the same kind: the same with other samples, everything else, and
            samples from which nothing was removed, byte for byte.
        residual: file to write, of the same kind, of what was removed; None for none.
        truth: the same gathers without noise, to score against; None for no truth.
        picture: PNG file to write of the gather in the middle, before, after and removed.
        scores: JSON file to write of the scores.
        scored: most gathers whose leakage is measured, evenly chosen; that takes about as long as
            denoising them. All other scores are of all gathers.
        size: number of traces and of samples of a window; None for those of the model.
        stride: the same from the start of one window to that of the next.
        overwrite: replace files that are there.
        progress: show a progress bar.

    Returns:
        Files that were written; facts: ``gathers``, ``scored for leakage`` (a number of gathers),
        ``scores``, ``window``, ``stride``, ``network``, ``trained on``, ``tfseis``.

    Raises:
        TfseisError: the model, the gathers or an output cannot be used; the message says what to
            do.
    """
    if scored < 1:
        raise FormatError(
            f"Expected at least 1 gather whose leakage is measured; got {scored}. Give 200, say."
        )
    source = as_gathers(gathers)
    path = _file_of(source)
    clean = None if truth is None else as_gathers(truth)
    files = [Path(path) for path in (out, residual, picture, scores) if path is not None]
    read = [given for given in (truth, model) if isinstance(given, (str, Path))]
    check_outputs(files, [path, *read], overwrite)
    if clean is not None and clean.shapes.tolist() != source.shapes.tolist():
        raise FormatError(
            f"Expected the truth to have the same gathers; it has {len(clean)}, and the file "
            f"{len(source)}, or their traces differ. Give the clean version of the same file."
        )
    loaded = as_model(model)
    denoise, recipe = denoiser(loaded, size=size, stride=stride), recipe_for(loaded, "gathers")
    measured = evenly(np.arange(len(source)), scored)
    found, kept = _written(
        denoise,
        source,
        out,
        residual,
        truth=clean,
        measured=measured,
        overwrite=overwrite,
        progress=progress,
    )
    facts = {
        "tfseis": tfseis.__version__,
        "gathers": len(found),
        "scored for leakage": len(measured),
        "scores": score_table(found),
        "window": denoise.windowing.size,
        "stride": denoise.windowing.stride,
        "network": recipe.network,
        "trained on": recipe.trained_on,
    }
    if picture is not None:
        shown = source.read(len(source) // 2)
        write_gather_png(picture, shown, [("network", kept)], overwrite=overwrite)
    if scores is not None:
        with complete_or_absent(Path(scores), overwrite) as partial:
            partial.write_text(json.dumps(facts, indent=1))
    note = _note(recipe.sample_interval, source.sample_interval)
    return Applied(files=tuple(files), facts=facts, text=_text(facts, note))


def _file_of(gathers: Gathers) -> Path:
    """The one file that holds all gathers."""
    if isinstance(gathers, SegyGathers):
        return gathers.cube.path
    if isinstance(gathers, ArrayGathers) and len(set(gathers.files)) == 1:
        return gathers.files[0]
    raise FormatError(
        "Expected gathers of one SEG-Y or .npy file; got a folder, or gathers of several. Name one "
        "file."
    )


def _copy_of(gathers: Gathers) -> Callable:
    """What copies the file of gathers, to replace samples in it."""
    return copied_gathers if isinstance(gathers, SegyGathers) else copied_array


def _written(
    denoise: GatherDenoiser,
    gathers: Gathers,
    out: str | Path,
    residual: str | Path | None,
    *,
    truth: Gathers | None,
    measured: list[int],
    overwrite: bool,
    progress: bool,
) -> tuple[list[GatherScore], np.ndarray]:
    """Scores of all gathers, leakage of those `measured`; and the one in the middle denoised."""
    found, shown, copied = [], np.zeros((0, 0)), _copy_of(gathers)
    leaking = set(measured)
    with ExitStack() as stack:
        new = stack.enter_context(copied(out, gathers, overwrite=overwrite))
        rest = None
        if residual is not None:
            rest = stack.enter_context(copied(residual, gathers, overwrite=overwrite))
        for number, gather in enumerate(_read(gathers, "denoise", progress)):
            kept = denoise(gather)
            new.write(number, kept, gather.live & (kept != gather.amplitude))
            if rest is not None:
                rest.write(number, gather.amplitude - kept, gather.live)
            signal = None if truth is None else truth.read(number).amplitude
            found.append(gather_score(gather, kept, signal, leakage=number in leaking))
            shown = kept if number == len(gathers) // 2 else shown
    return found, shown


def extract_gathers(
    gathers: Gathers | str | Path,
    folder: str | Path,
    *,
    partial_fold: bool = False,
    progress: bool = True,
) -> dict[str, int]:
    """Write each gather as an array.

    Args:
        gathers: gathers to read from, or the path of their file.
        folder: folder to write; it must not exist.
        partial_fold: also write gathers with fewer traces than the largest.
        progress: show a progress bar.

    Returns:
        Number of gathers that were ``written``, and that were ``left out``.

    Raises:
        OutputError: the folder exists.
    """
    source = as_gathers(gathers)
    folds = source.shapes[:, 0]
    chosen = np.flatnonzero((folds == folds.max()) | partial_fold).tolist()
    some = _read(source, "extract", progress, chosen)
    about: dict[str, object] = {"tfseis": tfseis.__version__, "fold": int(folds.max())}
    count = write_gathers(folder, some, about)
    return {"written": count, "left out": len(source) - count}


def _read(
    gathers: Gathers, title: str, progress: bool, numbers: list[int] | None = None
) -> Iterator[Gather]:
    some = list(range(len(gathers))) if numbers is None else numbers
    for number in tqdm(some, desc=title, unit=" gathers", disable=not progress, delay=2):
        yield gathers.read(number)


def _text(facts: dict[str, Any], note: str) -> str:
    """What was found, for people."""
    scores, few = facts["scores"], facts["scored for leakage"]
    some = f", in {counted(few, 'gather')} evenly chosen" if few < facts["gathers"] else ""
    lines = [
        f"{counted(facts['gathers'], 'gather')}; "
        f"{scores['removed energy']:.1%} of the energy removed",
        f"signal leakage {_number(scores, 'leakage', '.3f')} (local correlation of what was "
        f"removed with what was kept; by chance alone: "
        f"{_number(scores, 'chance leakage', '.3f')}{some})",
    ]
    if "gain dB" in scores:
        gains = ", ".join(f"{band} {_number(scores, f'gain {band} dB', '.1f')}" for band in OFFSETS)
        lines.append(f"signal to noise: {scores['gain dB']:+.1f} dB ({gains} offsets)")
    return "\n".join([*lines, note] if note else lines)


def _number(scores: Mapping[str, float], name: str, form: str) -> str:
    """A score as text; it is left out of the scores where no gather has it."""
    return format(scores[name], form) if name in scores else "not known"


def _note(trained: float, found: float) -> str:
    """What a sample interval far from that of training means; nothing where both are alike."""
    apart = f"note: samples are {found:g} ms apart, and were {trained:g} ms apart in training; "
    if found > APART * trained:
        return f"{apart}results may be worse than scores say"
    if trained > APART * found:
        return f"{apart}gathers of low enough frequencies are split into parts to match"
    return ""
