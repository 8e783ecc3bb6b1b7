"""A synthetic survey with points on parts of one inline, taken through the whole facies job."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from tfseis.data.picks import pick_points
from tfseis.data.synthetic import facies_survey
from tfseis.errors import OutputError
from tfseis.io.labels.labels import Labels
from tfseis.io.labels.legend import Legend
from tfseis.io.labels.points import write_points
from tfseis.io.segy.create import write_segy
from tfseis.io.segy.cube import open_segy
from tfseis.jobs.facies.record import beats_baselines
from tfseis.jobs.facies.settings import DEFAULTS
from tfseis.jobs.facies.train import train_facies

SHAPE = (64, 120, 128)
EPOCHS = 10  # half of the default, so that the demo stays within minutes
FOLDS = 3  # the section is narrow: the blocks at its ends are tested
PAINTED = 0.5  # part of each facies on the labelled section that is labelled
LABELLED = 0.5  # place of the labelled section, as a part of the way through the inlines
FAR = 10  # lines closer than that to the labelled one are too easy to score
HOW_TO_LOOK = """
{folder}
  survey.sgy       the survey, and points/ what an interpreter painted on inline {inline:g}
  facies.sgy       its facies, and confidence.sgy: load them beside survey.sgy
  report.html      sections, scores, learning curve: open it in a browser
  model.keras      tfseis facies apply OTHER.sgy OUT.sgy --model {folder}/model.keras
"""


def demo(out: str | Path, *, seed: int = 0, overwrite: bool = False) -> bool:
    """Make a survey, label part of one inline, train on it, label the cube, print the scores.

    Args:
        out: folder for the survey and the results.
        seed: seed of the survey, of the points and of the training.
        overwrite: whether an earlier demo in `out` is replaced.

    Returns:
        Whether the mean IoU in held-out blocks is above that of every trivial baseline.

    Raises:
        OutputError: `out` holds something and may not be replaced.
    """
    out = Path(out)
    if out.exists() and any(out.iterdir()):
        if not overwrite:
            raise OutputError(f"{out} holds files. Choose another folder, or add --overwrite.")
        if not (out / "survey.sgy").exists():
            raise OutputError(f"{out} holds files of somebody else. Choose another folder.")
        shutil.rmtree(out)
    (out / "points").mkdir(parents=True)
    survey = facies_survey(SHAPE, seed=seed)
    geometry = survey.geometry
    index = int(geometry.inlines.count * LABELLED)
    rank = np.argsort(np.argsort(survey.names))  # points number classes by file name: so do we
    names, truth = sorted(survey.names), rank[survey.facies]
    positions, classes = pick_points(truth, inline=index, fraction=PAINTED, seed=seed)
    write_segy(out / "survey.sgy", survey.amplitude, geometry, text=["Synthetic survey of tfseis"])
    write_points(out / "points", Labels(positions, classes, Legend.of(names)), geometry)
    np.savez_compressed(
        out / "truth.npz",
        labels=truth.astype("int16"),
        inline_numbers=geometry.inlines.numbers,
        crossline_numbers=geometry.crosslines.numbers,
        sample_times_ms=geometry.samples.numbers,
    )
    inline = geometry.inlines.numbers[index]
    with open_segy(out / "survey.sgy") as cube:
        finished = train_facies(
            cube,
            sorted((out / "points").glob("*.pts")),
            out=out,
            truth=out / "truth.npz",
            truth_inlines=(inline + FAR, None),
            settings=replace(DEFAULTS["unet"], folds=FOLDS, epochs=EPOCHS, seed=seed),
            command=f"tfseis demo --seed {seed}",
        )
    print(HOW_TO_LOOK.format(folder=out, inline=inline))
    print(finished.text)
    return beats_baselines(finished.metrics)
