"""Facies networks on three kinds of synthetic surveys, by ID; `training.run` does them."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tfseis.data.picks import pick_points
from tfseis.data.scaling import survey_scaling
from tfseis.data.synthetic import SyntheticSurveySettings, facies_survey
from tfseis.io import open_segy, write_segy
from tfseis.io.labels.label_cube import open_label_cube
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.jobs.facies.evidence import USUAL
from tfseis.jobs.facies.followed_training import train_following
from tfseis.jobs.facies.scores import line_score
from tfseis.jobs.facies.settings import DEFAULTS, FaciesSettings
from tfseis.jobs.facies.survey import Survey
from tfseis.scores.comparison import Score
from training.facies_experiments import SEED_CROP

GENERATORS = {
    "a": SyntheticSurveySettings(),
    "b": SyntheticSurveySettings(
        fold_scale=(25.0, 60.0),
        fold_strength=7.0,
        throw=(2.0, 5.0),
        frequency=25.0,
        noise=0.3,
        noise_band=(4.0, 35.0),
    ),
    "c": SyntheticSurveySettings(
        fold_scale=(70.0, 20.0),
        fold_strength=12.0,
        tilt=0.12,
        faults=(4, 7),
        throw=(3.0, 12.0),
        frequency=50.0,
        noise=0.2,
        noise_band=(20.0, 110.0),
    ),
    "d": SyntheticSurveySettings(fold_scale=(60.0, 45.0), faults=(1, 3), salt=(0.6, 0.2)),
}
CALM, CALM_SHAPE = "d", (64, 160, 192)  # a copy of the labelled section has 0.75 on these
FAR = 10  # lines nearer than that to the labelled one are not scored


@dataclass(frozen=True, kw_only=True)
class SurveysExperiment:
    """One network on several surveys of each generator: points on half of the middle inline.

    Args:
        id: number of the run.
        note: why it was run.
        settings: network and training; the seed is that of each survey.
        generators: names of `GENERATORS`.
        seeds: surveys of each generator.
        shape: samples of a survey along each axis.
        patch: mean radius of a painted patch, in traces and samples.
    """

    id: int
    note: str
    settings: FaciesSettings
    generators: tuple[str, ...] = ("a", "b", "c")
    seeds: tuple[int, ...] = (0, 1, 2)
    shape: tuple[int, int, int] = (64, 96, 128)
    patch: tuple[float, float] = (7.0, 4.0)


def _run(
    number: int, note: str, base: FaciesSettings, *, follow: bool = False, **changes: Any
) -> SurveysExperiment:
    settings = replace(base, folds=0, follow=follow)
    return SurveysExperiment(id=number, note=note, settings=settings, **changes)


def _calm(number: int, note: str, base: FaciesSettings, **changes: Any) -> SurveysExperiment:
    return _run(number, note, base, generators=(CALM,), shape=CALM_SHAPE, **changes)


SCATTERED = (0.5, 0.5)  # a patch of one sample
SURVEYS = {
    run.id: run
    for run in (
        _run(110, "The patch classifier, crops of 40.", DEFAULTS["patch"]),
        _run(111, "The U-Net, section by section.", DEFAULTS["unet"]),
        _run(112, "The same, following reflections.", DEFAULTS["unet"], follow=True),
        _run(113, "The U-Net in 2.5D: three sections as channels.", DEFAULTS["unet25"], seeds=(0,)),
        _run(114, "The 3D U-Net.", DEFAULTS["unet3d"], seeds=(0,)),
        _calm(115, "The replaced system's crop on a calm, larger survey.", SEED_CROP),
        _calm(116, "The U-Net, following reflections, on the same.", DEFAULTS["unet"], follow=True),
        _calm(
            117,
            "As 116, 40 epochs in place of 20.",
            replace(DEFAULTS["unet"], epochs=40),
            follow=True,
        ),
        _calm(
            118,
            "As 116, the half that is labelled scattered sample by sample.",
            DEFAULTS["unet"],
            follow=True,
            patch=SCATTERED,
        ),
        _run(
            119,
            "As 112, 40 epochs in place of 20.",
            replace(DEFAULTS["unet"], epochs=40),
            follow=True,
            seeds=(0,),
        ),
        _calm(
            130,
            "As 116, a second training only where labels drift.",
            DEFAULTS["unet"],
            follow=True,
        ),
        _calm(
            131,
            "As 118, a second training only where labels drift.",
            DEFAULTS["unet"],
            follow=True,
            patch=SCATTERED,
        ),
    )
}


def quick(experiment: SurveysExperiment) -> SurveysExperiment:
    """The same on one toy survey, in seconds."""
    settings = replace(experiment.settings, epochs=2, crops_per_epoch=32)
    return replace(experiment, settings=settings, generators=("a",), seeds=(0,), shape=(24, 40, 48))


def rows(experiment: SurveysExperiment, folder: Path) -> list[dict[str, object]]:
    """Train and score; one row a generator."""
    found: list[dict[str, object]] = []
    for generator in experiment.generators:
        began = time.monotonic()
        scores = [
            _score(experiment, generator, seed, folder / f"{generator}{seed}")
            for seed in experiment.seeds
        ]
        table = pd.concat([score.comparison()["mean IoU"] for score in scores], axis=1)
        found.append(
            {
                "generator": generator,
                "mean IoU": f"{table.iloc[0].mean():.3f}",
                "of each survey": ", ".join(f"{value:.3f}" for value in table.iloc[0]),
                "baselines": " / ".join(f"{value:.3f}" for value in table.iloc[1:].mean(axis=1)),
                "wrong islands per million": ", ".join(f"{score.islands:.0f}" for score in scores),
                "minutes a survey": f"{(time.monotonic() - began) / 60 / len(scores):.1f}",
            }
        )
    return found


def _score(experiment: SurveysExperiment, generator: str, seed: int, folder: Path) -> Score:
    """Train on one survey and score all its lines that are far away."""
    survey = facies_survey(experiment.shape, settings=GENERATORS[generator], seed=seed)
    index = experiment.shape[0] // 2
    picks = pick_points(
        survey.facies, inline=index, fraction=0.5, patch=experiment.patch, seed=seed
    )
    folder.mkdir(parents=True, exist_ok=True)
    cube_path, truth_path = folder / "survey.sgy", folder / "truth.npy"
    write_segy(cube_path, survey.amplitude, survey.geometry, overwrite=True)
    np.save(truth_path, survey.facies)
    with open_segy(cube_path) as cube:
        labels = Labels(*picks, Legend.of(survey.names))
        settings = replace(experiment.settings, seed=seed)
        made = Survey.of(cube, labels, survey_scaling(cube), settings)
        model, _, guide = train_following(made, folder / "training", temperature=USUAL)
        numbers = survey.geometry.inlines.numbers
        far = np.abs(np.arange(len(numbers)) - index) >= FAR
        truth = open_label_cube(truth_path, cube.geometry)
        return line_score(made, model, truth, [(0, n) for n in numbers[far].tolist()], guide)
