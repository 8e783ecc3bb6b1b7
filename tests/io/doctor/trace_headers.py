"""Fields of trace headers, read and changed in the bytes of a file."""

import numpy as np


def field(traces, byte, kind=">i4"):
    size = np.dtype(kind).itemsize
    return np.ascontiguousarray(traces[:, byte - 1 : byte - 1 + size]).view(kind)[:, 0]


def put(traces, byte, values, kind=">i4"):
    column = np.empty(len(traces), kind)
    column[:] = values
    traces[:, byte - 1 : byte - 1 + column.itemsize] = column.view("u1").reshape(len(traces), -1)
