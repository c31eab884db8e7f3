"""Which nbtrail answers, for which store, and whether that can be used."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.config import STORE_NAME
from nbtrail.store import health

API = 1
"""Grows when a route changes so that older front ends cannot go on."""


class Status(msgspec.Struct):
    """The versions of nbtrail and its API, where the store is or will be, and how it is."""

    version: str
    api: int
    store: str
    name: str
    state: health.State
    message: str | None


def status(context: Context, _request: Request) -> Status:
    """``GET status``."""
    state, message = health.of(context.store_uri)
    path = Path(context.store_uri.removeprefix("sqlite://"))
    name = path.parent.name if path.name == STORE_NAME else path.name
    return Status(version("nbtrail"), API, context.store_uri, name, state, message)
