"""Painted sections: PNG images whose colours are classes.

Rows are samples, from the top down; columns are the traces of the section in ascending order (on a
time slice rows are crosslines and columns are inlines, both ascending). The image covers the whole
section, with one pixel for each sample, or the same whole number of pixels along an axis, of which
the middle one counts. The legend, ``NAME.classes.csv`` beside ``NAME.png`` or one given, holds
code, name and colour of each class. Transparent pixels are unlabelled, and so are colours whose
code is negative, such as ``-1,background,#ffffff``. Any other colour is refused.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfseis.errors import FormatError, LabelError
from tfseis.geometry import Geometry
from tfseis.io.labels.labels import Labels, Line, place_text
from tfseis.io.labels.legend import MOST_CODE, Legend, legend_path, read_legend, write_legend
from tfseis.io.labels.repeated import first_of_each
from tfseis.io.output import check_output, complete_or_absent
from tfseis.wording import counted

SECTIONS = ("inline", "crossline", "time")
DEEP = ("I", "I;16", "I;16B", "F")  # Pillow's modes with more than 8 bits
OPAQUE = 128  # opacity, of 255, below which a pixel counts as transparent

_COLOUR = re.compile("#[0-9a-fA-F]{6}")
_SECTION = re.compile(r"(inline|crossline|time)[ _-]?(\d+(?:\.\d+)?)$", re.IGNORECASE)


def read_painted(
    paths: Sequence[str | Path],
    geometry: Geometry,
    *,
    section: Line | None = None,
    legend: str | Path | None = None,
) -> Labels:
    """Read painted sections.

    Args:
        paths: PNG files whose names end in the section, such as ``salt_inline339.png``.
        geometry: geometry of the cube.
        section: (axis, number) of the section of a single image: 0 inline, 1 crossline, 2 time;
            None to take it from the name of each file.
        legend: CSV file with the legend of all images; None for the file beside each image.

    Returns:
        The labels; classes keep their codes, and classes without a pixel are left out.

    Raises:
        FormatError: a file is no PNG image in colour, or a legend is no legend.
        GeometryError: the section is not in the cube.
        LabelError: the name does not say the section, the image has another size, a colour is not
            in the legend, legends contradict each other, or nothing is painted.
    """
    if not paths:
        raise LabelError("Expected at least one painted section; got none. Give PNG files.")
    known: dict[int, tuple[int, str, str]] = {}
    positions, codes = [], []
    for path in map(Path, paths):
        table = _legend_of(Path(legend) if legend else legend_path(path))
        line = section or section_of(path)
        for row in zip(table.codes, table.names, table.colours, strict=True):
            if known.setdefault(row[0], row) != row:
                raise LabelError(
                    f"{path.name}: expected one legend for all sections; code {row[0]} is "
                    f"{row[1]} {row[2]} here and {' '.join(known[row[0]][1:])} elsewhere. Use one."
                )
        places, values = _read_one(path, geometry, line, table)
        positions.append(places)
        codes.append(values)
    return _joined(np.concatenate(positions), np.concatenate(codes), known, geometry)


def section_of(path: str | Path) -> Line:
    """Axis and number of the section at the end of a file name.

    Raises:
        LabelError: the name does not end in a section.

    Examples:
        >>> section_of("facies_inline339.png")
        (0, 339.0)
    """
    found = _SECTION.search(Path(path).stem)
    if not found:
        raise LabelError(
            f"{Path(path).name}: expected a name that ends in the section, such as "
            "salt_inline339.png, salt_crossline500.png or salt_time800.png. Rename the file."
        )
    return SECTIONS.index(found[1].lower()), float(found[2])


def write_painted(
    path: str | Path,
    labels: Labels,
    geometry: Geometry,
    section: Line,
    *,
    overwrite: bool = False,
) -> None:
    """Paint the labels of one section, with the legend beside; unlabelled samples are transparent.

    Args:
        path: the new PNG file; where its name ends in the section, `read_painted` finds it there.
        labels: labels to paint; those on other sections are left out.
        geometry: geometry of their cube.
        section: (axis, number) of the section: 0 inline, 1 crossline, 2 time.
        overwrite: whether these files may be replaced.

    Raises:
        GeometryError: the section is not in the cube.
        LabelError: two classes have one colour, or no label lies on the section.
        OutputError: a file exists, or the folder cannot be written to.
    """
    path, (axis, number) = Path(path), section
    if len(set(labels.legend.colours)) < len(labels.legend):
        raise LabelError(
            "Expected a colour of its own for each class; one comes twice. Change the legend."
        )
    here = labels.positions[:, axis] == geometry.axes[axis].index(number)
    if not here.any():
        raise LabelError(
            f"Expected labels on {SECTIONS[axis]} {number:g}; got none. Choose a labelled section."
        )
    from PIL import Image  # noqa: PLC0415 - loaded only where images are

    check_output(path, overwrite)
    check_output(legend_path(path), overwrite)
    across, down = _image_axes(axis)
    shape = geometry.shape[down], geometry.shape[across]
    pixels = np.zeros((*shape, 4), "uint8")
    colours = np.array([[*_rgb(colour), 255] for colour in labels.legend.colours], "uint8")
    where = labels.positions[here]
    pixels[where[:, down], where[:, across]] = colours[labels.classes[here]]
    with complete_or_absent(path, overwrite) as partial:
        Image.fromarray(pixels).save(partial, format="PNG")
    write_legend(legend_path(path), labels.legend)


def _image_axes(axis: int) -> tuple[int, int]:
    """Axes of the cube along the columns and along the rows of an image."""
    across, down = (i for i in range(3) if i != axis)
    return across, down


def _read_one(
    path: Path, geometry: Geometry, line: Line, legend: Legend
) -> tuple[np.ndarray, np.ndarray]:
    """Array indices (labels, 3) and class codes (labels,) of one image."""
    axis, number = line
    index = geometry.axes[axis].index(number)
    across, down = _image_axes(axis)
    shape = geometry.shape[down], geometry.shape[across]
    pixels = _pixels(path)
    blocks = [pixels.shape[i] // shape[i] for i in range(2)]
    if not min(blocks) or pixels.shape[:2] != (blocks[0] * shape[0], blocks[1] * shape[1]):
        raise LabelError(
            f"{path.name}: expected {shape[1]} x {shape[0]} pixels, or a multiple, for "
            f"{SECTIONS[axis]} {number:g}; got {pixels.shape[1]} x {pixels.shape[0]}. Paint the "
            "whole section, a pixel for each sample."
        )
    pixels = pixels[blocks[0] // 2 :: blocks[0], blocks[1] // 2 :: blocks[1]]
    codes = _codes(path, pixels, legend)
    rows, columns = np.nonzero(codes >= 0)
    positions = np.empty((len(rows), 3), "int64")
    positions[:, axis], positions[:, across], positions[:, down] = index, columns, rows
    return positions, codes[rows, columns]


def _legend_of(path: Path) -> Legend:
    """Read a legend, and check that its colours tell the classes apart."""
    legend = read_legend(path)
    if max(legend.codes, default=0) > MOST_CODE:
        raise LabelError(
            f"{path.name}: expected class numbers up to {MOST_CODE}; got {max(legend.codes)}. "
            "Number the classes from 0."
        )
    for colour in legend.colours:
        if not _COLOUR.fullmatch(colour) or legend.colours.count(colour) > 1:
            raise LabelError(
                f"{path.name}: expected a colour of its own for each class, as #rrggbb; got "
                f"{colour!r}. Correct the line."
            )
    return legend


def _pixels(path: Path) -> np.ndarray:
    """Red, green, blue and opacity, uint8 (rows, columns, 4)."""
    from tfseis.io.images.pictures import opened_picture, seen  # noqa: PLC0415 - loads Pillow

    with opened_picture(path, ("PNG",)) as image:
        if image.mode not in DEEP:
            return seen(image.convert("RGBA"))
        mode = image.mode
    raise FormatError(
        f"{path}: expected a PNG image of 8 bits a colour; got mode {mode}. Save it in 8 bits."
    )


def _codes(path: Path, pixels: np.ndarray, legend: Legend) -> np.ndarray:
    """Class code of each pixel, int64; -1 where it is unlabelled."""
    packed = pixels[..., :3].astype("int64") @ (65536, 256, 1)
    opaque = pixels[..., 3] >= OPAQUE
    codes = np.full(packed.shape, -1, "int64")
    listed = ~opaque
    for code, colour in zip(legend.codes, legend.colours, strict=True):
        same = opaque & (packed == int(colour.lstrip("#"), 16))
        listed |= same
        codes[same] = max(code, -1)
    if not listed.all():
        row, column = np.argwhere(~listed)[0]
        raise LabelError(
            f"{path.name}: expected colours of the legend; got #{packed[row, column]:06x} in row "
            f"{row}, column {column} ({(~listed).sum()} pixels in all). Paint without smoothing, "
            "or list the colour, with code -1 if it means unlabelled."
        )
    return codes


def _joined(
    positions: np.ndarray,
    codes: np.ndarray,
    known: dict[int, tuple[int, str, str]],
    geometry: Geometry,
) -> Labels:
    """Labels of all sections; where sections cross, they must agree."""
    if not len(codes):
        raise LabelError(
            "Expected painted samples; all are transparent or unlabelled. Paint some of them."
        )
    keep, clash, first = first_of_each(positions, codes, geometry)
    if clash.size:
        names = [known[int(codes[k])][1] for k in (first[clash[0]], clash[0])]
        raise LabelError(
            f"Expected one class where painted sections cross; got {names[0]} and {names[1]} at "
            f"{place_text(positions[clash[0]], geometry)} "
            f"({counted(len(clash), 'sample')} in all). Repaint one of them."
        )
    present, classes = np.unique(codes[keep], return_inverse=True)
    rows = [known[code] for code in present.tolist()]
    legend = Legend(*(tuple(row[i] for row in rows) for i in range(3)))  # type: ignore[arg-type]
    return Labels(positions[keep], classes.astype("int64"), legend)


def _rgb(colour: str) -> tuple[int, int, int]:
    value = int(colour.lstrip("#"), 16)
    return value >> 16, value >> 8 & 255, value & 255
