"""The tracking store: the only room that knows SQL."""

from nbtrail.store.store import Store, open_store, trusted

__all__ = ["Store", "open_store", "trusted"]
