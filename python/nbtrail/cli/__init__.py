"""The command line: `nbtrail …`. Each command parses, calls and shows; heavy imports are inside."""

from nbtrail.cli.group import nbtrail as main
from nbtrail.startup import skip_iri_grammar

__all__ = ["main"]

skip_iri_grammar()
