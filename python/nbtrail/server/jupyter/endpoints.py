"""The scoring proxy: a served model answers under the Jupyter server's own address."""

from __future__ import annotations

from urllib.parse import quote

from tornado.httpclient import HTTPRequest, HTTPResponse
from tornado.simple_httpclient import HTTPTimeoutError, SimpleAsyncHTTPClient

from nbtrail.api import Response, Route, RouteTable
from nbtrail.api.http import JSON
from nbtrail.api.native.endpoints import deploy_again, ready_endpoint
from nbtrail.entities import Endpoint
from nbtrail.errors import EndpointError
from nbtrail.server.jupyter.handlers import NbtrailHandler

CONNECT_TIMEOUT = 5.0
SCORING_TIMEOUT = 300.0
MAX_CONCURRENT = 64
_ONWARD = ("Content-Encoding", "Inference-Header-Content-Length")
_BACK = ("Retry-After", "X-Nbtrail-Model")

# The handler of these routes is the path that the scoring process knows.
SCORING_ROUTES: RouteTable[str] = RouteTable(
    [
        Route("POST", "{name}/invocations", "write", "/invocations"),
        Route("GET", "{name}/ping", "read", "/ping"),
        Route("GET", "{name}/health", "read", "/health"),
        Route("GET", "{name}/version", "read", "/version"),
        Route("POST", "{name}/predict", "write", "/predict"),
        Route("GET", "{name}/openapi.json", "read", "/openapi.json"),
        Route("GET", "{name}/docs", "read", "/docs"),
        Route("GET", "{name}/metrics", "read", "/metrics"),
        Route("GET", "{name}/v2", "read", "/v2"),
        Route("GET", "{name}/v2/health/live", "read", "/v2/health/live"),
        Route("GET", "{name}/v2/health/ready", "read", "/v2/health/ready"),
        Route("GET", "{name}/v2/models/{model}", "read", "/v2/models/{model}"),
        Route("GET", "{name}/v2/models/{model}/ready", "read", "/v2/models/{model}/ready"),
        Route("POST", "{name}/v2/models/{model}/infer", "write", "/v2/models/{model}/infer"),
    ]
)


class ScoringClient(SimpleAsyncHTTPClient):
    """Tornado's client; as a class of its own it shares no queue with other extensions."""


class EndpointHandler(NbtrailHandler):
    """Passes scoring requests on to the endpoint's process, which has a token of its own.

    Nothing of Jupyter's goes along, neither token nor cookies, and nothing of the process comes
    back but status, content type, body and two headers that tell nothing of anybody.
    """

    routes = SCORING_ROUTES
    max_body = 64 * 1024 * 1024

    async def respond(self) -> Response:
        """Ask the endpoint's process."""
        name = self.match.arguments["name"]
        endpoint = await self.in_executor(ready_endpoint, self.context, name)
        answered = await _fetch(endpoint, self._onward(endpoint))
        content_type = answered.headers.get("Content-Type", "application/octet-stream")
        kept = {name: answered.headers[name] for name in _BACK if name in answered.headers}
        return Response(answered.code, answered.body, content_type, kept)

    def _path(self) -> str:
        """Return the path that the process knows."""
        model = quote(self.match.arguments.get("model", ""), safe="")
        return str(self.match.route.handler).replace("{model}", model)

    def _onward(self, endpoint: Endpoint) -> HTTPRequest:
        headers = {
            "Authorization": f"Bearer {endpoint.token}",
            "Content-Type": self.request.headers.get("Content-Type", JSON),
            "Accept": self.request.headers.get("Accept", "*/*"),
        }
        given = self.request.headers
        headers |= {name: given[name] for name in _ONWARD if name in given}
        host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        return HTTPRequest(
            f"http://{host}:{endpoint.port}{self._path()}",
            method=self.match.route.method,
            headers=headers,
            body=bytes(self.body) if self.match.route.method == "POST" else None,
            connect_timeout=CONNECT_TIMEOUT,
            request_timeout=SCORING_TIMEOUT,
            follow_redirects=False,
            decompress_response=False,
        )


async def _fetch(endpoint: Endpoint, request: HTTPRequest) -> HTTPResponse:
    try:
        response = await ScoringClient(max_clients=MAX_CONCURRENT).fetch(request, raise_error=False)
    except HTTPTimeoutError:
        raise EndpointError(f"The endpoint '{endpoint.name}' did not answer in time.") from None
    except Exception as error:
        raise EndpointError(
            f"The process of the endpoint '{endpoint.name}' does not answer "
            f"({type(error).__name__}). {deploy_again(endpoint)}"
        ) from None
    if response.code == 401:
        raise EndpointError(
            f"What answers at the address of the endpoint '{endpoint.name}' is not its process. "
            f"{deploy_again(endpoint)}"
        )
    return response
