"""A loss at each level of a network with deep supervision.

Source: Lee et al. 2015, Deeply-Supervised Nets, https://arxiv.org/abs/1409.5185.
Differs from it: labels of coarser levels are the largest in each block, so that thin faults stay.
"""

import keras
from keras import KerasTensor, ops

from tfseis.errors import ModelError

FACTORS = {"logits": 1, "logits_half": 2, "logits_quarter": 4}
LEVEL_WEIGHTS = {"logits": 1.0, "logits_half": 0.5, "logits_quarter": 0.25}  # halved a level


def with_levels(model: keras.Model) -> keras.Model:
    """The same network, weights shared, that gives the logits of its coarser levels as well.

    Args:
        model: from `tfseis.models.unet_ds`.

    Returns:
        Model whose outputs are a dict: "logits" at full, "logits_half" at half and
        "logits_quarter" at a quarter of the size. Compile it with one loss for each, and
        `LEVEL_WEIGHTS`.

    Raises:
        ModelError: the model has no such levels.
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
    """Labels for each output of `with_levels`: a block with a fault is a fault.

    Args:
        labels: (batch, inlines, crosslines, samples, 1).

    Returns:
        Dict of labels, sizes rounded up as in the network.
    """
    labels = ops.cast(labels, "float32")
    return {
        name: ops.max_pool(labels, factor, factor, "same", data_format="channels_last")
        for name, factor in FACTORS.items()
    }
