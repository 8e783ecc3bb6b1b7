"""Patches of borehole images by well, with or without masks, as .npy, PNG or CSV files.

Files are named ``well_{well}_patch_{number}``. Masks have the names of their images and lie in
another folder; or they are rows of one CSV file, with the name and then one value for each pixel,
row by row.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from tfseis.errors import FormatError, LabelError
from tfseis.io.array_files import load_npy
from tfseis.io.images.images import ENDING
from tfseis.io.images.pixels import grey_levels, mask_of, read_pixels
from tfseis.io.labels.labels import UNLABELLED

SENTINEL = -999.0  # stands for no measurement, written as -999 or -999.25
NAME = re.compile(r"well_(\d+)_patch_(\d+)$")
KINDS = (".npy", ENDING)
REAL = "biuf"  # kinds of NumPy's types
SHOWN = 80  # letters of an error of pandas, which may quote a row of a thousand numbers
LEAST_VALID = 0.5  # share of measured samples below which a patch is dropped
Key = tuple[int, int]


@dataclass(frozen=True)
class Patches:
    """Patches of several wells, sorted by well and number.

    Args:
        images: unscaled images, float32 (patches, rows, columns); 0 where nothing was measured.
        valid: mask of measured samples, bool of the same shape.
        wells: number of the well of each patch, (patches,).
        numbers: number of each patch in its well, in depth order, (patches,).
        masks: labels, int8 of the same shape: 1, 0, and -1 where a sample is not labelled or not
            measured; None without labels.
        counts: numbers of patches and samples by what was found: with the sentinel, with NaN,
            dropped and others.
    """

    images: np.ndarray
    valid: np.ndarray
    wells: np.ndarray
    numbers: np.ndarray
    masks: np.ndarray | None
    counts: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.images)

    def only(self, chosen: np.ndarray) -> "Patches":
        """The patches that a mask (patches,) or an array of indices selects."""
        masks = None if self.masks is None else self.masks[chosen]
        return replace(
            self,
            images=self.images[chosen],
            valid=self.valid[chosen],
            wells=self.wells[chosen],
            numbers=self.numbers[chosen],
            masks=masks,
        )

    def names(self) -> list[str]:
        """Names of the patches: ``well_1_patch_0`` and so on."""
        pairs = zip(self.wells, self.numbers, strict=True)
        return [f"well_{well}_patch_{number}" for well, number in pairs]


def read_patches(
    folder: str | Path, *, labels: str | Path | None = None, progress: bool = True
) -> Patches:
    """Read the patches of a folder, and their masks.

    A sample that is the sentinel, NaN or infinite is masked: it is neither trained on nor scored.
    A patch is dropped if all its measured samples have one value, or less than half of its samples
    are measured. Both are counted.

    Args:
        folder: folder of ``.npy`` or PNG files, or with a folder ``images`` (and ``masks``).
        labels: folder of masks, or a CSV file. None for the folder ``masks`` beside ``images`` if
            it is there.
        progress: whether a progress bar is shown.

    Returns:
        The patches that are not dropped.

    Raises:
        FormatError: there is no such folder, it holds no patches, or patches of several sizes.
        LabelError: the labels have another size, or fit no patch.
    """
    folder = Path(folder)
    images = folder / "images" if (folder / "images").is_dir() else folder
    if labels is None and images != folder and (folder / "masks").is_dir():
        labels = folder / "masks"
    found = _find(images)
    bar = tqdm(found.items(), desc="read patches", unit=" patches", disable=not progress)
    raw = {key: _read_image(path) for key, path in bar}
    values = np.stack(list(_one_size(raw, images).values()))
    masks, missing = _masks(labels, found, values.shape[1:]) if labels else (None, {})
    return _clean(values, np.array(list(found)), masks, missing)


def read_mask_table(
    path: str | Path, *, shape: tuple[int, ...] | None = None
) -> dict[Key, np.ndarray]:
    """Read masks from a CSV file: a row for each patch, its name and one value for each pixel.

    Args:
        path: the file, separated by commas or semicolons; a cell may be empty.
        shape: rows and columns of the patches; None for square ones.

    Returns:
        Masks, float32 (rows, columns), by well and number of the patch.

    Raises:
        LabelError: the file has another layout.
    """
    import pandas as pd  # noqa: PLC0415 - slow to import, and only needed for such a file

    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig") as file:
            title = file.readline()
        separator = ";" if ";" in title and "," not in title else ","
        table = pd.read_csv(path, index_col=0, sep=separator)
        values = table.to_numpy("float32")
    except (ValueError, OSError, pd.errors.ParserError) as error:
        raise LabelError(
            f"{path}: expected a csv with a name and one number a pixel in each row; "
            f"{str(error)[:SHOWN]}. Check its separators and cells."
        ) from None
    side = int(np.sqrt(values.shape[1]))
    size = (side, side) if shape is None else shape
    names = [NAME.search(str(name)) for name in table.index]
    wrong = [str(name) for name, match in zip(table.index, names, strict=True) if match is None]
    if size[0] * size[1] != values.shape[1] or wrong or not len(values):
        pixels = "a square number of pixels, such as 1296"
        pixels = pixels if shape is None else f"{size[0]} x {size[1]} pixels"
        raise LabelError(
            f"{path}: expected rows named well_W_patch_P with {pixels}; got "
            f"{values.shape[1]} columns and {len(wrong)} other names"
            f"{': ' + wrong[0] if wrong else ''}. Check the file."
        )
    keys = [(int(match[1]), int(match[2])) for match in names if match]
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        raise LabelError(
            f"{path}: expected each patch once; got well_{twice[0][0]}_patch_{twice[0][1]} again. "
            "Remove one."
        )
    return dict(zip(keys, values.reshape(-1, *size), strict=True))


def _find(folder: Path) -> dict[Key, Path]:
    """Files by well and number, in this order."""
    if not folder.is_dir():
        raise FormatError(f"{folder}: expected a folder of patches; there is none. Check the name.")
    found: dict[Key, Path] = {}
    for path in sorted(folder.iterdir()):
        match = NAME.match(path.stem)
        if match and path.suffix.lower() in KINDS:
            key = int(match[1]), int(match[2])
            if key in found:
                raise FormatError(
                    f"{path}: expected one file a patch; {found[key].name} is the same patch. "
                    "Remove one."
                )
            found[key] = path
    if not found:
        raise FormatError(
            f"{folder}: expected files well_W_patch_P.npy or .png; got none. Rename or "
            "convert them, or give the folder that holds them."
        )
    return dict(sorted(found.items()))


def _read_image(path: Path) -> np.ndarray:
    """An image, float32 (rows, columns), in the values of its file."""
    if path.suffix.lower() == ENDING:
        return grey_levels(read_pixels(path)).astype("float32")
    return _array(path)


def _read_mask(path: Path) -> np.ndarray:
    """A mask, float32 (rows, columns): above 0 where marked, negative or NaN where unlabelled."""
    if path.suffix.lower() == ENDING:
        return mask_of(read_pixels(path)).astype("float32")
    return _array(path)


def _array(path: Path) -> np.ndarray:
    try:
        values = load_npy(path)
        if values.dtype.kind not in REAL:
            raise ValueError(f"it holds {values.dtype}, no real numbers")
        values = values.astype("float32")
    except (OSError, ValueError, EOFError) as error:
        raise FormatError(f"{path}: expected an array or a picture; {error}. Check it.") from None
    if values.ndim != 2:
        raise FormatError(f"{path}: expected rows and columns; got shape {values.shape}.")
    return values


def _one_size(raw: Mapping[Key, np.ndarray], folder: Path) -> Mapping[Key, np.ndarray]:
    [(usual, count)] = Counter(values.shape for values in raw.values()).most_common(1)
    if count < len(raw):
        well, number = next(k for k, v in raw.items() if v.shape != usual)
        raise FormatError(
            f"{folder}: expected patches of one size, {usual}; well_{well}_patch_{number} "
            f"is {raw[well, number].shape}. Take it out."
        )
    return raw


def _masks(
    labels: str | Path, found: Mapping[Key, Path], shape: tuple[int, ...]
) -> tuple[np.ndarray, dict[str, int]]:
    """Masks in the order of the patches, and the number of unmatched ones in each well."""
    labels = Path(labels)
    if labels.is_file():
        table = read_mask_table(labels, shape=shape)
    elif not labels.is_dir():
        raise LabelError(
            f"{labels}: expected a CSV file of masks or a folder of them; there is neither. Check "
            "the name."
        )
    else:
        table = {key: _read_mask(path) for key, path in _find(labels).items()}
    if not set(table) & set(found):
        raise LabelError(
            f"{labels}: expected masks named like the patches, such as "
            f"{next(iter(found.values())).stem}; none is. Check both folders."
        )
    masks = np.full((len(found), *shape), UNLABELLED, "int8")
    for place, key in enumerate(found):
        if key in table:
            mask = table[key]
            if mask.shape != shape:
                raise LabelError(
                    f"{labels}: expected masks of the patches' size, {shape}; well_{key[0]}_patch_"
                    f"{key[1]} is {mask.shape}. Give the masks of these patches."
                )
            known = (mask >= 0) & (mask < np.inf)  # not so for NaN
            masks[place] = np.where(known, mask > 0, UNLABELLED)
    wells = sorted({well for well, _ in {*table, *found}})
    counts = {}
    for well in wells:
        alone = [key for key in set(table) ^ set(found) if key[0] == well]
        if alone:
            counts[f"well {well}: patches or label rows without partner"] = len(alone)
    return masks, counts


def _clean(
    values: np.ndarray, keys: np.ndarray, masks: np.ndarray | None, missing: dict[str, int]
) -> Patches:
    sentinel, finite = values <= SENTINEL, np.isfinite(values)
    valid = finite & ~sentinel
    images = np.where(valid, values, 0).astype("float32")
    low = np.where(valid, values, np.inf).min(axis=(1, 2))
    high = np.where(valid, values, -np.inf).max(axis=(1, 2))
    constant, sparse = high <= low, valid.mean(axis=(1, 2)) < LEAST_VALID
    counts = {
        "patches": len(values),
        "patches with the sentinel": int(sentinel.any((1, 2)).sum()),
        "patches with NaN or infinity": int((~finite).any((1, 2)).sum()),
        "constant or empty patches": int(constant.sum()),
        "samples masked": int((~valid).sum()),
        "patches dropped": int((constant | sparse).sum()),
        **missing,
    }
    if masks is not None:
        masks = np.where(valid, masks, UNLABELLED).astype("int8")
    patches = Patches(images, valid, keys[:, 0], keys[:, 1], masks, counts)
    return patches.only(~(constant | sparse))
