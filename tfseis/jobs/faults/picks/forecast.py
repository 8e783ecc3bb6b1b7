"""How long a fine-tuning on picked lines will take, from two steps of it."""

import time

import numpy as np

from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.jobs.faults.losses import fault_loss
from tfseis.jobs.faults.picks.loss import EachCrop
from tfseis.jobs.faults.picks.scores import HALF
from tfseis.jobs.faults.picks.training import PickedJob

STARTUP = 15.0  # seconds in which Keras compiles a training and the first surveys are made
FORWARD = 1 / 3  # part of a training step that a prediction of as many samples takes


def forecast(job: PickedJob) -> str:
    """Expected minutes, in one line.

    Args:
        job: the fine-tuning.
    """
    training, settings = job.training, job.job.settings
    batch = (settings.batch_size, *settings.crop_shape, 1)
    step = _seconds_a_step(job, batch)
    each = STARTUP + training.epochs * training.steps * step
    if training.minutes:
        each = min(each, 60 * training.minutes)
    sample = FORWARD * step / np.prod(batch)
    held = sum(job.lines[n].picks.size for fold in job.folds for n, _ in fold.parts)
    surveys = job.job.unseen * len(SURVEY_GENERATORS) * settings.survey_size**3
    scores = 2 * sample * (held * 2 * HALF + surveys)
    count = len(job.folds) + 1
    minutes = max(1, round((count * each + scores) / 60))
    return f"expected: about {minutes} min ({count} trainings, then scores)"


def _seconds_a_step(job: PickedJob, batch: tuple[int, ...]) -> float:
    model = job.job.build()
    settings = job.job.settings
    model.compile("adam", EachCrop(fault_loss(settings.loss, settings.seed), settings.batch_size))
    began, zeros = 0.0, np.zeros(batch, "float32")
    for _ in range(2):  # the first builds the graph
        began = time.monotonic()
        model.train_on_batch(zeros, zeros)
    return time.monotonic() - began
