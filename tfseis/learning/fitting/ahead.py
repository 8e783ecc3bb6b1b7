"""Batches that are drawn while the step before them is made."""

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

AHEAD = 2  # batches; each is held in memory
END = object()


def drawn_ahead(batches: Iterable[Any]) -> Generator[Any, None, None]:
    """The same batches in the same order, drawn in a thread of their own.

    Close the iterator, or read it to its end, to end the thread.
    """
    stream = iter(batches)
    with ThreadPoolExecutor(1, "batches") as pool:
        waiting = deque(pool.submit(next, stream, END) for _ in range(AHEAD))
        while (found := waiting.popleft().result()) is not END:
            waiting.append(pool.submit(next, stream, END))
            yield found
