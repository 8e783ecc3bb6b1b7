"""What the jobs share between files and networks: scaling, regions, splits, synthetic data."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
