"""The arguments of `open_segy`, and what they may be."""

import sys
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TypedDict

from tfseis.errors import FormatError, GeometryError
from tfseis.io.segy.layout import CODES, DTYPES, ORDERS, UNITS, Said

GRIDS = ("numbers", "coordinates")
DUPLICATES = ("refuse", "first", "last")
NUMBER_FORMATS = ("integer", "ieee", "ibm")
LARGEST_SCALAR = 2**15 - 1  # in the two bytes of the header


class LayoutArguments(TypedDict):
    """The arguments of `read_layout`."""

    endian: str | None
    sample_format: int | None
    text_headers: int | None
    said: Said


@dataclass(frozen=True)
class Opening:
    """The arguments of `open_segy`, which explains them."""

    inline_byte: int = 189
    crossline_byte: int = 193
    x_byte: int = 181
    y_byte: int = 185
    endian: str | None = None
    sample_format: int | None = None
    text_headers: int | None = None
    grid: str = "numbers"
    duplicates: str = "refuse"
    skip_traces: tuple[int, ...] | None = None
    samples: int | None = None
    sample_interval: float | None = None
    start: float | None = None
    sample_unit: str | None = None
    coordinate_scalar: int | None = None
    line_format: str = "integer"
    coordinate_format: str = "integer"

    def __post_init__(self) -> None:
        self._check_samples()
        if self.endian not in (None, *ORDERS):
            raise FormatError(
                f"Expected endian='big', 'little' or None; got {self.endian!r}. "
                "Leave it out to detect it."
            )
        if self.sample_format is not None and self.sample_format not in DTYPES:
            raise FormatError(
                f"Expected a sample format among {CODES}; got {self.sample_format!r}. "
                "Leave it out to use byte 3225."
            )
        if self.grid not in GRIDS or self.duplicates not in DUPLICATES:
            raise GeometryError(
                f"Expected grid among {GRIDS} and duplicates among {DUPLICATES}; "
                f"got {self.grid!r} and {self.duplicates!r}. Choose one of these."
            )
        if not {self.line_format, self.coordinate_format} <= set(NUMBER_FORMATS):
            raise GeometryError(
                f"Expected line_format and coordinate_format among {NUMBER_FORMATS}; got "
                f"{self.line_format!r} and {self.coordinate_format!r}. Choose one of these."
            )
        if self.text_headers is not None and self.text_headers < 0:
            raise FormatError(
                f"Expected text_headers of 0 or more; got {self.text_headers}. "
                "Leave it out to use byte 3505."
            )

    def _check_samples(self) -> None:
        """Refuse values that no sample axis and no coordinate scalar has."""
        widest, finite = LARGEST_SCALAR, sys.float_info.max
        limits = {
            "samples": (Integral, 1, finite, "a number of samples of 1 or more"),
            "sample_interval": (Real, sys.float_info.min, finite, "a sample interval above 0"),
            "start": (Real, -finite, finite, "a finite time or depth"),
            "coordinate_scalar": (
                Integral,
                -widest,
                widest,
                f"a whole coordinate scalar from -{widest} to {widest}",
            ),
        }
        for name, (kind, lowest, highest, what) in limits.items():
            value = getattr(self, name)
            if value is None or (isinstance(value, kind) and lowest <= float(value) <= highest):
                continue
            raise FormatError(
                f"Expected {what}; got {name}={value}. Leave it out to use the headers."
            )
        if self.sample_unit is not None and self.sample_unit not in UNITS:
            raise FormatError(
                f"Expected a unit among {', '.join(UNITS)}; got {self.sample_unit!r}. "
                "Leave it out for time in ms."
            )

    def layout_arguments(self) -> LayoutArguments:
        """The arguments of `read_layout`."""
        interval, start = (
            None if value is None else float(value) for value in (self.sample_interval, self.start)
        )
        samples = None if self.samples is None else int(self.samples)
        return {
            "endian": self.endian,
            "sample_format": self.sample_format,
            "text_headers": self.text_headers,
            "said": Said(samples, interval, start, self.sample_unit),
        }

    def fields(self) -> dict[str, int]:
        """First bytes of the trace-header fields that the grid needs, by name."""
        return {
            "inline": self.inline_byte,
            "crossline": self.crossline_byte,
            "x": self.x_byte,
            "y": self.y_byte,
            "offset": 37,
            "scalar": 71,
            "delay": 109,
            "delay_scalar": 215,
        }

    def changes(self) -> dict[str, object]:
        """The arguments that differ from their defaults."""
        default = Opening()
        return {
            name: value for name, value in vars(self).items() if value != getattr(default, name)
        }
