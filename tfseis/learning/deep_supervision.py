"""Deep supervision: a loss at each level of a network.

Source: Lee et al. 2015, Deeply-Supervised Nets, https://arxiv.org/abs/1409.5185.
Differs from it: labels of coarser levels are the largest ones in each block, which keeps thin
faults.
"""

import keras
from keras import KerasTensor, ops

from tfseis.errors import ModelError
from tfseis.io.labels.labels import UNLABELLED

FACTORS = {"logits": 1, "logits_half": 2, "logits_quarter": 4}
LEVEL_WEIGHTS = {"logits": 1.0, "logits_half": 0.5, "logits_quarter": 0.25}  # halved a level


def with_levels(model: keras.Model) -> keras.Model:
    """The same network with shared weights, which also returns the logits of its coarser levels.

    Args:
        model: a network from `tfseis.models.unet_ds`.

    Returns:
        Model whose output is a dict: "logits" at full size, "logits_half" at half and
        "logits_quarter" at a quarter of it. Train it with a loss for each and `LEVEL_WEIGHTS`.

    Raises:
        ModelError: the network has no such levels.
    """
    present = {layer.name for layer in model.layers}
    if not set(FACTORS) <= present:
        raise ModelError(
            f"Expected a model with the layers {', '.join(FACTORS)}; got {model.name!r}. Build it "
            "with tfseis.models.unet_ds."
        )
    outputs = {name: model.get_layer(name).output for name in FACTORS}
    return keras.Model(model.input, outputs, name=model.name)


def level_labels(labels: KerasTensor) -> dict[str, KerasTensor]:
    """Labels for each output of `with_levels`: a block that holds a fault is labelled as fault.

    Args:
        labels: 1 on faults, else 0, (batch, inlines, crosslines, samples, 1).

    Returns:
        Labels by the name of the output, float32; sizes are rounded up as in the network.
    """
    labels = ops.cast(labels, "float32")
    return {name: _largest(labels, factor) for name, factor in FACTORS.items()}


def _largest(labels: KerasTensor, factor: int) -> KerasTensor:
    """The largest label of each block; blocks begin with the first sample, the last may be less."""
    more = [(0, -size % factor) for size in ops.shape(labels)[1:-1]]
    # "same" pooling would add a part of the missing samples in front
    whole = ops.pad(labels, [(0, 0), *more, (0, 0)], constant_values=UNLABELLED)
    return ops.max_pool(whole, factor, factor, "valid", data_format="channels_last")
