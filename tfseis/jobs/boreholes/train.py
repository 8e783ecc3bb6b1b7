"""From a folder of borehole patches to a network, masks and a report: `tfseis boreholes`."""

import json
import sys
import time as clock
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import tfseis
from tfseis.errors import LabelError, OutputError
from tfseis.io.images.wells import UNLABELLED, Patches, read_patches
from tfseis.io.output import complete_or_absent
from tfseis.io.output_folder import forget_finished, job_folder
from tfseis.jobs.boreholes.apply import write_masks
from tfseis.jobs.boreholes.patches import (
    label_counts,
    misaligned_wells,
    scaled_images,
    synthetic_patches,
    well_split,
)
from tfseis.jobs.boreholes.pipeline import (
    BoreholeSettings,
    probability,
    train,
    well_scores,
)
from tfseis.learning.saving import load_model, save_model
from tfseis.scores.label_audit import label_audit
from tfseis.view import Report, learning_curve_figure, patch_sheet_figure

SHEET = 24  # patches drawn in a sheet
UNSEEN = 120  # synthetic patches of another seed that are scored


def boreholes(
    folder: str | Path,
    *,
    out: str | Path,
    labels: str | Path | None = None,
    synthetic: int = 0,
    held_out: Sequence[int] | None = None,
    settings: BoreholeSettings | None = None,
    teacher: str | Path | None = None,
    overwrite: bool = False,
    command: str = "",
) -> dict[str, Any]:
    """Train a network on some wells, score it on others, and mark every patch.

    Writes into `out`: model.keras, masks/ (a PNG a patch, 255 where marked), planes.csv, audit.csv,
    metrics.json, report.html, and training/, from which an interrupted run goes on.

    Args:
        folder: of patches, see `tfseis.io.read_patches`.
        out: folder for the results; is made.
        labels: folder of masks, or a csv.
        synthetic: train on so many synthetic patches instead of labels; scored on another seed.
        held_out: wells that do not train; one in five if None.
        settings: network and training.
        teacher: file of a larger network, already trained, from which this one learns too, also on
            patches without labels and on wells whose labels do not line up.
        overwrite: replace results in `out`.
        command: recorded in metrics.json.

    Returns:
        What metrics.json holds.

    Raises:
        TfseisError: what is wrong with the input, and what to do.
    """
    began, settings, out = clock.monotonic(), settings or BoreholeSettings(), Path(out)
    taught_by = None if teacher is None else load_model(teacher)
    _prepare(out, Path(folder), overwrite)
    patches = read_patches(folder, labels=labels)
    print(_about(patches))
    training, testing, dropped = _data(patches, synthetic, held_out, settings.seed)
    if taught_by is not None and not synthetic:
        training = _with_unlabelled(patches, training, testing)
    model, history = train(training, settings, out / "training", testing, teacher=taught_by)
    scores = well_scores(testing, probability(model, testing), settings.threshold)
    save_model(model, out / "model.keras")
    found = probability(model, patches)
    planes = write_masks(patches, found > settings.threshold, out / "masks")
    planes.to_csv(out / "planes.csv", index=False)
    audit = _audit(patches, found > settings.threshold)
    audit.to_csv(out / "audit.csv", index=False)
    metrics = {
        "tfseis": tfseis.__version__, "command": command or " ".join(sys.argv),
        "settings": asdict(settings), "teacher": teacher and Path(teacher).name,
        "found": dict(patches.counts), "synthetic": synthetic,
        "wells whose labels do not line up": dropped,
        "wells that trained": np.unique(training.wells).tolist(),
        "wells held out": np.unique(testing.wells).tolist(),
        "parameters": model.count_params(), "labels": label_counts(training),
        "scores": scores.to_dict("index"), "epochs": len(history),
        "minutes": round((clock.monotonic() - began) / 60, 2),
    }  # fmt: skip
    _report(
        out, metrics, history=history, patches=patches, found=found > settings.threshold,
        audit=audit, planes=planes,
    )  # fmt: skip
    with complete_or_absent(out / "metrics.json", overwrite=True) as partial:
        partial.write_text(json.dumps(metrics, indent=1))
    return metrics


def borehole_score_text(metrics: dict[str, Any]) -> str:
    """The scores of metrics.json as a table to print."""
    table = pd.DataFrame(metrics["scores"]).T.round(3)
    kind = "synthetic wells of another seed" if metrics["synthetic"] else "wells held out"
    return f"{kind}, at threshold {metrics['settings']['threshold']}\n{table.to_string()}"


def _prepare(out: Path, folder: Path, overwrite: bool) -> None:
    """Refuse to replace a finished run, or to write among the patches."""
    if out.resolve() == folder.resolve():
        raise OutputError(f"{out}: expected a folder of its own; got that of the patches.")
    job_folder(out, overwrite=overwrite)
    forget_finished(out)


def _data(
    patches: Patches, synthetic: int, held_out: Sequence[int] | None, seed: int
) -> tuple[Patches, Patches, list[int]]:
    """What trains, what is scored, and the wells left out because their labels do not fit."""
    if synthetic:
        return synthetic_patches(synthetic, seed), synthetic_patches(UNSEEN, seed + 1), []
    labelled = patches.masks is not None and (patches.masks >= 0).any((1, 2))
    if patches.masks is None or not np.any(labelled):
        raise LabelError(
            "Expected masks of some patches; got none. Give --labels, or train on synthetic "
            "patches: --synthetic 2000."
        )
    dropped = misaligned_wells(patches)
    usable = patches.only(labelled & ~np.isin(patches.wells, dropped))
    for well in dropped:
        print(f"well {well}: its labels do not line up with its images and are not used")
    if not len(usable):
        raise LabelError(
            "Expected labels that lie on what the images show; no well's do. Check the order of "
            "their rows or names."
        )
    trains, tests = well_split(usable.wells, held_out=held_out, seed=seed)
    return usable.only(trains), usable.only(tests), dropped


def _with_unlabelled(patches: Patches, training: Patches, testing: Patches) -> Patches:
    """All patches but those of the wells that are scored; only those that train have labels."""
    others = patches.only(~np.isin(patches.wells, testing.wells))
    labelled = np.isin(others.names(), training.names())
    assert others.masks is not None
    masks = np.where(labelled[:, np.newaxis, np.newaxis], others.masks, UNLABELLED)
    return replace(others, masks=masks.astype("int8"))


def _audit(patches: Patches, found: np.ndarray) -> pd.DataFrame:
    masks = patches.masks if patches.masks is not None else np.full(found.shape, -1)
    return label_audit(masks, found, patches.names())


def _about(patches: Patches) -> str:
    wells = np.unique(patches.wells)
    lines = [f"{len(patches)} patches of {len(wells)} wells: {', '.join(map(str, wells))}"]
    return "\n".join([*lines, *(f"  {name}: {count}" for name, count in patches.counts.items())])


def _report(
    out: Path,
    metrics: dict[str, Any],
    *,
    history: pd.DataFrame,
    patches: Patches,
    found: np.ndarray,
    audit: pd.DataFrame,
    planes: pd.DataFrame,
) -> None:
    report = Report("Borehole images", f"tfseis {metrics['tfseis']}, {metrics['minutes']} minutes")
    report.section("Scores")
    kind = "Synthetic wells of another seed" if metrics["synthetic"] else "Wells that did not train"
    report.table(
        pd.DataFrame(metrics["scores"]).T, f"{kind}. All background: what needs no network."
    )
    report.section("Patches").facts(metrics["found"])
    some = np.linspace(0, len(patches) - 1, min(SHEET, len(patches))).astype(int)
    _sheet(report, patches, found, some, "Evenly chosen patches. Green: found; red: missed; blue: "
           "not in the label, or without label.")  # fmt: skip
    report.section("Label audit")
    if len(audit):
        worst = audit["patch"].head(SHEET).to_numpy()
        report.table(audit.head(SHEET).drop(columns="patch"), "Labels that disagree most with the "
                     "network; either may be wrong. All: audit.csv.")  # fmt: skip
        _sheet(report, patches, found, worst, "The same as pictures, the most doubtful first.")
    else:
        report.text("No labels to compare.")
    if len(planes):
        report.section("Planes").table(planes.head(SHEET), "Dip and azimuth; all: planes.csv.")
    report.section("Training").figure(learning_curve_figure(history), "Nothing is chosen on the "
                                      "dashed line.")  # fmt: skip
    report.section("Run").facts({"command": metrics["command"], **metrics["settings"]})
    report.write(out / "report.html")


def _sheet(
    report: Report, patches: Patches, found: np.ndarray, some: np.ndarray, caption: str
) -> None:
    chosen = patches.only(some)
    images = scaled_images(patches)[some, ..., 0]
    titles = [name.removeprefix("well_") for name in chosen.names()]
    report.figure(patch_sheet_figure(images, found[some], chosen.masks, titles), caption)
