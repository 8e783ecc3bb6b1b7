"""The network of a facies training: a named or an own one, and the facts that follow from it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import lcm

import keras

from tfseis.errors import ModelError
from tfseis.inference.dense import dense_model
from tfseis.jobs.facies.recipe import HALO
from tfseis.jobs.facies.settings import FaciesSettings
from tfseis.models.own import built
from tfseis.models.receptive import receptive_field
from tfseis.models.sections.patch_classifier import patch_classifier
from tfseis.models.sections.unet import unet
from tfseis.named import chosen, name_of

Builder = Callable[..., keras.Model]
MEASURED = {"unet": (1, HALO), "unet25": (1, HALO)}  # multiple and halo that were enough


@dataclass(frozen=True)
class NetworkFacts:
    """What a training must know of its network, read from the network itself.

    Args:
        input_shape: what the builder is given: sizes along each axis, or None where the network
            takes any, and channels.
        every_sample: whether each sample of the input is classified, rather than the middle of a
            crop.
        multiple: samples at whose multiples blocks begin; None for a network that classifies the
            middle of its crop.
        halo: samples of context around what is predicted, cut off afterwards; None as above.
    """

    input_shape: tuple[int | None, ...]
    every_sample: bool
    multiple: int | None = None
    halo: int | None = None


def network_builder(settings: FaciesSettings) -> Builder:
    """The function (input_shape, classes=) that builds the network of some settings.

    Raises:
        ModelError: a name that is not known, or no function.
    """
    levels = partial(unet, filters=settings.filters)
    blocks = partial(patch_classifier, layout=settings.layout, filters=settings.filters)
    known = dict.fromkeys(("unet", "unet25", "unet3d"), levels)
    known |= dict.fromkeys(("patch", "patch3d"), blocks)
    found = chosen(settings.network, known, "network")
    if not callable(found) or isinstance(found, keras.Model):
        raise ModelError(
            f"Expected a network by name or a function (input_shape, classes=) that builds one; "
            f"got {found!r}. Give the function."
        )
    return found


def build_network(
    settings: FaciesSettings, input_shape: tuple[int | None, ...], classes: int
) -> keras.Model:
    """Build the untrained network of some settings, and check that it fits the job.

    Args:
        settings: settings of the training.
        input_shape: sizes along each axis, or None, and channels.
        classes: number of classes.

    Raises:
        ModelError: what the function returns is no model of such inputs, or not of one logit a
            class.
    """
    builder = network_builder(settings)
    model = built(lambda: builder(input_shape, classes=classes), name_of(settings.network))
    seen, found = model.input_shape[1:], model.output_shape[1:]
    fits = len(seen) == len(input_shape) and seen[-1] == input_shape[-1]
    if not fits or len(found) not in {1, len(seen)} or found[-1] != classes:
        raise ModelError(
            f"Expected a network from {input_shape} to {classes} logits, of each sample or of the "
            f"sample in the middle; {name_of(settings.network)} built one from {seen} to {found}. "
            "Give it as many logits as there are classes, or set axes and sections to match."
        )
    return model


def network_facts(settings: FaciesSettings, classes: int) -> NetworkFacts:
    """Build the network of some settings once, and read from it what a training must know.

    Args:
        settings: settings of the training.
        classes: number of classes.

    Raises:
        ModelError: the network does not fit the job, cannot be applied to whole sections, or
            needs another crop size.
    """
    axes = 2 if settings.flat else 3
    crop = (*[settings.crop_size] * axes, settings.input_channels)
    model = build_network(settings, crop, classes)
    if len(model.output_shape) == 2:
        if settings.sections > 1:
            raise ModelError(
                f"Expected 1 section for a network that classifies the middle of a crop; got "
                f"{settings.sections}. Leave it out."
            )
        dense_model(model)  # refuses what cannot be applied to whole sections
        return NetworkFacts(crop, every_sample=False)
    if settings.channels != "amplitude":
        raise ModelError(
            f"Expected channels 'amplitude' for a network that classifies every sample; got "
            f"{settings.channels!r}. Leave it out."
        )
    shape = (*[None] * axes, settings.input_channels)
    multiple, halo = context(_of_any_size(build_network(settings, shape, classes)))
    if settings.crop_size % multiple:
        raise ModelError(
            f"Expected a crop size that is a multiple of {multiple} for this network; got "
            f"{settings.crop_size}. Use {-(-settings.crop_size // multiple) * multiple}."
        )
    if model.output_shape[1:-1] != model.input_shape[1:-1]:
        raise ModelError(
            f"Expected logits of each sample, {model.input_shape[1:-1]}; got "
            f"{model.output_shape[1:-1]}. Use convolutions with padding 'same'."
        )
    if settings.known and settings.network in MEASURED:
        multiple, halo = MEASURED[str(settings.network)]
    return NetworkFacts(shape, every_sample=True, multiple=multiple, halo=halo)


def _of_any_size(model: keras.Model) -> keras.Model:
    """Refuse a network that takes inputs of one size alone: sections have other sizes."""
    if set(model.input_shape[1:-1]) != {None}:
        raise ModelError(
            f"Expected a network that takes inputs of any size; got one of "
            f"{model.input_shape[1:]}. Build its keras.Input with the input_shape that the "
            "function is given."
        )
    return model


def context(model: keras.Model) -> tuple[int, int]:
    """Where blocks must begin, and what must surround them, for parts to equal the whole.

    Args:
        model: a network that classifies every sample of its input.

    Returns:
        The multiple at which blocks begin, and the halo of context on either side, itself such a
        multiple; in samples, the same along each axis.

    Raises:
        ModelError: a layer whose receptive field is not known.
    """
    field = receptive_field(model)
    multiple = lcm(*field.stride)
    return multiple, -(-max(field.halo) // multiple) * multiple
