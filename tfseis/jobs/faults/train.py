"""Train a fault network on synthetic surveys or on labelled cubes, for as long as there is time."""

import json
import time
from dataclasses import asdict, fields
from pathlib import Path

import keras
import pandas as pd

import tfseis
from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.errors import FormatError, ModelError, OutputError
from tfseis.io.arrays import CubePair, cube_pairs
from tfseis.io.output import check_output, complete_or_absent
from tfseis.jobs.faults.pipeline import ITSELF, UNSEEN, FaultJob
from tfseis.jobs.faults.recipe import FaultRecipe
from tfseis.jobs.faults.scores import mean_scores, validation_table
from tfseis.jobs.faults.settings import FaultSettings
from tfseis.learning.deep_supervision import LEVEL_WEIGHTS
from tfseis.learning.fitting.timed_fit import fit_timed
from tfseis.learning.saving import load_model, save_model
from tfseis.models.recipe import recipe_for, recipe_of, with_recipe

HELD_OUT = 5  # one labelled cube in so many is scored and does not train
WINDOW, OVERLAP = 128, 32  # samples, of the windows in which the model predicts
RESULTS = ("model.keras", "scores.csv", "history.csv")


def train_faults(
    folder: str | Path | None = None,
    *,
    out: str | Path,
    settings: FaultSettings | None = None,
    teacher: str | Path | None = None,
    base: str | Path | None = None,
    unseen: int = UNSEEN,
    overwrite: bool = False,
    progress: bool = True,
    command: str = "",
) -> dict:
    """Train a fault network; the same command goes on where it stopped, a higher limit further.

    Args:
        folder: with ``seis/N.dat`` and ``fault/N.dat`` (or .npy), of which every fifth cube is
            scored and does not train; labels are negative where unknown. With a teacher, cubes
            without labels train too. None for synthetic surveys.
        out: folder for ``model.keras``, ``scores.csv``, ``history.csv``, ``metrics.json`` and the
            checkpoints.
        settings: network and training; None for the defaults.
        teacher: a trained fault model that the network also learns from: a file, "faults" for the
            one that comes with tfseis, or "itself" for the average of its own weights.
        base: a trained fault model to start from, likewise; the network is its own.
        unseen: synthetic surveys of each generator that are scored at the end.
        overwrite: start anew, and replace what `out` holds.
        progress: show bars.
        command: what started it, for the record.

    Returns:
        What metrics.json holds.

    Raises:
        FormatError: no labelled cubes in `folder`, or a file that is no model.
        ModelError: a model that is no fault network.
        OutputError: `out` is a file, or holds a run of other settings.
    """
    settings, out = settings or FaultSettings(), Path(out)
    pairs, held_out = split_pairs(folder) if folder is not None else ([], [])
    start = _trained(base)
    if teacher is not None and settings.deep:
        raise ModelError("Expected a teacher or losses at each level; got both. Leave one out.")
    if teacher is not None and folder is not None:
        pairs += [pair for pair in cube_pairs(folder) if pair.faults is None]
    job = FaultJob(
        settings=_network_of(start, settings), pairs=pairs, held_out=held_out,
        teacher=ITSELF if teacher == ITSELF else _trained(teacher), base=start, unseen=unseen,
    )  # fmt: skip
    _prepare_folder(out, overwrite)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(settings.precision)
    run = f"{_lasting(job.settings)} data {folder or 'synthetic'} teacher {teacher} base {base}"
    try:
        averaged, history = fit_timed(
            job.build, job.batches, settings.training, folder=out / "training", loss=job.loss(),
            score=job.score, loss_weights=LEVEL_WEIGHTS if settings.deep else None,
            teach=job.targets, run=run, progress=progress,
        )  # fmt: skip
    finally:
        keras.config.set_dtype_policy(before)
    return _deliver(job, averaged, history, out, command=command, progress=progress)


def split_pairs(folder: str | Path) -> tuple[list[CubePair], list[CubePair]]:
    """Labelled cubes that train, and those that are scored: every fifth, one of two at least.

    Raises:
        FormatError: no cube has labels.
    """
    pairs = [pair for pair in cube_pairs(folder) if pair.faults is not None]
    if not pairs:
        raise FormatError(
            f"{folder}: expected labels in fault/ for some cube in seis/; found none. Add some, "
            "with the name of their cube."
        )
    if len(pairs) == 1:
        return pairs, []
    held_out = pairs[:: -min(HELD_OUT, len(pairs))][::-1]  # the last, and every fifth before it
    return [pair for pair in pairs if pair not in held_out], held_out


def training_text(metrics: dict) -> str:
    """The result in a few lines."""
    lines = [f"{metrics['minutes']:.1f} minutes of training, {metrics['crops']} crops"]
    for row in metrics["scores"]:
        lines.append(
            f"{row['method']}, {row['group']}: IoU {row['iou']:.3f} (best threshold "
            f"{row['best_iou']:.3f}), within 2 voxels {row['tolerant_iou']:.3f}, average precision "
            f"{row['average_precision']:.3f}, found / true voxels {row['volume_ratio']:.2f}"
        )
    if not metrics["scores"]:
        lines.append("one labelled cube: nothing is left to score the network on")
    return "\n".join(lines)


def _trained(path: str | Path | None) -> keras.Model | None:
    if path is None:
        return None
    model = load_model(path)
    recipe_for(model, "faults")
    return model


def _network_of(base: keras.Model | None, settings: FaultSettings) -> FaultSettings:
    """Settings with the network of the model to start from."""
    if base is None:
        return settings
    network = recipe_of(base).network
    if settings.network not in (network, FaultSettings.network):
        raise ModelError(
            f"Expected the network of the model to start from, {network}; got "
            f"{settings.network}. Leave --network out."
        )
    return FaultSettings(**asdict(settings) | {"network": network})


def _lasting(settings: FaultSettings) -> dict:
    """What a run cannot change when it goes on: settings that are not the defaults."""
    free = ("minutes", "epochs", "score_minutes")
    given = {f.name: getattr(settings, f.name) for f in fields(settings) if f.name not in free}
    return {name: value for name, value in given.items() if value != getattr(FaultSettings, name)}


def _prepare_folder(out: Path, overwrite: bool) -> None:
    """Refuse a folder that holds something else; with `overwrite` start anew."""
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: expected a folder; it is a file. Choose another --out.")
    begun = (out / "training" / "run.txt").exists()
    out.mkdir(parents=True, exist_ok=True)
    for name in () if begun else RESULTS:
        check_output(out / name, overwrite)
    if overwrite and begun:
        for path in sorted((out / "training").iterdir()):
            path.unlink()


def _deliver(
    job: FaultJob, averaged: keras.Model, history: pd.DataFrame, out: Path, *,
    command: str, progress: bool,
) -> dict:  # fmt: skip
    """Save the network with its recipe in float32, its scores and what made it."""
    settings = job.settings
    network = job.network_of(averaged)
    recipe = FaultRecipe(
        network=settings.network, crop_size=settings.crop_size, window=WINDOW, overlap=OVERLAP,
        threshold=0.5, scaling={}, seed=settings.seed, version=tfseis.__version__,
    )  # fmt: skip
    save_model(with_recipe(network, recipe), out / "model.keras")
    cubes = len(job.held_out) if job.pairs else job.unseen * len(SURVEY_GENERATORS)
    began = time.monotonic()
    table = validation_table(network, job.cubes(job.unseen if not job.pairs else cubes),
                             total=cubes, progress=progress)  # fmt: skip
    means = mean_scores(table).astype(object) if len(table) else pd.DataFrame()
    metrics = {
        "minutes": float(history["minutes"].iloc[-1]),
        "scoring_minutes": (time.monotonic() - began) / 60,
        "crops": int(history["steps"].sum()) * settings.batch_size,
        "parameters": int(network.count_params()),
        "scores": means.where(means.notna(), None).to_dict("records"),
        "cubes": cubes,
        "trained_on": [pair.name for pair in job.pairs] or "synthetic surveys",
        "settings": asdict(settings),
        "recipe": asdict(recipe),
        "command": command,
    }
    for name, frame in (("scores.csv", table), ("history.csv", history)):
        with complete_or_absent(out / name, overwrite=True) as partial:
            frame.to_csv(partial, index=False)
    with complete_or_absent(out / "metrics.json", overwrite=True) as partial:
        partial.write_text(json.dumps(metrics, indent=1))
    return metrics
