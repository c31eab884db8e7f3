"""Connections that do not get on with a request are closed: uvicorn would keep them for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

if TYPE_CHECKING:
    Base: Any = object
else:
    Base = AutoHTTPProtocol  # httptools where it is installed, else h11

PATIENCE = 10.0  # seconds to send the head of a request; it may be twice that
LONGEST_HEAD = 64 * 1024  # bytes


class Connection(Base):  # type: ignore[misc]
    """One connection, and a look at it from time to time."""

    def connection_made(self, transport: Any) -> None:
        """Begin to look."""
        super().connection_made(transport)
        self._seen: object = None
        self._head = 0
        self._looking: asyncio.TimerHandle = self.loop.call_later(PATIENCE, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._looking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what was sent, and no endless head."""
        super().data_received(data)
        self._head = self._head + len(data) if self._waits() else 0
        if self._head > LONGEST_HEAD:
            self.transport.close()

    def _waits(self) -> bool:
        """Say whether a request is still to come."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def _look(self) -> None:
        """Close what waits for the same request as at the last look."""
        if self._waits() and self._seen == (True, self.cycle):
            self.transport.close()
            return
        self._seen = (self._waits(), self.cycle)
        self._looking = self.loop.call_later(PATIENCE, self._look)
