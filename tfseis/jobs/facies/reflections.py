"""How far reflections shift from one section to the next, and values that are carried along.

Source: Lucas and Kanade 1981, An iterative image registration technique with an application to
stereo vision, https://www.ijcai.org/Proceedings/81-2/Papers/017.pdf.
Differs from it: reflections are shifted along the samples alone.
"""

import numpy as np

from tfseis.jobs.facies.smoothing import smoothed

WINDOW = (3.0, 6.0)  # traces and samples: radius within which reflections move alike
REFINEMENTS = 3  # each adds at most a sample: dips up to 3 samples a line
DAMPING = 0.05  # part of the mean energy: no shift where nothing reflects


def reflection_shift(section: np.ndarray, neighbour: np.ndarray) -> np.ndarray:
    """How much deeper reflections lie in a section than in its neighbour, in samples.

    Args:
        section: amplitudes (traces, samples).
        neighbour: amplitudes of the next section, of the same shape.

    Returns:
        Shift u, float32 (traces, samples): ``neighbour[x, t]`` resembles ``section[x, t + u]``.

    Examples:
        >>> wave = np.sin(np.arange(80) / 4)
        >>> shift = reflection_shift(np.tile(wave[:70], (9, 1)), np.tile(wave[1:71], (9, 1)))
        >>> float(np.median(shift).round(1))
        1.0
    """
    shift = np.zeros(section.shape, "float32")
    if section.shape[1] < 2:
        return shift
    for _ in range(REFINEMENTS):
        moved = carry(section, shift) if shift.any() else section
        slope = np.gradient((moved + neighbour) / 2, axis=1)
        both = smoothed((neighbour - moved) * slope, WINDOW)
        energy = smoothed(slope * slope, WINDOW)
        shift += np.clip(both / (energy + DAMPING * energy.mean() + 1e-12), -1, 1)
    return shift


def relative_time(section: np.ndarray) -> np.ndarray:
    """The sample of the middle trace that lies on the same reflection.

    Args:
        section: amplitudes (traces, samples).

    Returns:
        Time in samples, float64 (traces, samples).

    Examples:
        >>> wave = np.sin(np.arange(80) / 4)
        >>> dipping = np.stack([wave[5 - trace : 75 - trace] for trace in range(5)])
        >>> relative_time(dipping)[[0, 4], 40].round().tolist()
        [42.0, 38.0]
    """
    traces, samples = section.shape
    every, time = np.arange(samples, dtype="float64"), np.empty(section.shape)
    middle = traces // 2
    time[middle] = every
    if 1 in section.shape:
        time[:] = every
        return time
    shift = reflection_shift(section[:-1], section[1:])
    for trace in range(middle + 1, traces):
        time[trace] = _at(every + shift[trace - 1], time[trace - 1])
    for trace in range(middle - 1, -1, -1):
        time[trace] = _at(every - shift[trace], time[trace + 1])
    return time


def _at(places: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Times at fractional samples of a trace; beyond its ends they go on sample by sample."""
    last = len(time) - 1
    inside = np.clip(places, 0, last)
    return np.interp(inside, np.arange(last + 1), time) + (places - inside)


def carry(values: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Values from `shift` samples deeper, linearly interpolated; the last sample repeats below.

    Args:
        values: array (traces, samples), or planes (classes, traces, samples).
        shift: shift of each sample, (traces, samples), in samples.

    Examples:
        >>> carry(np.array([[0.0, 10.0, 20.0]]), np.array([[0.5, 0.0, 9.0]])).ravel().tolist()
        [5.0, 10.0, 20.0]
    """
    traces, samples = shift.shape
    last = samples - 1
    place = np.clip(np.arange(samples) + shift, 0, last)
    above = np.minimum(place.astype("int64"), max(last - 1, 0))
    part = (place - above).astype("float32")
    first = samples * np.arange(traces)[:, np.newaxis]  # of each trace, in a plane laid flat
    below = first + np.minimum(above + 1, last)
    above += first
    moved = np.empty((values.size // shift.size, *shift.shape), np.result_type(values, part))
    for number, plane in enumerate(values.reshape(-1, shift.size)):
        upper = plane.take(above)
        np.multiply(part, plane.take(below) - upper, out=moved[number])
        moved[number] += upper
    return moved.reshape(values.shape)


def likeness(section: np.ndarray, neighbour: np.ndarray) -> np.ndarray:
    """How alike two sections are around each sample, 0 to 1; 1 for half of the samples.

    It is the correlation of the two in a window, divided by its median.

    Examples:
        >>> wave = np.tile(np.sin(np.arange(60) / 3), (9, 1))
        >>> float(likeness(wave, wave).min().round(2)), float(likeness(wave, -wave).max())
        (1.0, 0.0)
    """
    ours, theirs, both = (
        smoothed(product, WINDOW)
        for product in (section * section, neighbour * neighbour, section * neighbour)
    )
    correlation = np.clip(both / np.sqrt(ours * theirs + 1e-12), 0, 1)
    return np.minimum(correlation / max(float(np.median(correlation)), 1e-6), 1)
