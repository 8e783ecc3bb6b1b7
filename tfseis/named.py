"""Choices that are given by name, as an object, or as 'package.module:object'."""

import importlib
import sys
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from tfseis.errors import ModelError, TfseisError

SEPARATOR = ":"
LAMBDA = "<lambda>"


def imported(reference: str) -> Any:
    """Import what 'package.module:object' or 'package.module' names.

    Modules in the working directory are found too.

    Raises:
        ModelError: there is no such module, or no such object in it.

    Examples:
        >>> imported("math:sqrt")(9.0)
        3.0
    """
    module, _, name = reference.partition(SEPARATOR)
    here = str(Path.cwd())
    sys.path.append(here)
    try:
        found: Any = importlib.import_module(module)
        for part in name.split(".") if name else ():
            found = getattr(found, part)
    except TfseisError:  # a package that tfseis needs is missing: it says what to install
        raise
    except (ImportError, AttributeError, SyntaxError, TypeError, ValueError) as error:
        raise ModelError(
            f"Expected 'package.module:object' that can be imported; got {reference!r}: {error}. "
            "Check both names, and that the module is installed or lies in this folder."
        ) from error
    finally:
        sys.path.remove(here)
    return found


def chosen(value: Any, known: Mapping[str, Any], what: str) -> Any:
    """What a setting stands for: a known name, 'package.module:object', or the object itself.

    Args:
        value: what the setting holds.
        known: objects by name.
        what: the setting, for the message.

    Raises:
        ModelError: a name that is not known, or an object that cannot be imported.

    Examples:
        >>> chosen("root", {"root": abs}, "function") is abs
        True
        >>> chosen("math:sqrt", {}, "function")(4.0)
        2.0
    """
    if not isinstance(value, str):
        return value
    check_choice(value, known, what)
    return known[value] if value in known else imported(value)


def check_choice(value: Any, known: Collection[str], what: str) -> None:
    """Refuse a name that is neither known nor 'package.module:object', before anything is built.

    Raises:
        ModelError: the name is not known, or the value is a number.
    """
    strange = isinstance(value, str) and value not in known and SEPARATOR not in value
    if strange or isinstance(value, (int, float)):
        raise ModelError(
            f"Expected {what} among {', '.join(known)}, a function, or 'package.module:function'; "
            f"got {value!r}. Choose one of these."
        )


def name_of(value: Any) -> Any:
    """A choice as it is recorded: names stay; objects become 'package.module:object'.

    Examples:
        >>> name_of("unet"), name_of(chosen)
        ('unet', 'tfseis.named:chosen')
    """
    if isinstance(value, str) or value is None:
        return value
    source = value if hasattr(value, "__qualname__") else type(value)
    name = f"{source.__module__}{SEPARATOR}{source.__qualname__}"
    code = getattr(source, "__code__", None)
    if LAMBDA not in name or code is None:
        return name
    plain = [one for one in code.co_consts if isinstance(one, (str, int, float))]
    told = code.co_code + repr((plain, code.co_names)).encode()
    return f"{name}#{sha256(told).hexdigest()[:8]}"  # several have the same name
