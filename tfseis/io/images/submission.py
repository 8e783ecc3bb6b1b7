"""Submissions to the TGS salt challenge: writing, reading and checking them."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

from tfseis.errors import FormatError
from tfseis.io.cells import formulas
from tfseis.io.images.rle import SIZE, decode_rle, encode_rle
from tfseis.io.output import complete_or_absent

COLUMNS = ["id", "rle_mask"]
SHOWN = 3  # number of ids that a message names


def write_submission(
    path: str | Path,
    ids: Sequence[str],
    masks: Sequence[np.ndarray] | np.ndarray,
    *,
    every: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Write masks in the given order, one line for each image.

    Args:
        path: the new CSV file.
        ids: id of each image, each once.
        masks: masks (images, rows, columns); pixels other than 0 are salt.
        every: all ids of the submission in their order, of which those without a mask get an empty
            one; none for `ids` alone.
        overwrite: whether a file of that name may be replaced.

    Raises:
        FormatError: there is not one mask for each id, or an id comes twice.
        OutputError: the file exists, or its folder cannot be written to.
    """
    path = Path(path)
    if len(ids) != len(masks) or len(set(ids)) != len(ids):
        raise FormatError(
            f"Expected one mask for each of {len(set(ids))} different ids; got {len(masks)} masks "
            f"and {len(ids)} ids. Name every image once."
        )
    if formulas(ids):
        raise FormatError(
            f"Expected ids that no spreadsheet runs; got {formulas(ids)[0]!r}. Rename the image."
        )
    runs = dict(zip(ids, map(encode_rle, masks), strict=True))
    rows = [(key, runs.get(key, "")) for key in every or ids]
    table = pd.DataFrame(rows, columns=COLUMNS)
    with complete_or_absent(path, overwrite) as partial:
        table.to_csv(partial, index=False, lineterminator="\n")


def read_submission(path: str | Path | BytesIO) -> pd.DataFrame:
    """Read a submission, or the train.csv of the challenge, from a file or from its bytes.

    Returns:
        Table with the columns id and rle_mask, both text; an empty mask is an empty text.

    Raises:
        FormatError: the file is missing, or has other columns.
    """
    name = getattr(path, "name", "the table") if isinstance(path, BytesIO) else path
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise FormatError(
            f"{name}: expected a CSV file with {' and '.join(COLUMNS)}; got none: "
            f"{str(error).strip()}. Check the name."
        ) from None
    if list(table.columns) != COLUMNS:
        raise FormatError(
            f"{name}: expected the columns {','.join(COLUMNS)}; got "
            f"{','.join(map(str, table.columns))}. Put them in the first line."
        )
    return table


def check_submission(
    path: str | Path, sample: str | Path | None = None, shape: tuple[int, int] = SIZE
) -> pd.DataFrame:
    """Check a submission as the challenge does.

    Args:
        path: the submission.
        sample: sample_submission.csv of the challenge, whose ids and order are expected; None to
            allow any ids.
        shape: number of rows and columns of the images.

    Returns:
        The table, with the number of salt pixels of each image in a column `pixels`.

    Raises:
        FormatError: ids are missing, unknown, given twice or in another order; or a mask is
            wrong, whose line the message names.
    """
    path, table = Path(path), read_submission(path)
    twice = table["id"][table["id"].duplicated()].tolist()
    if twice:
        raise FormatError(f"{path}: expected each id once; got {_some(twice)} again. Remove them.")
    if sample is not None:
        _check_ids(path, table["id"].tolist(), read_submission(sample)["id"].tolist())
    pixels = []
    for line, text in enumerate(table["rle_mask"], start=2):
        try:
            pixels.append(int(decode_rle(text, shape).sum()))
        except FormatError as error:
            raise FormatError(f"{path}, line {line}: {error}") from None
    return table.assign(pixels=pixels)


def _check_ids(path: Path, ids: list[str], wanted: list[str]) -> None:
    present, known = set(ids), set(wanted)
    missing = [i for i in wanted if i not in present]
    unknown = [i for i in ids if i not in known]
    if missing or unknown:
        raise FormatError(
            f"{path}: expected the {len(wanted)} ids of the sample; missing: {len(missing)} "
            f"({_some(missing)}), unknown: {len(unknown)} ({_some(unknown)}). Predict all "
            "images of the test folder, and no others."
        )
    if ids != wanted:
        first = next(n for n, (a, b) in enumerate(zip(ids, wanted, strict=True)) if a != b)
        raise FormatError(
            f"{path}: expected the order of the sample; line {first + 2} has {ids[first]} where it "
            f"has {wanted[first]}. Sort them alike."
        )


def _some(ids: list[str]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return (", ".join(ids[:SHOWN]) or "none") + more
