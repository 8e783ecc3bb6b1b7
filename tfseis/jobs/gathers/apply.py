"""A gather model applied to a SEG-Y file, and gathers extracted as arrays."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

import tfseis
from tfseis.errors import FormatError
from tfseis.inference.fingerprints import network_fingerprint, resumed_backend
from tfseis.inference.precision import Computed, check_computing
from tfseis.io.gathers.arrays import ArrayGathers
from tfseis.io.gathers.gather import Gather
from tfseis.io.gathers.opening import Gathers
from tfseis.io.gathers.output import copied_array, copied_gathers, write_gathers
from tfseis.io.gathers.segy import SegyGathers
from tfseis.io.output import check_outputs, complete_or_absent
from tfseis.io.publishing import until_all_are_written
from tfseis.io.unfinished import file_fingerprint
from tfseis.jobs.contract import Applied
from tfseis.jobs.gathers.computing import chosen_runtime
from tfseis.jobs.gathers.denoised import DenoiseWork, gather_tasks, scores_of, write_group
from tfseis.jobs.gathers.memory import as_gathers, evenly
from tfseis.learning.saving import as_model
from tfseis.models.recipe import recipe_for
from tfseis.scores.denoising import GatherScore, score_table
from tfseis.tasks.plan import Plan
from tfseis.tasks.run import HERE, carry_out
from tfseis.tasks.workers import Workers
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
    backend: str = "auto",
    precision: str = "auto",
    workers: Workers = HERE,
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
        backend: "auto", "keras" or "openvino", see `tfseis.inference.Runtime`.
        precision: "float32"; "bfloat16"; "int8", which is refused where windows of these gathers
            come out otherwise than in float32 (by more than 1 % of their amplitude, 40 dB); or
            "auto" for bfloat16 where the processor computes it itself and windows of these gathers
            come out alike, and float32 elsewhere.
        workers: who denoises: `tfseis.Workers`. The result is the same whoever does.
        overwrite: replace files that are there, and what an earlier run left of others.
        progress: show a progress bar.

    Returns:
        Files that were written; facts: ``gathers``, ``scored for leakage`` (a number of gathers),
        ``scores``, ``window``, ``stride``, ``network``, ``trained on``, ``tfseis``, ``backend``,
        ``precision`` and why, see `tfseis.inference.precision.Computed`.

    Raises:
        TfseisError: the model, the gathers or an output cannot be used; the message says what to
            do.
    """
    check_computing(backend, precision)
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
    recipe = recipe_for(loaded, "gathers")
    runtime, chosen = chosen_runtime(
        loaded,
        source,
        size=size,
        stride=stride,
        backend=resumed_backend(out, backend),
        precision=precision,
        progress=progress,
    )
    measured = evenly(np.arange(len(source)), scored)
    work = DenoiseWork(loaded, source, clean, measured, size, stride, runtime)
    copies = [path for path in (out, residual) if path is not None]
    further = [path for path in (picture, scores) if path is not None]
    with until_all_are_written(copies, further):
        found = _written(
            work, out, residual, workers=workers, overwrite=overwrite, progress=progress
        )
        computed = Computed.by([runtime], chosen)
        facts = {
            "tfseis": tfseis.__version__,
            "gathers": len(found),
            "scored for leakage": len(measured),
            "scores": score_table(found),
            "window": work.denoise.windowing.size,
            "stride": work.denoise.windowing.stride,
            "network": recipe.network,
            "trained on": recipe.trained_on,
            **computed.facts(),
        }
        if picture is not None:
            shown = source.read(len(source) // 2)
            write_gather_png(
                picture, shown, [("network", work.denoise(shown))], overwrite=overwrite
            )
        if scores is not None:
            with complete_or_absent(Path(scores), overwrite) as partial:
                partial.write_text(json.dumps(facts, indent=1))
    note = _note(recipe.sample_interval, source.sample_interval)
    return Applied(files=tuple(files), facts=facts, text=f"{computed.text()}\n{_text(facts, note)}")


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
    work: DenoiseWork,
    out: str | Path,
    residual: str | Path | None,
    *,
    workers: Workers,
    overwrite: bool,
    progress: bool,
) -> list[GatherScore]:
    """Write all gathers without noise and, if wanted, what was removed; their scores."""
    gathers, paths = work.gathers, [Path(path) for path in (out, residual) if path is not None]

    @contextmanager
    def copies() -> Iterator[list[Any]]:
        with ExitStack() as stack:
            copied = _copy_of(gathers)
            writers = [
                stack.enter_context(copied(path, gathers, overwrite=overwrite, unfinished=True))
                for path in paths
            ]
            yield [*writers, *[None] * (2 - len(writers))]

    clean = None if work.truth is None else file_fingerprint(_file_of(work.truth))
    head: dict[str, Any] = {
        "input": file_fingerprint(_file_of(gathers)),
        "model": [
            [
                work.runtime.backend,
                work.runtime.precision,
                network_fingerprint(work.runtime.source),
            ]
        ],
        "arguments": {
            "size": work.size,
            "stride": work.stride,
            "scored": list(work.measured),
            "truth": clean,
        },
    }
    if work.runtime.backend != "openvino":
        head["threads of a process"] = workers.threads
    made = carry_out(
        Plan(
            results=paths,
            head=head,
            tasks=gather_tasks(gathers.shapes),
            shape=(len(gathers), 1),
            inputs=[_file_of(one) for one in (gathers, work.truth) if one is not None],
            title="denoise",
            unit=" gathers",
        ),
        work,
        copies,
        write_group,
        workers=workers,
        overwrite=overwrite,
        progress=progress,
    )
    return scores_of(made.facts)


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
