"""Network builders, and what a trained model carries."""

import lazy_loader

from tfseis.backend import require_keras

require_keras()

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
