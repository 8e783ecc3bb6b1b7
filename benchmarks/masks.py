"""Run-length masks: encoding and decoding, against a loop over pixels."""

import time

import numpy as np
import pandas as pd

from tfseis.data.synthetic import salt_images
from tfseis.io import decode_rle, encode_rle

LOOPED = 50  # masks that the loop is timed on


def by_pixel(mask: np.ndarray) -> str:
    """The runs of a mask, found one pixel at a time."""
    runs, inside = [], False
    rows, columns = mask.shape
    for column in range(columns):
        for row in range(rows):
            if mask[row, column] and not inside:
                runs.append([column * rows + row + 1, 0])
            inside = bool(mask[row, column])
            if inside:
                runs[-1][1] += 1
    return " ".join(f"{start} {length}" for start, length in runs)


def run(masks: int = 18_000) -> pd.DataFrame:
    drawn = salt_images(100)[1]
    many = drawn[np.arange(masks) % len(drawn)]
    began = time.perf_counter()
    texts = [encode_rle(mask) for mask in many]
    encoded = time.perf_counter() - began
    began = time.perf_counter()
    back = [decode_rle(text) for text in texts]
    decoded = time.perf_counter() - began
    began = time.perf_counter()
    looped = [by_pixel(mask) for mask in many[:LOOPED]]
    loop = (time.perf_counter() - began) / LOOPED * masks
    assert looped == texts[:LOOPED]
    assert all((a == b).all() for a, b in zip(back, many, strict=True))
    return pd.DataFrame(
        {
            "what": [f"encode {masks} masks", f"decode {masks} masks"],
            "seconds": [encoded, decoded],
            "loop": [loop, np.nan],
            "ratio": [loop / encoded, np.nan],
        }
    )
