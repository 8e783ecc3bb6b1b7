"""Layers for images whose rows are depth and whose columns are azimuth, which wraps around.

What lies beyond a border is a `Padding`: `AZIMUTH` continues around the borehole and repeats the
first and last row; `ZERO` is what ordinary networks do.

Source: the borehole project of balthazarneveu/geosciences (TP_5).
Differs from it: one rule of padding for convolutions, poolings and up-sampling.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
from keras import KerasTensor, layers, ops

from tfseis.errors import ModelError

RULES = ("wrap", "edge", "zero")
ROWS, COLUMNS = 1, 2  # axes of (batch, rows, columns, channels)


@dataclass(frozen=True)
class Padding:
    """What lies beyond the borders of an image.

    Args:
        rows: above and below: "wrap", "edge" (the border row repeated) or "zero".
        columns: left and right, likewise.
    """

    rows: str
    columns: str

    def __post_init__(self) -> None:
        for rule in (self.rows, self.columns):
            if rule not in RULES:
                raise ModelError(
                    f"Expected a padding of {', '.join(RULES)}; got {rule!r}. For example "
                    "Padding('edge', 'wrap')."
                )


AZIMUTH = Padding("edge", "wrap")
ZERO = Padding("zero", "zero")
PADDINGS = {"azimuth": AZIMUTH, "zero": ZERO}


@keras.saving.register_keras_serializable("tfseis")
class Pad2D(layers.Layer):
    """Adds rows and columns around an image by a rule.

    Args:
        rows: number of rows to add above and below.
        columns: number of columns to add left and right.
        rules: rule for rows and rule for columns: "wrap", "edge" or "zero".
        name: name of the layer.
        dtype: precision of the computation.
    """

    def __init__(
        self,
        rows: Sequence[int],
        columns: Sequence[int],
        rules: Sequence[str],
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(name=name, dtype=dtype)
        self.rows, self.columns, self.rules = tuple(rows), tuple(columns), tuple(rules)
        Padding(*self.rules)

    def call(self, inputs: KerasTensor) -> KerasTensor:
        """Add the margins."""
        x = _pad_axis(inputs, ROWS, self.rows, self.rules[0])
        return _pad_axis(x, COLUMNS, self.columns, self.rules[1])

    def needs(self, axis: int, first: int, last: int) -> tuple[int, int]:
        """First and last input index that the outputs from `first` to `last` see."""
        before = (self.rows, self.columns)[axis][0]
        return first - before, last - before

    def get_config(self) -> dict[str, object]:
        """Margins and rules."""
        margins = {"rows": self.rows, "columns": self.columns, "rules": self.rules}
        return {"name": self.name, "dtype": self.compute_dtype, **margins}


@keras.saving.register_keras_serializable("tfseis")
class Decimation(layers.Layer):
    """Keeps every second row and column, beginning with the first."""

    def call(self, inputs: KerasTensor) -> KerasTensor:
        """Halve both axes."""
        return inputs[:, ::2, ::2]

    def needs(self, axis: int, first: int, last: int) -> tuple[int, int]:
        """As `Pad2D.needs`."""
        return 2 * first, 2 * last


@keras.saving.register_keras_serializable("tfseis")
class BilinearUpsampling(layers.Layer):
    """Doubles rows and columns by linear interpolation.

    Outputs lie a quarter of a sample beside the centre of an input, as is usual. The rule "zero"
    repeats the edge here, as every framework does.
    """

    def __init__(
        self,
        rules: Sequence[str] = ("edge", "wrap"),
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(name=name, dtype=dtype)
        self.rules = tuple(rules)
        Padding(*self.rules)

    def call(self, inputs: KerasTensor) -> KerasTensor:
        """Double both axes."""
        x = inputs
        for axis, rule in zip((ROWS, COLUMNS), self.rules, strict=True):
            x = _double(x, axis, "edge" if rule == "zero" else rule)
        return x

    def needs(self, axis: int, first: int, last: int) -> tuple[int, int]:
        """As `Pad2D.needs`."""
        return (first - 1) // 2, (last + 1) // 2

    def get_config(self) -> dict[str, object]:
        """The rules."""
        return {"name": self.name, "dtype": self.compute_dtype, "rules": self.rules}


@keras.saving.register_keras_serializable("tfseis")
class Turns(layers.Layer):
    """Repeats an image side by side, as if unrolled several times around the borehole."""

    def __init__(self, turns: int, name: str | None = None, dtype: str | None = None):
        super().__init__(name=name, dtype=dtype)
        self.turns = turns

    def call(self, inputs: KerasTensor) -> KerasTensor:
        """Repeat the columns."""
        return ops.concatenate([inputs] * self.turns, axis=COLUMNS)

    def needs(self, axis: int, first: int, last: int) -> tuple[int, int]:
        """As `Pad2D.needs`, on an axis that wraps around."""
        return first, last

    def get_config(self) -> dict[str, object]:
        """The number of turns."""
        return {"name": self.name, "dtype": self.compute_dtype, "turns": self.turns}


@keras.saving.register_keras_serializable("tfseis")
class MeanOfTurns(Turns):
    """Averages images that lie side by side; undoes `Turns`."""

    def call(self, inputs: KerasTensor) -> KerasTensor:
        """Average the parts."""
        return sum(ops.split(inputs, self.turns, axis=COLUMNS)) / self.turns


def _pad_axis(x: KerasTensor, axis: int, margin: tuple[int, ...], rule: str) -> KerasTensor:
    before, after = margin
    if not before and not after:
        return x
    if rule == "zero":
        widths = [[0, 0] for _ in x.shape]
        widths[axis] = [before, after]
        return ops.pad(x, widths)
    size = x.shape[axis]
    if rule == "wrap" and size is not None and max(before, after) > size:
        raise ModelError(
            f"Expected at least {max(before, after)} columns to wrap a margin of as many; got "
            f"{size}. Use smaller kernels or wider images."
        )
    if rule == "wrap":
        left, right = _part(x, axis, -before, None), _part(x, axis, 0, after)
    else:
        left = ops.repeat(_part(x, axis, 0, 1), before, axis=axis)
        right = ops.repeat(_part(x, axis, -1, None), after, axis=axis)
    parts = [left] * bool(before) + [x] + [right] * bool(after)
    return ops.concatenate(parts, axis=axis)


def _part(x: KerasTensor, axis: int, start: int, stop: int | None) -> KerasTensor:
    return x[(slice(None),) * axis + (slice(start, stop),)]


def _double(x: KerasTensor, axis: int, rule: str) -> KerasTensor:
    """Linear interpolation with weights 1/4 and 3/4, then 3/4 and 1/4.

    It is computed as each sample twice, smoothed by 1/4, 1/2, 1/4.
    """
    twice = ops.repeat(_pad_axis(x, axis, (1, 1), rule), 2, axis=axis)
    ends = _part(twice, axis, 1, -3) + _part(twice, axis, 3, -1)
    return ends / 4 + _part(twice, axis, 2, -2) / 2
