"""Finding what a command is about, in a store that is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbtrail.errors import InvalidValue

if TYPE_CHECKING:
    from nbtrail.entities import Run
    from nbtrail.store import Store

_ABBREVIATED_ID = re.compile(r"[0-9a-f]{4,31}")


def existing_store() -> Store:
    """Return the store for a command that only looks, with all that was logged.

    Raises:
        NotFound: there is none; it is not made.
    """
    from nbtrail.store import open_store
    from nbtrail.tracking import place

    store = open_store(place.uri, create=False)
    store.drain()
    return store


def store_for_model(uri: str) -> Store:
    """Return the store for a model's URI: one that is there, unless the URI is a directory's.

    Raises:
        NotFound: the URI names what is in a store, and there is no store.
    """
    from nbtrail.tracking import current_store

    return existing_store() if uri.startswith(("models:/", "runs:/")) else current_store()


def find_run(store: Store, given: str) -> Run:
    """Return the run with an id, or with the first characters of one.

    Raises:
        NotFound: there is none.
        InvalidValue: there are several.
    """
    if _ABBREVIATED_ID.fullmatch(given):
        found, _ = store.runs.search(None, f"attributes.run_id LIKE '{given}%'", max_results=2)
        if len(found) == 1:
            return found[0]
        if found:
            raise InvalidValue(f"Several runs begin with '{given}': give more of the id.")
    return store.runs.get(given)
