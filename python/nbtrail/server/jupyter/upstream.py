"""Requests to the processes of endpoints, over connections that are kept and used again.

Tornado's own client opens a connection for each request and holds bodies in memory. Here its
HTTP/1.1 connection is used directly: pieces of a body go on as they come, in both directions,
each when the one before has been taken.
"""

from __future__ import annotations

from asyncio import Future, ensure_future
from collections import defaultdict
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, cast

from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters
from tornado.httputil import (
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream, StreamClosedError
from tornado.tcpclient import TCPClient

CONNECT_TIMEOUT = 5.0  # seconds
MOST_KEPT = 32  # idle connections to one address
_PARAMETERS = HTTP1ConnectionParameters(max_body_size=2**50)  # a body is never in memory whole

Address = tuple[str, int]


class Receiver(Protocol):
    """Who wants the answer. What it raises would be lost: it must raise nothing."""

    def begin(self, status: int, headers: HTTPHeaders) -> Awaitable[None] | None:
        """Take the status and the headers."""
        ...

    def piece(self, chunk: bytes) -> Awaitable[None] | None:
        """Take a piece of the body; the next comes when that is done."""
        ...


@dataclass(frozen=True)
class Question:
    """A request but for its body."""

    address: Address
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)


class Pool:
    """The connections that nobody uses at the moment."""

    def __init__(self) -> None:
        self._idle: dict[Address, list[IOStream]] = defaultdict(list)
        self._client = TCPClient()

    async def ask(self, question: Question, receiver: Receiver) -> Exchange:
        """Return an exchange whose question is under way; its body is still to be sent.

        Raises:
            OSError: nobody listens there (StreamClosedError and TimeoutError are such, too).
        """
        kept = self._kept(question.address)
        stream = kept or await self._opened(question.address)
        return Exchange(self, stream, question, receiver, is_used=kept is not None)

    async def _opened(self, address: Address) -> IOStream:
        return await self._client.connect(*address, timeout=CONNECT_TIMEOUT)

    def _kept(self, address: Address) -> IOStream | None:
        while idle := self._idle[address]:
            stream = idle.pop()
            stream.set_close_callback(None)
            if not stream.closed():
                return stream
        return None

    def keep(self, address: Address, stream: IOStream) -> None:
        """Take back a connection; it is watched, and forgotten once the other side closes it."""
        idle = self._idle[address]
        if len(idle) >= MOST_KEPT:
            stream.close()
            return
        idle.append(stream)
        stream.set_close_callback(partial(self._forget, address, stream))

    def _forget(self, address: Address, stream: IOStream) -> None:
        idle = self._idle[address]
        if stream in idle:
            idle.remove(stream)
        if not idle:
            del self._idle[address]

    def close(self) -> None:
        """Close all of them."""
        for idle in list(self._idle.values()):
            for stream in list(idle):
                stream.close()
        self._client.close()


class Exchange(HTTPMessageDelegate):
    """One request and its answer.

    `is_answered` is true once the headers of the answer are there, `is_whole` once all is.
    """

    def __init__(
        self,
        pool: Pool,
        stream: IOStream,
        question: Question,
        receiver: Receiver,
        is_used: bool,
    ) -> None:
        self.is_used = is_used  # the other side may have closed the connection meanwhile
        self.is_answered = self.is_whole = self._is_sent = False
        self._pool = pool
        self._stream = stream
        self._question = question
        self._receiver = receiver
        self._can_be_kept = False
        stream.set_nodelay(True)
        self._connection = HTTP1Connection(stream, True, _PARAMETERS)
        start = RequestStartLine(question.method, question.path, "HTTP/1.1")
        self._connection.write_headers(start, HTTPHeaders(question.headers))
        self._reading = cast("Future[bool]", ensure_future(self._connection.read_response(self)))

    async def send(self, chunk: bytes) -> None:
        """Send a piece of the body; what nobody reads any more is dropped."""
        with suppress(StreamClosedError):  # `finished` tells, unless the answer is there already
            await self._connection.write(chunk)

    async def finished(self) -> None:
        """Say that the body is sent, and wait for the end of the answer.

        Raises:
            StreamClosedError: the connection ended before the answer did.
        """
        if not self.is_whole:
            self._connection.finish()
            self._is_sent = True
        await self._reading
        if not self.is_whole:
            raise StreamClosedError
        if self._can_be_kept and self._is_sent and not self._stream.closed():
            self._pool.keep(self._question.address, self._stream)
        else:
            self._stream.close()

    def close(self) -> None:
        """Go away; the other side sees that nobody waits any more."""
        self._stream.close()
        self._reading.add_done_callback(_forgotten)

    def headers_received(  # noqa: D102 - Tornado's
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        assert isinstance(start_line, ResponseStartLine)
        if start_line.code < 200:
            return None
        self.is_answered = True
        closes = headers.get("Connection", "").lower() == "close"
        ends = "Content-Length" in headers or "Transfer-Encoding" in headers
        self._can_be_kept = start_line.version == "HTTP/1.1" and ends and not closes
        return self._receiver.begin(start_line.code, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:  # noqa: D102 - Tornado's
        return self._receiver.piece(chunk)

    def finish(self) -> None:  # noqa: D102 - Tornado's
        self.is_whole = True
        if not self._is_sent:  # answered before it was asked to the end: refused
            self._connection.close()


def _forgotten(reading: Future[bool]) -> None:
    """Look at the error of a reading that nobody waits for."""
    if not reading.cancelled():
        reading.exception()
