"""Options that hold for all label files, or for each by its name."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias, TypeVar

from tfseis.errors import LabelError

ALL = ""  # key of what holds for the files that are not named
T = TypeVar("T")
PerFile: TypeAlias = T | Mapping[str, T]


def of_file(option: PerFile[T] | None, path: Path) -> T | None:
    """What an option says of one file; None where it says nothing.

    Examples:
        >>> of_file({"a.dat": "s", "": "ms"}, Path("data/a.dat")), of_file("s", Path("b.dat"))
        ('s', 's')
    """
    if not isinstance(option, Mapping):
        return option
    return next((option[key] for key in (str(path), path.name, ALL) if key in option), None)


def check_files(option: object, what: str, paths: Iterable[Path]) -> None:
    """Refuse an option for a file that is not given.

    Raises:
        LabelError: it names another file.
    """
    if not isinstance(option, Mapping):
        return
    paths = list(paths)
    known = {str(path) for path in paths} | {path.name for path in paths} | {ALL}
    for name in option:
        if name not in known:
            raise LabelError(
                f"Expected the {what} of a file that is given; got {name!r}. Name one of "
                f"{', '.join(path.name for path in paths)}."
            )
