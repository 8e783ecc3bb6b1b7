"""Surveys made by all cores at once, and handed over through shared memory.

Nothing here imports Keras or JAX: the processes are forked before either starts.
"""

import mmap
import multiprocessing as mp
import os
import queue
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial

import numpy as np

from tfseis.data.scaling import scaled
from tfseis.data.synthetic import SURVEY_GENERATORS
from tfseis.data.synthetic.steep import steep_survey

BYTES = 3  # of a sample: float16 amplitude, int8 label
PATIENCE = 60.0  # seconds without any survey after which something is wrong
UNSEEN_SEED = 900_000_000  # as for the scores of a training without an accelerator
GENERATORS = {**SURVEY_GENERATORS, "steep": steep_survey}


class SurveyMakers:
    """Processes that make surveys for as long as they are read.

    Args:
        generators: names of `GENERATORS`; a name given twice is drawn
            twice as often.
        size: length of a survey along each axis, in samples.
        count: number of processes.
        slots: number of surveys that may wait to be read.
        seed: seed of all surveys.
        salty: share of the surveys with salt.

    Attributes:
        made: number of surveys read so far.
        seconds: time that the processes spent on these.
    """

    def __init__(
        self,
        generators: Sequence[str],
        *,
        size: int,
        count: int,
        slots: int,
        seed: int = 0,
        salty: float = 0.1,
    ) -> None:
        context = mp.get_context("fork")
        self._amplitude, self._faults = _shared(slots, size)
        self._free, self._full = context.Queue(), context.Queue()
        for slot in range(slots):
            self._free.put(slot)
        self.made, self.seconds = 0, 0.0
        target = partial(
            _make,
            tuple(generators),
            salty,
            (self._amplitude, self._faults),
            (self._free, self._full),
        )
        self._processes = [
            context.Process(target=target, args=((seed, number),), daemon=True)
            for number in range(count)
        ]
        for process in self._processes:
            process.start()

    def __enter__(self) -> "SurveyMakers":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(5)

    def ready(self, most: int, wait: bool = False) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Surveys that are ready: amplitude, float16, and faults, int8; valid until the next one.

        Args:
            most: largest number of surveys.
            wait: wait for that many; else stop as soon as none is ready.
        """
        for _ in range(most):
            try:
                slot, seconds = self._full.get(timeout=PATIENCE if wait else 0.0005)
            except queue.Empty:
                if wait:
                    raise RuntimeError("Expected a survey within a minute; got none.") from None
                return
            self.made += 1
            self.seconds += seconds
            yield self._amplitude[slot], self._faults[slot]
            self._free.put(slot)


def cube_of(name: str, size: int, seed: int, salty: float) -> tuple[np.ndarray, np.ndarray]:
    """A survey as it trains: scaled amplitudes, float16, and faults, int8.

    Args:
        name: name of the generator.
        size: length along each axis, in samples.
        seed: seed of the survey.
        salty: probability that it holds salt.
    """
    survey = GENERATORS[name]((size, size, size), seed=seed, salty=salty)
    return scaled(survey.amplitude).astype("float16"), survey.faults.astype("int8")


def unseen(
    generators: Sequence[str], count: int, *, size: int, salty: float, processes: int
) -> dict[str, list["Future[tuple[np.ndarray, np.ndarray]]"]]:
    """Surveys that no training draws, which are being made while the caller goes on.

    Args:
        generators: names of generators.
        count: number of surveys of each.
        size: length of a survey along each axis, in samples.
        salty: probability that a survey holds salt.
        processes: number of processes that make them.
    """
    makers = ProcessPoolExecutor(processes, mp_context=mp.get_context("fork"))
    found = {
        name: [
            makers.submit(cube_of, name, size, UNSEEN_SEED + number, salty)
            for number in range(count)
        ]
        for name in generators
    }
    makers.shutdown(wait=False)
    return found


def cores() -> int:
    """Number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def _shared(slots: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Arrays in memory that forked processes share."""
    samples = slots * size**3
    memory = mmap.mmap(-1, BYTES * samples)
    shape = (slots, size, size, size)
    amplitude = np.frombuffer(memory, "float16", samples).reshape(shape)
    return amplitude, np.frombuffer(memory, "int8", samples, 2 * samples).reshape(shape)


def _make(
    generators: tuple[str, ...],
    salty: float,
    arrays: tuple[np.ndarray, np.ndarray],
    queues: tuple["mp.Queue[int]", "mp.Queue[tuple[int, float]]"],
    seed: tuple[int, int],
) -> None:
    """Make surveys one after another; what a process runs until it is ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    rng, size = np.random.default_rng(seed), arrays[0].shape[1]
    free, full = queues
    while True:
        slot = free.get()
        began = time.process_time()
        name = generators[int(rng.integers(len(generators)))]
        amplitude, faults = cube_of(name, size, int(rng.integers(2**62)), salty)
        arrays[0][slot], arrays[1][slot] = amplitude, faults
        full.put((slot, time.process_time() - began))
