"""A trained model of any job applied to data: asks the model for its job, and the job to do it."""

import inspect
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import tfseis
from tfseis.errors import FormatError, ModelError
from tfseis.io.unpacking import open_archive, read_member
from tfseis.jobs.contract import JOBS, Applied

if TYPE_CHECKING:
    import keras

Model: TypeAlias = "keras.Model | str | Path"

WEIGHTS = "weights/*.npz"  # models that come with the package, each named after its job
CONFIGURATION = "config.json"  # of the zip file that .keras is
OWN = ("model", "data", "out", "overwrite", "progress")  # arguments that are no options
NOTE = re.compile(r"<tfseis_(\w+)\s|&quot;job&quot;:\s*&quot;(\w+)&quot;")  # in an .xml file


def apply(
    model: "Model | Sequence[Model]",
    data: Any,
    out: str | Path,
    *,
    overwrite: bool = False,
    progress: bool = True,
    options: Mapping[str, Any] | None = None,
) -> Applied:
    """Apply a trained model of any job, and write what it finds.

    Args:
        model: a Keras model with its recipe, a ``.keras`` or ``.xml`` file, or the name of a model
            that comes with tfseis; several for jobs that average models.
        data: what the job takes: a cube, gathers, or images; or a path to these.
        out: file or folder to write.
        overwrite: whether files of these names may be replaced.
        progress: whether to show progress bars.
        options: further arguments of the job's function by name, such as ``{"stride": 2}``; see
            ``tfseis.apply_facies``, ``apply_faults`` and so on.

    Returns:
        The files that were written, and what is known of them.

    Raises:
        FormatError: a file that is missing or holds no model, or no data.
        ModelError: a model without a recipe, or an option that the job does not have.
        TfseisError: what the job refuses.
    """
    if isinstance(model, (list, tuple)) and not model:
        raise ModelError("Expected one model or more; got an empty list. Give a trained model.")
    if data is None or isinstance(data, (bool, int, float)):
        raise FormatError(
            "Expected data to apply the model to: a path, or a cube, gathers or images in memory; "
            f"got {type(data).__name__}. Give what the job of the model takes."
        )
    one: Any = model[0] if isinstance(model, (list, tuple)) else model
    name = job_of(one)
    run = JOBS[name].part("apply")
    given = dict(options or {})
    known = list(inspect.signature(run).parameters)[3:]  # after model, data and out
    unknown = sorted(set(given) - (set(known) - set(OWN)))
    if unknown:
        options_of_job = ", ".join(sorted(set(known) - set(OWN)))
        raise ModelError(
            f"Expected options of the {name} job among {options_of_job}; got "
            f"{', '.join(unknown)}. Leave these out."
        )
    return run(model, data, out, overwrite=overwrite, progress=progress, **given)


def job_of(model: "Model") -> str:
    """The job that a trained model belongs to; a file is not loaded, so this is quick.

    Args:
        model: a Keras model with its recipe, a ``.keras`` or ``.xml`` file, or the name of a model
            that comes with tfseis.

    Returns:
        A key of `JOBS`.

    Raises:
        FormatError: there is no such file, or it is no Keras or OpenVINO model.
        ModelError: the model carries no recipe, or that of an unknown job.
    """
    if not isinstance(model, (str, Path)):
        if not hasattr(model, "layers"):
            raise ModelError(
                f"Expected a Keras model or the file of one; got {type(model).__name__}. Load it "
                "with tfseis.load_model."
            )
        from tfseis.models.recipe import recipe_of  # noqa: PLC0415 - loads Keras

        return recipe_of(model).job
    if str(model) in shipped():
        return str(model)
    path = Path(model)
    if not path.is_file():
        names = f", or one of the names {', '.join(shipped())}" if shipped() else ""
        raise FormatError(
            f"{path}: expected a file of a trained model{names}; there is none. Check the path."
        )
    found = _noted(path) if path.suffix == ".xml" else _configured(path)
    if found is None:
        raise ModelError(
            f"{path}: expected a model that tfseis trained; this one carries no recipe, which says "
            "what it takes and gives. Use a model that tfseis JOB train saved."
        )
    JOBS[found]  # refuses a job that this version does not know
    return found


@cache
def shipped() -> tuple[str, ...]:
    """Names of the models that come with the package, which are those of their jobs."""
    return tuple(path.stem for path in sorted(Path(tfseis.__file__).parent.glob(WEIGHTS)))


def _configured(path: Path) -> str | None:
    """The job in the configuration inside a ``.keras`` file."""
    with path.open("rb") as file:
        is_archive = zipfile.is_zipfile(file)
    if not is_archive:
        raise FormatError(
            f"{path}: expected a .keras file of a trained model, which is a zip archive; got "
            "something else. Check the path."
        )
    with open_archive(path) as archive:
        try:
            configuration = json.loads(read_member(archive, CONFIGURATION))
        except FormatError:
            raise
        except (KeyError, ValueError, RecursionError) as error:
            raise FormatError(
                f"{path}: expected a .keras file of a trained model; got something else: {error}. "
                "Check the path."
            ) from None
    jobs = [str(recipe["job"]) for recipe in _recipes(configuration) if "job" in recipe]
    return jobs[-1] if jobs else None


def _recipes(value: Any) -> Iterator[Mapping[str, Any]]:
    """All recipes in a configuration, in the order of its layers."""
    if isinstance(value, list):
        for one in value:
            yield from _recipes(one)
    elif isinstance(value, dict):
        if isinstance(value.get("recipe"), dict):
            yield value["recipe"]
        for one in value.values():
            yield from _recipes(one)


def _noted(path: Path) -> str | None:
    """The job in the note inside an OpenVINO file, which `tfseis export` writes."""
    found = NOTE.search(path.read_text(encoding="utf-8", errors="replace"))
    return next(filter(None, found.groups())) if found else None
