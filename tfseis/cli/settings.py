"""Options of a command from the fields of a settings class, so that each is written once.

The option has the field's name, with dashes. Its type comes from the annotation, its help from the
Args section of the class's docstring, its choices from ``metadata={"choices": (..)}`` of the
field. A field whose annotation has ``Callable`` or ``Any`` also takes 'package.module:function'.
"""

import argparse
import inspect
import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, fields, replace
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from tfseis.named import SEPARATOR, name_of

PREFIX = "settings."  # of names in the parsed options, where a job's own options lie beside them
NOTHING = "none"  # the word for None
NUMBERS = {int: "a whole number", float: "a number"}


def add_settings(
    parser: argparse.ArgumentParser, kind: type, defaults: Mapping[str, Any] | None = None
) -> None:
    """Add an option for each field of a settings class.

    Args:
        parser: parser of the command.
        kind: the dataclass.
        defaults: settings by the name of the network, where defaults depend on it.
    """
    group = parser.add_argument_group("network and training")
    hints, told = get_type_hints(kind), sentences(kind)
    for field in fields(kind):
        hint = hints[field.name]
        text = f"{told[field.name]} {_choices_text(field, hint)}{_default_text(field, defaults)}"
        group.add_argument(
            flag(field.name),
            dest=PREFIX + field.name,
            default=argparse.SUPPRESS,
            help=text.strip().replace("%", "%%"),
            **_reading(field, hint),
        )


def read_settings(
    options: argparse.Namespace, kind: type, defaults: Mapping[str, Any] | None = None
) -> Any:
    """The settings that a command was given, over the defaults of their network.

    Raises:
        TfseisError: a value that the settings class refuses.
    """
    words = vars(options).items()
    given = {name.removeprefix(PREFIX): x for name, x in words if name.startswith(PREFIX)}
    known = defaults or {}
    network = str(given.get("network"))
    return replace(known[network] if network in known else kind(), **given)


def flag(name: str) -> str:
    """The option of a field.

    Examples:
        >>> flag("crop_size")
        '--crop-size'
    """
    return f"--{name.replace('_', '-')}"


def sentences(kind: type) -> dict[str, str]:
    """What the Args section of a class's docstring says of each field, as full sentences.

    Raises:
        TypeError: a field is not explained.
    """
    _, _, rest = (inspect.getdoc(kind) or "").partition("\nArgs:\n")
    section = re.split(r"^(?=\S)", rest, maxsplit=1, flags=re.MULTILINE)[0]
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", section, flags=re.MULTILINE)
    told = {name: " ".join(text.replace("`", "").split()) for name, text in found}
    names = {field.name for field in fields(kind)}
    if rest and not names <= set(told):  # under `python -OO` there are no docstrings
        missing = ", ".join(sorted(names - set(told)))
        raise TypeError(
            f"{kind.__name__}: expected every field in the Args section of its docstring; got none "
            f"of {missing}. Explain these: the help is made from it."
        )
    return {name: told.get(name, "")[:1].upper() + told.get(name, "")[1:] for name in names}


def _reading(field: Field, hint: Any) -> dict[str, Any]:
    """The arguments of `add_argument` by which a field is read."""
    if bool in (hint, *get_args(hint)):
        return {"action": argparse.BooleanOptionalAction}
    choices = tuple(field.metadata.get("choices", ()))
    return {"type": _reader(hint, choices), "metavar": _metavar(hint, choices)}


def _reader(hint: Any, choices: Sequence[str]) -> Callable[[str], Any]:
    """A function from the word on the command line to the value of a field."""
    kinds = _kinds(hint)
    read = _read_values(kinds, choices) if _is_tuple(kinds) else _read_value(kinds, choices)
    if NoneType not in kinds:
        return read
    return lambda word: None if word == NOTHING else read(word)


def _read_value(kinds: Sequence[Any], choices: Sequence[str]) -> Callable[[str], Any]:
    number = next((kind for kind in (int, float) if kind in kinds), None)

    def read(word: str) -> Any:
        if number is not None:
            try:
                return number(word)
            except ValueError:
                if str not in kinds and not _is_open(kinds):
                    raise ArgumentTypeError(f"expected {NUMBERS[number]}; got {word!r}") from None
        if not choices or word in choices or (_is_open(kinds) and SEPARATOR in word):
            return word
        raise ArgumentTypeError(f"expected {_one_of(choices, kinds)}; got {word!r}")

    return read


def _read_values(kinds: Sequence[Any], choices: Sequence[str]) -> Callable[[str], Any]:
    """The same for values with commas between them."""
    parts = get_args(next(kind for kind in kinds if get_origin(kind) is tuple))
    one = _reader(parts[0], choices)
    count = None if Ellipsis in parts else len(parts)

    def read(text: str) -> tuple[Any, ...]:
        found = tuple(map(one, text.split(","))) if text not in ("", NOTHING) else ()
        if count not in (None, len(found)):
            raise ArgumentTypeError(f"expected {count} values with commas between; got {text!r}")
        return found

    return read


def _metavar(hint: Any, choices: Sequence[str]) -> str:
    kinds = _kinds(hint)
    if _is_tuple(kinds):
        parts = get_args(next(kind for kind in kinds if get_origin(kind) is tuple))
        one = _metavar(parts[0], choices)
        return f"{one},{one},.." if Ellipsis in parts else ",".join([one] * len(parts))
    if int in kinds:
        return "N"
    return "X" if float in kinds else "NAME"


def _choices_text(field: Field, hint: Any) -> str:
    choices = field.metadata.get("choices", ())
    kinds = _kinds(hint)
    if _is_tuple(kinds):
        tuples = (kind for kind in kinds if get_origin(kind) is tuple)
        kinds = _kinds(get_args(next(tuples))[0])
    return f"Choices: {_one_of(choices, kinds)}. " if choices else ""


def _one_of(choices: Sequence[str], kinds: Sequence[Any]) -> str:
    words = [*choices, *(["'package.module:function'"] if _is_open(kinds) else [])]
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _default_text(field: Field, defaults: Mapping[str, Any] | None) -> str:
    """The default, and beside it those of networks that have another."""
    usual = _shown(field.default, field)  # settings are frozen: no default needs a factory
    others: dict[str, list[str]] = {}
    for network, settings in (defaults or {}).items():
        value = _shown(getattr(settings, field.name), field)
        if value != usual and field.name != "network":
            others.setdefault(value, []).append(network)
    told = "; ".join(f"{' and '.join(names)}: {value}" for value, names in others.items())
    return f"Default: {usual}{f' ({told})' if told else ''}."


def _shown(value: Any, field: Field) -> str:
    """A value as it is spelled on the command line."""
    if isinstance(value, bool):
        return flag(field.name if value else f"no_{field.name}")
    if value is None or value == ():
        return NOTHING
    if value == "":
        return "''"
    if isinstance(value, (tuple, list)):
        return ",".join(_shown(one, field) for one in value)
    if isinstance(value, (int, float)):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return str(name_of(value))


def _kinds(hint: Any) -> tuple[Any, ...]:
    """The members of a union, or the one type."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _is_tuple(kinds: Sequence[Any]) -> bool:
    return any(get_origin(kind) is tuple for kind in kinds)


def _is_open(kinds: Sequence[Any]) -> bool:
    return any(kind is Any or kind is Callable or get_origin(kind) is Callable for kind in kinds)
