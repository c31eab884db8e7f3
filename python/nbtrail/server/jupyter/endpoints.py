"""The scoring proxy: a served model answers under the Jupyter server's own address."""

from __future__ import annotations

import time
from typing import Any, cast
from urllib.parse import quote

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders
from tornado.iostream import StreamClosedError
from tornado.web import authenticated

from nbtrail.api import Context, Route, RouteTable, error_response
from nbtrail.api.http import JSON
from nbtrail.api.native.endpoints import EndpointNotReady, deploy_again, ready_endpoint
from nbtrail.entities import Endpoint, EndpointConfig
from nbtrail.errors import EndpointError, NbtrailError
from nbtrail.server.jupyter.handlers import NbtrailHandler
from nbtrail.server.jupyter.upstream import Exchange, Pool, Question
from nbtrail.serving.revisions import config_of

HELD = 64 * 1024  # bytes of a body that are held, so that it can be sent again
KNOWN = 1.0  # seconds for which the address of an endpoint that answers is not looked up again

_V2 = "v2/models/{model}"
_VERSIONED = f"{_V2}/versions/{{version}}"

_PREDICTING = ("invocations", "predict", f"{_V2}/infer", f"{_VERSIONED}/infer")
_TELLING = (
    *("ping", "health", "version", "openapi.json", "docs", "metrics"),
    *("v2", "v2/health/live", "v2/health/ready"),
    *(_V2, f"{_V2}/ready", _VERSIONED, f"{_VERSIONED}/ready"),
)

# The handler of these routes is the path that the scoring process knows.
SCORING_ROUTES: RouteTable[str] = RouteTable(
    [
        *(Route("POST", f"{{name}}/{path}", "write", f"/{path}") for path in _PREDICTING),
        *(Route("GET", f"{{name}}/{path}", "read", f"/{path}") for path in _TELLING),
    ]
)

# Of what a client sends, and of what a process answers, this goes on and nothing else: neither
# side learns the other's tokens and cookies, and what is said about one connection stays there.
_ONWARD = (
    "Accept",
    "Content-Encoding",
    "Inference-Header-Content-Length",
    "Traceparent",
    "X-Request-Id",
)
_BACK = (
    "Cache-Control",
    "Content-Encoding",
    "Content-Length",
    "Inference-Header-Content-Length",
    "Retry-After",
    "Vary",
    "X-Nbtrail-Model",
    "X-Request-Id",
)
_NEVER = frozenset({"authorization", "connection", "content-length", "cookie", "host", "te"})


class Upstream:
    """What the handlers of a server share: connections, and where endpoints were a moment ago."""

    def __init__(self, context: Context) -> None:
        self.pool = Pool()
        self._context = context
        self._known: dict[str, tuple[float, Endpoint, EndpointConfig]] = {}

    def remembered(self, name: str) -> tuple[Endpoint, EndpointConfig] | None:
        """Return where an endpoint is, if that was looked up just now."""
        known = self._known.get(name)
        return (known[1], known[2]) if known and known[0] > time.monotonic() else None

    def find(self, name: str) -> tuple[Endpoint, EndpointConfig]:
        """Look up where an endpoint is, and how it serves.

        Raises:
            NotFound: there is no endpoint of this name.
            EndpointNotReady: it is starting, has failed, or was stopped.
        """
        endpoint = ready_endpoint(self._context, name)
        config = config_of(name, self._context.existing_store())
        self._known[name] = (time.monotonic() + KNOWN, endpoint, config)
        return endpoint, config

    def forget(self, name: str) -> None:
        """Look an endpoint up again when it is asked next."""
        self._known.pop(name, None)


class EndpointHandler(NbtrailHandler):
    """Passes scoring requests on to the endpoint's process, which has a token of its own.

    A body that is small is sent when it is there; of a larger one each piece as it comes. The
    answer goes back piece by piece.
    """

    routes = SCORING_ROUTES
    max_body = 2**31  # what an endpoint may allow at most; each has its own limit

    def initialize(self, upstream: Upstream, **shared: Any) -> None:  # type: ignore[override]
        """Take what the handlers share."""
        super().initialize(**shared)
        self._upstream = upstream
        self._exchange: Exchange | None = None

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse who is not allowed, find the endpoint, and set its limit of the body."""
        await super().prepare()
        if self._finished:
            return
        try:
            await self._find()
            self.max_body = self._config.max_body
            self._limit_body()
        except NbtrailError as error:
            self._refuse(error)

    async def _find(self) -> None:
        name = self.match.arguments["name"]
        known = self._upstream.remembered(name)
        found = known if known else await self.in_executor(self._upstream.find, name)
        self._endpoint, self._config = found

    async def data_received(self, chunk: bytes) -> None:  # type: ignore[override]
        """Hold a small body; pass a large one on."""
        self.body.extend(chunk)
        if self._finished or len(self.body) <= HELD:
            return
        try:
            self._exchange = self._exchange or await self._ask()
            await self._exchange.send(bytes(self.body))
        except OSError as error:
            await self._fail(error)
        self.body.clear()

    async def _answer(self) -> None:
        if self._finished:
            return
        try:
            await self._exchanged()
        except OSError as error:  # StreamClosedError is one
            await self._fail(error)

    get = post = put = patch = delete = head = options = authenticated(_answer)

    async def _exchanged(self) -> None:
        """Ask, once more if the connection turns out to be an old one that nobody reads."""
        asked = self._exchange
        exchange = asked or await self._ask()
        try:
            await self._finish_asking(exchange)
        except StreamClosedError:
            again = exchange.is_used and not exchange.is_answered and asked is None
            if not again or self._is_gone():
                raise
            await self._exchanged_anew()
        if not self._finished:
            await self.finish(set_content_type=self._headers.get("Content-Type"))

    async def _exchanged_anew(self) -> None:
        self._exchange = None
        exchange = await self._ask()
        await self._finish_asking(exchange)

    async def _finish_asking(self, exchange: Exchange) -> None:
        if self.body:
            await exchange.send(bytes(self.body))
        await exchange.finished()

    async def _ask(self) -> Exchange:
        host, port = self._endpoint.host, self._endpoint.port
        assert port is not None
        question = Question((host, port), self.match.route.method, self._path(), self._onward())
        self._exchange = await self._upstream.pool.ask(question, self)
        return self._exchange

    def _path(self) -> str:
        """Return the path that the process knows."""
        path = str(self.match.route.handler)
        for name in ("model", "version"):
            path = path.replace(f"{{{name}}}", quote(self.match.arguments.get(name, ""), safe=""))
        return path

    def _onward(self) -> dict[str, str]:
        given, endpoint = self.request.headers, self._endpoint
        host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        headers = {
            "Host": f"{host}:{endpoint.port}",
            "Authorization": f"Bearer {endpoint.token}",
            "Content-Type": given.get("Content-Type", JSON),
        }
        sticky = self._config.sticky
        wanted = _ONWARD if sticky is None or sticky.lower() in _NEVER else (*_ONWARD, sticky)
        headers |= {name: given[name] for name in wanted if name in given}
        if self.match.route.method == "POST" and not self._is_chunked():
            headers["Content-Length"] = given.get("Content-Length", "0")
        return headers

    def _is_chunked(self) -> bool:
        return "Transfer-Encoding" in self.request.headers

    async def begin(self, status: int, headers: HTTPHeaders) -> None:
        """Pass the status and the headers back."""
        if status == 401:
            self._refuse(
                EndpointError(
                    f"What answers at the address of the endpoint '{self._endpoint.name}' is not "
                    f"its process. {deploy_again(self._endpoint)}"
                )
            )
            return
        self.set_status(status)
        self.set_header("Content-Type", headers.get("Content-Type", "application/octet-stream"))
        for name in _BACK:
            if name in headers:
                self.set_header(name, headers[name])
        if "Content-Length" not in headers and status not in {204, 304}:
            await self._flushed()  # who waits for events hears at once that they will come

    async def piece(self, chunk: bytes) -> None:
        """Pass a piece of the body back."""
        if not self._finished:
            self.write(chunk)
            await self._flushed()

    async def _flushed(self) -> None:
        try:
            await self.flush()
        except StreamClosedError:
            self.on_connection_close()

    def on_connection_close(self) -> None:
        """Let the process know that nobody waits any more."""
        super().on_connection_close()
        if self._exchange is not None:
            self._exchange.close()

    def _is_gone(self) -> bool:
        """Say whether the client has gone."""
        stream = cast("HTTP1Connection", self.request.connection).stream
        return stream is None or stream.closed()

    async def _fail(self, error: OSError) -> None:
        """Tell why the process does not answer; break off what was begun: it is not whole."""
        if self._finished or self._is_gone():
            return
        if self._headers_written:
            cast("HTTP1Connection", self.request.connection).close()
            return
        self._upstream.forget(self.match.arguments["name"])
        try:
            await self._find()  # it may have been stopped a moment ago
            raise self._no_answer(error)
        except NbtrailError as told:
            self.clear()
            self._refuse(told)

    def _no_answer(self, error: OSError) -> EndpointError:
        return EndpointError(
            f"The process of the endpoint '{self._endpoint.name}' does not answer "
            f"({type(error).__name__}). {deploy_again(self._endpoint)}"
        )

    def _refuse(self, error: NbtrailError) -> None:
        """Send an error, and look the endpoint up again next time."""
        self._upstream.forget(self.match.arguments["name"])
        if isinstance(error, EndpointNotReady) and error.is_starting:
            self.set_header("Retry-After", "1")
        self._send(error_response(error))
