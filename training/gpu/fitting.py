"""A training that a clock ends: rate, checkpoints every minute, a log of what it waited for."""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import numpy as np

from training.gpu.crops import SurveyPool
from training.gpu.draws import CropRules
from training.gpu.step import Learner
from training.gpu.surveys import SurveyMakers

AHEAD = 3  # steps that are handed to the accelerator before the first of them is done


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long a training lasts, and its rate at each part of it.

    Args:
        end: when it ends, in seconds of `time.monotonic`.
        rate: largest learning rate.
        warm: part of the training in which the rate rises from 0.
        every: minutes between two checkpoints.
        steps: largest number of steps; None for as many as there is time for.
    """

    end: float
    rate: float = 2e-3
    warm: float = 0.03
    every: float = 1.0
    steps: int | None = None

    def at(self, done: float) -> float:
        """Learning rate when a part of the training is done, 0 to 1: a cosine after a rise.

        Examples:
            >>> schedule = Schedule(end=1, rate=1.0, warm=0.1)
            >>> [round(schedule.at(done), 2) for done in (0.05, 0.1, 0.55, 1.0)]
            [0.5, 1.0, 0.5, 0.0]
        """
        if done < self.warm:
            return self.rate * done / self.warm
        rest = min((done - self.warm) / max(1 - self.warm, 1e-9), 1.0)
        return float(self.rate * 0.5 * (1 + np.cos(np.pi * rest)))


@dataclass
class Log:
    """What happened, one row now and then, written as a file of JSON lines.

    Args:
        path: the file.
        rows: rows so far.
    """

    path: Path
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, **numbers: Any) -> None:
        """Add a row, write it and print it."""
        row = {k: float(f"{v:.5g}") if isinstance(v, float) else v for k, v in numbers.items()}
        self.rows.append(row)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)


def train(
    learner: Learner,
    makers: SurveyMakers,
    pool: SurveyPool,
    rules: CropRules,
    schedule: Schedule,
    *,
    batch: int,
    fresh: int,
    seed: int,
    log: Log,
    save: Callable[[Learner], None],
) -> dict[str, float]:
    """Train until the time is over.

    The first step compiles; the time that is left after it is what the rate goes by.

    Args:
        learner: network and optimiser.
        makers: processes that make surveys.
        pool: surveys on the accelerator; it holds some already.
        rules: how crops vary.
        schedule: time and rate.
        batch: number of crops in a step.
        fresh: surveys that are taken in before a step, at most.
        seed: seed of the crops.
        log: where numbers go.
        save: writes the averaged weights.

    Returns:
        Steps, crops, seconds, crops a second, surveys, seconds of one core a survey, and the share
        of the time in which the accelerator had nothing to do.
    """
    rng, key = np.random.default_rng((seed, 77)), jax.random.key(seed)
    began = time.monotonic()
    clock, saved, idle, since = began, began, 0.0, 0
    pending: deque[Any] = deque()
    losses: list[float] = []
    step = 0
    while step == 0 or (time.monotonic() < schedule.end and step != schedule.steps):
        before = time.monotonic()
        for amplitude, faults in makers.ready(fresh):
            pool.add(amplitude, faults)
        done = (before - clock) / max(schedule.end - clock, 1e-3) if step else 0.0
        if schedule.steps:
            done = max(done, step / schedule.steps)
        arrays, held = pool.block(step)
        drawn = rules.drawn(batch, pool.size, held, rng)
        if pending and pending[-1].is_ready():
            idle += time.monotonic() - before
        rate = schedule.at(done)
        pending.append(learner.learn(arrays, drawn, jax.random.fold_in(key, step), rate))
        step += 1
        if len(pending) > AHEAD or step == 1:
            losses.append(float(pending.popleft()))
        if step == 1:
            log.add(compiled_seconds=time.monotonic() - began)
            clock = saved = time.monotonic()
        if time.monotonic() - saved >= 60 * schedule.every:
            paused = time.monotonic()
            pending[-1].block_until_ready()
            log.add(
                minutes=(time.monotonic() - clock) / 60,
                step=step,
                loss=float(np.mean(losses[since:])),
                rate=rate,
                crops_a_second=batch * (step - since) / (time.monotonic() - saved),
                surveys=makers.made,
                core_seconds_a_survey=makers.seconds / max(makers.made, 1),
                waited=idle / (time.monotonic() - clock),
            )
            save(learner)
            idle += time.monotonic() - paused
            saved, since = time.monotonic(), len(losses)
    losses += [float(loss) for loss in pending]
    seconds = time.monotonic() - clock
    save(learner)
    return {
        "steps": step,
        "crops": batch * step,
        "seconds": seconds,
        "crops_a_second": batch * step / max(seconds, 1e-9),
        "loss": float(np.mean(losses[-max(len(losses) // 10, 1) :])),
        "surveys": makers.made,
        "core_seconds_a_survey": makers.seconds / max(makers.made, 1),
        "waited": idle / max(seconds, 1e-9),
    }
