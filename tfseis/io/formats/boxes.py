"""Files that give boxes of samples through a handle, one handle for each thread and process."""

import os
import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tfseis.errors import FormatError, TfseisError
from tfseis.io.formats.stored import FileKeys
from tfseis.io.segy.layout import NO_VALUE

BRICK = 64  # lines along the first axis that are read at once: such files hold bricks of 4 to 128
Starts = tuple[int, int, int]
_INHERITED: list[object] = []  # kept open: closing them in a fork would close the parent's


class BoxSource(ABC):
    """Samples of one file, read as boxes; a format says how to open it and read one.

    Copies in other threads and processes open the file again.

    Args:
        path: the file.
        shape: shape of its array, in the order of the file.
        dtype: type of the samples as they are stored.
    """

    plain = True

    def __init__(self, path: Path, shape: Starts, dtype: np.dtype) -> None:
        self.path = path
        self.shape = shape
        self._dtype = dtype
        self._local = threading.local()

    @staticmethod
    @abstractmethod
    def opened(path: Path) -> Any:
        """A new handle of the file."""

    @staticmethod
    def shut(handle: Any) -> None:
        """Close a handle."""
        handle.close()

    @staticmethod
    @abstractmethod
    def box(handle: Any, starts: Starts, stops: Starts) -> np.ndarray:
        """Samples of a box, in the order of the file."""

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_local"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _local=threading.local())

    @property
    def dtype(self) -> np.dtype:
        """Type of the samples as they are stored."""
        return self._dtype

    @property
    def no_value(self) -> dict[str, Any]:
        """What stands for no value: magnitudes of 1e29 and more."""
        return {"values": [], "limit": NO_VALUE}

    def handle(self) -> Any:
        """The handle of this thread in this process."""
        local = self._local
        if getattr(local, "process", None) != os.getpid():
            if hasattr(local, "kept"):
                _INHERITED.append(local.kept)
            local.kept = _Kept(guarded(self.path, self.opened, self.path), self.shut)
            local.process = os.getpid()
        return local.kept.handle

    def close(self) -> None:
        """Give back the handle of this thread; reading opens the file again."""
        local, self._local = self._local, threading.local()
        if getattr(local, "process", None) == os.getpid():
            local.kept.finish()

    def block(self, keys: FileKeys) -> np.ndarray:
        """Samples at indices of the three axes of the file."""
        return self.raw(keys)

    def raw(self, keys: FileKeys) -> np.ndarray:
        """The same; only bricks with wanted lines are read along the first axis."""
        rows = [
            np.arange(self.shape[n])[key] if isinstance(key, slice) else key
            for n, key in enumerate(keys)
        ]
        firsts, stops = [int(one.min()) for one in rows], [int(one.max()) + 1 for one in rows]
        inside = np.ix_(*(one - first for one, first in zip(rows[1:], firsts[1:], strict=True)))
        out: np.ndarray | None = None
        for places in _bricks(rows[0]):
            own = rows[0][places]
            start, stop = int(own.min()), int(own.max()) + 1
            box = guarded(
                self.path,
                self.box,
                self.handle(),
                (start, firsts[1], firsts[2]),
                (stop, stops[1], stops[2]),
            )
            if out is None:
                out = np.empty(tuple(len(one) for one in rows), box.dtype)
            out[places] = box[own - start][:, inside[0], inside[1]]
        assert out is not None  # the caller asks for one sample or more
        return out


class _Kept:
    """A handle that is closed when nothing refers to it any more, as when its thread has ended."""

    def __init__(self, handle: Any, shut: Any) -> None:
        self.handle = handle
        self.finish = weakref.finalize(self, shut, handle)


def guarded(path: Path, call: Any, *arguments: Any) -> Any:
    """Call the library of a format; what it cannot read is refused in one line.

    Raises:
        FormatError: the file is missing, damaged, or not of this format.
    """
    if not path.is_file():
        raise FormatError(f"{path}: expected a file; there is none. Check the name.")
    try:
        return call(*arguments)
    except TfseisError:
        raise
    except Exception as error:  # each library has errors of its own
        raise FormatError(
            f"{path}: expected a complete {path.suffix[1:].upper()} file; its library says: "
            f"{type(error).__name__}: {error}. Copy or export it again."
        ) from None


def _bricks(rows: np.ndarray) -> Iterator[np.ndarray]:
    """Places of rows that lie in the same brick of the file."""
    bricks = rows // BRICK
    for brick in np.unique(bricks):
        yield np.flatnonzero(bricks == brick)
