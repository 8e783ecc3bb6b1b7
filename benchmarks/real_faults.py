"""How well a fault model finds what a geoscientist picked on four lines of the survey Kerry.

Each line is repeated into a cube, as if its faults struck across it, and the middle line is scored.
Probabilities are cut at a threshold and thinned to lines, picks are thinned too; precision is the
share of the found samples within 2 samples of a pick, recall the share of the picked samples within
2 samples of a found one. Samples of all lines are counted together.

``python -m benchmarks.real_faults --model MODEL --sheet FIGURE.png``; MODEL is a .keras file, the
folder of a ``faults.npz``, or "faults" for the model that ships. The lines choose thresholds and
settings; they never train what ships.
"""

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import ndimage
from skimage.morphology import skeletonize

from benchmarks.oriented_semblance import oriented_semblance, ridges
from tfseis.data.scaling import scaled
from tfseis.jobs.faults.picks.scores import hits
from tfseis.scores.semblance import low_semblance

LINES = 48  # copies of a section in its cube
THRESHOLDS = np.round(
    np.concatenate([np.arange(0.01, 0.05, 0.01), np.arange(0.05, 0.99, 0.025)]), 3
)
QUANTILES = 1 - np.geomspace(0.003, 0.9, 60)  # of values above 0, at which they are cut
NETWORK, SEMBLANCE, ORIENTED = "network", "low semblance", "oriented semblance"

Probability = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Line:
    """A section with picks.

    Args:
        name: name of the line.
        amplitude: (traces, samples).
        picked: bool of the same shape.
    """

    name: str
    amplitude: np.ndarray
    picked: np.ndarray


def run(model: str = "faults", sheet: str | Path | None = None) -> pd.DataFrame:
    """Scores of the model at its threshold and at the best one, and of semblances at their best.

    Args:
        model: a .keras file, the folder of a ``faults.npz``, or "faults".
        sheet: figure to write of picks, model and semblances.
    """
    lines = picked_lines()
    probability, threshold = network(model)
    found = {
        NETWORK: maps(lines, probability),
        SEMBLANCE: maps(lines, low_semblance),
        ORIENTED: [ridges(oriented_semblance(line.amplitude)) for line in lines],
    }
    rows: list[dict[str, Any]] = [
        {"method": NETWORK, "threshold of": "recipe", **scores(found[NETWORK], lines, threshold)}
    ]
    for method, values in found.items():
        rows.append({"method": method, "threshold of": "best F1", **best(values, lines)})
    if sheet:
        cuts = {row["method"]: row["threshold"] for row in rows}
        plot(lines, found, cuts, Path(sheet))
    return pd.DataFrame(rows)


def picked_lines(path: str | Path | None = None) -> list[Line]:
    """Sections of a file with ``amplitude_N`` and ``fault_fraction_N``; of Kerry for None."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TFSEIS_DATA") or default)
    path = path or folder / "kerry_faults" / "kerry_inlines_30-60.npz"
    with np.load(path, allow_pickle=False) as stored:
        names = [key.removeprefix("amplitude_") for key in stored if key.startswith("amplitude_")]
        return [
            Line(name, stored[f"amplitude_{name}"], stored[f"fault_fraction_{name}"] > 0)
            for name in names
        ]


def network(model: str) -> tuple[Probability, float]:
    """A fault model as a function of a scaled cube, and the threshold of its recipe."""
    from tfseis.jobs.faults.model import FaultModel  # noqa: PLC0415  loads TensorFlow

    found = FaultModel(loaded(model))

    def probability(cube: np.ndarray) -> np.ndarray:
        room = [(0, -size % found.multiple) for size in cube.shape]
        whole = np.pad(cube, room, mode="edge")[np.newaxis]
        inside = tuple(slice(size) for size in cube.shape)
        return found(whole)[0, ..., 0][inside]

    return probability, found.recipe.threshold


def loaded(model: str) -> Any:
    """The Keras model of a name, a file or a folder."""
    from tfseis.learning.saving import as_model  # noqa: PLC0415
    from tfseis.models.pretrained import pretrained  # noqa: PLC0415

    return pretrained("faults", folder=model) if Path(model).is_dir() else as_model(model)


def synthetic(model: str, count: int) -> pd.DataFrame:
    """Mean scores of a model on unseen surveys of each generator, without baselines.

    Args:
        model: as for `run`.
        count: number of surveys of each generator.
    """
    from tfseis.data.synthetic import SURVEY_GENERATORS  # noqa: PLC0415
    from tfseis.jobs.faults.scores import mean_scores, score_cubes, unseen_surveys  # noqa: PLC0415

    surveys = unseen_surveys(tuple(SURVEY_GENERATORS), count)
    return mean_scores(score_cubes(loaded(model), surveys, baselines=False).table)


def maps(lines: Sequence[Line], probability: Probability) -> list[np.ndarray]:
    """The middle line of what is found in each section repeated into a cube, (traces, samples)."""
    cubes = (np.repeat(scaled(line.amplitude[np.newaxis]), LINES, axis=0) for line in lines)
    return [probability(cube)[LINES // 2] for cube in cubes]


def best(found: Sequence[np.ndarray], lines: Sequence[Line]) -> dict[str, float]:
    """Scores at the threshold of the largest F1, which is chosen on the picks."""
    values = np.concatenate([part.ravel() for part in found])
    cuts = np.unique(np.concatenate([THRESHOLDS, np.quantile(values[values > 0], QUANTILES)]))
    rows = [scores(found, lines, float(cut)) for cut in cuts]
    return max(rows, key=lambda row: np.nan_to_num(row["F1"]))


def scores(
    found: Sequence[np.ndarray], lines: Sequence[Line], threshold: float
) -> dict[str, float]:
    """Precision, recall, F1 and Tol-IoU@2 of thinned lines, all sections counted together.

    Args:
        found: probabilities of each line, (traces, samples).
        lines: the lines with their picks.
        threshold: above it is a fault.
    """
    counts = np.zeros(4)
    for values, line in zip(found, lines, strict=True):
        counts += hits(thinned(values > threshold), thinned(line.picked))
    near_picks, all_found, near_found, all_picked = counts
    precision = near_picks / all_found if all_found else np.nan
    recall = near_found / all_picked if all_picked else np.nan
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {
        "threshold": threshold,
        "precision": precision,
        "recall": recall,
        "F1": f1,
        "Tol-IoU@2": f1 / (2 - f1),
    }


def thinned(mask: np.ndarray, shortest: int = 0) -> np.ndarray:
    """Middle lines of a mask, one sample wide.

    Args:
        mask: bool (traces, samples).
        shortest: pieces of fewer samples are left out.
    """
    lines = skeletonize(mask)
    if not shortest:
        return lines
    pieces, count = ndimage.label(lines, np.ones((3, 3)))
    sizes = ndimage.sum_labels(lines, pieces, np.arange(count + 1))
    return lines & (sizes >= shortest)[pieces]


def plot(
    lines: Sequence[Line],
    found: Mapping[str, list[np.ndarray]],
    cuts: Mapping[str, float],
    path: Path,
) -> None:
    """Each section with picks, and with what each method finds, above one another."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    rows = 1 + len(found)
    figure = Figure(figsize=(16, 2.6 * rows * len(lines)), layout="constrained")
    axes = figure.subplots(rows * len(lines), 1)
    for number, line in enumerate(lines):
        shown = {"picks": line.picked} | {
            f"{method} above {cuts[method]:.2f}": values[number] > cuts[method]
            for method, values in found.items()
        }
        for row, (title, mask) in enumerate(shown.items()):
            panel = axes[rows * number + row]
            panel.imshow(line.amplitude.T, cmap="gray", aspect="auto", vmin=-3, vmax=3)
            trace, sample = np.nonzero(thinned(mask))
            panel.plot(trace, sample, "r.", markersize=2)
            panel.set_title(f"line {line.name}: {title}", fontsize=8)
    figure.savefig(path, dpi=70)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_faults", description=__doc__)
    parser.add_argument("--model", default="faults")
    parser.add_argument("--sheet", metavar="FIGURE.png")
    parser.add_argument("--synthetic", type=int, metavar="N", help="also N surveys a generator")
    options = parser.parse_args(arguments)
    print(run(options.model, options.sheet).round(3).to_string(index=False))
    if options.synthetic:
        print(synthetic(options.model, options.synthetic).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
