"""Binds the room `api` to Tornado: who asks, for which route, and may they?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import replace
from http.client import responses
from typing import Any, TypeVar, cast

from jupyter_core.utils import ensure_async
from jupyter_server.auth import User
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError

from nbtrail.api import Context, Match, Request, Response, RouteTable, answer, error_response
from nbtrail.api.http import Pieces
from nbtrail.api.native import ROUTES, Handler
from nbtrail.errors import InvalidValue, NbtrailError

T = TypeVar("T")

LONGEST_NAME = 200  # characters of a user's name in a history
_MADE_UP = re.compile("[0-9a-f]{32}")
_JUPYTERS_OWN = {"token", "_xsrf", "no_track_activity"}


class PermissionDenied(NbtrailError):
    """A user who is known, and may not do this."""

    error_code = "PERMISSION_DENIED"
    http_status = 403


class BodyTooLarge(InvalidValue):
    """A body above the limit of its route."""

    http_status = 413


@web.stream_request_body
class NbtrailHandler(APIHandler):
    """Everything below one prefix: by itself a 404, with `routes` the base of the others.

    Authentication, authorization and the limit of the body are settled in `prepare`, before
    any of the body is read, whatever ``ServerApp.allow_unauthenticated_access`` says.
    """

    auth_resource = "nbtrail"
    routes: RouteTable[Any] = RouteTable([])
    max_body = 4 * 1024 * 1024

    def initialize(self, prefix: str, context: Context, executor: Executor) -> None:
        """Take what the extension shares with its handlers."""
        self.prefix = prefix
        self.context = context
        self.executor = executor
        self.body = bytearray()

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse who is not known or not allowed; find the route."""
        await super().prepare()
        if not self.current_user:
            raise web.HTTPError(403)
        try:
            path = self.request.path[len(self.prefix) :]
            self.match: Match[Any] = self.routes.match(str(self.request.method), path)
            await self._authorize(self.match.route.action)
            self._limit_body()
        except NbtrailError as error:
            self._send(error_response(error))

    async def _authorize(self, action: str) -> None:
        allowed = self.authorizer.is_authorized(self, self.current_user, action, self.auth_resource)
        if not await ensure_async(allowed):
            raise PermissionDenied(f"You may not {action} here; ask who runs this server.")

    def _limit_body(self) -> None:
        declared = self.request.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > self.max_body:
            raise BodyTooLarge(f"The body is larger than {self.max_body // 1024**2} MiB.")
        # A chunked body declares no length: Tornado counts.
        cast("HTTP1Connection", self.request.connection).set_max_body_size(self.max_body)

    def data_received(self, chunk: bytes) -> None:
        """Collect the body."""
        self.body.extend(chunk)

    async def respond(self) -> Response:
        """Return the response for `match`; a NbtrailError becomes one."""
        raise NotImplementedError

    async def _answer(self) -> None:
        try:
            response = await self.respond()
        except NbtrailError as error:
            response = error_response(error)
        if isinstance(response.body, bytes):
            self._send(response)
        else:
            await self._stream(response, response.body)

    async def _stream(self, response: Response, pieces: Pieces) -> None:
        """Send pieces, each when the client has taken the one before."""
        self._begin(response)
        self.set_header("Content-Type", response.content_type)
        try:
            while piece := await self.in_executor(_next, pieces):
                self.write(piece)
                await self.flush()
            await self.finish(set_content_type=response.content_type)
        except StreamClosedError:
            pass  # nobody listens any more
        finally:
            pieces.close()

    get = post = put = patch = delete = head = options = web.authenticated(  # type: ignore[assignment]
        _answer
    )

    def in_executor(self, function: Callable[..., T], *arguments: object) -> Awaitable[T]:
        """Call a function that uses the store, off the event loop."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self.executor, function, *arguments)

    def _begin(self, response: Response) -> None:
        self.set_status(response.status)
        for name, value in response.headers.items():
            self.set_header(name, value)

    def _send(self, response: Response) -> None:
        self._begin(response)
        # Not even b"" may be the body of a 204 or a 304.
        self.finish(response.body or None, set_content_type=response.content_type)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer what Jupyter or Tornado refused in the shape of all other errors."""
        raised = kwargs.get("exc_info", (None, None, None))[1]
        told = raised.log_message if isinstance(raised, web.HTTPError) else None
        error = NbtrailError(told or responses.get(status_code, "Error"))
        error.http_status = status_code
        error.error_code = _error_code(status_code)
        self._send(error_response(error))


class ApiHandler(NbtrailHandler):
    """The native API."""

    routes: RouteTable[Handler] = ROUTES

    async def respond(self) -> Response:
        """Call the route's handler."""
        headers = {name.lower(): value for name, value in self.request.headers.items()}
        request = Request(self.match.arguments, self._query(), bytes(self.body), headers)
        context = replace(self.context, user=person(self.current_user))
        return await self.in_executor(answer, self.match.route.handler, context, request)

    def _query(self) -> str:
        pairs = self.request.query.split("&")
        return "&".join(pair for pair in pairs if pair.partition("=")[0] not in _JUPYTERS_OWN)


def person(user: User | None) -> str | None:
    """Return the name of a user; None for one that Jupyter has made up for who has the token."""
    if user is None or (user.name.startswith("Anonymous ") and _MADE_UP.fullmatch(user.username)):
        return None
    return user.username[:LONGEST_NAME]


def _next(pieces: Pieces) -> bytes:
    """Return the next piece, nothing after the last: no StopIteration can leave a thread."""
    try:
        return next(pieces)
    except StopIteration:
        return b""


def _error_code(status: int) -> str:
    if status in {401, 403}:
        return PermissionDenied.error_code
    return "BAD_REQUEST" if status < 500 else NbtrailError.error_code
