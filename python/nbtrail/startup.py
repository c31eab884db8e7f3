"""What the processes that we start ourselves do without, so that they start at once."""

from __future__ import annotations

import sys


def skip_iri_grammar() -> None:
    """Spare this process the one to three seconds in which jsonschema builds a parser of IRIs.

    nbformat and papermill stand on jsonschema, and no notebook's schema has an IRI; where the
    package of the grammar is not installed, it does without. To be called before they are imported.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
