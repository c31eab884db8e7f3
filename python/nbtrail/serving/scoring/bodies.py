"""Request bodies: read no further than the limit, unpacked no further either."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.requests import Request

from nbtrail.errors import BadRequest, NbtrailError, UnsupportedMediaType

TOGETHER = 4  # bodies of the greatest size that a worker has at once
_WINDOWS = {"gzip": 31, "deflate": 15}


class Busy(NbtrailError):
    """More than a worker takes on."""

    error_code = "TEMPORARILY_UNAVAILABLE"
    http_status = 429


class TooLarge(BadRequest):
    """A body over the limit."""

    http_status = 413


class Bodies:
    """The bodies that one worker has in memory: bounded each, and together."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._most = limit * TOGETHER
        self._held = 0

    @asynccontextmanager
    async def of(self, request: Request) -> AsyncIterator[bytes]:
        """Hold the body of a request for as long as it is answered; raises as `read` does.

        Raises:
            Busy: others hold too much.
        """
        held = 0

        def hold(size: int) -> None:
            nonlocal held
            self._held += size
            held += size
            if self._held > self._most:
                raise Busy("Too much is being sent at once; try again in a moment.")

        try:
            yield await read(request, self._limit, hold)
        finally:
            self._held -= held


async def read(request: Request, limit: int, hold: Callable[[int], None]) -> bytes:
    """Return a body, unpacked if it was packed.

    Args:
        request: whose body.
        limit: bytes, before and after unpacking.
        hold: told of the bytes that come.

    Raises:
        TooLarge: it is larger than `limit` bytes, before or after unpacking.
        UnsupportedMediaType: it is packed in another way than gzip and deflate.
        BadRequest: it says that it is packed, and is not.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        hold(len(chunk))
        if len(body) > limit:
            raise _too_large(limit)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    return bytes(body) if encoding == "identity" else _unpacked(bytes(body), encoding, limit)


def _unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    if encoding not in _WINDOWS:
        raise UnsupportedMediaType("Send the body as it is, or packed with gzip or deflate.")
    unpacking = zlib.decompressobj(_WINDOWS[encoding])
    try:
        found = unpacking.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadRequest("The body is not packed as its Content-Encoding says.") from error
    if len(found) > limit:
        raise _too_large(limit)
    if not unpacking.eof:
        raise BadRequest("The packed body is cut off.")
    return found


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than the {limit} bytes that are read.")
