"""Who does tasks: this process, several local ones, or the workers of a Dask cluster."""

import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context, parent_process
from typing import Any

from tfseis.errors import MissingPackageError, ModelError, OutputError
from tfseis.tasks.task import Arrays, Found, Task, Tick, Work
from tfseis.tasks.threads import use_threads

Done = Callable[[Task, Found, float], None]  # the task, what it gave, seconds
WAITING = 1  # tasks handed out beyond the number of workers, so that none is idle
DEATHS = 3  # of workers, after which the run ends
MOST = 1024  # local processes
_prepared: dict[str, Work | Exception] = {}  # in a worker: the work of its tasks, or why not


@dataclass(frozen=True)
class Workers:
    """Who does the tasks of a run.

    Args:
        count: number of processes on this machine, each with one thread; None for this process
            itself with all its threads, or, with a scheduler, for all workers of the cluster.
        scheduler: address of a Dask scheduler, such as "tcp://10.0.0.1:8786"; None for none. All
            its workers must see the input under the same path.

    Raises:
        ModelError: the number is not 1 to 1024, or both are given.
    """

    count: int | None = None
    scheduler: str | None = None

    def __post_init__(self) -> None:
        if self.count is not None and self.scheduler is not None:
            raise ModelError(
                "Expected either workers on this machine or the address of a scheduler; got both "
                "(--workers, --scheduler). Leave one out."
            )
        if self.count is not None and not 1 <= self.count <= MOST:
            raise ModelError(
                f"Expected 1 to {MOST} workers; got {self.count} (--workers). Give at most as many "
                "as the machine has cores."
            )

    @property
    def threads(self) -> int:
        """Threads by which each process computes."""
        here = self.count is None and self.scheduler is None
        return os.cpu_count() or 1 if here else 1


def do_tasks(
    tasks: Sequence[Task],
    work: Work,
    done: Done,
    *,
    workers: Workers,
    states: dict[int, Arrays],
    tick: Tick,
) -> None:
    """Do tasks, each once those that it continues are done.

    Args:
        tasks: the tasks, those that others continue before them.
        work: what does them.
        done: called in this process for each task as it ends, in any order.
        workers: who does them.
        states: final states, by task, of tasks that were done before.
        tick: called with units of work as they are done.

    Raises:
        OutputError: workers died again and again.
        TfseisError: what a task refuses.
    """
    if workers.count is None and workers.scheduler is None:
        _do_here(tasks, work, done, states, tick)
        return
    left = {task.number: task for task in tasks}

    def ended(task: Task, found: Found, seconds: float) -> None:
        done(task, found, seconds)
        tick(task.cost)
        if found.state is not None:
            states[task.number] = found.state
        del left[task.number]

    for deaths in range(1, DEATHS + 1):
        try:
            with _executor(workers, pickle.dumps(work)) as (executor, count, key):
                _do_there(
                    list(left.values()),
                    executor,
                    count + WAITING,
                    key,
                    ended=ended,
                    states=states,
                )
            return
        except BrokenProcessPool:
            if deaths == DEATHS:
                break
    raise OutputError(
        f"Expected workers that live; {DEATHS} times one of {workers.count} ended by itself: it "
        "was killed, or memory ran out. Give fewer workers (--workers); the same command goes on "
        "with what is finished."
    )


def _do_here(
    tasks: Sequence[Task], work: Work, done: Done, states: dict[int, Arrays], tick: Tick
) -> None:
    for task in tasks:
        began = time.monotonic()
        before = None if task.after is None else states.pop(task.after)
        found = work.run(task, before, tick)
        if found.state is not None:
            states[task.number] = found.state
        done(task, found, time.monotonic() - began)


def _do_there(
    tasks: Sequence[Task],
    executor: Executor,
    at_once: int,
    key: str,
    *,
    ended: Done,
    states: dict[int, Arrays],
) -> None:
    """Hand out a bounded number of tasks at a time, those first that come first."""
    waiting = list(tasks)
    running: dict[Future, tuple[Task, Arrays | None]] = {}
    while waiting or running:
        ready = [task for task in waiting if task.after is None or task.after in states]
        for task in ready[: at_once - len(running)]:
            before = None if task.after is None else states.pop(task.after)
            future = executor.submit(_run, key, task, before)
            running[future] = task, before
            waiting.remove(task)
        try:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                ended(running[future][0], *future.result())
                del running[future]
        except BaseException:
            for task, before in running.values():  # so that another pool can do them
                if task.after is not None and before is not None:
                    states.setdefault(task.after, before)
            for future in running:
                future.cancel()
            raise


@contextmanager
def _executor(workers: Workers, work: bytes) -> Iterator[tuple[Executor, int, str]]:
    """Workers that are prepared for the work, how many there are, and the name of the work."""
    key = f"{os.getpid()}-{time.monotonic_ns()}"
    if workers.scheduler is not None:
        with _cluster(workers.scheduler, key, work) as (executor, count):
            yield executor, count, key
        return
    assert workers.count is not None
    with ProcessPoolExecutor(
        workers.count, get_context("spawn"), _begin, (key, work, workers.threads)
    ) as pool:
        try:
            yield pool, workers.count, key
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            processes = pool._processes or {}  # `kill_workers` came with Python 3.14
            for process in list(processes.values()):
                process.terminate()
            raise


@contextmanager
def _cluster(address: str, key: str, work: bytes) -> Iterator[tuple[Executor, int]]:
    """The workers of a Dask cluster, those that join it later included."""
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise MissingPackageError(
            "A Dask cluster needs Dask, which is not installed. Run pip install 'tfseis[dask]'."
        ) from None

    class Prepare(distributed.WorkerPlugin):
        """Unpacks the work once in each worker."""

        name = key

        def setup(self, worker: Any) -> None:
            _prepare(key, work, threads=1)

    try:
        client = distributed.Client(address, timeout=30, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise OutputError(
            f"{address}: expected the address of a Dask scheduler that answers; got {error}. Start "
            "one with dask scheduler, and give the address that it prints (--scheduler)."
        ) from None
    with client:
        if not client.scheduler_info()["workers"]:
            raise OutputError(
                f"{address}: expected a Dask scheduler with workers; it has none. Start some: dask "
                f"worker {address} --nthreads 1."
            )
        client.register_plugin(Prepare())
        try:
            count = sum(client.nthreads().values())
            yield client.get_executor(pure=False, retries=DEATHS), count
        finally:
            client.unregister_worker_plugin(key)


def _begin(key: str, work: bytes, threads: int) -> None:
    """Prepare a local process: it ends with its parent, whose interruption is not its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _prepare(key, work, threads)
    except Exception as error:  # otherwise the pool would only say that it is broken
        _prepared[key] = error


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _prepare(key: str, work: bytes, threads: int) -> None:
    use_threads(threads)
    _prepared.clear()  # works of earlier runs
    _prepared[key] = pickle.loads(work)


def _run(key: str, task: Task, before: Arrays | None) -> tuple[Found, float]:
    """Do a task in a worker."""
    began, work = time.monotonic(), _prepared[key]
    if isinstance(work, Exception):
        raise work
    found = work.run(task, before, lambda _: None)
    return found, time.monotonic() - began
