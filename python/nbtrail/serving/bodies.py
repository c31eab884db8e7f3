"""Request bodies: read no further than the limit, unpacked no further either."""

from __future__ import annotations

import zlib

from starlette.requests import Request

from nbtrail.errors import BadRequest, UnsupportedMediaType

_WINDOWS = {"gzip": 31, "deflate": 15}


class TooLarge(BadRequest):
    """A body over the limit."""

    http_status = 413


async def read(request: Request, limit: int) -> bytes:
    """Return a body, unpacked if it was packed.

    Raises:
        TooLarge: it is larger than `limit` bytes, before or after unpacking.
        UnsupportedMediaType: it is packed in another way than gzip and deflate.
        BadRequest: it says that it is packed, and is not.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
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
