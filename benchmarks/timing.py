"""Seconds of jobs, measured the same way in every benchmark."""

import time
from collections.abc import Callable, Mapping

import pandas as pd

Job = Callable[[], object]


def timed(job: Job) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def fastest(jobs: Mapping[str, Job], turns: int) -> pd.Series:
    """Seconds of each in the best of some turns, since machines are busy now and then."""
    return pd.DataFrame(
        [{name: timed(job) for name, job in jobs.items()} for _ in range(turns)]
    ).min()
