"""The command line: one module per command, and beside them what several commands share."""

from reportgen.cli.program import cli, main

__all__ = ["cli", "main"]
