"""Train and score experiments by ID; prints one Markdown row each, for training/results.md."""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from tfseis.data.scaling import survey_scaling
from tfseis.data.synthetic import facies_survey
from tfseis.io import open_segy, write_segy
from tfseis.io.label_cube import open_label_cube, read_lines
from tfseis.io.labels import Labels
from tfseis.workflows.facies_following import final_follower, follows, train_followed
from tfseis.workflows.facies_scores import line_score
from tfseis.workflows.facies_training import Survey, train
from tfseis.workflows.scores import Score
from training import salt_experiments
from training.borehole_experiments import BOREHOLES, borehole_row
from training.borehole_experiments import quick as quick_borehole
from training.experiments import EXPERIMENTS, FaciesExperiment
from training.gather_experiments import GATHERS, gather_row
from training.gather_experiments import quick as quick_gather
from training.salt_experiments import SALT_EXPERIMENTS, SaltExperiment, cells

DATA = Path(os.environ.get("TFSEIS_DATA") or Path(__file__).resolve().parents[2] / "shared/data")
TOY_SHAPE = (12, 40, 48)
FILES = {"penobscot": ("penobscot_il1075-1110.sgy", "labels_il1075-1099.npz")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the experiments that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "ids",
        nargs="+",
        type=int,
        choices=sorted([*EXPERIMENTS, *BOREHOLES, *SALT_EXPERIMENTS, *GATHERS]),
        metavar="ID",
    )
    parser.add_argument("--quick", action="store_true", help="two epochs on a toy survey")
    options = parser.parse_args(arguments)
    for number in options.ids:
        if number in BOREHOLES:
            run = BOREHOLES[number]
            print(borehole_row(quick_borehole(run) if options.quick else run, commit()))
        elif number in GATHERS:
            setup = GATHERS[number]
            print(gather_row(quick_gather(setup) if options.quick else setup, commit()))
        elif number in SALT_EXPERIMENTS:
            print(salt_row(SALT_EXPERIMENTS[number], options.quick))
        else:
            experiment = EXPERIMENTS[number]
            print(row(quick(experiment) if options.quick else experiment))
    return 0


def quick(experiment: FaciesExperiment) -> FaciesExperiment:
    """The same on a toy survey, in seconds."""
    settings = replace(experiment.settings, epochs=2, crops_per_epoch=100)
    return replace(
        experiment, survey="synthetic", train=(102,), score=(105, 107), settings=settings
    )


def row(experiment: FaciesExperiment) -> str:
    """Train, score, and tell it in one line of Markdown."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        score = result(experiment, Path(folder))
    table = score.comparison()["mean IoU"]
    classes = score.classes()["iou"].drop(["mean", "weighted"])
    cells = [
        experiment.id, experiment.note, f"{table.iloc[0]:.3f}",
        ", ".join(f"{value:.2f}" for value in classes.fillna(0)),
        " / ".join(f"{value:.3f}" for value in table.iloc[1:]),
        f"{score.comparison()['accuracy'].iloc[0]:.3f}", f"{(time.monotonic() - began) / 60:.1f}",
        f"{os.cpu_count()} x {platform.machine()}", experiment.settings.seed, commit(),
    ]  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def salt_row(experiment: SaltExperiment, toy: bool) -> str:
    """The same of a run on images."""
    found = cells(salt_experiments.quick(experiment) if toy else experiment, DATA)
    machine = f"{os.cpu_count()} x {platform.machine()}"
    row = [experiment.id, experiment.note, *found, machine, experiment.settings.seed, commit()]
    return "| " + " | ".join(map(str, row)) + " |"


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
        model, _ = train(survey, folder / "training", title=f"experiment {experiment.id}")
        guide = None
        if follows(survey):
            model, _ = train_followed(survey, model, folder / "followed")
            guide = final_follower(survey, model)
            print(f"keeps {guide.keep:.3f} from line to line", file=sys.stderr)
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


def commit() -> str:
    """Short hash of the code that ran."""
    words = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
