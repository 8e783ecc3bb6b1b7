"""How a gather network compares with filters that need no training."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from tqdm import tqdm

from tfseis.data.synthetic.gather import synthetic_gather
from tfseis.data.synthetic.gather_settings import UNSEEN, SyntheticGatherSettings
from tfseis.io.gathers.gather import Gather
from tfseis.jobs.gathers.balance import local_level
from tfseis.jobs.gathers.batches import blind_example
from tfseis.jobs.gathers.denoiser import GatherDenoiser
from tfseis.jobs.gathers.settings import BLIND_TRACE
from tfseis.jobs.metrics import SplitScore, Verdict
from tfseis.jobs.verdict import compared
from tfseis.scores.denoising import gather_score, score_table
from tfseis.scores.filters import (
    BASELINES,
    baseline_scores,
    best_settings,
    middling,
    settings_of,
)

Pair = tuple[Gather, np.ndarray]
INTERVAL = 4.0  # ms
SIGNAL_TO_NOISE = (0.0, 0.0)  # dB, smallest and largest, of gathers that are scored
TUNING, SCORED = 16, 60  # gathers that tune the filters, and that are scored
FAR_SEED = 1_000_000  # between series of scored gathers; training draws its seeds below 2**62
LEAST_GAIN = 0.1  # dB: filters that differ by less count as the same
NETWORK, NOTHING = "network", "nothing done"


def scored_pairs(
    count: int, *, seed: int, generator: SyntheticGatherSettings, samples: int
) -> list[Pair]:
    """Synthetic gathers with their signal, at 0 dB.

    Args:
        count: number of gathers.
        seed: number of the series, 0 or more.
        generator: settings of the gathers, but for noise and sample interval.
        samples: number of samples of a trace.
    """
    generator = replace(generator, noise=SIGNAL_TO_NOISE, intervals=(INTERVAL,))
    made = (
        synthetic_gather(samples, seed=FAR_SEED * (seed + 1) + number, settings=generator)
        for number in range(count)
    )
    return [(one.gather, one.signal) for one in made]


def synthetic_scores(
    denoise: GatherDenoiser,
    *,
    seed: int,
    samples: int,
    tuning: int = TUNING,
    scored: int = SCORED,
    progress: bool = True,
) -> tuple[pd.DataFrame, dict[str, dict[str, float]], list[Pair]]:
    """Scores on gathers of an unseen generator, beside filters tuned on those of the usual one.

    Args:
        denoise: the network.
        seed: seed of the gathers.
        samples: number of samples of a trace.
        tuning: number of gathers on which the parameters of each filter are chosen, twice: those
            that gain most, and those that gain most without leaking more than the network does
            there.
        scored: number of gathers that are scored.
        progress: show progress bars.

    Returns:
        Scores, one row a method; the parameters of each filter; and the gathers that were scored.
    """
    known = scored_pairs(tuning, seed=seed, generator=SyntheticGatherSettings(), samples=samples)
    unseen = scored_pairs(scored, seed=seed + 1, generator=UNSEEN, samples=samples)
    limit = score_table([gather_score(g, denoise(g), s) for g, s in known]).get("leakage", np.nan)
    rows = {
        NETWORK: score_table(
            [gather_score(g, denoise(g), s) for g, s in _bar(unseen, NETWORK, progress)]
        )
    }
    chosen: dict[str, dict[str, float]] = {}
    for name, baseline in BASELINES.items():
        tried = _bar(settings_of(baseline), f"tune {name}", progress)
        scored_settings = [(some, baseline_scores(baseline, some, known)) for some in tried]
        for what, most in ((name, np.inf), (f"{name}, leaking no more", limit)):
            settings = best_settings(scored_settings, leakage=most)
            if settings is not None:
                chosen[what] = settings
                rows[what] = baseline_scores(baseline, settings, _bar(unseen, what, progress))
    rows[NOTHING] = score_table([gather_score(g, g.amplitude, s) for g, s in unseen])
    return pd.DataFrame(rows).T, chosen, unseen


def real_scores(
    denoise: GatherDenoiser, gathers: Iterable[Gather], *, seed: int, progress: bool = True
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Scores on gathers without truth, beside filters of middling parameters.

    Args:
        denoise: the network.
        gathers: gathers that did not train.
        seed: seed of the blind traces.
        progress: show progress bars.

    Returns:
        Scores, one row a method; and how well blind traces are predicted: the part of their energy
        that the network, and the mean of both neighbours, predict.
    """
    methods: dict[str, Callable[[Gather], np.ndarray]] = {NETWORK: denoise}
    methods |= {name: middling(baseline) for name, baseline in BASELINES.items()}
    found: dict[str, list] = {name: [] for name in methods}
    predicted = []
    for number, gather in enumerate(_bar(list(gathers), "score", progress)):
        for name, method in methods.items():
            found[name].append(gather_score(gather, method(gather)))
        predicted.append(_predicted(denoise, gather, np.random.default_rng((seed, number))))
    means = np.mean(predicted, axis=0)
    blind = {NETWORK: float(means[0]), "mean of both neighbours": float(means[1])}
    return pd.DataFrame({n: score_table(s) for n, s in found.items()}).T, blind


def _predicted(
    denoise: GatherDenoiser, gather: Gather, rng: np.random.Generator
) -> tuple[float, float]:
    """Part of the energy of hidden traces that the network, and their neighbours, predict."""
    level = local_level(gather)
    example = blind_example(gather, ("amplitude",), kind=BLIND_TRACE, rng=rng)
    wanted, weight, shown = np.moveaxis(example.targets, -1, 0)
    network = denoise(replace(gather, amplitude=shown * level)) / level
    beside = (np.roll(shown, 1, 0) + np.roll(shown, -1, 0)) / 2
    energy = max(float((weight * wanted**2).sum()), 1e-30)
    parts = [1 - float((weight * (v - wanted) ** 2).sum()) / energy for v in (network, beside)]
    return parts[0], parts[1]


def _bar(pairs: Sequence, title: str, progress: bool) -> tqdm:
    return tqdm(pairs, desc=title, delay=2, leave=False, disable=not progress)


def split_score(scores: pd.DataFrame, split: str, details: Mapping[str, object]) -> SplitScore:
    """Scores for metrics.json; a score that a method does not have is left out.

    Args:
        scores: one row a method, the network's among them.
        split: what was scored.
        details: more that is recorded with the scores.
    """
    rows = {
        str(name): {str(k): float(v) for k, v in row.dropna().items()}
        for name, row in scores.iterrows()
    }
    network = rows.pop(NETWORK)
    return SplitScore(split=split, network=network, baselines=rows, details=details)


def gather_verdict(score: SplitScore) -> Verdict:
    """Whether the network gains more than the best filter, and how much signal it may remove.

    Real gathers have no noise-free version: of these leakage and its value by chance are told.

    Args:
        score: scores of the network and of the filters.
    """
    leaks, chance = (score.network.get(name) for name in ("leakage", "chance leakage"))
    told = ""
    if leaks is not None and chance is not None:
        told = (
            f"Local correlation of what it removes with what it keeps: {leaks:.3f}; chance alone "
            f"gives {chance:.3f}."
        )
    return compared([score], "gain dB", words="gain in dB", expect=told, margin=LEAST_GAIN)
