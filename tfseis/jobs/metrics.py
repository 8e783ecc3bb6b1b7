"""The one schema of metrics.json; docs/metrics.md explains it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import tfseis
from tfseis.errors import FormatError

SCHEMA = 1
Numbers = Mapping[str, float | None]
EXPECTED: dict[str, type | tuple[type, ...]] = {
    "schema": int,
    "tfseis": str,
    "job": str,
    "command": str,
    "seed": int,
    "settings": dict,
    "data": dict,
    "parameters": int,
    "scores": list,
    "training": dict,
    "minutes": dict,
    "verdict": dict,
    "details": dict,
}
OF_A_SCORE: dict[str, type | tuple[type, ...]] = {
    "split": str,
    "network": dict,
    "baselines": dict,
    "details": dict,
}


@dataclass(frozen=True, kw_only=True)
class SplitScore:
    """Scores on one set of samples, and beside them those of what needs no network.

    Args:
        split: what was scored and why it did not train, for people.
        network: score by name, None where it has no value.
        baselines: the same for each baseline, by its name.
        details: more of the job's own: scores by class or well, a confusion matrix.
    """

    split: str
    network: Numbers
    baselines: Mapping[str, Numbers] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For metrics.json."""
        return {
            "split": self.split,
            "network": finite(self.network),
            "baselines": {name: finite(row) for name, row in self.baselines.items()},
            "details": finite(self.details),
        }


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a score says of a network, in words.

    Args:
        rank: "better", "no better" or "worse" than the best that needs no network, or "unknown".
        text: the same in a sentence or two, with what to expect.
    """

    rank: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """What a training records, besides what `tfseis.jobs.run.RunFolder` knows itself.

    Args:
        data: what was read: files, shapes, counts.
        parameters: weights of the delivered model.
        scores: one for each set of samples that was scored; none where nothing was left to score.
        epochs: number of epochs of each network that was trained, the delivered one last.
        training_minutes: minutes spent in training, earlier interrupted commands included, of all
            networks together; scoring between epochs counts.
        verdict: whether the network is better than none, from `tfseis.jobs.verdict`.
        details: more of the job's own.
    """

    data: Mapping[str, Any]
    parameters: int
    scores: list[SplitScore]
    epochs: list[int]
    training_minutes: float
    verdict: Verdict
    details: Mapping[str, Any] = field(default_factory=dict)


def metrics_dict(
    metrics: Metrics, *, job: str, command: str, settings: dict[str, Any], whole_minutes: float
) -> dict[str, Any]:
    """What metrics.json holds, checked.

    Args:
        metrics: what the job recorded.
        job: its name.
        command: what was run.
        settings: plain values, ``seed`` among them.
        whole_minutes: minutes of the command that finished and of the trainings that it resumed.
    """
    found = {
        "schema": SCHEMA,
        "tfseis": tfseis.__version__,
        "job": job,
        "command": command,
        "seed": settings["seed"],
        "settings": settings,
        "data": finite(metrics.data),
        "parameters": int(metrics.parameters),
        "scores": [score.as_dict() for score in metrics.scores],
        "training": {"epochs": [int(count) for count in metrics.epochs]},
        "minutes": {
            "training": round(float(metrics.training_minutes), 2),
            "whole": round(float(whole_minutes), 2),
        },
        "verdict": {"rank": metrics.verdict.rank, "text": metrics.verdict.text},
        "details": finite(metrics.details),
    }
    check_metrics(found)
    return found


def check_metrics(found: Mapping[str, Any]) -> None:
    """Check that a metrics.json follows the schema.

    Raises:
        FormatError: a key is missing, unknown, or of another type; the message names it.
    """
    _check(found, EXPECTED, "metrics.json")
    for number, score in enumerate(found["scores"]):
        _check(score, OF_A_SCORE, f"metrics.json, scores[{number}]")
    if found["schema"] != SCHEMA:
        raise FormatError(
            f"metrics.json: expected schema {SCHEMA}; got {found['schema']}. Read it with the "
            f"version that wrote it, tfseis {found['tfseis']}."
        )
    _check(found["verdict"], {"rank": str, "text": str}, "metrics.json, verdict")
    for name in ("training", "whole"):
        if not isinstance(found["minutes"].get(name), (int, float)):
            raise FormatError(
                f"metrics.json: expected minutes.{name}, a number; got "
                f"{found['minutes'].get(name)!r}. Run the training again."
            )


def finite(value: Any) -> Any:
    """Plain JSON values: NumPy's become Python's, numbers that are not finite become None.

    Examples:
        >>> finite({"iou": float("nan"), "sizes": (1, 2)})
        {'iou': None, 'sizes': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {str(key): finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(one) for one in value]
    if hasattr(value, "tolist"):
        return finite(value.tolist())
    if isinstance(value, float) and not isfinite(value):
        return None
    return value


def _check(
    found: Mapping[str, Any], expected: dict[str, type | tuple[type, ...]], place: str
) -> None:
    for name, kind in expected.items():
        if not isinstance(found.get(name), kind):
            raise FormatError(
                f"{place}: expected {name!r}, a {getattr(kind, '__name__', kind)}; got "
                f"{found.get(name)!r}. Run the training again."
            )
    unknown = sorted(set(found) - set(expected))
    if unknown:
        raise FormatError(
            f"{place}: expected {', '.join(expected)} alone; got {', '.join(unknown)} too. Put "
            "what is the job's own into 'details'."
        )
