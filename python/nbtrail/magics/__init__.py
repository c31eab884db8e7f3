"""The magics, and what ``%load_ext nbtrail`` does."""

from nbtrail.magics.extension import load, unload

__all__ = ["load", "unload"]
