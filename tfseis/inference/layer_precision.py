"""Networks whose layers compute in another numeric precision, with the same weights."""

import keras

EXACT, MIXED = "float32", "mixed_bfloat16"  # policies of Keras


def in_precision(model: keras.Model, precision: str) -> keras.Model:
    """The same network, computed in one precision; weights are float32 in either case.

    A model that was trained in mixed precision keeps that when it is saved.

    Args:
        model: a functional model.
        precision: "float32", or "bfloat16" for all layers before the last one with weights, which
            gives the logits.

    Returns:
        The model itself where nothing changes, else another one with the same weights.

    Examples:
        >>> from keras import layers
        >>> inputs = keras.Input((8, 8, 1))
        >>> outputs = layers.Conv2D(1, 3)(layers.Conv2D(2, 3)(inputs))
        >>> lower = in_precision(keras.Model(inputs, outputs), "bfloat16")
        >>> [layer.compute_dtype for layer in lower.layers[1:]]
        ['bfloat16', 'float32']
    """
    layers = model.layers
    last = max((n for n, layer in enumerate(layers) if layer.weights), default=0)
    lower = {layer.name for layer in layers[:last]} if precision == "bfloat16" else set()
    if not lower and all(layer.compute_dtype == EXACT for layer in layers):
        return model

    def cloned(layer: keras.layers.Layer) -> keras.layers.Layer:
        policy = MIXED if layer.name in lower else EXACT
        return type(layer).from_config(layer.get_config() | {"dtype": policy})

    twin = keras.models.clone_model(model, clone_function=cloned)
    twin.set_weights(model.get_weights())
    return twin
