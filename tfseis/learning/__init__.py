"""How networks learn: fitting, losses, saving; metrics for `compile`.

Importing this room makes the losses, metrics and layers of tfseis known to Keras, so that
`keras.saving.load_model` loads models that use them.
"""

import importlib

import lazy_loader

from tfseis.backend import require_keras

require_keras()

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

importlib.import_module("tfseis.learning.saving").register()
