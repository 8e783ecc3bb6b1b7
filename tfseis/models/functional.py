"""Sequential models as the functional ones that the rest of tfseis reads."""

import keras

from tfseis.errors import ModelError


def functional(model: keras.Model) -> keras.Model:
    """The same network as a functional model, with layers and weights shared.

    Args:
        model: a functional model, which is returned as it is, or a sequential one.

    Raises:
        ModelError: a sequential model without input shape, or a subclassed model, whose layers
            cannot be followed from input to output.

    Examples:
        >>> chain = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        >>> [layer.name for layer in functional(chain).layers][1:] == [chain.layers[0].name]
        True
    """
    if isinstance(model, keras.Sequential):
        first = model.layers[0] if model.layers else model
        if not model.built and isinstance(first, keras.Model) and first.inputs:
            model.build(first.inputs[0].shape)  # Keras leaves this until the first call
        if not model.built:
            raise ModelError(
                f"Expected a model of known input; the sequential model {model.name!r} has no "
                "input shape. Begin it with keras.Input(shape)."
            )
        return keras.Model(model.inputs[0], model.outputs[0], name=model.name)
    if not hasattr(model, "operations"):
        raise ModelError(
            f"Expected a functional or sequential model; got {type(model).__name__} "
            f"{model.name!r}, whose layers are called in Python code. Build it as "
            "keras.Model(inputs, outputs)."
        )
    return model
