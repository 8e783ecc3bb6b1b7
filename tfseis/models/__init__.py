"""Builders of networks, the recipe of a trained model, and what a network sees and costs.

A builder is a function that returns a Keras model. It returns logits, without softmax or sigmoid,
in float32 whatever the precision of the rest: one logit a sample for a binary network, else one a
class. The model is functional or sequential, so that its layers can be followed from input to
output; axes are (batch, rows, columns, channels) or (batch, inlines, crosslines, samples,
channels), and None stands for any size. A network of your own enters a job by its settings if it
keeps to this. A layer that Keras does not have is registered by
``keras.saving.register_keras_serializable``, and says what it sees by a method ``needs`` (see
`tfseis.models.receptive_field`) if it moves or mixes samples. Networks that take noise out of
gathers are the exception: they return amplitudes.
"""

import lazy_loader

from tfseis.backend import require_keras

require_keras()

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
