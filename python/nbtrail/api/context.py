"""What a handler may use: the server's store, and where the server itself is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nbtrail.errors import NotFound
from nbtrail.store import Store, open_store


@dataclass(frozen=True)
class Context:
    """The store's URI, the URL path of the server's routes, and the folder whose files it shows.

    `user` is who asks, for the histories of what is changed; None: the server's own user.
    """

    store_uri: str
    base_url: str = "/"
    root: Path | None = None
    user: str | None = None

    def store(self) -> Store | None:
        """Return the store, up to date with the journals; None while there is none.

        Looking never creates it.
        """
        try:
            store = open_store(self.store_uri, create=False)
        except NotFound:
            return None
        store.drain()
        return store

    def new_store(self) -> Store:
        """Return the store for one who records, made now if need be.

        Raises:
            StoreError: it cannot be made there.
        """
        return open_store(self.store_uri)

    def existing_store(self) -> Store:
        """Return the store.

        Raises:
            NotFound: nothing was recorded yet.
        """
        store = self.store()
        if store is None:
            raise NotFound("There is no store yet: it is made when the first run is recorded.")
        return store
