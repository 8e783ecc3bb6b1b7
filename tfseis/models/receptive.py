"""Receptive field and stride of any functional or sequential Keras model, from its layers.

Every output index is followed backwards through the graph, to the first and the last input index
that it sees along each axis. That is exact where up-sampling makes some outputs see further than
others. What single layers see is told in `tfseis.models.layer_needs`; a layer whose outputs depend
on the whole image has an attribute ``sees_whole = True``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import keras

from tfseis.models.functional import functional
from tfseis.models.layer_needs import GLOBAL, NORMS, Interval, needs

FAR = 2**6 * 3**2 * 5 * 7  # an output index far from borders, a multiple of common strides


@dataclass(frozen=True)
class ReceptiveField:
    """The samples of its input that one output of a network depends on, along each axis.

    Outputs of one network may see different numbers of samples, depending on where poolings fall.

    Args:
        smallest: samples that the output with the narrowest view sees.
        largest: samples that the output with the widest view sees.
        before: largest number of samples that an output sees before its own position. Output i
            lies at sample i times the step of the outputs; with `valid` convolutions the samples
            that it sees begin there.
        after: largest number of samples that an output sees after its own position.
        stride: samples of the input from one output to the next that is computed in the same way.
            Rolling the input by a multiple of it rolls the output.
        unbounded: whether a layer, such as a normalisation by image, also sees the whole image.
    """

    smallest: tuple[int, ...]
    largest: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    stride: tuple[int, ...]
    unbounded: bool = False

    @property
    def halo(self) -> tuple[int, ...]:
        """Samples of context to read around a window and to cut off afterwards, along each axis."""
        return tuple(map(max, self.before, self.after))


def receptive_field(model: keras.Model) -> ReceptiveField:
    """The receptive field of the first output of a model in its first input.

    Args:
        model: a functional or sequential model over 1 to 3 axes, from (batch, axes.., channels).

    Returns:
        Sizes along each axis, in samples of the input. A classifier of a whole crop sees the crop.

    Raises:
        ModelError: the model holds a layer of which it is not known what it sees.

    Examples:
        >>> inputs = keras.Input((None, 9, 1))
        >>> model = keras.Model(inputs, keras.layers.Conv2D(2, (3, 5), padding="same")(inputs))
        >>> receptive_field(model).largest
        (3, 5)
    """
    model = functional(model)
    shape = model.inputs[0].shape[1:-1]
    fields = [_axis_field(model, axis) for axis in range(len(shape))]
    columns = zip(*fields, strict=True)
    smallest, largest, before, after, stride = (tuple(column) for column in columns)
    unbounded = not _is_classifier(model) and any(map(_sees_whole, operations(model)))
    return ReceptiveField(smallest, largest, before, after, stride, unbounded)


def operations(model: keras.Model) -> Iterator[Any]:
    """Every layer and operation of a model, those of models inside it too."""
    for operation in functional(model).operations:
        if isinstance(operation, keras.Model):
            yield from operations(operation)
        else:
            yield operation


def nodes(model: keras.Model) -> list[Any]:
    """The calls of layers in a model, in the order of the data."""
    levels = functional(model)._nodes_by_depth
    return [node for depth in sorted(levels, reverse=True) for node in levels[depth]]


def _sees_whole(operation: Any) -> bool:
    """Whether the outputs of a layer depend on the whole image."""
    return isinstance(operation, (*NORMS, *GLOBAL)) or getattr(operation, "sees_whole", False)


def _is_classifier(model: keras.Model) -> bool:
    """Whether a model gives one answer for a whole crop."""
    return len(model.outputs[0].shape) < len(model.inputs[0].shape)


def _axis_field(model: keras.Model, axis: int) -> tuple[int, int, int, int, int]:
    """Smallest and largest size, samples before and after, stride along an axis."""
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
    """Samples of the input from one sample of a tensor to the next, by id of the tensor."""
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
            needs(node.operation, tensor, node.outputs[0], axis, (place, place))[0]
            for place in (FAR, 2 * FAR)
        )
        scales |= {id(t): known[0] * Fraction(far - near, FAR) for t in node.outputs}
    return scales


def _seen(model: keras.Model, axis: int, wanted: dict[int, Interval]) -> Interval:
    """The first and last input index that given output indices see, over all paths."""
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
                needs(node.operation, tensor, node.outputs[0], axis, span)
                for tensor in node.input_tensors
            ]
        for tensor, part in zip(node.input_tensors, parts, strict=True):
            old = needed.get(id(tensor), part)
            needed[id(tensor)] = min(old[0], part[0]), max(old[1], part[1])
    return needed[id(model.inputs[0])]
