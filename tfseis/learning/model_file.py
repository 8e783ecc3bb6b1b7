"""What a ``.keras`` file holds, checked before Keras reads it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO, Any

import h5py
import keras

from tfseis.errors import FormatError
from tfseis.io.unpacking import DAMAGE, open_archive, opened_member, read_member

CONFIGURATION, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
MEMBERS = {CONFIGURATION, METADATA, WEIGHTS}  # that Keras writes for every network of this package
MOST_EXPANSION = 20  # Keras packs without compression, and weights hardly compress
EXTRA = 1_000_000  # numbers that a network may hold besides its weights: seeds, metrics


def check_model_file(path: str | Path) -> int:
    """Check the members of a ``.keras`` file, and the arrays that its weights declare.

    Args:
        path: the file.

    Returns:
        Number of values that the weights hold, as `variables_up_to` takes it.

    Raises:
        FormatError: the archive is damaged, unpacks to far more than it holds, has members that a
            model does not have, no readable configuration, or weights that lie elsewhere.
    """
    with open_archive(path, expansion=MOST_EXPANSION) as archive:
        names = archive.namelist()
        strange = [name for name in names if name not in MEMBERS]
        lacking = sorted({CONFIGURATION, WEIGHTS} - set(names))
        if strange or lacking or len(names) > len(set(names)):
            found = f"no {lacking[0]}" if lacking else repr((strange or names)[0])
            raise FormatError(
                f"{path}: expected a .keras model of {', '.join(sorted(MEMBERS))}, each once; it "
                f"could not be loaded: {found}. Save it with model.save('NAME.keras')."
            )
        _check_configuration(path, read_member(archive, CONFIGURATION))
        size = archive.getinfo(WEIGHTS).file_size
        with opened_member(archive, WEIGHTS) as file:
            return _weights(path, file, size)


@contextmanager
def variables_up_to(most: int) -> Iterator[None]:
    """Refuse variables of more values than the weights of a file hold, before they are made.

    A configuration of a few bytes can ask for a layer that fills the memory.

    Args:
        most: number of values in all variables that are made inside.

    Raises:
        FormatError: a network asks for more.
    """
    make, made = keras.Variable.__init__, 0

    def counted(
        variable: Any, initializer: Any, shape: Any = None, *more: Any, **told: Any
    ) -> None:
        nonlocal made
        made += prod(shape or ())
        if made > most + EXTRA:
            raise FormatError(f"its layers ask for more values than the {most:,} that it holds.")
        make(variable, initializer, shape, *more, **told)

    keras.Variable.__init__ = counted
    try:
        yield
    finally:
        keras.Variable.__init__ = make


def _check_configuration(path: str | Path, text: bytes) -> None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(
            f"{path}: expected a .keras model with a {CONFIGURATION} that is JSON; it could not be "
            f"loaded: {error}. Copy it again, or save the model again."
        ) from None
    if not isinstance(found, dict):
        raise FormatError(
            f"{path}: expected a .keras model that describes a network; its {CONFIGURATION} could "
            "not be loaded: it is no object. Save the model again."
        )


def _weights(path: str | Path, file: IO[bytes], size: int) -> int:
    """Number of values in the arrays of an HDF5 file, all of which must lie in it."""
    try:
        with h5py.File(file, "r") as weights:
            datasets = list(_datasets(weights))
            held = sum(prod(one.shape) for one in datasets)
            declared = sum(prod(one.shape) * one.dtype.itemsize for one in datasets)
    except (KeyError, TypeError, *DAMAGE) as error:
        raise FormatError(
            f"{path}: expected a .keras model whose {WEIGHTS} is an HDF5 file with all weights in "
            f"it; it could not be loaded: {error}. Copy it again, or save the model again."
        ) from None
    if declared > MOST_EXPANSION * size:
        raise FormatError(
            f"{path}: expected a .keras model whose weights lie in the file; it could not be "
            f"loaded: they declare {declared:,} bytes in {size:,}. Do not use it."
        )
    return held


def _datasets(weights: h5py.File) -> Iterator[h5py.Dataset]:
    """All arrays, each once; links, and arrays that lie elsewhere, are refused."""
    groups, seen = [weights], set()
    while groups:
        group = groups.pop()
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise OSError(f"{name!r} is a link")
            one = group[name]
            place = h5py.h5o.get_info(one.id).addr
            if place in seen:
                raise OSError(f"{name!r} comes twice")
            seen.add(place)
            if isinstance(one, h5py.Group):
                groups.append(one)
            elif not isinstance(one, h5py.Dataset) or one.external or one.is_virtual:
                raise OSError(f"{name!r} holds no values of its own")
            else:
                yield one
