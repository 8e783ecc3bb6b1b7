"""Fault models applied to several 2D lines or cubes: loaded once, a result each, one summary."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from tfseis.errors import ModelError, OutputError, TfseisError
from tfseis.io.cells import table_text
from tfseis.io.cube import Cube, open_cube
from tfseis.io.output import check_outputs, complete_or_absent
from tfseis.jobs.contract import Applied
from tfseis.jobs.faults.apply import (
    NO_FILES,
    Given,
    apply_faults,
    check_cube,
    check_wanted,
    loaded_models,
    members_of,
)
from tfseis.jobs.faults.likeness import likeness_text
from tfseis.jobs.faults.surface_files import FaultFiles
from tfseis.selection import select
from tfseis.wording import counted

PROBABILITY, SUMMARY = "faults.sgy", "summary.csv"
PARTS = ("inlines", "crosslines", "time", "stride")  # options that choose a part of a line
PLAIN = ("form", "smallest", "velocity")  # fields of `FaultFiles` that are no files
FACTS = ("share", "seams", "faults", "sticks", "threshold", "precision")  # columns of the summary


def apply_faults_to_each(
    model: Given | Sequence[Given],
    cubes: Sequence[Cube | str | Path],
    folder: str | Path,
    *,
    files: FaultFiles = NO_FILES,
    opening: Callable[[Any], Cube] = open_cube,
    backend: str = "auto",
    overwrite: bool = False,
    progress: bool = True,
    options: Mapping[str, Any] | None = None,
) -> Applied:
    """Apply fault models to several 2D lines or cubes, each by itself, into one folder.

    Of LINE.sgy the probability is LINE_faults.sgy. Everything is checked before the first line is
    predicted. An error later leaves the results of the lines before it.

    Args:
        model: as for `apply_faults`; loaded once.
        cubes: the lines or cubes; of different names.
        folder: folder for the results and ``summary.csv``, which has a row a line. It is made.
        files: what else to write for each line, as names without a folder: the mask "mask.sgy" is
            LINE_mask.sgy.
        opening: opens a line that is given as a path.
        backend: as for `apply_faults`.
        overwrite: replace files of these names.
        progress: show a progress bar of lines.
        options: further arguments of `apply_faults` by name, the same for each line.

    Returns:
        All files that were written, the summary first; facts: ``lines``, those of each line by its
        name.

    Raises:
        OutputError: two lines have one name, or a result cannot be written.
        TfseisError: as `apply_faults`; the message names the line.
    """
    folder, models = Path(folder), members_of(model)
    results = {path_of(cube): _results(path_of(cube), folder, files) for cube in cubes}
    _check_names(cubes, folder, files)
    further = dict(options or {})
    scaling = further.get("scaling", "survey")
    check_wanted(files, further.get("threshold"), scaling, models, further.get("tta", False))
    for cube in cubes:
        with _opened(cube, opening) as survey:
            chosen = {name: further[name] for name in PARTS if name in further}
            check_cube(files, survey, select(survey.geometry, **chosen))
    _check_folder(folder, results, models, overwrite)
    loaded = loaded_models(models, backend)
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Applied] = {}
    for cube in tqdm(cubes, "faults", unit=" lines", disable=not progress):
        out, own = results[path_of(cube)]
        with _opened(cube, opening) as survey:
            found[path_of(cube).name] = apply_faults(
                loaded, survey, out, files=own, overwrite=overwrite, progress=False, **further
            )
    return _summary(found, folder, overwrite)


def path_of(cube: Cube | str | Path) -> Path:
    """Where a cube lies; of one in memory its name."""
    return Path(cube) if isinstance(cube, (str, Path)) else Path(cube.path)


def _results(cube: Path, folder: Path, files: FaultFiles) -> tuple[Path, FaultFiles]:
    """The probability of a line, and its further files."""
    named: dict[str, Any] = {
        field.name: folder / f"{cube.stem}_{value}"
        for field in fields(files)
        if field.name not in PLAIN and (value := getattr(files, field.name))
    }
    return folder / f"{cube.stem}_{PROBABILITY}", replace(files, **named)


def _check_names(cubes: Sequence[Cube | str | Path], folder: Path, files: FaultFiles) -> None:
    """Refuse further files in folders of their own, and two lines with one name."""
    if not cubes:
        raise ModelError("Expected one line or more; got none. Give their files.")
    for path in files.paths:
        if Path(path).name != str(path):
            raise OutputError(
                f"{path}: expected a name without a folder, which the name of each line precedes; "
                f"got a path. Use {Path(path).name}; it lies in {folder}."
            )
    names: dict[str, Path] = {}
    for path in map(path_of, cubes):
        if path.stem in names:
            raise OutputError(
                f"{path}: expected lines of different names; the results of {names[path.stem]} "
                f"would have the same, {path.stem}_{PROBABILITY}. Rename one, or apply the model "
                "to it alone."
            )
        names[path.stem] = path


def _check_folder(
    folder: Path,
    results: Mapping[Path, tuple[Path, FaultFiles]],
    models: Sequence[Given],
    overwrite: bool,
) -> None:
    """Refuse results that cannot be written; a folder that is missing is made later."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(
            f"{folder}: expected a folder for the results of several lines; got a file. Give a "
            "folder after the lines."
        )
    every = [path for out, files in results.values() for path in (out, *files.paths)]
    if folder.is_dir():
        read = [*results, *(one for one in models if isinstance(one, (str, Path)))]
        check_outputs([folder / SUMMARY, *every], read, overwrite)
    elif len(set(every)) < len(every):
        twice = next(path for path in every if every.count(path) > 1)
        raise OutputError(
            f"{twice}: expected a file of its own for each result; got one name twice. Choose "
            "other names."
        )


@contextmanager
def _opened(cube: Cube | str | Path, opening: Callable[[Any], Cube]) -> Iterator[Cube]:
    """A line, opened; what is refused names it."""
    name = path_of(cube).name
    try:
        if isinstance(cube, (str, Path)):
            with opening(cube) as survey:
                yield survey
        else:
            yield cube
    except TfseisError as error:
        text = str(error)
        if name in text:
            raise
        raise type(error)(f"{name}: {text[0].lower()}{text[1:]}") from None


def _summary(found: Mapping[str, Applied], folder: Path, overwrite: bool) -> Applied:
    """All results as one; the table lies beside them."""
    rows, lines = [], []
    for name, applied in found.items():
        facts = applied.facts
        shape = dict(zip(("inlines", "crosslines", "samples"), facts["shape"], strict=True))
        kept = {key: facts[key] for key in FACTS if key in facts}
        rows.append({"line": name, **shape, **kept, "result": applied.files[0].name})
        counts = "".join(f", {facts[key]} {key}" for key in ("faults", "sticks") if key in facts)
        line = f"{name}: {facts['share']:.2%} of the samples are above the threshold{counts}"
        if facts["survey"] is not None:
            line += f". {likeness_text(facts['survey'])}"
        lines.append(line)
    path = folder / SUMMARY
    with complete_or_absent(path, overwrite) as partial:
        partial.write_text(table_text(pd.DataFrame(rows)), encoding="utf-8")
    return Applied(
        files=(path, *(one for applied in found.values() for one in applied.files)),
        facts={"lines": {name: applied.facts for name, applied in found.items()}},
        text="\n".join([*lines, f"{counted(len(found), 'line')}; summary in {path}"]),
    )
