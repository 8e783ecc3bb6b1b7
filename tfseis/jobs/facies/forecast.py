"""How long a facies training will take and what it will write, measured on a few batches."""

import shutil
import time
from pathlib import Path

import numpy as np

from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.cube import evaluated_samples
from tfseis.jobs.facies.survey import Survey
from tfseis.jobs.facies.training import batches, objective, training_of
from tfseis.selection import Parts

BATCHES = 5
STARTUP = 4.0  # seconds in which Keras builds and compiles a training
FOLLOWING = 3  # a prediction that follows reflections takes about three times as long
TRIAL = 200_000  # samples predicted to measure how fast this machine is
TRIAL_BLOCK = slice(0, 48)  # the same along each axis for a 3D network
TRACE_HEADER = 240  # bytes


def forecast(survey: Survey, parts: Parts, folder: Path) -> str:
    """Expected minutes, megabytes to write and free space on the disk, in one line.

    Args:
        survey: cube, labels and settings.
        parts: range and stride along each axis of what will be predicted.
        folder: folder for the results.
    """
    settings, cube = survey.settings, survey.cube
    following = survey.follows
    trainings = 1 + following + len(survey.folds())
    steps = settings.epochs * training_of(settings).steps
    training = trainings * (STARTUP + steps * _seconds_a_step(survey))
    inlines, crosslines, samples = cube.geometry.sliced(parts).shape
    prediction = _prediction_seconds(survey, parts) * (FOLLOWING if following else 1)
    size = inlines * crosslines * (2 * TRACE_HEADER + (2 + 4) * samples)  # int16 and float32
    minutes = max(1, round((training + prediction) / 60))
    return (
        f"expected: about {minutes} min ({trainings} trainings, then {inlines * crosslines} "
        f"traces), {size / 1e6:.0f} MB to write, {shutil.disk_usage(folder).free / 1e9:.0f} GB free"
    )


def _seconds_a_step(survey: Survey) -> float:
    model = survey.build()
    model.compile("adam", objective(survey)[0])
    seconds = []
    for crops, labels in batches(survey, survey.volumes).take(BATCHES):
        began = time.monotonic()
        model.train_on_batch(crops, labels)
        seconds.append(time.monotonic() - began)
    return float(np.median(seconds[1:]))  # the first builds the graph


def _prediction_seconds(survey: Survey, parts: Parts) -> float:
    """Seconds for ``cube[parts]``, from a part of it predicted by the untrained network."""
    classifier = DenseClassifier(survey.build())
    shape, axis = survey.cube.shape, survey.axis
    section = int(np.prod(shape)) // shape[axis]
    some = [slice(None)] * 3
    some[axis] = slice(0, max(1, TRIAL // section))
    trial = (some[0], some[1], some[2]) if classifier.flat else (TRIAL_BLOCK,) * 3
    seconds = 0.0
    for _ in range(2):  # the first time builds the graph
        began = time.monotonic()
        classifier.predict(survey.cube, trial, survey.scaling)
        seconds = time.monotonic() - began
    done, wanted = (evaluated_samples(classifier, survey.cube, p) for p in (trial, parts))
    return seconds * wanted / done
