"""What tfseis refuses. Each message says what was expected, what came, and what to do."""

__all__ = [
    "FormatError",
    "GeometryError",
    "LabelError",
    "MissingPackageError",
    "ModelError",
    "OutputError",
    "TfseisError",
]


def __dir__() -> list[str]:
    return __all__


class TfseisError(ValueError):
    """Input that cannot be used; the message names the place and the remedy, on one line."""

    def __init__(self, message: str = "") -> None:
        # What another library said of a file, and names of files, may hold line breaks.
        super().__init__(" ".join(line.strip() for line in str(message).splitlines()))


class FormatError(TfseisError):
    """A file is not what its format promises."""


class GeometryError(TfseisError):
    """Positions do not form a cube, or do not belong to this one."""


class LabelError(TfseisError):
    """Labels are malformed, contradict each other, or do not fit the cube."""


class ModelError(TfseisError):
    """A model cannot do what is asked of it."""


class OutputError(TfseisError):
    """A result cannot be written where it was asked for."""


class MissingPackageError(TfseisError, ImportError):
    """A package that this part of tfseis needs is not installed."""
