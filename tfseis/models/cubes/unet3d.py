"""3D U-Net: two convolutions a level, concatenated skips, repeat up-sampling.

Source: Wu et al. 2019, FaultSeg3D, https://doi.org/10.1190/geo2018-0646.1.
Differs from it: any input size; sizes that do not halve evenly are rounded up.
"""

import keras
from keras import KerasTensor, layers

from tfseis.models.cubes.blocks3d import InputShape, check_filters, grown, joined, logits, pooled

ANY_CUBE = (None, None, None, 1)


def unet3d(
    input_shape: InputShape = ANY_CUBE,
    *,
    classes: int = 1,
    filters: tuple[int, ...] = (16, 32, 64, 128),
    name: str = "unet3d",
) -> keras.Model:
    """Build a 3D U-Net that returns logits; 1,459,585 weights by default.

    Args:
        input_shape: (inlines, crosslines, samples, channels); any of the first three may be None.
        classes: number of logits a sample; 1 for a binary network.
        filters: width of each level, from the finest to the coarsest.
        name: name of the model.

    Returns:
        Model from (batch, inlines, crosslines, samples, channels) to (batch, inlines, crosslines,
        samples, classes), float32, without activation.

    Raises:
        ModelError: there are fewer than two widths, or one is below 1.

    Examples:
        >>> unet3d().count_params()
        1459585
    """
    check_filters(filters, 0)
    inputs = x = keras.Input(input_shape, name="amplitude")
    skips = []
    for width in filters[:-1]:
        x = _double_convolution(x, width)
        skips.append(x)
        x = pooled(x)
    x = _double_convolution(x, filters[-1])
    for skip in reversed(skips):
        x = joined(skip, grown(x, skip))
        x = _double_convolution(x, skip.shape[-1])
    return keras.Model(inputs, logits(x, classes), name=name)


def _double_convolution(x: KerasTensor, filters: int) -> KerasTensor:
    for _ in range(2):
        x = layers.Conv3D(filters, 3, padding="same", activation="relu")(x)
    return x
