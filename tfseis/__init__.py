"""Deep-learning seismic interpretation in Keras 3 on TensorFlow.

Public names and rooms are listed in ``__init__.pyi`` and loaded when they are first used, so that
``import tfseis`` is instant.
"""

import lazy_loader

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
