"""Layers for images whose columns are azimuth, and wrap around, and whose rows are depth.

Beyond a border lies what a `Padding` says: `AZIMUTH` continues around the hole and repeats the
first and last row; `ZERO` is what ordinary networks do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
from keras import KerasTensor, layers, ops

from tfseis.errors import ModelError

RULES = ("wrap", "edge", "zero")
LEAKY_SLOPE = 0.01  # Keras' own is 0.2 or 0.3
ROWS, COLUMNS = 1, 2  # axes of (batch, rows, columns, channels)
Kernel = int | tuple[int, int]
Shape = tuple[int | None, int | None, int]


@dataclass(frozen=True)
class Padding:
    """What lies beyond the borders of an image: "wrap", "edge" or "zero", for rows and columns."""

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
    """Add rows and columns around an image by a rule.

    Args:
        rows: how many to add above and below.
        columns: how many to add left and right.
        rules: of rows and of columns: "wrap", "edge" or "zero".
        name: of the layer.
        dtype: of the computation.
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
        """Grow both axes."""
        x = _pad_axis(inputs, ROWS, self.rows, self.rules[0])
        return _pad_axis(x, COLUMNS, self.columns, self.rules[1])

    def needs(self, axis: int, first: int, last: int) -> tuple[int, int]:
        """Which samples of the input the outputs from `first` to `last` see."""
        before = (self.rows, self.columns)[axis][0]
        return first - before, last - before

    def get_config(self) -> dict[str, object]:
        """Margins and rules."""
        margins = {"rows": self.rows, "columns": self.columns, "rules": self.rules}
        return {"name": self.name, "dtype": self.compute_dtype, **margins}


@keras.saving.register_keras_serializable("tfseis")
class Decimation(layers.Layer):
    """Keep every second row and column, beginning with the first."""

    def call(self, inputs: KerasTensor) -> KerasTensor:
        """Halve both axes."""
        return inputs[:, ::2, ::2]

    def needs(self, axis: int, first: int, last: int) -> tuple[int, int]:
        """As `Pad2D.needs`."""
        return 2 * first, 2 * last


@keras.saving.register_keras_serializable("tfseis")
class BilinearUpsampling(layers.Layer):
    """Twice as many rows and columns, interpolated; beyond a border lies what the rules say.

    An output lies a quarter of a sample beside the centre of an input, as usual; a rule "zero"
    repeats the edge here, as every framework does.
    """

    def __init__(
        self, rules: Sequence[str] = ("edge", "wrap"), name: str | None = None,
        dtype: str | None = None,
    ):  # fmt: skip
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
    """An image unrolled several times around the hole, side by side."""

    def __init__(self, turns: int, name: str | None = None, dtype: str | None = None):
        super().__init__(name=name, dtype=dtype)
        self.turns = turns

    def call(self, inputs: KerasTensor) -> KerasTensor:
        """Multiply the columns."""
        return ops.concatenate([inputs] * self.turns, axis=COLUMNS)

    def needs(self, axis: int, first: int, last: int) -> tuple[int, int]:
        """As `Pad2D.needs`, on an axis without end."""
        return first, last

    def get_config(self) -> dict[str, object]:
        """How many."""
        return {"name": self.name, "dtype": self.compute_dtype, "turns": self.turns}


@keras.saving.register_keras_serializable("tfseis")
class MeanOfTurns(Turns):
    """The mean over images side by side; undoes `Turns`."""

    def call(self, inputs: KerasTensor) -> KerasTensor:
        """Divide the columns."""
        return sum(ops.split(inputs, self.turns, axis=COLUMNS)) / self.turns


def pad(
    x: KerasTensor, rows: Sequence[int], columns: Sequence[int], padding: Padding
) -> KerasTensor:
    """Add margins by a rule; nothing where there are none."""
    if not any((*rows, *columns)):
        return x
    return Pad2D(rows, columns, (padding.rows, padding.columns))(x)


def convolution(
    x: KerasTensor, filters: int, kernel: Kernel = 3, *, padding: Padding = AZIMUTH,
    dtype: str | None = None, name: str | None = None,
) -> KerasTensor:  # fmt: skip
    """A convolution whose output has the size of its input.

    Args:
        x: (batch, rows, columns, channels).
        filters: width of the output.
        kernel: (rows, columns), or one number for both.
        padding: what lies beyond the borders.
        dtype: of the computation.
        name: of the convolution.
    """
    high, wide = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    if min(high, wide, filters) < 1:
        raise ModelError(
            f"Expected a kernel and a width of at least 1; got a kernel of {high} x {wide} and "
            f"{filters} filters. Give positive numbers."
        )
    x = pad(x, _around(high - 1), _around(wide - 1), padding)
    return layers.Conv2D(filters, (high, wide), dtype=dtype, name=name)(x)


def separable_convolution(
    x: KerasTensor, filters: int, kernel: Kernel = (5, 3), *, padding: Padding = AZIMUTH
) -> KerasTensor:
    """A convolution along azimuth, then one along depth; `kernel` is (rows, columns)."""
    high, wide = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    x = convolution(x, filters, (1, wide), padding=padding)
    return convolution(x, filters, (high, 1), padding=padding)


def pooling(
    x: KerasTensor, size: int = 2, stride: int = 2, *, padding: Padding = AZIMUTH
) -> KerasTensor:
    """The maximum over windows; axes that are multiples of `stride` are divided by it.

    Margins of zeros may win against negative values, as nowhere else in the image.
    """
    if size < stride:
        raise ModelError(
            f"Expected a window of at least its stride, {stride}; got {size}. Use decimation to "
            "skip samples."
        )
    margins = _around(size - stride)
    return layers.MaxPooling2D(size, stride)(pad(x, margins, margins, padding))


def decimation(x: KerasTensor, *, padding: Padding = AZIMUTH) -> KerasTensor:
    """Every second row and column; no border matters, the argument makes it a twin of `pooling`."""
    return Decimation()(x)


def bilinear_upsampling(x: KerasTensor, *, padding: Padding = AZIMUTH) -> KerasTensor:
    """Twice as many rows and columns."""
    return BilinearUpsampling((padding.rows, padding.columns))(x)


def activated(x: KerasTensor, activation: str) -> KerasTensor:
    """An activation by its Keras name; "leaky_relu" has a slope of 0.01."""
    if activation == "leaky_relu":
        return layers.LeakyReLU(negative_slope=LEAKY_SLOPE)(x)
    return layers.Activation(activation)(x)


@dataclass(frozen=True, kw_only=True)
class Style:
    """What the stages of a network have in common; the builders explain each."""

    kernel: Kernel
    activation: str
    padding: Padding
    residual: bool = False
    reduction: Callable[..., KerasTensor] = decimation


def _around(margin: int) -> tuple[int, int]:
    return margin // 2, margin - margin // 2


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
    """Weights 1/4 and 3/4 before a sample, 3/4 and 1/4 behind it.

    That is each sample twice, smoothed by 1/4, 1/2, 1/4.
    """
    twice = ops.repeat(_pad_axis(x, axis, (1, 1), rule), 2, axis=axis)
    ends = _part(twice, axis, 1, -3) + _part(twice, axis, 3, -1)
    return ends / 4 + _part(twice, axis, 2, -2) / 2
