"""Samples of a Zarr array, decoded as its attributes say."""

import base64
import binascii
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from tfseis.errors import FormatError
from tfseis.io.formats.stored import FileKeys

NO_VALUE = "no_value"  # attribute that tfseis writes: stand-ins, and the magnitude above all others
FILLS = ("_FillValue", "missing_value")  # attributes of CF for one value that stands for none


class ZarrSource:
    """Samples of one Zarr array, whose copies in other processes open the store again.

    Args:
        name: name of the store, for messages.
        array: the array.
        group: the group in which it lies; None for an array alone.
    """

    def __init__(self, name: str, array: Any, group: Any = None) -> None:
        self.name = name
        self.group = group
        self.array = array
        attributes = dict(array.attrs)
        self._scale = attributes.get("scale_factor"), attributes.get("add_offset")
        self._nulls, self._limit = _no_value(attributes)

    def beside(self, name: str) -> "ZarrSource":
        """Another array of the same group."""
        return ZarrSource(self.name, self.group[name], self.group)

    @property
    def dtype(self) -> np.dtype:
        """Type of the samples as they are stored."""
        return np.dtype(self.array.dtype)

    @property
    def plain(self) -> bool:
        """Whether stored samples are amplitudes as they are, not scaled."""
        return self._scale == (None, None)

    @property
    def no_value(self) -> dict[str, Any]:
        """What stands for no value, as the attribute of a Zarr array says it."""
        return {"values": self._nulls, "limit": self._limit}

    def close(self) -> None:
        """Do nothing: a store holds no files open."""

    def block(self, keys: FileKeys) -> np.ndarray:
        """Samples, scaled as attributes say; those that stand for no value are NaN."""
        return self.decoded(keys)

    def decoded(self, keys: Any) -> np.ndarray:
        """The same of an array of any number of axes."""
        values = self.raw(keys)
        known = None
        if self._nulls or self._limit is not None:
            known = np.ones(values.shape, bool)
            with np.errstate(over="ignore"):  # a float32 never equals a double beyond its range
                for null in self._nulls:
                    known &= values != null
            if self._limit is not None and values.dtype.kind == "f":
                known &= np.abs(values) < self._limit
        factor, offset = self._scale
        if factor is not None or offset is not None:
            values = values * float(factor or 1) + float(offset or 0)
        if known is None or known.all():
            return values
        return np.where(known, values, np.nan)

    def raw(self, keys: Any) -> np.ndarray:
        """Samples as they are stored."""
        try:
            if all(isinstance(key, slice) for key in (keys if isinstance(keys, tuple) else [keys])):
                return np.asarray(self.array[keys])
            return np.asarray(self.array.get_orthogonal_selection(keys))
        except Exception as error:  # a damaged chunk raises whatever its codec does
            raise FormatError(
                f"{self.name}: expected readable chunks of {self.array.path or 'the array'}; "
                f"{type(error).__name__}: {error}. Copy or write the store again."
            ) from error


def _no_value(attributes: Mapping[str, Any]) -> tuple[list[float], float | None]:
    """Values that stand for no value, and the magnitude from which all do."""
    said = attributes.get(NO_VALUE)
    if isinstance(said, Mapping):
        limit = said.get("limit")
        values = [float(value) for value in said.get("values", [])]
        return values, None if limit is None else float(limit)
    found = [_number(attributes.get(name)) for name in FILLS]
    return [value for value in found if value is not None and np.isfinite(value)], None


def _number(value: Any) -> float | None:
    """A fill value as xarray writes it: a number, or a double in base64."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        try:
            return float(struct.unpack("<d", base64.b64decode(value, validate=True))[0])
        except (binascii.Error, struct.error):
            return None
    return float(value) if isinstance(value, (int, float)) else None
