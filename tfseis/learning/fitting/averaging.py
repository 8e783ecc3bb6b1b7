"""The running average of a network's weights.

Source: Polyak and Juditsky 1992, Acceleration of stochastic approximation by averaging,
https://doi.org/10.1137/0330046.
Differs from it: the average is exponential and remembers less in the first steps. The average that
Keras' optimizers keep (`use_ema`) has one constant memory and leaves out the statistics of batch
normalization, so its weights would not be these.
"""

import keras

SCALE = 10  # steps over which the memory grows at the start
EVERY = 4  # steps between two updates, each of which costs a tenth of a training step


def average(averaged: keras.Model, model: keras.Model, memory: float, step: int) -> None:
    """Move averaged weights towards those of the network that trains, at every fourth step.

    Args:
        averaged: the network whose weights are moved.
        model: the network that trains.
        memory: part of the averaged weights that one step keeps; less in the first steps.
        step: number of the step that was made.
    """
    if step % EVERY:
        return
    memory = min(memory**EVERY, (1 + step) / (SCALE + step))
    for mean, weight in zip(averaged.variables, model.variables, strict=True):
        if keras.backend.is_float_dtype(weight.dtype):
            mean.assign(memory * mean.value + (1 - memory) * weight.value)
