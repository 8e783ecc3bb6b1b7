"""The random numbers and other state of objects that Keras does not save with a model."""

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

import keras
import numpy as np

SEED_STATE = "seed_generator_state"  # as Keras names it
PLAIN = (str, bytes, int, float, complex, bool, type(None), type, ModuleType)


def state_of(value: Any) -> list[keras.Variable]:
    """All variables that an object holds, those of its seed generators among them.

    A loss may draw random numbers or hold weights that training changes. They are found in its
    attributes, in functions and what these enclose, and in lists and dicts of such objects.

    Args:
        value: a loss, a metric, a function, a network, or a list or dict of them.

    Returns:
        Each variable once, in an order that depends on the structure of the object alone.
    """
    found: list[keras.Variable] = []
    _collect(value, found, set())
    return found


def seeds_of(objects: Iterable[Any]) -> list[keras.Variable]:
    """The states of the seed generators of some objects, in the order of `state_of`."""
    return [variable for variable in state_of(list(objects)) if variable.name == SEED_STATE]


def restart(states: Iterable[keras.Variable], seed: int) -> None:
    """Start seed generators anew, so that a seed decides what they draw.

    Args:
        states: from `seeds_of`.
        seed: seed of the first generator; each further one gets the next number.
    """
    for number, state in enumerate(states):
        state.assign(np.array([(seed + number) % 2**32, 0]))


@contextmanager
def repeatable(states: Sequence[keras.Variable], seed: int) -> Iterator[None]:
    """Start seed generators anew, and put them back afterwards to where they were.

    Args:
        states: from `seeds_of`.
        seed: seed of the first generator, as `restart` takes it.
    """
    before = [keras.ops.convert_to_numpy(state.value) for state in states]
    restart(states, seed)
    try:
        yield
    finally:
        for state, value in zip(states, before, strict=True):
            state.assign(value)


def _collect(value: Any, found: list[keras.Variable], seen: set[int]) -> None:
    if isinstance(value, PLAIN) or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, keras.Variable):
        found.append(value)
        return
    for part in _parts(value):
        _collect(part, found, seen)


def _parts(value: Any) -> Iterable[Any]:
    """What an object is made of; nothing for objects that are no part of a loss."""
    parts: Iterable[Any] = []
    match value:
        case keras.Layer():
            parts = value.variables
        case keras.random.SeedGenerator():
            parts = [value.state]
        case Mapping():
            parts = value.values()
        case list() | tuple():
            parts = value
        case partial():
            parts = [value.func, *value.args, *value.keywords.values()]
        case FunctionType():
            parts = _enclosed(value)
        case MethodType():
            parts = [value.__self__]
        case _ if callable(value):
            parts = getattr(value, "__dict__", {}).values()
    return parts


def _enclosed(function: FunctionType) -> list[Any]:
    """What a function finds around it and might change: generators, variables, losses."""
    around = inspect.getclosurevars(function)
    own = [
        value
        for value in around.globals.values()
        if isinstance(value, (keras.random.SeedGenerator, keras.Variable, keras.losses.Loss))
        or (isinstance(value, FunctionType) and value.__module__ == function.__module__)
    ]
    return [*around.nonlocals.values(), *own]
