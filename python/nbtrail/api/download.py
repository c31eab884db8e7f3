"""A file as a response: whole or one range of it, in pieces, and never a page of this origin."""

from __future__ import annotations

import re
from typing import BinaryIO
from urllib.parse import quote

from nbtrail.api.http import Request, Response

PIECE = 256 * 1024  # bytes
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_ODD = re.compile(r"[^A-Za-z0-9._-]")
_HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


def download(
    request: Request, opened: BinaryIO, name: str, size: int, etag: str | None, media_type: str
) -> Response:
    """Return an open file as an attachment; it is closed with the response.

    Args:
        request: may ask for a range, or only for what is newer.
        opened: the file.
        name: what it is called.
        size: its bytes.
        etag: changes when the content does, quoted; None where nobody knows.
        media_type: what it is; sniffed by nobody.
    """
    tagged = {} if etag is None else {"ETag": etag}
    headers = _HARMLESS | tagged | {"Accept-Ranges": "bytes", "Content-Disposition": _named(name)}
    if etag is not None and _has(request.headers.get("if-none-match", ""), etag):
        opened.close()
        return Response(304, b"", media_type, headers)
    status, start, end = _part(request, size, etag)
    if status == 416:
        opened.close()
        return Response(416, b"", media_type, headers | {"Content-Range": f"bytes */{size}"})
    if status == 206:
        headers |= {"Content-Range": f"bytes {start}-{end - 1}/{size}"}
    headers |= {"Content-Length": str(end - start)}
    return Response(status, _Stretch(opened, start, end), media_type, headers)


def _part(request: Request, size: int, etag: str | None) -> tuple[int, int, int]:
    """Return status, first byte and end; what is no single range of bytes counts as not asked."""
    found = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    condition = request.headers.get("if-range")
    if found is None or found[0] == "bytes=-" or (condition is not None and condition != etag):
        return 200, 0, size
    if not found[1]:
        last = min(int(found[2]), size)
        return (206, size - last, size) if last else (416, 0, 0)
    start, end = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
    return (206, start, end) if start < end else (416, 0, 0)


class _Stretch:
    """The bytes of an open file from one place to another, in pieces."""

    def __init__(self, opened: BinaryIO, start: int, end: int) -> None:
        opened.seek(start)
        self._opened = opened
        self._left = end - start

    def __next__(self) -> bytes:
        piece = self._opened.read(min(PIECE, self._left))
        if not piece:
            raise StopIteration
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._opened.close()


def _has(wanted: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
    return "*" in tags or etag in tags


def _named(name: str) -> str:
    """Return the header that has a file saved under its name; of odd ones, two spellings."""
    return (
        f"attachment; filename=\"{_ODD.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
