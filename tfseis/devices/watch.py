"""A watch over the other processes: when one dies, this one ends instead of waiting for it.

TensorFlow 2.21 waits for a lost process without end, and ignores SIGTERM while it does.
"""

import os
import shutil
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

EVERY, PATIENCE = 2.0, 5.0  # seconds between two looks, and until an answer
MISSES = 3  # looks without an answer, one after the other
FAILED = 1  # exit code


class Watch:
    """Looks whether all other processes still answer; ends this one if not.

    Args:
        addresses: HOST:PORT of each process, as TF_CONFIG lists them.
        mine: number of this process.
    """

    def __init__(self, addresses: Sequence[str], mine: int) -> None:
        self._others = {n: one for n, one in enumerate(addresses) if n != mine}
        self._count, self._over = len(addresses), Event()
        self._folders: list[Path] = []

    def begin(self, folders: list[Path]) -> None:
        """Watch in a thread.

        Args:
            folders: removed before this process ends.
        """
        self._folders = folders
        Thread(target=self._look, name="watch", daemon=True).start()

    def end(self) -> None:
        """Watch no more."""
        self._over.set()

    def _look(self) -> None:
        missed = dict.fromkeys(self._others, 0)
        while not self._over.wait(EVERY):
            for number, address in self._others.items():
                missed[number] = 0 if answers(address) else missed[number] + 1
                if missed[number] >= MISSES and not self._over.is_set():
                    self._give_up(number)

    def lost(self, looks: int = 1) -> str:
        """What to tell when a process no longer answers; nothing if all do.

        Args:
            looks: how often to look; one that is about to end may still answer.
        """
        for look in range(looks):
            if look:
                self._over.wait(EVERY)
            for number, address in self._others.items():
                if not answers(address):
                    return self._told(number)
        return ""

    def _told(self, number: int) -> str:
        return (
            f"Expected {self._count} processes that train together; process {number} "
            f"({self._others[number]}) has ended. Give all of them the same command again: it "
            "resumes from the last checkpoint."
        )

    def _give_up(self, number: int) -> None:
        """End without asking TensorFlow, which hangs."""
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"\ntfseis: {self._told(number)}", file=sys.stderr, flush=True)
        os._exit(FAILED)


def answers(address: str) -> bool:
    """Whether a process listens at an address.

    Args:
        address: HOST:PORT.
    """
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE):
            return True
    except OSError:
        return False
