"""The command `tfseis`: reads its words, calls the function of a job or tool, prints its text."""

from tfseis.cli.command import main

__all__ = ["main"]
