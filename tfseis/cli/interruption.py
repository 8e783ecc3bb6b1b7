"""Interruptions: what was begun is cleaned up, and one line says what is there."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tfseis.io.output import WRITTEN
from tfseis.io.partial import MARK
from tfseis.io.unfinished import KEPT

SIGNALS = ("SIGTERM", "SIGHUP")  # besides SIGINT, which Python turns into an exception itself
SHOWN = 4  # files that a message names


class Ended(KeyboardInterrupt):
    """The process was told to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP clean up as SIGINT does; one that is ignored (nohup) stays so."""
    WRITTEN.clear()
    KEPT.clear()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is signal.SIG_DFL:
            signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is signal.SIG_DFL:
                signal.signal(number, handler)


def told(*, resumes: bool) -> str:
    """What an interrupted command leaves, in one line.

    Args:
        resumes: whether the same command goes on where it stopped.
    """
    if resumes:
        return "interrupted; the same command resumes the training."
    if KEPT:
        return f"interrupted; {' '.join(KEPT)}"
    files = [str(path) for path in WRITTEN if MARK not in str(path) and path.exists()]
    if not files:
        return "interrupted; nothing was written."
    more = " .." if len(files) > SHOWN else ""
    return (
        f"interrupted; {', '.join(files[:SHOWN])}{more} had been finished, the rest was not "
        "written. Add --overwrite to write all of them again."
    )


def exit_code(interruption: KeyboardInterrupt, refused: int) -> int:
    """The exit code of an interrupted command: 128 and the signal, as shells have it."""
    return 128 + interruption.number if isinstance(interruption, Ended) else refused


def _end(number: int, frame: object) -> None:
    if os.name == "posix":
        signal.signal(number, signal.SIG_IGN)  # a second one must not stop the cleaning up
    raise Ended(number)
