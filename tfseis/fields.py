"""What the fields of a dataclass may hold: their types by annotation, their ranges by metadata.

Settings and recipes say both where the field is: ``field(metadata={"range": Range(1, 99)})``, and
``metadata={"choices": (..)}`` for words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import inf, isfinite, prod
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from tfseis.errors import ModelError

PLAIN = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
NUMBERS: dict[Any, type] = {int: Integral, float: Real}
LARGEST_SEED = 2**32 - 1  # that NumPy takes


@dataclass(frozen=True)
class Range:
    """Numbers from the lower to the upper end, both included; never NaN or infinity.

    Examples:
        >>> Range(1, 9).holds(9), Range(1, 9).holds(float("nan")), str(Range(1))
        (True, False, 'from 1 on')
    """

    low: float
    high: float = inf

    def holds(self, value: Any) -> bool:
        """Whether a number lies in the range."""
        return bool(self.low <= value <= self.high) and isfinite(value)

    def __str__(self) -> str:
        return (
            f"from {self.low:,} on" if self.high == inf else f"from {self.low:,} to {self.high:,}"
        )


@dataclass(frozen=True)
class Between(Range):
    """Numbers between the lower and the upper end, neither included.

    Examples:
        >>> Between(0, 1).holds(0), str(Between(0)), str(Between(0, 1))
        (False, 'above 0', 'above 0 and below 1')
    """

    def holds(self, value: Any) -> bool:
        """Whether a number lies between the ends."""
        return bool(self.low < value < self.high)

    def __str__(self) -> str:
        upper = "" if self.high == inf else f" and below {self.high:,}"
        return f"above {self.low:,}{upper}"


MOST_SAMPLES = 2**28  # of a batch: 1 GiB, of which a network makes a hundred times as much
ANY = Range(-inf)
SEEDS = Range(0, LARGEST_SEED)
COUNTS = Range(1, 1_000_000)  # of epochs, batches and crops: more than any training takes
RATES = Range(0, 1000)  # step sizes of optimizers
MINUTES = Between(0, 1e7)  # up to 19 years


def check_numbers(settings: Any) -> None:
    """Refuse settings with a number that is none, or out of its range.

    Args:
        settings: a dataclass; fields without a range are not looked at.

    Raises:
        ModelError: the first such number, with its option.
    """
    hints = get_type_hints(type(settings))
    for field in fields(settings):
        value = getattr(settings, field.name)
        if "range" not in field.metadata:
            continue
        wanted = _lacking(value, hints[field.name], field.metadata)
        if wanted:
            raise ModelError(
                f"Expected {field.name}, {wanted}; got {value!r}. Change it "
                f"(--{field.name.replace('_', '-')}), or leave it out for the default."
            )


def check_values(kind: type, values: Mapping[str, Any], what: str) -> None:
    """Refuse plain values that a dataclass does not take: of another type, or out of range.

    Args:
        kind: the dataclass; annotations of other than plain types are not looked at.
        values: by name of the field.
        what: what they are, for the message.

    Raises:
        ModelError: the first such value.
    """
    hints = get_type_hints(kind)
    for field in fields(kind):
        if field.name not in values:
            continue
        wanted = _lacking(values[field.name], hints[field.name], field.metadata)
        if wanted:
            raise ModelError(
                f"Expected {what} with {field.name}, {wanted}; got "
                f"{shortened(values[field.name])}. Train the model again, or use the file that "
                "tfseis saved."
            )


def check_batch(shape: tuple[int, ...]) -> None:
    """Refuse a batch that no memory holds, before anything is allocated.

    Args:
        shape: shape of the input of a network, with batch and channels.

    Raises:
        ModelError: it has too many samples.
    """
    if prod(shape) > MOST_SAMPLES:
        sides = " x ".join(map(str, shape))
        raise ModelError(
            f"Expected a batch of at most {MOST_SAMPLES:,} samples; got {sides} = "
            f"{prod(shape):,}. Lower the batch size, or the size of a crop."
        )


def shortened(value: Any) -> str:
    """A value as one short line of text.

    Examples:
        >>> len(shortened("a" * 1000))
        63
    """
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _lacking(value: Any, hint: Any, told: Mapping[str, Any]) -> str:
    """What a field wants that a value is not; empty where it is right."""
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if any(_is(value, kind, told) for kind in kinds):
        return ""
    names = [_told(kind, told) for kind in kinds if kind is not NoneType]
    return " or ".join(names) + (" or nothing" if NoneType in kinds else "")


def _is(value: Any, kind: Any, told: Mapping[str, Any]) -> bool:
    """Whether a value is of a type and in its range."""
    parts = get_args(kind)
    if get_origin(kind) is dict:
        return isinstance(value, Mapping) and all(
            _is(key, parts[0], {}) and _is(one, parts[1], told) for key, one in value.items()
        )
    if get_origin(kind) in (tuple, list):
        fixed = get_origin(kind) is tuple and Ellipsis not in parts
        return (
            isinstance(value, (tuple, list))
            and (not fixed or len(parts) == len(value))
            and all(_is(one, parts[0], told) for one in value)
        )
    return _is_plain(value, kind, told)


def _is_plain(value: Any, kind: Any, told: Mapping[str, Any]) -> bool:
    if kind in NUMBERS:
        number = isinstance(value, NUMBERS[kind]) and not isinstance(value, bool)
        return number and told.get("range", ANY).holds(value)
    if kind is str:
        return isinstance(value, str) and value in told.get("choices", (value,))
    if kind is NoneType:
        return value is None
    return isinstance(value, bool) if kind is bool else True


def _told(kind: Any, told: Mapping[str, Any]) -> str:
    """A type with its range, for people."""
    parts = get_args(kind)
    if get_origin(kind) in (tuple, list):
        fixed = get_origin(kind) is tuple and Ellipsis not in parts
        return f"{len(parts) if fixed else 'a list'} of {_told(parts[0], told)}"
    if get_origin(kind) is dict:
        return f"a table of {_told(parts[1], told)}"
    if kind is str and "choices" in told:
        return f"one of {', '.join(told['choices'])}"
    name = PLAIN.get(kind, getattr(kind, "__name__", str(kind)))
    return f"{name} {told['range']}" if kind in (int, float) and "range" in told else name
