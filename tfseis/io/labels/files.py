"""Label files of any kind as labels, and labels as a label cube.

`tfseis.io.labels.kinds` says how kinds are recognised, and how to add one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tfseis.errors import LabelError, TfseisError
from tfseis.geometry import Geometry
from tfseis.io.arrays import NUMBERS
from tfseis.io.labels.kinds import LABEL_KINDS, LabelFiles, LabelKind
from tfseis.io.labels.labels import UNLABELLED, Labels, Line, on_lines
from tfseis.io.labels.legend import legend_path, write_legend
from tfseis.io.labels.nodes import Reading
from tfseis.io.labels.parts import LabelPart, merge
from tfseis.io.labels.per_file import PerFile, check_files, of_file
from tfseis.io.labels.recognised import kind_and_table
from tfseis.io.labels.taken import notes_of_labels, notes_of_parts
from tfseis.io.labels.text import Table
from tfseis.io.output import check_output, complete_or_absent
from tfseis.io.segy.create import write_segy
from tfseis.named import chosen

SEGY_INT8, SEGY_INT16 = 8, 3
WRITTEN = (".npz", ".sgy", ".segy")
Kind = str | LabelKind | Callable[[LabelFiles], Labels]
MOST_TEXT_CLASSES = 36  # lines that the textual header has room for


def read_labels(
    paths: Sequence[str | Path],
    geometry: Geometry,
    *,
    lines: Sequence[Line] = (),
    unit: PerFile[str] | None = None,
    kind: PerFile[Kind] | None = None,
    columns: PerFile[Sequence[str] | str] | None = None,
    ignore: Sequence[int] = (),
) -> Labels:
    """Read label files of any kind.

    Points, fault sticks and polygons are one class a file, numbered in sorted order of file names;
    horizons, two or more, follow with one class between each and the next below it. Painted
    sections, one label cube, and kinds of your own carry class codes and come alone.

    Args:
        paths: the label files.
        geometry: geometry of the cube that they label.
        lines: (axis, number) of the lines to label: 0 inline, 1 crossline, 2 time; all if empty. A
            label cube needs them.
        unit: unit of times in text files: "ms", "s", "us", "m", "ft" or "sample"; None to
            recognise it. This, `kind` and `columns` hold for all files, or are mappings by the
            name of the file, where "" stands for the others.
        kind: what files hold: a key of `LABEL_KINDS`, a function that takes `LabelFiles` and
            returns `Labels`, or 'package.module:function'. None to recognise it.
        columns: names of the columns of text files, such as "inline,crossline,time", with "-" for
            one that is not used; None to recognise them by titles and form.
        ignore: codes of a label cube, or of a column of classes, that mean unlabelled.

    Returns:
        The labels, each sample once; `notes` say how each file was taken.

    Raises:
        FormatError: a file is missing, or is not what its name or content says.
        LabelError: labels do not fit the cube or contradict each other, kinds that do not go
            together, or a file that may be read in several ways.
        ModelError: `kind` is not known or cannot be imported.
    """
    files = sorted((Path(path) for path in paths), key=lambda path: path.name)
    if not files:
        raise LabelError("Expected at least one label file; got none. Give points or others.")
    for option, what in ((unit, "unit"), (kind, "kind"), (columns, "columns")):
        check_files(option, what, files)
    readings = {path: Reading(of_file(columns, path), of_file(unit, path)) for path in files}
    names, kinds, tables = _kinds(files, geometry, readings, kind)
    _check_together(kinds, len(files))
    one_unit = None if isinstance(unit, Mapping) else unit
    found: list[LabelPart] = []
    for name, reader in kinds.items():
        own = tuple(path for path, other in zip(files, names, strict=True) if other == name)
        given = LabelFiles(own, geometry, tuple(lines), one_unit, readings, tables, tuple(ignore))
        read = _read(reader, name, given)
        if isinstance(read, Labels):
            labels = _restricted(read, geometry, lines)
            return replace(labels, notes=labels.notes or notes_of_labels(own, name, labels))
        found += _checked_parts(read, name)
    order = {path.name: place for place, path in enumerate(files)}
    found.sort(key=lambda part: order.get(part.file, len(order)))  # facies between horizons last
    parts = _on_lines(found, geometry, lines)
    labels = merge(parts, geometry)
    return replace(labels, notes=notes_of_parts(parts, labels))


def write_labels(
    path: str | Path, labels: Labels, geometry: Geometry, *, overwrite: bool = False
) -> None:
    """Write labels as a label cube, with the legend beside; unlabelled samples are -1.

    Args:
        path: ``.npz``, which `open_label_cube` reads, or ``.sgy``.
        labels: labels to write, with the codes of their legend.
        geometry: geometry of their cube.
        overwrite: whether these files may be replaced.

    Raises:
        GeometryError: SEG-Y needs whole line numbers.
        LabelError: an unknown ending, or codes that 16 bits do not hold.
        OutputError: a file exists, or the folder cannot be written to.
    """
    path = Path(path)
    if path.suffix.lower() not in WRITTEN:
        raise LabelError(
            f"{path.name}: expected a name that ends in .npz or .sgy; got {path.suffix!r}. Choose "
            "one of these."
        )
    check_output(path, overwrite)
    check_output(legend_path(path), overwrite)
    codes = np.array(labels.legend.codes, "int64")
    if codes.max() > np.iinfo("int16").max:
        raise LabelError(
            f"Expected class codes of 16 bits; got {codes.max()}. Number the classes from 0."
        )
    small = codes.max() <= np.iinfo("int8").max
    cube = np.full(geometry.shape, UNLABELLED, "int8" if small else "int16")
    cube[tuple(labels.positions.T)] = codes[labels.classes]
    if path.suffix.lower() == ".npz":
        numbers = dict(zip(NUMBERS, (axis.numbers for axis in geometry.axes), strict=True))
        with complete_or_absent(path, overwrite) as partial, partial.open("wb") as file:
            np.savez_compressed(file, labels=cube, **numbers)  # type: ignore[arg-type]
    else:
        format = SEGY_INT8 if small else SEGY_INT16
        text = ["CLASS CODES, -1 UNLABELLED", *labels.legend.lines()[:MOST_TEXT_CLASSES]]
        write_segy(path, cube, geometry, format=format, text=text, overwrite=overwrite)
    write_legend(legend_path(path), labels.legend)


def _kinds(
    files: Sequence[Path],
    geometry: Geometry,
    readings: Mapping[Path, Reading],
    kind: PerFile[Kind] | None,
) -> tuple[list[str], dict[str, LabelKind], dict[Path, Table]]:
    """Kind of each file, the readers of these, and tables that were read on the way."""
    endings = {end: name for name, known in LABEL_KINDS.items() for end in known.endings}
    names: list[str] = []
    own: dict[str, LabelKind] = {}
    tables: dict[Path, Table] = {}
    for path in files:
        chosen_kind = of_file(kind, path)
        if chosen_kind is None:
            name, table = kind_and_table(path, geometry, readings[path], endings)
            tables |= {path: table} if table is not None else {}
        else:
            name = _name(chosen_kind)
            own[name] = _chosen(chosen_kind)  # type: ignore[arg-type]
        names.append(name)
    known = {name: LABEL_KINDS[name] for name in LABEL_KINDS if name in names}
    return names, known | own, tables


def _chosen(kind: Kind) -> LabelKind:
    found = chosen(kind, LABEL_KINDS, "a kind of label files")
    if isinstance(found, LabelKind):
        return found
    if not callable(found):
        raise LabelError(
            f"Expected a kind of label files, {', '.join(LABEL_KINDS)}, or a function that takes "
            f"LabelFiles and returns Labels; {_name(kind)} is {type(found).__name__}. Give its "
            "reader."
        )
    return LabelKind(found)


def _read(reader: LabelKind, name: str, files: LabelFiles) -> object:
    """What a reader returns; what an own one raises is refused in one line."""
    try:
        return reader.read(files)
    except TfseisError:
        raise
    except Exception as error:
        cause = (str(error).strip().splitlines() or [""])[0]
        raise LabelError(
            f"Expected the reader of {name!r} to be a function of LabelFiles that returns Labels; "
            f"it failed with {type(error).__name__}: {cause}. Call it by itself to see where."
        ) from error


def _name(kind: object) -> str:
    return kind if isinstance(kind, str) else getattr(kind, "__name__", "own kind")


def _check_together(kinds: dict[str, LabelKind], files: int) -> None:
    """Refuse kinds whose class numbers would mix."""
    own = [kind for kind in kinds.values() if kind.own_codes]
    if own and (len(kinds) > 1 or (own[0].single and files > 1)):
        raise LabelError(
            "Expected one label cube, or files of one kind that have class numbers, such as "
            f"painted sections, without files of another kind; got {', '.join(sorted(kinds))}. "
            "Their class numbers would mix: give them alone."
        )


def _checked_parts(read: object, name: str) -> list[LabelPart]:
    parts = list(read) if isinstance(read, Sequence) else []
    if not parts or not all(isinstance(part, LabelPart) for part in parts):
        raise LabelError(
            f"Expected the reader of {name!r} to return Labels, or a LabelPart for each class; got "
            f"{type(read).__name__}. Make them with Labels.at_numbers or Labels.at_indices."
        )
    return parts


def _on_lines(
    parts: Sequence[LabelPart], geometry: Geometry, lines: Sequence[Line]
) -> list[LabelPart]:
    """The parts on some lines; those without a sample there are left out, but not whole files."""
    if not lines:
        return list(parts)
    found = []
    for part in parts:
        positions = on_lines(part.positions, geometry, lines)
        if len(positions):
            found.append(replace(part, positions=positions, lines=None))
    for name in [part.file for part in parts]:
        if name not in {part.file for part in found}:
            raise LabelError(
                f"{name}: expected labels on the chosen lines; got none. Choose other lines, or "
                "leave out the file."
            )
    return found


def _restricted(labels: Labels, geometry: Geometry, lines: Sequence[Line]) -> Labels:
    if not lines:
        return labels
    kept = on_lines(np.column_stack([labels.positions, labels.classes]), geometry, lines)
    if set(kept[:, 3].tolist()) != set(labels.classes.tolist()):
        raise LabelError(
            "Expected every class of the label files on the chosen lines; some have no sample "
            "there. Choose more lines, or none."
        )
    return replace(labels, positions=kept[:, :3], classes=kept[:, 3])
