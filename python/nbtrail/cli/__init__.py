"""The command line: `nbtrail …`. Each command parses, calls and shows; heavy imports are inside."""

import sys

# jsonschema, which nbformat and papermill stand on, would spend one to three seconds of every
# start on building the grammar of a format that no notebook's schema has. It does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

from nbtrail.cli.group import nbtrail as main  # noqa: E402

__all__ = ["main"]
