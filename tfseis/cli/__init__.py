"""The command `tfseis`: thin; every job is a function of `tfseis.workflows`."""

from tfseis.cli.command import main

__all__ = ["main"]
