"""Filters that denoise gathers without a network: median filter and f-x deconvolution.

Each is applied after a low-cut filter, and may add back the signal that it removed by local
orthogonalisation.

Source: Canales 1984, Random noise reduction, https://doi.org/10.1190/1.1894168; Chen and Fomel
2015, Random noise attenuation using local signal-and-noise orthogonalization,
https://doi.org/10.1190/geo2014-0227.1.
Differs from them: forward and backward predictions are averaged, windows overlap by half, and local
means are Gaussian.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage, signal

from tfseis.io.gathers.gather import Gather
from tfseis.scores.denoising import gather_score, orthogonalised, score_table

ORDER = 4  # of the low-cut filter
SECONDS = 0.4  # length of a window of the f-x deconvolution
LEAST = 1e-12  # keeps the normal equations solvable


@dataclass(frozen=True)
class Baseline:
    """A filter and the values of its parameters that are tried.

    Args:
        apply: function of a gather and one value for each parameter, which returns the filtered
            amplitudes (traces, samples).
        grid: values of each parameter that are tried, by name, in the order of the arguments of
            `apply`.
    """

    apply: Callable[..., np.ndarray]
    grid: dict[str, tuple]


def median_filter(
    gather: Gather, low_cut: float, traces: int, samples: int, orthogonal: bool = False
) -> np.ndarray:
    """Median filter after a low-cut filter.

    Args:
        gather: gather to filter; dead samples are filled from the nearest live trace beforehand.
        low_cut: corner frequency of the low-cut filter, Hz; 0 for no low-cut filter.
        traces: width of the window, an odd number of traces.
        samples: height of the window, an odd number of samples.
        orthogonal: whether to add back the removed part that locally resembles the kept part.

    Returns:
        Filtered amplitudes, floating-point numbers (traces, samples); 0 where not live.
    """
    values = _low_cut(filled(gather), low_cut, gather.sample_interval)
    kept = ndimage.median_filter(values, (traces, samples), mode="nearest") * gather.live
    return orthogonalised(kept, gather) if orthogonal else kept


def fx_deconvolution(
    gather: Gather, low_cut: float, length: int, noise: float, orthogonal: bool = False
) -> np.ndarray:
    """F-x deconvolution after a low-cut filter.

    It keeps what can be predicted from trace to trace, frequency by frequency.

    Args:
        gather: gather to filter; dead samples are filled from the nearest live trace beforehand.
        low_cut: corner frequency of the low-cut filter, Hz; 0 for no low-cut filter.
        length: length of the prediction filter, in traces.
        noise: white noise added to the diagonal of the normal equations, as a fraction of it.
        orthogonal: whether to add back the removed part that locally resembles the kept part.

    Returns:
        Filtered amplitudes, floating-point numbers (traces, samples); 0 where not live.
    """
    values = _low_cut(filled(gather), low_cut, gather.sample_interval)
    traces, samples = values.shape
    length = min(length, (traces - 1) // 2)
    if length < 1:
        return values * gather.live
    half = max(1, round(500 * SECONDS / gather.sample_interval))
    padded = np.pad(values, [(0, 0), (half, 3 * half)])  # every sample lies in two windows
    taper = signal.windows.hann(2 * half, sym=False)
    total = np.zeros(padded.shape)
    for start in range(0, samples + half, half):
        part = slice(start, start + 2 * half)
        spectra = np.fft.rfft(padded[:, part] * np.sqrt(taper), axis=1).T
        clean = np.fft.irfft(_predicted(spectra, length, noise).T, 2 * half, axis=1)
        total[:, part] += clean * np.sqrt(taper)
    kept = total[:, half : half + samples] * gather.live
    return orthogonalised(kept, gather) if orthogonal else kept


BASELINES = {
    "median": Baseline(
        median_filter,
        {
            "low_cut": (0.0, 8.0, 12.0),
            "traces": (3, 5),
            "samples": (1, 3),
            "orthogonal": (True, False),
        },
    ),
    "f-x deconvolution": Baseline(
        fx_deconvolution,
        {
            "low_cut": (0.0, 8.0, 12.0),
            "length": (3, 5, 8),
            "noise": (0.001, 0.03, 0.3),
            "orthogonal": (True, False),
        },
    ),
}


def settings_of(baseline: Baseline) -> list[dict[str, float]]:
    """Every combination of the parameters of a filter.

    Args:
        baseline: filter with the values that are tried.

    Returns:
        Parameters by name, one dictionary for each combination.

    Examples:
        >>> len(settings_of(BASELINES["median"]))
        24
    """
    return [
        dict(zip(baseline.grid, values, strict=True))
        for values in itertools.product(*baseline.grid.values())
    ]


def middling(baseline: Baseline) -> Callable[[Gather], np.ndarray]:
    """The filter with the middle value of each parameter, for gathers whose signal is not known.

    Args:
        baseline: filter with the values that are tried. Of an even number of values the upper one
            of the two in the middle is taken.

    Returns:
        Function of a gather, which returns the filtered amplitudes (traces, samples).
    """
    values = [grid[len(grid) // 2] for grid in baseline.grid.values()]
    return lambda gather: baseline.apply(gather, *values)


def baseline_scores(
    baseline: Baseline, settings: dict[str, float], pairs: Sequence[tuple[Gather, np.ndarray]]
) -> dict[str, float]:
    """Mean scores of a filter on gathers whose signal is known.

    Args:
        baseline: the filter.
        settings: one value for each of its parameters, by name.
        pairs: gathers and their true signals (traces, samples).

    Returns:
        Scores by name, as `tfseis.scores.denoising.score_table` gives them.
    """
    scores = [
        gather_score(gather, baseline.apply(gather, *settings.values()), truth)
        for gather, truth in pairs
    ]
    return score_table(scores)


def best_settings(
    scored: Sequence[tuple[dict[str, float], dict[str, float]]], *, leakage: float = np.inf
) -> dict[str, float] | None:
    """The parameters of a filter with the largest gain.

    Args:
        scored: parameters by name and their scores, on gathers that are not scored later.
        leakage: largest leakage that is allowed, 0 to 1; parameters that leak more are left out.

    Returns:
        The best parameters; None where all leak more.
    """
    allowed = [
        (s["gain dB"], settings) for settings, s in scored if s.get("leakage", np.inf) <= leakage
    ]
    return max(allowed, key=lambda pair: pair[0])[1] if allowed else None


def filled(gather: Gather) -> np.ndarray:
    """Amplitudes whose dead samples are filled from the nearest live trace at the same time.

    Args:
        gather: gather with dead samples.

    Returns:
        Floating-point numbers (traces, samples).
    """
    nearest = ndimage.distance_transform_edt(
        ~gather.live, sampling=(1, gather.shape[1]), return_distances=False, return_indices=True
    )
    return gather.amplitude[tuple(nearest)] if gather.live.any() else gather.amplitude


def _low_cut(values: np.ndarray, hertz: float, interval: float) -> np.ndarray:
    if not hertz:
        return values
    sections = signal.butter(ORDER, hertz, "highpass", fs=1000 / interval, output="sos")
    return signal.sosfiltfilt(sections, values, axis=1)


def _predicted(spectra: np.ndarray, length: int, noise: float) -> np.ndarray:
    """Each trace predicted from its neighbours on both sides; complex (frequencies, traces)."""
    forwards, counted = _one_way(spectra, length, noise)
    backwards, other = _one_way(spectra[:, ::-1], length, noise)
    return (forwards + backwards[:, ::-1]) / (counted + other[::-1])


def _one_way(spectra: np.ndarray, length: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Prediction from the `length` traces before each trace, and which traces have one."""
    traces = spectra.shape[1]
    windows = np.lib.stride_tricks.sliding_window_view(spectra, length, axis=1)[:, :-1]
    wanted = spectra[:, length:]  # frequencies, rows
    normal = np.einsum("frl,frm->flm", windows.conj(), windows)
    loading = noise * np.einsum("fll->f", normal).real / length + LEAST
    normal += loading[:, np.newaxis, np.newaxis] * np.eye(length)
    right = np.einsum("frl,fr->fl", windows.conj(), wanted)
    coefficients = np.linalg.solve(normal, right[..., np.newaxis])[..., 0]
    found = np.zeros_like(spectra)
    found[:, length:] = np.einsum("frl,fl->fr", windows, coefficients)
    return found, (np.arange(traces) >= length).astype("int64")
