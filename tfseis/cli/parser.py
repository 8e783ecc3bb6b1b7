"""The parser of all commands: short usage, and errors of one line."""

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from tfseis.jobs.option_types import finite, whole

WRONG_USAGE = 2


class HelpText(argparse.HelpFormatter):
    """Help whose usage line names the positional and the required arguments alone."""

    def __init__(self, prog: str, *, max_help_position: int = 26, **options: Any) -> None:
        super().__init__(prog, max_help_position=max_help_position, **options)

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Leave options that are not required out of the usage line; the list below has them."""
        shown = [one for one in actions if one.required or not one.option_strings]
        super().add_usage(usage, shown, [], prefix)


class Parser(argparse.ArgumentParser):
    """A parser that takes whole option names only and reports wrong usage in one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "formatter_class": HelpText, **options})
        self.register("type", int, whole)
        self.register("type", float, finite)

    def error(self, message: str) -> NoReturn:
        """End with exit code 2 and one line that names the command and its help."""
        self.exit(WRONG_USAGE, f"{self.prog}: error: {message}; usage: {self.prog} --help\n")


def with_files(options: argparse.Namespace, left: Sequence[str]) -> argparse.Namespace:
    """Put files that follow options where they belong, and refuse everything else.

    Args:
        options: parsed options. ``more`` names the list of files that the command takes; where
            ``last`` names a further argument, the last file of all is that one.
        left: words that the parser did not take.
    """
    files = [word for word in left if not word.startswith("-")]
    more, last = getattr(options, "more", None), getattr(options, "last", None)
    if len(files) < len(left) or (files and more is None):
        options.parser.error(f"unrecognized arguments: {' '.join(left)}")
    if files and last is not None:
        files = [getattr(options, last), *files]
        setattr(options, last, files.pop())
    if more is not None:
        setattr(options, more, [*getattr(options, more), *files])
    return options
