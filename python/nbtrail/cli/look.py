"""Finding what a command is about, in a store that is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbtrail.errors import InvalidValue

if TYPE_CHECKING:
    from nbtrail.entities import Experiment, Run
    from nbtrail.store import Store

_ABBREVIATED_ID = re.compile(r"[0-9a-f]{4,31}")


def existing_store() -> Store:
    """Return the store for a command that only looks, with all that was logged.

    Raises:
        NotFound: there is none; it is not made.
    """
    store = opened_store()
    store.drain()
    return store


def opened_store() -> Store:
    """Return the store as it is, with what waits in journals not in it.

    Raises:
        NotFound: there is none; it is not made.
    """
    from nbtrail.store import open_store
    from nbtrail.tracking import place

    return open_store(place.uri, create=False)


def store_for_model(uri: str) -> Store:
    """Return the store for a model's URI: one that is there, unless the URI is a directory's.

    Raises:
        NotFound: the URI names what is in a store, and there is no store.
    """
    from nbtrail.tracking import current_store

    return existing_store() if uri.startswith(("models:/", "runs:/")) else current_store()


def find_experiment(store: Store, given: str) -> Experiment:
    """Return the experiment of a name, or else of an id.

    Raises:
        NotFound: there is none.
    """
    if given.isdecimal() and store.experiments.get_by_name(given) is None:
        return store.experiments.get(given)
    return store.experiments.named(given)


def find_run(store: Store, given: str) -> Run:
    """Return the run with an id, or with the first characters of one; it may be deleted.

    Raises:
        NotFound: there is none.
        InvalidValue: there are several.
    """
    from nbtrail.entities import ViewType

    if _ABBREVIATED_ID.fullmatch(given):
        found, _ = store.runs.search(
            None, f"attributes.run_id LIKE '{given}%'", max_results=2, view=ViewType.ALL
        )
        if len(found) == 1:
            return found[0]
        if found:
            raise InvalidValue(f"Several runs begin with '{given}': give more of the id.")
    return store.runs.get(given)
