"""The jobs, side by side: each is one folder and one line in the table `JOBS`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
