"""Says what to install where Keras finds no backend, and keeps TensorFlow's start quiet."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from tfseis.errors import MissingPackageError

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
ERROR_STREAM = 2
KERAS_HOME = "KERAS_HOME"
PATIENCE = 2.0  # seconds, after which a terminal is told what takes so long
LOADING = b"loading Keras and TensorFlow ..\n"


def require_keras() -> None:
    """Import Keras, or say which extra brings the backend that it asks for.

    For an account without a home directory Keras keeps its files in the temporary one: TensorFlow
    would make a folder named "~" wherever it is called.

    Raises:
        MissingPackageError: Keras or its backend is not installed.
    """
    try:
        Path.home()
    except RuntimeError:
        os.environ.setdefault(KERAS_HOME, str(Path(tempfile.gettempdir()) / ".keras"))
    try:
        import keras  # noqa: F401, PLC0415
    except ModuleNotFoundError as error:
        raise missing(error.name or "keras") from None


def missing(package: str) -> MissingPackageError:
    """The error for a package that is not there, with the commands that install it.

    Args:
        package: name of the package.
    """
    return MissingPackageError(
        f"Expected the package {package!r}; it is not installed. Run pip install 'tfseis[cpu]' "
        "(TensorFlow for CPUs), 'tfseis[tf]' (standard) or 'tfseis[gpu]' (with CUDA)."
    )


@contextmanager
def quiet_start() -> Iterator[None]:
    """Drop what TensorFlow writes to the console while it is imported, which no user can act on.

    It writes some of it past Python and before it looks at the log level. Who sets
    TF_CPP_MIN_LOG_LEVEL sees everything. A terminal is told what is loading if it takes over two
    seconds.
    """
    if LOG_LEVEL in os.environ:
        yield
        return
    os.environ[LOG_LEVEL] = "3"
    console = os.dup(ERROR_STREAM)
    told = Timer(PATIENCE, os.write, (console, LOADING))
    told.daemon = True
    if os.isatty(console):
        told.start()
    try:
        with tempfile.TemporaryFile() as dropped:
            os.dup2(dropped.fileno(), ERROR_STREAM)
            yield
    finally:
        told.cancel()
        if told.is_alive():
            told.join()  # it may be writing
        os.dup2(console, ERROR_STREAM)
        os.close(console)
