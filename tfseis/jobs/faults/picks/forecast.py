"""How long a fine-tuning on picked lines takes: expected from pieces of it, then measured."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.jobs.faults.losses import fault_loss
from tfseis.jobs.faults.picks.lines import PickedLine
from tfseis.jobs.faults.picks.loss import EachCrop
from tfseis.jobs.faults.picks.scores import CHUNK, HALF
from tfseis.jobs.faults.picks.training import PickedJob
from tfseis.jobs.faults.pipeline import survey_generator
from tfseis.jobs.faults.survey_crops import CROPS, SURVEYS
from tfseis.learning.fitting.progress import minutes_left

FORWARD = 1 / 3  # part of a training step that a prediction of as many samples takes
COUNTING = 7e-6  # seconds in which a picked sample is counted, all methods and thresholds
BUSY = 1.4  # times as long as alone, from which other work is mentioned
FINISHED = 0.1  # of the expected time, below which a part was finished by an earlier run


@dataclass(frozen=True)
class Costs:
    """Seconds of the pieces of a fine-tuning, as this machine takes them now.

    Args:
        start: Keras builds and compiles a training.
        step: a training step.
        survey: a synthetic survey is made.
        busy: how many times as long a piece takes as it would alone on the machine.
    """

    start: float
    step: float
    survey: float
    busy: float = 1.0


@dataclass(frozen=True)
class Expected:
    """Seconds of the parts of a fine-tuning.

    Args:
        training: one training.
        limit: longest time of one training; infinite for none.
        held_out: scores of all parts that are held out.
        synthetic: scores of synthetic surveys.
        folds: number of parts that are held out.
    """

    training: float
    limit: float
    held_out: float
    synthetic: float
    folds: int

    @property
    def parts(self) -> list[float]:
        """A training and its scores for each part held out, then the last training and scores."""
        each = self.training + self.held_out / max(self.folds, 1)
        return [each] * self.folds + [self.training + self.synthetic]

    def seconds(self, pace: float, done: int = 0) -> float:
        """Time of what is left.

        Args:
            pace: how many times as long as expected everything takes.
            done: number of parts that are over.
        """
        left = self.parts[done:]
        saved = max(0.0, pace * self.training - self.limit)  # a training ends at its limit
        return pace * sum(left) - saved * len(left)


@dataclass
class Forecast:
    """What is told of the time of a fine-tuning, before it and after each training.

    Args:
        expected: seconds of its parts.
        busy: how many times as long a piece took as it would alone on the machine.
        clock: gives seconds.
    """

    expected: Expected
    busy: float = 1.0
    clock: Callable[[], float] = time.monotonic
    _ends: list[float] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What is expected, in one line; time counts from the first call of `begin`."""
        trainings = f"{self.expected.folds + 1} trainings, then scores"
        text = f"expected: about {_minutes(self.expected.seconds(1.0))} min ({trainings})"
        if self.busy < BUSY:
            return text
        alone = _minutes(self.expected.seconds(1 / self.busy))
        return (
            f"{text} while other work keeps this machine as busy as now, about {alone} min without"
        )

    def begin(self) -> None:
        """Count from here."""
        self._ends = [self.clock()]

    def after(self) -> str:
        """What is left after one more part, by the time that the parts so far took."""
        self._ends.append(self.clock())
        took = np.diff(self._ends)
        parts = np.array(self.expected.parts[: len(took)])
        here = took > FINISHED * parts
        pace = took[here].sum() / parts[here].sum() if here.any() else 1.0
        left = self.expected.seconds(float(pace), len(took))
        return f"{len(took)} of {len(self.expected.parts)} trainings: {minutes_left(left / 60)}"


def forecast(job: PickedJob) -> Forecast:
    """The forecast of a fine-tuning, from a step of it and a survey."""
    costs = measured(job)
    return Forecast(expected(job, costs), costs.busy)


def expected(job: PickedJob, costs: Costs) -> Expected:
    """Seconds of the parts of a fine-tuning, from those of its pieces.

    Args:
        job: the fine-tuning.
        costs: seconds of its pieces.
    """
    training, settings = job.training, job.job.settings
    steps = training.epochs * training.steps
    synthetic = steps * (settings.batch_size // 2)
    groups = -(-synthetic // (SURVEYS * CROPS))  # the first is waited for, the others made beside
    begun = costs.start + SURVEYS * costs.survey
    sample = FORWARD * costs.step / (settings.batch_size * np.prod(settings.crop_shape))
    held = [job.lines[n] for fold in job.folds for n, _ in fold.parts]
    read = sum(map(_samples_read, held))
    counted = COUNTING * sum(line.picks.size for line in held)
    surveys = job.job.unseen * len(SURVEY_GENERATORS)
    return Expected(
        training=begun + max(steps * costs.step, (groups - 1) * SURVEYS * costs.survey),
        limit=60 * training.minutes if training.minutes else np.inf,
        held_out=float(2 * sample * read + counted),
        synthetic=float(surveys * (costs.survey + 2 * sample * settings.survey_size**3)),
        folds=len(job.folds),
    )


def measured(job: PickedJob) -> Costs:
    """Seconds of the pieces, each once, in the wall-clock time of this machine as busy as it is."""
    settings = job.job.settings
    model = job.job.build()
    model.compile("adam", EachCrop(fault_loss(settings.loss, settings.seed), settings.batch_size))
    zeros = np.zeros((settings.batch_size, *settings.crop_shape, 1), "float32")
    first, step = (_seconds(lambda: model.train_on_batch(zeros, zeros))[0] for _ in range(2))
    make = survey_generator(settings.generators[0], settings.salty)
    survey, alone = _seconds(lambda: make((settings.survey_size,) * 3, seed=settings.seed))
    return Costs(
        start=max(first - step, 0.0),
        step=step,
        survey=survey,
        busy=max(1.0, survey / max(alone, 1e-3)),
    )


def _seconds(run: Callable[[], object]) -> tuple[float, float]:
    """Time that passes, and time in which this thread computes, which is less on a busy machine."""
    began, computed = time.monotonic(), time.thread_time()
    run()
    return time.monotonic() - began, time.thread_time() - computed


def _samples_read(line: PickedLine) -> int:
    """Samples of the windows in which a line is predicted."""
    traces, samples = line.picks.shape
    chunk = min(CHUNK, traces)
    return -(-traces // chunk) * (chunk + 2 * HALF) * 2 * HALF * samples


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / 60))
