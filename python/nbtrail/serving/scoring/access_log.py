"""The access log: a line of JSON for each request, and nothing of what was sent or answered.

Lines are kept in memory and written with the worker's next beat, so that no request waits for the
disk. Each worker opens the file anew for that and appends: the supervisor may have moved it.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MODEL = "nbtrail.model"  # where the app leaves in a request's scope which model answered
HEADER = b"x-request-id"
LONGEST_PATH = 200
_GONE = 499  # whoever asked left before the answer; as nginx says it
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{1,64}")
logger = logging.getLogger(__name__)


class Line(msgspec.Struct):
    """One request: `time` when it was over, in ms since 1970, and how many `ms` it took."""

    time: int
    method: str
    path: str
    status: int
    ms: float
    model: str | None
    revision: int
    request_id: str


class AccessLog:
    """Notes each request that an app answers, also those that it lets nobody in for.

    Args:
        app: what answers.
        file: is appended to.
        revision: the endpoint's.
    """

    def __init__(self, app: ASGIApp, file: Path, revision: int) -> None:
        self._app = app
        self._file = file
        self._revision = revision
        self._lines: list[Line] = []
        self._is_told = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, give its answer an id, and note both."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, identity, status = time.perf_counter(), _identity(scope), _GONE

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER, identity)]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._note(scope, status, time.perf_counter() - began, identity)

    def _note(self, scope: Scope, status: int, seconds: float, identity: bytes) -> None:
        line = Line(
            time=int(time.time() * 1000),
            method=scope["method"],
            path=scope["path"][:LONGEST_PATH],
            status=status,
            ms=round(seconds * 1000, 3),
            model=scope.get(MODEL),
            revision=self._revision,
            request_id=identity.decode(),
        )
        self._lines.append(line)

    def flush(self) -> None:
        """Write what was noted; where that is not possible, say so once and go on."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        content = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        try:
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, content)
            finally:
                os.close(descriptor)
        except OSError as error:
            if not self._is_told:
                logger.warning("The access log cannot be written: %s", error.strerror)
            self._is_told = True


def _identity(scope: Scope) -> bytes:
    """Return the id that a request brought from a server before this one, or a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and _GIVEN.fullmatch(value):
            return bytes(value)
    return secrets.token_hex(8).encode()
