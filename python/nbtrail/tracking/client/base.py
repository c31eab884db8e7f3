"""What the methods of a client share: its store."""

from __future__ import annotations

import os

from nbtrail.entities import ViewType
from nbtrail.errors import InvalidValue
from nbtrail.store import Store, open_store
from nbtrail.tracking.where import place


class StoreMethods:
    """The base of the groups of methods that make up a client."""

    def __init__(
        self,
        tracking_uri: str | os.PathLike[str] | None = None,
        registry_uri: str | os.PathLike[str] | None = None,  # noqa: ARG002
    ) -> None:
        self._uri = tracking_uri

    @property
    def tracking_uri(self) -> str:
        """Where the store is, or will be."""
        return place.uri if self._uri is None else self._store.uri

    @property
    def _store(self) -> Store:
        return place.store() if self._uri is None else open_store(self._uri)

    @property
    def _drained(self) -> Store:
        """The store, with everything in it that was logged so far."""
        store = self._store
        store.drain()
        return store


def view_of(view_type: int) -> ViewType:
    """Return a view type that a caller gave as a number.

    Raises:
        InvalidValue: it is none.
    """
    try:
        return ViewType(view_type)
    except ValueError:
        known = ", ".join(f"{view.value} ({view.name})" for view in ViewType)
        raise InvalidValue(f"The view type is one of {known}, not {view_type!r:.40}.") from None
