"""The store that is looked at, and the runs that a view is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store
from nbtrail.tracking import ActiveRun, place

AnyRun: TypeAlias = str | Run | ActiveRun
"""A run, its id, or how that begins."""


def existing_store() -> Store:
    """Return the store with all that was logged.

    Raises:
        NotFound: nothing has been recorded yet.
    """
    store = place.existing_store()
    if store is None:
        raise NotFound(f"Nothing is recorded yet in {place.uri}.")
    store.drain()
    return store


def run_of(store: Store, given: AnyRun) -> Run:
    """Return a run as it is now.

    Raises:
        NotFound: there is no such run.
        InvalidValue: what was given is no run.
    """
    if isinstance(given, str):
        return store.runs.find(given)
    if isinstance(given, Run | ActiveRun):
        return store.runs.get(given.info.run_id)
    raise InvalidValue(f"A run, or the id of one, is expected here, not {given!r:.80}.")


def runs_of(store: Store, given: AnyRun | Iterable[AnyRun]) -> list[Run]:
    """Return one run or several, each once, in the order in which they were given.

    Raises:
        NotFound: there is no such run.
        InvalidValue: what was given is no run; there is none at all.
    """
    several = [given] if isinstance(given, str | Run | ActiveRun) else given
    if not isinstance(several, Iterable):
        raise InvalidValue(f"Runs, or their ids, are expected here, not {given!r:.80}.")
    found = {run.info.run_id: run for run in (run_of(store, one) for one in several)}
    if not found:
        raise InvalidValue("Give at least one run.")
    return list(found.values())
