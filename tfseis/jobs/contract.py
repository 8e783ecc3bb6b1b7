"""What every job provides, and the table of the jobs.

A job is one folder and one line in `JOBS`. The core asks this table and knows no job by name. The
parts of a job are imported when they are first used, so that listing the jobs loads no framework.
"""

from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tfseis.errors import ModelError
from tfseis.named import imported, name_of


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A training that is over.

    Args:
        folder: where the results lie.
        files: the results, ``metrics.json`` among them.
        metrics: what ``metrics.json`` holds; see docs/metrics.md.
        text: the verdict and the scores in a few lines, for people.
    """

    folder: Path
    files: tuple[Path, ...]
    metrics: dict[str, Any]
    text: str


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A model that was applied.

    Args:
        files: what was written, the main result first.
        facts: what is known of it, plain values: statistics that were used, counts, scores.
        text: the same in a few lines, for people.
    """

    files: tuple[Path, ...]
    facts: dict[str, Any]
    text: str


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Synthetic inputs of the networks of a job, for models with weights of 8 bits.

    Args:
        make: from (recipe, count, seed) to an iterator of `count` pairs: an input of the network,
            float32 with a batch axis of 1, and its labels without batch and channels, where 1 is
            marked, 0 is not and negative is unlabelled.
        calibration: number of inputs on which the range of activations is measured.
        comparison: number of other inputs on which both networks are compared.
    """

    make: Callable[[Any, int, int], Iterator[tuple[Any, Any]]]
    calibration: int
    comparison: int


@dataclass(frozen=True, kw_only=True)
class Job:
    """What the core must know of a job.

    Each part is the object itself or 'package.module:object', which is imported when `part` is
    first asked for it.

    Args:
        name: the word of the command line, and `job` of the recipe.
        about: what it does, one sentence for the help.
        settings: frozen dataclass of how a network is built and trained; loads no Keras.
        recipe: frozen dataclass of what a trained model carries; see `tfseis.models.recipe`.
        train: ``train(data.., out=, settings=, ..) -> Finished``.
        apply: ``apply(model, data, out, ..) -> Applied``.
        command: its words on the command line; see `tfseis.cli.jobs`. Loads no Keras.
        signatures: from a model to what is tracked and its serving signatures; see
            `tfseis.export`. None where its models cannot be served.
        examples: an `Examples`. None where its models cannot be written with weights of 8 bits.
        network: from a recipe to its untrained network at its usual widths, for weights that come
            with the package. None where none come.
    """

    name: str
    about: str
    settings: Any
    recipe: Any
    train: Any
    apply: Any
    command: Any
    signatures: Any = None
    examples: Any = None
    network: Any = None

    def part(self, name: str) -> Any:
        """One part, imported.

        Args:
            name: a field of this class, such as "train".

        Raises:
            ModelError: this job has no such part.
        """
        found = getattr(self, name)
        if found is None:
            raise ModelError(
                f"Expected a job with {name}; {self.name!r} has none. Use another model."
            )
        return imported(found) if isinstance(found, str) else found


class Jobs(UserDict[str, Any]):
    """Jobs by name; a value is a `Job`, or 'package.module:JOB' that is imported when asked for."""

    def __getitem__(self, name: str) -> Job:
        """The job of that name.

        Raises:
            ModelError: there is none.
        """
        if name not in self.data:
            raise ModelError(
                f"Expected a job among {', '.join(self.data)}; got {name!r}. Choose one of these."
            )
        found = self.data[name]
        return imported(found) if isinstance(found, str) else found


JOBS = Jobs(
    {
        "facies": "tfseis.jobs.facies.job:JOB",
        "faults": "tfseis.jobs.faults.job:JOB",
        "boreholes": "tfseis.jobs.boreholes.job:JOB",
        "gathers": "tfseis.jobs.gathers.job:JOB",
        "salt": "tfseis.jobs.salt.job:JOB",
    }
)


def recorded(settings: Any) -> dict[str, Any]:
    """Settings as metrics.json and a run's identity record them: plain values only.

    Args:
        settings: a dataclass whose fields may hold functions and other objects.
    """
    return {field.name: _plain(getattr(settings, field.name)) for field in fields(settings)}


def _plain(value: Any) -> Any:
    value = value.tolist() if hasattr(value, "tolist") else value  # of NumPy
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, (str, int, float, bool, Path)):
        return str(value) if isinstance(value, Path) else value
    return _described(value)


def _described(value: Any) -> Any:
    """An object as its name, and with what it was made."""
    if isinstance(value, partial):
        made = {"arguments": _plain(value.args), **_plain(value.keywords)}
        return {"of": name_of(value.func), **made}
    if is_dataclass(value) and not isinstance(value, type):
        return {"of": name_of(value), **recorded(value)}
    if hasattr(value, "get_config") and not isinstance(value, type):  # such as a Keras loss
        return {"of": name_of(value), **_plain(value.get_config())}
    return name_of(value)
