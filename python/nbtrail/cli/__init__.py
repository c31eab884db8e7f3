"""The command line: `nbtrail …`. Each command parses, calls and shows; heavy imports are inside."""

from nbtrail.cli.group import nbtrail as main

__all__ = ["main"]
