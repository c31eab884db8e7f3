"""Which nbtrail answers, and for which store."""

from __future__ import annotations

from importlib.metadata import version

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request


class Status(msgspec.Struct):
    """The version of nbtrail, and where the store is or will be."""

    version: str
    store: str


def status(context: Context, _request: Request) -> Status:
    """``GET status``."""
    return Status(version("nbtrail"), context.store_uri)
