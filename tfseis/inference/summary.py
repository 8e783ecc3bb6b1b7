"""A model in a few lines, as `tfseis summary` prints it."""

from math import prod
from pathlib import Path

import keras

from tfseis.errors import ModelError
from tfseis.inference.equivariant import effective_field
from tfseis.learning.saving import as_model
from tfseis.models.model_cost import multiply_adds
from tfseis.models.receptive import ReceptiveField, receptive_field
from tfseis.models.recipe import recipe_of

LARGEST = 2**22  # samples of the largest input on which the effective field is measured


def summary(model: keras.Model | str | Path) -> str:
    """Input, output, parameters, receptive field, halo and multiply-adds of a model, a line each.

    Args:
        model: a functional or sequential model, the file that holds it, or the name of one that
            ships.

    Raises:
        FormatError: no such model.
        ModelError: the model holds a layer of which it is not known what it sees.

    Examples:
        >>> from tfseis.models import micro
        >>> print(summary(micro()).splitlines()[3])
        parameters      3,705
    """
    model = as_model(model)
    field = receptive_field(model)
    inputs, outputs = model.inputs[0], model.outputs[0]
    shape = _example(model, field)
    count = multiply_adds(model, shape)
    lines = {
        "model": f"{model.name}, {_job(model)}",
        "input": f"{_sizes(inputs.shape[1:])} {inputs.dtype}{_multiple(inputs.shape[1:], field)}",
        "output": f"{_sizes(outputs.shape[1:])} {outputs.dtype} logits",
        "parameters": f"{model.count_params():,}",
        "receptive field": _field(field),
        "effective": _effective(model, field),
        "halo": f"{' x '.join(map(str, field.halo))} samples",
        "multiply-adds": f"{count:,} for an input of {' x '.join(map(str, shape))}",
    }
    return "\n".join(f"{name:<16}{text}" for name, text in lines.items())


def _job(model: keras.Model) -> str:
    try:
        recipe = recipe_of(model)
    except ModelError:
        return "carries no recipe: no tfseis command trained it"
    network = getattr(recipe, "network", "its own")
    return f"trained by tfseis {recipe.job} {recipe.version}, network {network}"


def _sizes(shape: tuple[int | None, ...]) -> str:
    return f"({', '.join('any' if size is None else str(size) for size in shape)})"


def _multiple(shape: tuple[int | None, ...], field: ReceptiveField) -> str:
    free = {s for s, size in zip(field.stride, shape, strict=False) if size is None and s > 1}
    return f", any in multiples of {max(free)}" if free else ""


def _field(field: ReceptiveField) -> str:
    sizes = " x ".join(
        str(high) if low == high else f"{low}-{high}"
        for low, high in zip(field.smallest, field.largest, strict=True)
    )
    return sizes + (", and statistics of the whole image" if field.unbounded else " samples")


def _example(model: keras.Model, field: ReceptiveField) -> tuple[int, ...]:
    """The shape of an input, as large as the receptive field where the model leaves it open."""
    *sizes, channels = model.inputs[0].shape[1:]
    free = (-(-most // step) * step for most, step in zip(field.largest, field.stride, strict=True))
    return (*(size or most for size, most in zip(sizes, free, strict=True)), channels)


def _effective(model: keras.Model, field: ReceptiveField) -> str:
    if len(model.outputs[0].shape) < len(model.inputs[0].shape):
        return "not measured: the model gives one answer for a whole crop"
    shape = _example(model, field)
    if prod(shape) > LARGEST:
        return f"not measured: an input of {' x '.join(map(str, shape))} is too large"
    sizes = effective_field(model, shape, images=1)
    return f"{' x '.join(map(str, sizes))} samples hold 95 % of the gradient"
