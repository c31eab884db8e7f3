"""What came of one execution of a reproduction: told, and kept with the run that recorded it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

from nbtrail.entities import Attempt, Difference, Outcome
from nbtrail.store import Store
from nbtrail.store.contexts import Context, Document

ORIGINAL = "nbtrail.reproduces"
"""The tag of a run that reproduces another one: the id of that."""
DETAILS = "reproduction"
"""The kind of document under which such a run keeps its `Attempt`; see `get_run_context`."""


def outcome_of(differences: Iterable[Difference]) -> Outcome:
    """Return what differences mean."""
    return worst("within tolerance" if one.within else "diverged" for one in differences)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of several outcomes."""
    found: set[Outcome] = {"identical", *outcomes}
    return next(one for one in reversed(get_args(Outcome)) if one in found)


def keep(
    store: Store, found: Attempt, original_id: str, documents: Mapping[str, Document]
) -> Attempt:
    """Keep an attempt, and documents of what it was made in, with its run; return it."""
    told = {DETAILS: Document.of(found.to_dictionary()), **documents}
    store.contexts.put(found.run_id, Context.of(told))
    store.runs.set_tags(found.run_id, {ORIGINAL: original_id})
    return found
