"""Synthetic fault surveys of 128 x 128 x 128, in CPU seconds of one thread."""

import time

import numpy as np
import pandas as pd

from tfseis.data.synthetic import SURVEY_GENERATORS

SHAPE = (128, 128, 128)
SURVEYS = 20


def run(surveys: int = SURVEYS) -> pd.DataFrame:
    """Seconds a survey: median and most; and surveys a minute.

    Returns:
        One row a generator.
    """
    rows = []
    for name, generator in SURVEY_GENERATORS.items():
        generator(SHAPE, seed=0)  # first use loads what it needs
        seconds = []
        for seed in range(surveys):
            began = time.process_time()
            generator(SHAPE, seed=seed)
            seconds.append(time.process_time() - began)
        row = {"what": name, "median s": np.median(seconds), "most s": max(seconds)}
        rows.append(row | {"a minute": 60 / np.mean(seconds)})
    return pd.DataFrame(rows)


if __name__ == "__main__":
    print(run().round(2).to_string(index=False))
