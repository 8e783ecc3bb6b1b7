"""Low semblance, which finds faults without learning; NumPy and SciPy only.

Source: Marfurt et al. 1998, 3-D seismic attributes using a semblance-based coherency algorithm,
https://doi.org/10.1190/1.1444415.
Differs from it: the dip of the reflections is not searched for.
"""

import numpy as np
from scipy import ndimage

TRACES, SAMPLES = 3, 9  # size of the window in which traces are compared
SHARE = 0.03  # of the samples above 0.5, about as many as lie on faults in a survey


def low_semblance(amplitude: np.ndarray) -> np.ndarray:
    """How much each trace differs from its neighbours, from 0 to 1.

    Values above 0.5 are the 3 % of the samples that differ most, so that the result can be scored
    like a probability.

    Args:
        amplitude: numbers (inlines, crosslines, samples).

    Returns:
        float32 of the same shape, 0 to 1.

    Examples:
        >>> cube = np.zeros((8, 8, 16)) + np.sin(np.arange(16))
        >>> cube[4:] = np.roll(cube[4:], 3, axis=2)  # a fault between inlines 3 and 4
        >>> sorted(set(np.nonzero(low_semblance(cube) > 0.25)[0].tolist()))
        [3, 4]
    """
    wide, high = (TRACES, TRACES, 1), (1, 1, SAMPLES)
    amplitude = np.asarray(amplitude, "float32")
    together = ndimage.uniform_filter(amplitude, wide) ** 2
    alone = ndimage.uniform_filter(amplitude**2, wide)
    together, alone = (ndimage.uniform_filter(part, high) for part in (together, alone))
    unlike = 1 - together / np.maximum(alone, 1e-12)
    edges = np.quantile(unlike[::2, ::2, ::2], [0.0, 1 - SHARE, 1.0])
    return np.interp(unlike, edges, [0.0, 0.5, 1.0]).astype("float32")
