"""The parser of all commands: short usage, and errors of one line."""

import argparse
from collections.abc import Iterable
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
