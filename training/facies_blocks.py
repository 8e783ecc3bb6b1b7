"""The real F3 points, scored in blocks of their one section behind a guard gap, by ID."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfseis.data.scaling import survey_scaling
from tfseis.errors import LabelError
from tfseis.geometry import Axis, Geometry
from tfseis.io import open_segy, write_segy
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.jobs.facies.blocks import score_blocks
from tfseis.jobs.facies.settings import DEFAULTS, FaciesSettings
from tfseis.jobs.facies.survey import Survey
from training.facies_experiments import DATA, SEED_CROP

INLINE = 339.0
INTERVAL = 4.0  # ms
TOY_SHAPE = (360, 40)


@dataclass(frozen=True, kw_only=True)
class BlocksExperiment:
    """One network on the nine facies of the points on inline 339, amplitudes known there alone.

    Args:
        id: number of the run.
        note: why it was run.
        settings: network and training; its folds are the blocks.
        toy: stripes of noise instead.
    """

    id: int
    note: str
    settings: FaciesSettings
    toy: bool = False


BLOCKS = {
    run.id: run
    for run in (
        BlocksExperiment(id=120, note="F3: the patch classifier.", settings=DEFAULTS["patch"]),
        BlocksExperiment(id=121, note="F3: the U-Net.", settings=DEFAULTS["unet"]),
        BlocksExperiment(id=122, note="F3: the replaced system's crop.", settings=SEED_CROP),
    )
}


def quick(experiment: BlocksExperiment) -> BlocksExperiment:
    """The same in seconds."""
    settings = replace(experiment.settings, epochs=2, crops_per_epoch=32, folds=2)
    return replace(experiment, settings=settings, toy=True)


def rows(experiment: BlocksExperiment, folder: Path) -> list[dict[str, object]]:
    """Train and score block by block."""
    began = time.monotonic()
    label, amplitude, names = _toy() if experiment.toy else _section()
    places = np.argwhere(label >= 0)
    positions = np.insert(places, 0, 0, axis=1)
    labels = Labels(positions, label[label >= 0].astype("int64"), Legend.of(names))
    path = folder / "section.sgy"
    write_segy(path, amplitude[np.newaxis], _geometry(label.shape), overwrite=True)
    with open_segy(path) as cube:
        survey = Survey.of(cube, labels, survey_scaling(cube), experiment.settings)
        score = score_blocks(survey, folder / "training").score
    if score is None:
        raise LabelError("Expected labels wide enough for two blocks. Use fewer folds.")
    table, classes = score.comparison()["mean IoU"], score.classes()["iou"]
    each = classes.drop(["mean", "weighted"]).fillna(0)
    return [
        {
            "blocks": len(score.folds),
            "mean IoU": f"{table.iloc[0]:.3f}",
            "IoU of each class": ", ".join(f"{value:.2f}" for value in each),
            "baselines": " / ".join(f"{value:.3f}" for value in table.iloc[1:]),
            "minutes": f"{(time.monotonic() - began) / 60:.1f}",
        }
    ]


def _section() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Labels (-1 unknown), amplitudes (NaN unknown) of (crosslines, samples), and class names."""
    data = np.load(DATA / "f3_points" / "f3_inline339_sparse.npz")
    label = data["label"]
    amplitude = np.where(label >= 0, data["amp"].astype("float32"), np.nan)
    return label, amplitude, [str(name).removesuffix("_ilxl.pts") for name in data["classes"]]


def _toy() -> tuple[np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(0)
    label = np.broadcast_to(np.arange(TOY_SHAPE[1]) // 10 % 2, TOY_SHAPE)
    return label, rng.normal(size=TOY_SHAPE).astype("float32") * (1 + label), ["thin", "thick"]


def _geometry(shape: tuple[int, int]) -> Geometry:
    return Geometry(
        inlines=Axis("inline", INLINE, 1.0, 1),
        crosslines=Axis("crossline", 300.0, 1.0, shape[0]),
        samples=Axis("sample", INTERVAL, INTERVAL, shape[1]),
    )
