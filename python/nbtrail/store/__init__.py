"""The tracking store: the only room that knows SQL."""

from nbtrail.store.store import Store, beside, open_store, trusted

__all__ = ["Store", "beside", "open_store", "trusted"]
