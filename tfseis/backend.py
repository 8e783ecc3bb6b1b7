"""Says what to install where Keras finds no backend."""

from tfseis.errors import MissingPackageError


def require_keras() -> None:
    """Import Keras, or say which extra brings the backend that it asks for.

    Raises:
        MissingPackageError: Keras or its backend is not installed.
    """
    try:
        import keras  # noqa: F401, PLC0415
    except ModuleNotFoundError as error:
        raise missing(error.name or "keras") from None


def missing(package: str) -> MissingPackageError:
    """The error for a package that is not there, with the commands that install it."""
    return MissingPackageError(
        f"Expected the package {package!r}; it is not installed. Run pip install 'tfseis[cpu]' "
        "(TensorFlow for CPUs), 'tfseis[tf]' (standard) or 'tfseis[gpu]' (with CUDA)."
    )
