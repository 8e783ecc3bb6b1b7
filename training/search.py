"""Search the settings of an experiment: ``python -m training.search 300 --trials 20``.

Trials lie in runs/search/ID; their storage is a SQLite file, so a search that ended early goes on.
The best of many trials is best by luck, too: give it an ID of its own and another seed before its
score is reported.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pandas as pd

from tfseis.errors import ModelError, TfseisError
from training import (
    borehole_distillation,
    borehole_experiments,
    facies_blocks,
    facies_experiments,
    facies_sampling,
    facies_surveys,
    fault_experiments,
    gather_experiments,
    salt_experiments,
)
from training.experiments import EXPERIMENTS
from training.run import markdown

if TYPE_CHECKING:
    import optuna

RUNS = Path("runs/search")
STORAGE = "trials.sqlite"


@dataclass(frozen=True)
class Space:
    """What is searched in a family of experiments.

    Args:
        score: column of the family's rows that is made large; its mean where there are several.
        rates: fields of the settings, each with the ends of a range searched on a log scale.
        choices: fields of the settings, each with the values that it may have.
    """

    score: str
    rates: dict[str, tuple[float, float]]
    choices: dict[str, tuple[Any, ...]]


FACIES = Space("mean IoU", {"learning_rate": (3e-4, 1e-2)}, {"batch_size": (8, 16, 32)})
BOREHOLES = Space(
    "Dice",
    {"learning_rate": (3e-4, 2e-2), "noise": (0.02, 0.5)},
    {"batch_size": (16, 32, 64), "loss": ("bce", "weighted-bce", "dice", "dice-bce")},
)
SPACES: dict[ModuleType, Space] = {
    facies_experiments: FACIES,
    facies_sampling: FACIES,
    facies_surveys: FACIES,
    facies_blocks: FACIES,
    salt_experiments: Space(
        "out of fold",
        {"learning_rate": (1e-4, 1e-2)},
        {"batch_size": (8, 16, 32), "preparation": ("pad", "resize")},
    ),
    borehole_experiments: BOREHOLES,
    borehole_distillation: BOREHOLES,
    fault_experiments: Space(
        "IoU",
        {"learning_rate": (1e-4, 5e-3)},
        {"batch_size": (1, 2, 4), "loss": ("ce-dice", "bce", "balanced", "thin")},
    ),
    gather_experiments: Space(
        "gain, dB",
        {"learning_rate": (5e-4, 2e-2)},
        {"batch_size": (8, 16, 32), "filters": ((16, 24, 32, 48), (32, 48, 64, 96))},
    ),
}


def main(arguments: Sequence[str] | None = None, *, runs: Path = RUNS) -> int:
    """Search, or go on; 1 where optuna or the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("id", type=int, choices=sorted(EXPERIMENTS), metavar="ID")
    add("--trials", type=int, required=True, metavar="N", help="in all, those before included")
    add("--quick", action="store_true", help="each trial in seconds, on made-up data")
    options = parser.parse_args(arguments)
    if options.trials < 1:
        parser.error(f"expected 1 trial or more; got {options.trials}. Ask for 20.")
    if find_spec("optuna") is None:
        print(
            "search: expected optuna; it is not installed. pip install 'tfseis[search]'",
            file=sys.stderr,
        )
        return 1
    name = f"{options.id}-quick" if options.quick else str(options.id)
    try:
        found = search(options.id, runs / name, trials=options.trials, quick=options.quick)
    except TfseisError as error:
        print(f"search: {error}", file=sys.stderr)
        return 1
    print(markdown(found))
    print("The best of many is best by luck, too: score it anew, with another seed.")
    return 0


def search(number: int, folder: Path, *, trials: int, quick: bool = False) -> pd.DataFrame:
    """Try settings until there are so many finished trials.

    Args:
        number: ID of the experiment whose settings are varied.
        folder: of the trials and their storage; a search that lies in it goes on.
        trials: finished trials in all.
        quick: each trial in seconds.

    Returns:
        One row for each finished trial, the best first: its number, score and settings.

    Source: Akiba et al. 2019, Optuna: a next-generation hyperparameter optimization framework.
    """
    import optuna  # noqa: PLC0415  an extra

    folder.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    run, family = EXPERIMENTS[number]
    run, space = (family.quick(run) if quick else run), SPACES[family]
    study = optuna.create_study(
        storage=f"sqlite:///{folder / STORAGE}",
        study_name=str(number),
        load_if_exists=True,
        direction="maximize",
    )
    # A sampler of the same seed would begin a search that goes on with what was tried.
    study.sampler = optuna.samplers.TPESampler(seed=run.settings.seed + len(study.trials))

    def score(trial: "optuna.Trial") -> float:
        varied = replace(run, settings=replace(run.settings, **asked(trial, space)))
        rows = family.rows(varied, folder / str(trial.number))
        found = pd.to_numeric(pd.DataFrame(rows)[space.score], errors="coerce")
        if found.isna().any():
            raise ModelError(
                f"Expected a score of experiment {number}; got {rows[0][space.score]!r}. Fetch the "
                "ImageNet weights that `tfseis backbones` lists, or search another experiment."
            )
        return float(found.mean())

    finished = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
    left = trials - len(finished)
    if left > 0:
        study.optimize(score, n_trials=left, show_progress_bar=True)
    finished = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
    rows = [{"trial": one.number, space.score: one.value, **one.params} for one in finished]
    return pd.DataFrame(rows).sort_values(space.score, ascending=False)


def asked(trial: "optuna.Trial", space: Space) -> dict[str, Any]:
    """The settings that a trial is to have."""
    rates = {name: trial.suggest_float(name, *ends, log=True) for name, ends in space.rates.items()}
    # By name: storages keep no tuples.
    chosen = {
        name: {str(value): value for value in values}[
            trial.suggest_categorical(name, [str(value) for value in values])
        ]
        for name, values in space.choices.items()
    }
    return rates | chosen


if __name__ == "__main__":
    sys.exit(main())
