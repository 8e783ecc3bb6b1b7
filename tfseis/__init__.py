"""Deep-learning seismic interpretation in Keras 3 on TensorFlow.

Public names and rooms are loaded when they are first used, so that ``import tfseis`` is instant.
"""

import importlib

__version__ = "0.1.0"
__all__ = [
    "data",
    "export_model",
    "facies",
    "faults",
    "inference",
    "io",
    "learning",
    "load_model",
    "models",
    "open_segy",
    "patch_classifier",
    "predict",
    "salt",
    "view",
]

_HOMES = {
    "export_model": "tfseis.export",
    "facies": "tfseis.jobs.facies",
    "faults": "tfseis.jobs.faults",
    "load_model": "tfseis.learning",
    "open_segy": "tfseis.io",
    "patch_classifier": "tfseis.models",
    "predict": "tfseis.jobs.facies",
    "salt": "tfseis.jobs.salt",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in __all__:
        return importlib.import_module(f"tfseis.{name}")
    raise AttributeError(f"module 'tfseis' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
