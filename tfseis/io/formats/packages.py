"""Packages of other formats: imported when a file needs them, and named where they are missing."""

import importlib
import warnings
from typing import Any

from tfseis.errors import MissingPackageError


def needed(module: str, extra: str, name: str) -> Any:
    """Import a module that a format needs.

    Args:
        module: name of the module.
        extra: extra of tfseis that installs it.
        name: name of the file or URI, for messages.

    Raises:
        MissingPackageError: it is not installed, or fails to load; the message says how to.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what packages say of parts that are not needed here
            return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            f"{name}: expected the package {error.name!r} to be installed; it is not. Run "
            f"pip install 'tfseis[{extra}]'."
        ) from None
    except Exception as error:  # a broken build raises whatever it likes
        raise MissingPackageError(
            f"{name}: expected the package {module!r} to load; {type(error).__name__}: {error}. "
            f"Run pip install --upgrade 'tfseis[{extra}]'; beside zfpy 1.0.1.post0, which breaks "
            "it, also pip install zfpy==1.0.1."
        ) from None
