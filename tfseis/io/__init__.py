"""Files in, files out: SEG-Y, labels, gathers, images; knows formats and nothing of learning."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
