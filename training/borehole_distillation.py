"""A small borehole network taught by a large one, and its twin of 8 bits, by ID from 311.

Wells of `training.borehole_experiments`, of which some are labelled. The teacher learns from these
alone. For each seed the student does so, too, and is then taught, on wells without labels as well;
the teacher and what is scored are the same for all of them.
"""

import timeit
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfseis.inference.quantization import quantized, write_openvino
from tfseis.inference.runtime import Runtime
from tfseis.io.images.wells import Patches
from tfseis.io.labels.labels import UNLABELLED
from tfseis.jobs.boreholes.patches import scaled_images, synthetic_patches
from tfseis.jobs.boreholes.pipeline import Task, train_network
from tfseis.jobs.boreholes.prediction import with_whole_rows
from tfseis.jobs.boreholes.scores import mark_scores
from tfseis.jobs.boreholes.settings import BoreholeSettings
from training.borehole_experiments import UNSEEN_SEED

BATCH, REPEATS = 32, 50  # patches computed at once, and how often, for the time
PARTS = 12  # into which the patches that are scored are divided


@dataclass(frozen=True, kw_only=True)
class DistillationExperiment:
    """A student alone, taught, and taught with 8 bits, beside its teacher.

    Args:
        id: number of the run.
        note: why it was run.
        teacher: network and training of the teacher.
        settings: those of the student; its seed is each of `seeds`.
        patches: synthetic patches that train.
        labelled: of them, the first ones.
        unseen: synthetic patches of another seed that are scored.
        seeds: students.
    """

    id: int
    note: str
    teacher: BoreholeSettings
    settings: BoreholeSettings = field(default_factory=BoreholeSettings)
    patches: int = 1200
    labelled: int = 240
    unseen: int = 480
    seeds: tuple[int, ...] = (0, 1, 2)


stack_to_unet = DistillationExperiment(
    id=311,
    note="The separable stack of four widths of 16 teaches a U-Net of widths 4, 8, 12.",
    teacher=BoreholeSettings(network="stacked", filters=(16,) * 4, epochs=24),
    settings=BoreholeSettings(filters=(4, 8, 12), epochs=36),
)
few_labels = replace(stack_to_unet, id=312, note="As 311 with 32 labelled patches.", labelled=32)
DISTILLATIONS = {run.id: run for run in (stack_to_unet, few_labels)}


def quick(experiment: DistillationExperiment) -> DistillationExperiment:
    """The same in seconds."""
    short: dict[str, Any] = {"epochs": 1, "patches_per_epoch": 32}
    return replace(
        experiment,
        patches=60,
        labelled=30,
        unseen=12,
        seeds=(0,),
        teacher=replace(experiment.teacher, filters=(4,), **short),
        settings=replace(experiment.settings, **short),
    )


def rows(experiment: DistillationExperiment, folder: Path) -> list[dict[str, object]]:
    """Train and score; one row a network."""
    patches = synthetic_patches(experiment.patches, experiment.settings.seed)
    unseen = synthetic_patches(experiment.unseen, UNSEEN_SEED + experiment.settings.seed)
    assert patches.masks is not None
    labelled = patches.only(np.arange(experiment.labelled))
    masks = patches.masks.copy()
    masks[experiment.labelled :] = UNLABELLED
    partly = replace(patches, masks=masks)
    teacher = train_network(Task(experiment.teacher, labelled), folder / "teacher").model
    alone, taught = [], []
    for seed in experiment.seeds:
        settings = replace(experiment.settings, seed=seed)
        alone.append(train_network(Task(settings, labelled), folder / f"student-{seed}").model)
        task = Task(settings, partly, teacher=teacher)
        taught.append(train_network(task, folder / f"taught-{seed}").model)
    groups = {"teacher": [teacher], "student alone": alone, "student taught": taught}
    found = []
    for name, models in groups.items():
        files = [folder / f"{name.replace(' ', '-')}-{n}.xml" for n in range(len(models))]
        for bits in (32, 8):
            for model, file in zip(models, files, strict=True):
                (write_openvino if bits == 32 else quantized)(model, file, overwrite=True)
            found.append(_row(f"{name}, {bits} bits", models, files, unseen))
    return found


def _row(
    name: str, models: list[keras.Model], files: list[Path], unseen: Patches
) -> dict[str, object]:
    """Size, time and scores of networks that OpenVINO computes."""
    assert unseen.masks is not None
    images = with_whole_rows(scaled_images(unseen), models[0])
    networks = [Runtime(file, "openvino") for file in files]
    dice = []
    for network in networks:
        logits = np.concatenate([network(part) for part in np.array_split(images, PARTS)])
        marks = (logits[:, : unseen.images.shape[1], :, 0] > 0).astype("int64")
        dice.append(mark_scores(unseen.masks, marks)["dice"])
    batch = images[:BATCH]
    networks[0](batch)  # compiled before it is timed
    seconds = timeit.repeat(lambda: networks[0](batch), number=1, repeat=REPEATS)
    return {
        "network": name,
        "parameters": f"{models[0].count_params():,}",
        "kB": f"{files[0].with_suffix('.bin').stat().st_size / 1000:.1f}",
        "patches a second": f"{BATCH / np.median(seconds):.0f}",
        "Dice": f"{np.mean(dice):.3f}",
        "Dice of each seed": ", ".join(f"{value:.3f}" for value in dice),
    }
