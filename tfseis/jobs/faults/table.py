"""Which fault model does what on which cube: a table of files by models."""

from collections.abc import Sequence
from pathlib import Path

import keras
import pandas as pd
from tqdm import tqdm

from tfseis.errors import FormatError, ModelError
from tfseis.io.cells import table_text
from tfseis.io.cube_pairs import cube_pairs
from tfseis.io.output import check_outputs, complete_or_absent
from tfseis.jobs.faults.scores import SEMBLANCE, cube_probability, threshold_of, unseen_pairs
from tfseis.learning.saving import load_model
from tfseis.scores.semblance import low_semblance
from tfseis.scores.surfaces import fault_scores

MEAN, FILE = "mean", "file"
SUFFIXES = (".md", ".csv")


def fault_table(
    folder: str | Path,
    models: Sequence[str | Path] = ("faults",),
    *,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: bool = True,
) -> pd.DataFrame:
    """IoU of each cube of a folder by each model, beside low semblance; means last.

    Faults are counted at the threshold of each model's recipe; those of low semblance, and of a
    model without recipe, at 0.5.

    Args:
        folder: folder with ``seis/N.dat`` and ``fault/N.dat`` (or .npy); cubes without labels are
            left out, of cubes longer than 160 samples a side the middle is scored.
        models: ``.keras`` files, or "faults" for the model that comes with tfseis.
        out: name of the files that the table is written to, NAME.md and NAME.csv; None for none.
        overwrite: whether files of these names may be replaced.
        progress: show a progress bar.

    Returns:
        Columns file, one a model, and low semblance; one row a cube, then the means.

    Raises:
        FormatError: there is no labelled cube, or a file is no model.
        ModelError: two models have one name, or one does not give fault logits.
        OutputError: a file exists, or cannot be written.
    """
    paths = [Path(f"{out}{suffix}") for suffix in SUFFIXES] if out is not None else []
    check_outputs(paths, [], overwrite)
    pairs = [pair for pair in cube_pairs(folder) if pair.faults is not None]
    if not pairs:
        raise FormatError(
            f"{folder}: expected labels in fault/ for some cube in seis/; found none. Add some, "
            "with the name of their cube."
        )
    networks = _networks(models)
    rows = []
    cubes = unseen_pairs(pairs)
    for cube in tqdm(cubes, "score", len(pairs), unit=" cubes", disable=not progress):
        truth, known = cube.faults > 0, cube.faults >= 0
        row: dict[str, object] = {FILE: cube.name}
        for name, network in networks.items():
            found = cube_probability(network, cube.amplitude)
            cut = threshold_of(network)
            row[name] = fault_scores(truth, found, known=known, threshold=cut).iou
        row[SEMBLANCE] = fault_scores(truth, low_semblance(cube.amplitude), known=known).iou
        rows.append(row)
    table = pd.DataFrame(rows)
    table.loc[len(table)] = {FILE: MEAN, **table.drop(columns=FILE).mean().to_dict()}
    for path in paths:
        with complete_or_absent(path, overwrite) as partial:
            text = markdown(table) if path.suffix == ".md" else table_text(table)
            partial.write_text(text, encoding="utf-8")
    return table


def markdown(table: pd.DataFrame) -> str:
    """A table in Markdown; numbers to three places, nothing where there is none.

    Examples:
        >>> print(markdown(pd.DataFrame({"file": ["a"], "IoU": [0.5], "AP": [None]})), end="")
        | file | IoU | AP |
        |---|---|---|
        | a | 0.500 |  |
    """
    lines = [list(table.columns), ["---"] * len(table.columns)]
    for row in table.itertuples(index=False):
        lines.append([v if isinstance(v, str) else "" if pd.isna(v) else f"{v:.3f}" for v in row])
    ruled = ["| " + " | ".join(line) + " |" for line in lines]
    ruled[1] = ruled[1].replace(" ", "")
    return "\n".join(ruled) + "\n"


def _networks(models: Sequence[str | Path]) -> dict[str, keras.Model]:
    """Each model by a short name; of ``RUN/model.keras`` that is RUN."""
    networks: dict[str, keras.Model] = {}
    for model in map(str, models):
        path = Path(model)
        name = path.absolute().parent.name if path.stem == "model" else path.stem
        if name in networks or name in (FILE, SEMBLANCE):
            raise ModelError(
                f"Expected models of different names; got {name!r} twice. Rename a file, or the "
                "folder of its model.keras."
            )
        network = load_model(path)
        if len(network.output_shape) != 5 or network.output_shape[-1] not in (1, 2):
            raise ModelError(
                f"{model}: expected one or two logits at each sample of a cube; got an output of "
                f"{network.output_shape}. Give a model that `tfseis faults train` made."
            )
        networks[name] = network
    return networks
