"""Run every benchmark and print its table: ``make bench``."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks import (
    dense,
    doctor,
    formats,
    gathers,
    labels,
    masks,
    memory,
    reading,
    realism,
    sliding,
    surveys,
    training,
)

BENCHMARKS = (
    reading,
    formats,
    labels,
    doctor,
    masks,
    dense,
    gathers,
    memory,
    sliding,
    training,
    surveys,
    realism,
)

for benchmark in BENCHMARKS:
    print(f"\n{benchmark.__doc__.strip()}\n")
    print(benchmark.run().round(3).to_string(index=False))
