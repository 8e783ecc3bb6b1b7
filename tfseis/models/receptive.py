"""Receptive field and stride of any functional Keras model, from its layers.

Every output index is followed backwards through the graph, to the first and the last input index
that it sees along each axis. That is exact where up-sampling makes some outputs see further than
others. A layer of our own answers by a method ``needs(axis, first, last)``: the first and last
index of its input that its outputs from `first` to `last` see; without it, a layer that keeps the
size of its image is taken to work sample by sample. One that draws on the whole image says so by an
attribute ``sees_whole = True``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm
from typing import Any

import keras
from keras import layers

from tfseis.errors import ModelError

Interval = tuple[int, int]
FAR = 2**6 * 3**2 * 5 * 7  # an output index far from borders; a multiple of usual factors
CONVOLUTIONS = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
DEPTHWISE = (layers.DepthwiseConv1D, layers.DepthwiseConv2D)
SEPARABLE = (layers.SeparableConv1D, layers.SeparableConv2D)
TRANSPOSED = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
POOLINGS = (
    layers.MaxPooling1D, layers.MaxPooling2D, layers.MaxPooling3D,
    layers.AveragePooling1D, layers.AveragePooling2D, layers.AveragePooling3D,
)  # fmt: skip
UPSAMPLINGS = (layers.UpSampling1D, layers.UpSampling2D, layers.UpSampling3D)
MARGINS = (layers.ZeroPadding1D, layers.ZeroPadding2D, layers.ZeroPadding3D)
CROPPINGS = (layers.Cropping1D, layers.Cropping2D, layers.Cropping3D)
GLOBAL = (
    layers.GlobalAveragePooling1D, layers.GlobalAveragePooling2D, layers.GlobalAveragePooling3D,
    layers.GlobalMaxPooling1D, layers.GlobalMaxPooling2D, layers.GlobalMaxPooling3D,
)  # fmt: skip
NORMS = (layers.GroupNormalization,)  # its statistics are those of the whole image
MOVING = {  # operations that keep a shape of None but not the place
    "GetItem", "Pad", "Roll", "Reshape", "Transpose", "Permute", "Flip", "Repeat", "Tile", "Take",
    "Conv", "MaxPool", "AveragePool", "Resize", "Resizing", "Lambda",
}  # fmt: skip


@dataclass(frozen=True)
class ReceptiveField:
    """What one output of a network sees of its input, by convolution, along each axis.

    Args:
        smallest: samples that the output with the narrowest view sees.
        largest: samples that the output with the widest view sees.
        before: how far any output sees below its own place, in samples. Output i lies at i times
            the step of the outputs: with `valid` convolutions a field begins at its place.
        after: how far any output sees above it.
        stride: samples of the input from one output to the next that is computed alike: rolling
            the input by multiples of it rolls the output.
        unbounded: a layer, such as a normalisation by image, also sees the whole image.
    """

    smallest: tuple[int, ...]
    largest: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    stride: tuple[int, ...]
    unbounded: bool = False

    @property
    def halo(self) -> tuple[int, ...]:
        """Samples of context to read around a window and cut off afterwards."""
        return tuple(map(max, self.before, self.after))


def receptive_field(model: keras.Model) -> ReceptiveField:
    """The receptive field of the first output of a model in its first input.

    Args:
        model: a functional or sequential model over 1 to 3 axes.

    Returns:
        Sizes along each axis, in samples of the input. A classifier of a whole crop sees the crop.

    Raises:
        ModelError: a layer whose reach is not known.

    Examples:
        >>> inputs = keras.Input((None, 9, 1))
        >>> model = keras.Model(inputs, layers.Conv2D(2, (3, 5), padding="same")(inputs))
        >>> receptive_field(model).largest
        (3, 5)
    """
    shape = model.inputs[0].shape[1:-1]
    fields = [_axis_field(model, axis) for axis in range(len(shape))]
    columns = zip(*fields, strict=True)
    smallest, largest, before, after, stride = (tuple(column) for column in columns)
    unbounded = not _is_classifier(model) and any(map(_sees_whole, operations(model)))
    return ReceptiveField(smallest, largest, before, after, stride, unbounded)


def operations(model: keras.Model) -> Iterator[Any]:
    """Every layer and operation, those of models inside the model too."""
    for operation in getattr(model, "_functional", model).operations:
        if isinstance(operation, keras.Model):
            yield from operations(operation)
        else:
            yield operation


def nodes(model: keras.Model) -> list[Any]:
    """The calls of layers, inputs before what uses them."""
    levels = getattr(model, "_functional", model)._nodes_by_depth
    return [node for depth in sorted(levels, reverse=True) for node in levels[depth]]


def _sees_whole(operation: Any) -> bool:
    """Whether a layer keeps its image but draws on all of it; or the global poolings."""
    return isinstance(operation, (*NORMS, *GLOBAL)) or getattr(operation, "sees_whole", False)


def _is_classifier(model: keras.Model) -> bool:
    """One answer for a whole crop."""
    return len(model.outputs[0].shape) < len(model.inputs[0].shape)


def _axis_field(model: keras.Model, axis: int) -> tuple[int, int, int, int, int]:
    """Smallest and largest size, reach before and after, stride along an axis."""
    output = id(model.outputs[0])
    if _is_classifier(model):
        first, last = _seen(model, axis, {output: (0, 0)})
        return last - first + 1, last - first + 1, -first, last, 1
    scales = _scales(model, axis)
    period = lcm(*(scale.numerator for scale in scales.values()))
    step = scales[output]
    places = range(FAR * period, FAR * period + max(1, int(period / step)))
    seen = [(int(place * step), _seen(model, axis, {output: (place, place)})) for place in places]
    sizes = [last - first + 1 for _, (first, last) in seen]
    before = max(here - first for here, (first, _) in seen)
    after = max(last - here for here, (_, last) in seen)
    return min(sizes), max(sizes), before, after, period


def _scales(model: keras.Model, axis: int) -> dict[int, Fraction]:
    """Samples of the input from one sample of a tensor to the next, for each tensor."""
    scales = {id(tensor): Fraction(1) for tensor in model.inputs}
    for node in nodes(model):
        known = [scales[id(t)] for t in node.input_tensors if id(t) in scales]
        if node.is_input or not known or isinstance(node.operation, GLOBAL):
            continue  # behind a global pooling no axis is left
        if isinstance(node.operation, keras.Model):
            inner = _scales(node.operation, axis)
            scales |= {key: known[0] * scale for key, scale in inner.items()}
            pairs = zip(node.outputs, node.operation.outputs, strict=True)
            scales |= {id(t): known[0] * inner[id(within)] for t, within in pairs}
            continue
        tensor = next(t for t in node.input_tensors if id(t) in scales)
        near, far = (
            _needs(node.operation, tensor, node.outputs[0], axis, (place, place))[0]
            for place in (FAR, 2 * FAR)
        )
        scales |= {id(t): known[0] * Fraction(far - near, FAR) for t in node.outputs}
    return scales


def _seen(model: keras.Model, axis: int, wanted: dict[int, Interval]) -> Interval:
    """The first and last input index behind indices of outputs, through every path."""
    needed, classifier = dict(wanted), _is_classifier(model)
    for node in reversed(nodes(model)):
        outputs = {id(t): needed[id(t)] for t in node.outputs if id(t) in needed}
        if node.is_input or not outputs:
            continue
        if isinstance(node.operation, GLOBAL) and not classifier:
            continue  # beside the convolutions, as in attention: said by `unbounded`
        if isinstance(node.operation, keras.Model):
            pairs = zip(node.outputs, node.operation.outputs, strict=True)
            inner = {id(own): outputs[id(t)] for t, own in pairs if id(t) in outputs}
            parts = [_seen(node.operation, axis, inner)] * len(node.input_tensors)
        else:
            span = min(a for a, _ in outputs.values()), max(b for _, b in outputs.values())
            parts = [
                _needs(node.operation, tensor, node.outputs[0], axis, span)
                for tensor in node.input_tensors
            ]
        for tensor, part in zip(node.input_tensors, parts, strict=True):
            old = needed.get(id(tensor), part)
            needed[id(tensor)] = min(old[0], part[0]), max(old[1], part[1])
    return needed[id(model.inputs[0])]


def _needs(operation: Any, before: Any, after: Any, axis: int, wanted: Interval) -> Interval:
    """What one layer needs of its input along an axis."""
    if hasattr(operation, "needs"):
        return operation.needs(axis, *wanted)
    for kinds, rule in RULES:
        if isinstance(operation, kinds):
            return rule(operation, before, axis, wanted)
    if len(before.shape) == 2:  # behind Flatten or a global pooling there is no axis
        return wanted
    same = before.shape[axis + 1] in (after.shape[axis + 1], 1)
    if same and type(operation).__name__ not in MOVING:
        return wanted
    raise ModelError(
        f"Expected layers whose reach is known; got {type(operation).__name__} "
        f"{operation.name!r}, from {before.shape} to {after.shape}. Give the layer a method "
        "needs(axis, first, last)."
    )


def _window(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    """Convolution or pooling."""
    size, stride, dilation = _taps(layer, axis)
    reach = (size - 1) * dilation
    left = 0 if layer.padding == "valid" else reach if layer.padding == "causal" else None
    if left is None:  # as TensorFlow: most of what lacks comes after
        left = max(0, reach + 1 - stride) // 2
    return wanted[0] * stride - left, wanted[1] * stride - left + reach


def _transposed(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    size, stride, _ = _taps(layer, axis)
    left = 0 if layer.padding == "valid" else max(0, size - stride) // 2
    first = ceil((wanted[0] + left - (size - 1)) / stride)
    return first, max(first, (wanted[1] + left) // stride)


def _upsampled(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    factor = keras.tree.flatten(layer.size)[axis]
    if getattr(layer, "interpolation", "nearest") == "bilinear":
        return (2 * wanted[0] + 1 - factor) // (2 * factor), -(
            -(2 * wanted[1] + 1 - factor) // (2 * factor)
        )
    return wanted[0] // factor, wanted[1] // factor


def _padded(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    left = _pair(layer.padding, axis)[0]
    return wanted[0] - left, wanted[1] - left


def _cropped(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    left = _pair(layer.cropping, axis)[0]
    return wanted[0] + left, wanted[1] + left


def _whole(layer: Any, before: Any, axis: int, wanted: Interval) -> Interval:
    size = before.shape[axis + 1]
    if size is None:
        raise ModelError(
            f"Expected inputs of known size in front of {layer.name!r}, which sees all of them; "
            "got None. Build the model with its sizes."
        )
    return 0, size - 1


Rule = Callable[[Any, Any, int, Interval], Interval]
RULES: tuple[tuple[tuple[type, ...], Rule], ...] = (
    (TRANSPOSED, _transposed),
    ((*CONVOLUTIONS, *DEPTHWISE, *SEPARABLE, *POOLINGS), _window),
    (UPSAMPLINGS, _upsampled),
    (MARGINS, _padded),
    (CROPPINGS, _cropped),
    ((layers.Flatten, *GLOBAL), _whole),
)


def _taps(layer: Any, axis: int) -> tuple[int, int, int]:
    """Width, stride and dilation of a window along an axis."""
    if isinstance(layer, POOLINGS):
        return keras.tree.flatten(layer.pool_size)[axis], keras.tree.flatten(layer.strides)[axis], 1
    return layer.kernel_size[axis], layer.strides[axis], layer.dilation_rate[axis]


def _pair(margins: Any, axis: int) -> tuple[int, int]:
    """Before and after, of the margins of one axis or of several."""
    flat = keras.tree.flatten(margins)
    return flat[2 * axis], flat[2 * axis + 1]
