"""Generators of surveys, images and gathers whose answers are known; NumPy and SciPy only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
