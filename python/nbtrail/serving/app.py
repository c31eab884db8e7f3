"""The scoring app: one model behind MLflow's four routes, for those who have the token."""

from __future__ import annotations

import hmac
import logging
from importlib import metadata
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from nbtrail.errors import BadRequest, NbtrailError
from nbtrail.models import PyFuncModel
from nbtrail.serving import protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MAX_BODY = 64 * 1024 * 1024  # bytes

logger = logging.getLogger(__name__)


class TooLarge(BadRequest):
    """A body over the limit."""

    http_status = 413


def create_app(model: PyFuncModel, token: str, max_body: int = MAX_BODY) -> ASGIApp:
    """Return the ASGI app that scores with `model`.

    Every request needs the header ``Authorization: Bearer <token>``.

    Args:
        model: it predicts in a thread pool, so it must bear concurrent calls.
        token: what the requests must show.
        max_body: bytes that a request may carry.
    """

    async def invocations(request: Request) -> Response:
        body = await _read(request, max_body)
        content_type = request.headers.get("content-type")
        answer = await run_in_threadpool(score, model, body, content_type)
        return Response(answer, media_type=protocol.JSON)

    app = Starlette(
        routes=[
            Route("/ping", _alive),
            Route("/health", _alive),
            Route("/version", _version),
            Route("/invocations", invocations, methods=["POST"]),
        ],
        exception_handlers={
            NbtrailError: _on_error,
            HTTPException: _on_http_error,
            Exception: _on_bug,
        },
    )
    return BearerToken(app, token)


class BearerToken:
    """Answers 401 unless a request shows the token; around the app, so that no route escapes."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it may."""
        if scope["type"] != "http" or self._shows_token(scope):
            await self._app(scope, receive, send)
            return
        refusal = _error(401, "UNAUTHENTICATED", "Send the endpoint's token as a bearer token.")
        await refusal(scope, receive, send)

    def _shows_token(self, scope: Scope) -> bool:
        shown = dict(scope["headers"]).get(b"authorization", b"")
        return hmac.compare_digest(shown, self._expected)


def score(model: PyFuncModel, body: bytes, content_type: str | None) -> bytes:
    """Answer one invocation.

    Raises:
        BadRequest: the body cannot be read, or the model raised on what it says.
        InvalidValue: the data does not fit the model's signature.
        NbtrailError: the model wanted to end the process.
    """
    schema = model.signature.inputs if model.signature else None
    request = protocol.parse(body, content_type, schema)
    data, params = model.enforced(request.data, request.params)
    try:
        predictions = model.predict_enforced(data, params)
    except BaseException as error:  # SystemExit, too, which would end the process
        logger.exception("The model raised.")
        kind = BadRequest if isinstance(error, Exception) else NbtrailError
        raise kind(
            f"The model raised {type(error).__name__} on this input; the endpoint's log has more."
        ) from None
    return protocol.answer(predictions)


async def _read(request: Request, limit: int) -> bytes:
    """Read the body, but no further than the limit, whatever the headers say."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge(f"The body is larger than the {limit} bytes that are read.")
    return bytes(body)


async def _alive(_: Request) -> Response:
    return PlainTextResponse("OK")


async def _version(_: Request) -> Response:
    return PlainTextResponse(metadata.version("nbtrail"))


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error_code": code, "message": message}, status)


async def _on_error(_: Request, error: Exception) -> Response:
    code = getattr(error, "error_code", NbtrailError.error_code)
    return _error(getattr(error, "http_status", 500), code, str(error))


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "RESOURCE_DOES_NOT_EXIST"}.get(error.status_code, "BAD_REQUEST")
    response = _error(error.status_code, code, f"{error.detail}.")
    response.headers.update(error.headers or {})
    return response


async def _on_bug(_: Request, error: Exception) -> Response:
    what = f"The endpoint failed with {type(error).__name__}; its log has more."
    return _error(500, NbtrailError.error_code, what)
