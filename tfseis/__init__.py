"""Deep-learning seismic interpretation in Keras 3 on TensorFlow.

Public names are loaded when they are first used, so that ``import tfseis`` is instant.
"""

import importlib

__version__ = "0.1.0"

_HOMES = {
    "open_segy": "io",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(f"tfseis.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'tfseis' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
