"""Facies runs on one survey, by ID; `training.run` does them."""

import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tfseis.data.scaling import survey_scaling
from tfseis.data.synthetic import facies_survey
from tfseis.io import open_segy, write_segy
from tfseis.io.labels.label_cube import open_label_cube, read_lines
from tfseis.io.labels.labels import Labels
from tfseis.jobs.facies.followed_training import train_following
from tfseis.jobs.facies.scores import line_score
from tfseis.jobs.facies.settings import DEFAULTS, FaciesSettings
from tfseis.jobs.facies.survey import Survey
from tfseis.models.sections.patch_classifier import FILTERS, LAYOUT
from tfseis.scores.comparison import Score

DATA = Path(os.environ.get("TFSEIS_DATA") or Path(__file__).resolve().parents[2] / "shared/data")
TOY_SHAPE = (12, 40, 48)
SEED_CROP = replace(
    DEFAULTS["patch"], channels="seed", crop_size=24, layout=LAYOUT, filters=FILTERS
)
FILES = {"penobscot": ("penobscot_il1075-1110.sgy", "labels_il1075-1099.npz")}


@dataclass(frozen=True, kw_only=True)
class FaciesExperiment:
    """One facies run: what is labelled, how it is trained, and why.

    Args:
        id: number of the run.
        note: why it was run.
        survey: folder of the real test data, or "synthetic".
        fraction: part of the samples of the training line that are labelled, at random.
        train: inline numbers that train.
        score: first and last inline number that are scored.
        settings: network and training.
    """

    id: int
    note: str
    survey: str = "penobscot"
    fraction: float = 1.0
    train: tuple[float, ...] = (1080,)
    score: tuple[float, float] = (1090, 1099)
    settings: FaciesSettings = field(default_factory=lambda: replace(DEFAULTS["patch"], folds=0))


# The section of Penobscot's labels is 512 x 1536 samples; copying it is hard to beat.
patches = FaciesExperiment(id=100, note="The patch classifier, all samples of inline 1080.")
patches_points = replace(patches, id=101, fraction=0.02, note="As 100, 2 % of the samples.")
seed = replace(
    patches,
    id=102,
    note="The replaced system's crop: neighbours and coordinates, 24 x 24 x 8.",
    settings=replace(SEED_CROP, folds=0),
)
seed_points = replace(seed, id=103, fraction=0.02, note="As 102, 2 % of the samples.")
unet = replace(
    patches,
    id=104,
    note="The U-Net, all samples of inline 1080.",
    settings=replace(DEFAULTS["unet"], folds=0, follow=False),
)
unet_points = replace(unet, id=105, fraction=0.02, note="As 104, 2 % of the samples.")
unet_long = replace(
    unet,
    id=106,
    note="As 104, four times as long, windows of 96.",
    settings=replace(
        DEFAULTS["unet"], folds=0, follow=False, epochs=40, crops_per_epoch=1280, crop_size=96
    ),
)
unet_followed = replace(
    unet,
    id=107,
    note="As 104, following reflections.",
    settings=replace(unet.settings, follow=True),
)
unet_followed_points = replace(
    unet_followed, id=108, fraction=0.02, note="As 107, 2 % of the samples."
)
unet_followed_points_long = replace(
    unet_followed_points,
    id=109,
    note="As 108, 40 epochs in place of 20.",
    settings=replace(unet_followed.settings, epochs=40),
)

FACIES = {
    run.id: run
    for run in (
        *(patches, patches_points, seed, seed_points, unet, unet_points, unet_long),
        *(unet_followed, unet_followed_points, unet_followed_points_long),
    )
}


def quick(experiment: FaciesExperiment) -> FaciesExperiment:
    """The same on a toy survey, in seconds."""
    settings = replace(experiment.settings, epochs=2, crops_per_epoch=100)
    return replace(
        experiment, survey="synthetic", train=(102,), score=(105, 107), settings=settings
    )


def rows(experiment: FaciesExperiment, folder: Path) -> list[dict[str, object]]:
    """Train and score."""
    began = time.monotonic()
    score = result(experiment, folder)
    table = score.comparison()["mean IoU"]
    classes = score.classes()["iou"].drop(["mean", "weighted"])
    return [
        {
            "mean IoU": f"{table.iloc[0]:.3f}",
            "IoU of class 0, 1, ..": ", ".join(f"{value:.2f}" for value in classes.fillna(0)),
            "baselines, mean IoU": " / ".join(f"{value:.3f}" for value in table.iloc[1:]),
            "accuracy": f"{score.comparison()['accuracy'].iloc[0]:.3f}",
            "wrong islands per million": f"{score.islands:.0f}",
            "minutes": f"{(time.monotonic() - began) / 60:.1f}",
        }
    ]


def result(experiment: FaciesExperiment, folder: Path) -> Score:
    """Train on some lines of a label cube and score others."""
    cube_path, labels_path = files(experiment, folder)
    with open_segy(cube_path) as cube:
        truth = open_label_cube(labels_path, cube.geometry)
        labels = read_lines(truth, [(0, number) for number in experiment.train])
        rng = np.random.default_rng(experiment.settings.seed)
        some = rng.permutation(len(labels))[: int(experiment.fraction * len(labels))]
        labels = Labels(labels.positions[some], labels.classes[some], labels.legend)
        survey = Survey.of(cube, labels, survey_scaling(cube), experiment.settings)
        model, _, guide = train_following(survey, folder / "training")
        first, last = experiment.score
        lines = [(0, number) for number in truth.lines(0) if first <= number <= last]
        return line_score(survey, model, truth, lines, guide)


def files(experiment: FaciesExperiment, folder: Path) -> tuple[Path, Path]:
    """The cube and its labels; a toy survey is made in `folder`."""
    if experiment.survey in FILES:
        cube, labels = FILES[experiment.survey]
        return DATA / experiment.survey / cube, DATA / experiment.survey / labels
    toy = facies_survey(TOY_SHAPE, seed=experiment.settings.seed)
    write_segy(folder / "toy.sgy", toy.amplitude, toy.geometry)
    np.save(folder / "toy.npy", toy.facies)
    return folder / "toy.sgy", folder / "toy.npy"
