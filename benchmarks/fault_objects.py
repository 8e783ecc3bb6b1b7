"""Faults as objects on synthetic surveys: how many are found as one object, and how well measured.

A true fault counts if its thinned samples are at least 400. A found one is right if at least half
of its samples lie within 2 samples of one true fault, and at least half of that fault's within 2
samples of it; F1 counts each true fault once. Errors are medians over the right ones: dip and
strike of the plane through the true samples, a sample as long as a bin, and the 95th percentile of
the throw. The true mask as input shows what the objects can reach at best.

``python -m benchmarks.fault_objects --surveys 4``
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from tfseis.data.scaling import scaled
from tfseis.data.synthetic import SURVEY_GENERATORS, FaultSurvey
from tfseis.jobs.faults.linking import linked_faults
from tfseis.jobs.faults.objects import FaultObjects, fault_objects
from tfseis.jobs.faults.surface_files import SMALLEST_SIDE
from tfseis.jobs.faults.surfaces import FaultSurfaces, cut_faults
from tfseis.jobs.faults.thinning import thin_samples

SHAPE = (64, 96, 128)
SEED = 900_000_000  # of the first survey; those that train draw from 2^62
SURVEYS = 2  # of each generator
TOLERANCE = 2.0  # samples
HALF = 0.5  # share of a surface
LARGE = 95  # percentile of the true throw
MASK, NETWORK = "true mask", "shipped network"


@dataclass(frozen=True)
class TrueFault:
    """A fault of a synthetic survey.

    Args:
        positions: its thinned samples, array indices (samples, 3).
        normal: normal of the plane through them, upwards, (3,).
        throw: largest throw, samples.
    """

    positions: np.ndarray
    normal: np.ndarray
    throw: float


def run(surveys: int = SURVEYS, *, shipped: bool = False) -> pd.DataFrame:
    """Scores of objects, one row a generator and input, and one for all generators.

    Args:
        surveys: number of surveys of each generator.
        shipped: also with probabilities of the network that ships as input.
    """
    rows: list[dict[str, Any]] = []
    for generator, survey in _surveys(surveys):
        truth = true_faults(survey)
        for name, probability, threshold in _inputs(survey, shipped):
            thin = thin_samples(probability, threshold=threshold)
            linked = linked_faults(thin, smallest=SMALLEST_SIDE**2)
            found = fault_objects(linked, survey.geometry, survey.amplitude)
            cut = cut_faults(thin, smallest=SMALLEST_SIDE**2)
            row = {"input": name, "generator": generator, "true": len(truth)}
            row |= _counts(linked, truth, "") | _counts(cut, truth, "cut ")
            rows.append(row | {"errors": errors(found, linked, truth)})
    return _summary(pd.DataFrame(rows))


def true_faults(survey: FaultSurvey) -> list[TrueFault]:
    """Faults of a survey that are large enough."""
    faults = []
    for number in range(1, int(survey.fault_number.max()) + 1):
        mask = survey.fault_number == number
        positions = thin_samples(mask.astype("float32")).positions
        if len(positions) >= SMALLEST_SIDE**2:
            throw = float(np.percentile(survey.throw[mask], LARGE))
            faults.append(TrueFault(positions, _normal(np.argwhere(mask)), throw))
    return faults


def right_pairs(found: FaultSurfaces, truth: Sequence[TrueFault]) -> dict[int, int]:
    """The true fault, by its place, that each found one is; those that are none are left out."""
    pairs = {}
    for number, (positions, _) in enumerate(found.faults()):
        tree = KDTree(positions)
        for place, fault in enumerate(truth):
            theirs = _near(KDTree(fault.positions), positions)
            if theirs >= HALF and _near(tree, fault.positions) >= HALF:
                pairs[number] = place
    return pairs


def errors(
    found: FaultObjects, surfaces: FaultSurfaces, truth: Sequence[TrueFault]
) -> list[tuple[float, float, float]]:
    """Errors of dip and strike in degrees and of the largest throw in samples, of right faults."""
    rows = []
    matrix = found.frame.matrix
    for number, place in right_pairs(surfaces, truth).items():
        fault, true = found.faults[number], truth[place]
        normal = np.linalg.inv(matrix).T @ true.normal
        normal /= np.linalg.norm(normal)
        dip = np.rad2deg(np.arccos(min(abs(normal[2]), 1.0)))
        strike = np.rad2deg(np.arctan2(-normal[1], normal[0]))
        turn = abs((fault.strike - strike + 90) % 180 - 90)  # vertical faults have no dip side
        throw = abs(abs(fault.largest_throw) - true.throw)
        rows.append((abs(fault.dip - dip), turn, throw))
    return rows


def _surveys(count: int) -> Iterator[tuple[str, FaultSurvey]]:
    for name, generator in SURVEY_GENERATORS.items():
        for number in range(count):
            yield name, generator(SHAPE, seed=SEED + number)


def _inputs(survey: FaultSurvey, shipped: bool) -> Iterator[tuple[str, np.ndarray, float]]:
    """Name, probabilities and threshold of each input."""
    yield MASK, survey.faults.astype("float32"), 0.5
    if shipped:
        probability, threshold = _network()
        yield NETWORK, probability(scaled(survey.amplitude)), threshold


@cache
def _network() -> tuple[Callable[[np.ndarray], np.ndarray], float]:
    from benchmarks.real_faults import network  # noqa: PLC0415  loads TensorFlow

    return network("faults")


def _counts(found: FaultSurfaces, truth: Sequence[TrueFault], name: str) -> dict[str, int]:
    pairs = right_pairs(found, truth)
    return {f"{name}found": len(found), f"{name}right": len(set(pairs.values()))}


def _summary(table: pd.DataFrame) -> pd.DataFrame:
    """Scores by input and generator, and of all generators together."""
    every = pd.concat([table, table.assign(generator="all")])
    rows = []
    for (name, generator), part in every.groupby(["input", "generator"], sort=False):
        known = np.array([one for some in part["errors"] for one in some]).reshape(-1, 3)
        row = {"input": name, "generator": generator, "true": part["true"].sum()}
        for kind, column in (("", "F1"), ("cut ", "F1 of cut faults")):
            row[f"{kind}found"] = part[f"{kind}found"].sum()
            together = row["true"] + row.pop(f"{kind}found")
            row[column] = 2 * part[f"{kind}right"].sum() / max(together, 1)
        row |= {"found": part["found"].sum(), "right": part["right"].sum()}
        columns = ("dip, degrees", "strike, degrees", "throw, samples")
        medians = np.nanmedian(known, axis=0) if len(known) else np.full(3, np.nan)
        rows.append(row | dict(zip(columns, medians, strict=True)))
    return pd.DataFrame(rows)


def _near(tree: KDTree, positions: np.ndarray) -> float:
    """Share of positions within the tolerance."""
    distance, _ = tree.query(positions, distance_upper_bound=TOLERANCE + 1e-6)
    return float(np.isfinite(distance).mean())


def _normal(positions: np.ndarray) -> np.ndarray:
    normal = np.linalg.eigh(np.cov(positions.T))[1][:, 0]
    return -normal if normal[2] > 0 else normal


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fault_objects", description=__doc__)
    parser.add_argument("--surveys", type=int, default=SURVEYS, metavar="N")
    parser.add_argument("--no-network", action="store_true")
    options = parser.parse_args(arguments)
    found = run(options.surveys, shipped=not options.no_network)
    print(found.round(2).to_string(index=False))


if __name__ == "__main__":
    main()
