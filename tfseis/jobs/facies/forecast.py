"""How long a facies training will take and what it will write, measured on a small part of it."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tfseis.jobs.facies.classifier import DenseClassifier
from tfseis.jobs.facies.cube import evaluated_samples
from tfseis.jobs.facies.followed_training import FARTHEST
from tfseis.jobs.facies.following import NEAR, Follower
from tfseis.jobs.facies.propagation import Propagation
from tfseis.jobs.facies.section_network import SectionNetwork
from tfseis.jobs.facies.spreading import Spread, spread_labels
from tfseis.jobs.facies.survey import Survey
from tfseis.jobs.facies.training import batches, objective, training_of
from tfseis.selection import Parts
from tfseis.wording import counted

BATCHES = 5
LINES = 6  # that are followed; the first two build graphs and fill caches
STARTUP = 4.0  # seconds in which Keras builds and compiles a training
MEASURING = 2  # how far labels reach takes about as long to measure as to spread them
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
    inlines, crosslines, samples = survey.cube.geometry.sliced(parts).shape
    size = inlines * crosslines * (2 * TRACE_HEADER + (2 + 4) * samples)  # int16 and float32
    minutes = max(1, round(sum(expected_seconds(survey, parts).values()) / 60))
    return (
        f"expected: about {minutes} min ({counted(trainings(survey), 'training')}, then "
        f"{counted(inlines * crosslines, 'trace')}), {size / 1e6:.0f} MB to write, "
        f"{shutil.disk_usage(folder).free / 1e9:.0f} GB free"
    )


def trainings(survey: Survey) -> int:
    """Trainings of a run: of each block, on all labels, and on followed lines."""
    return len(survey.folds()) + 1 + survey.follows


def expected_seconds(survey: Survey, parts: Parts) -> dict[str, float]:
    """Seconds of each part of a run, from one small piece of each.

    Args:
        survey: cube, labels and settings.
        parts: range and stride along each axis of what will be predicted.

    Returns:
        ``training`` and ``prediction``; ``spreading`` of labels where reflections are followed.
    """
    steps = survey.settings.epochs * training_of(survey.settings).steps
    training = trainings(survey) * (STARTUP + steps * _seconds_a_step(survey))
    if not survey.follows:
        return {"training": training, "prediction": _prediction_seconds(survey, parts)}
    line, blocks = _seconds_a_line(survey), len(survey.folds())
    read = _followed_lines(survey, parts) + blocks * len(survey.sections)
    spreading = MEASURING * (1 + blocks) * _spreading_seconds(survey)
    return {"training": training, "spreading": spreading, "prediction": read * line}


def _seconds_a_step(survey: Survey) -> float:
    model = survey.build()
    model.compile("adam", objective(survey)[0])
    seconds = []
    for crops, labels in batches(survey, survey.volumes).take(BATCHES):
        began = time.monotonic()
        model.train_on_batch(crops, labels)
        seconds.append(time.monotonic() - began)
    return float(np.median(seconds[1:]))  # the first builds the graph


def _followed_lines(survey: Survey, parts: Parts) -> int:
    """Lines that are walked: to the result, for the second training, and to measure the drift."""
    axis, labelled = survey.axis, [s.index for s in survey.sections if s.axis == survey.axis]
    wanted = range(*parts[axis].indices(survey.cube.shape[axis]))
    whole = 1 + max(wanted[-1], *labelled) - min(wanted[0], *labelled)
    most = survey.cube.shape[axis]
    again = min(most, 2 * FARTHEST * len(labelled)) + min(most, 2 * NEAR)
    return whole + min(most, 2 * NEAR) + again


def _seconds_a_line(survey: Survey) -> float:
    """Seconds to follow one line, with the untrained network."""
    axis, count = survey.axis, len(survey.labels.legend)
    shape = [size for a, size in enumerate(survey.cube.shape) if a != axis]
    even = np.full((*shape, count), 1 / count, "float32")
    nothing = Spread(even, 0, Propagation(), near=np.zeros(shape, bool))
    network = SectionNetwork(DenseClassifier(survey.build()), survey.cube, survey.scaling)
    follower = Follower(network, {0: nothing}, count, keep=0.5)
    ends, began = [], time.monotonic()
    for _ in follower.predict_lines(range(min(LINES, survey.cube.shape[axis]))):
        ends.append(time.monotonic())
    # the mean, since while one line is followed the network looks at the next
    return (
        (ends[-1] - ends[1]) / (len(ends) - 2) if len(ends) > 2 else (ends[-1] - began) / len(ends)
    )


def _spreading_seconds(survey: Survey) -> float:
    """Seconds to spread the labels of every section once."""
    count = len(survey.labels.legend)
    fullest = max(survey.volumes, key=lambda volume: len(volume.classes))
    return len(survey.volumes) * _timed(
        lambda: spread_labels(
            fullest.inside,
            fullest.positions,
            fullest.classes,
            count,
            propagation=Propagation(),
        )
    )


def _prediction_seconds(survey: Survey, parts: Parts) -> float:
    """Seconds for ``cube[parts]``, from a part of it predicted by the untrained network."""
    classifier = DenseClassifier(survey.build())
    shape, axis = survey.cube.shape, survey.axis
    section = int(np.prod(shape)) // shape[axis]
    some = [slice(None)] * 3
    some[axis] = slice(0, max(1, TRIAL // section))
    trial = (some[0], some[1], some[2]) if classifier.flat else (TRIAL_BLOCK,) * 3
    for _ in range(2):  # the first time builds the graph
        seconds = _timed(lambda: classifier.predict(survey.cube, trial, survey.scaling))
    done, wanted = (evaluated_samples(classifier, survey.cube, p) for p in (trial, parts))
    return seconds * wanted / done


def _timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
