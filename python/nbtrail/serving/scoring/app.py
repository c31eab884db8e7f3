"""The scoring app: the models of an endpoint over HTTP, for those who have the token or a key."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from importlib import metadata

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from nbtrail.errors import NbtrailError
from nbtrail.serving.scoring import access_log, answers, documents, inference, protocol, typed
from nbtrail.serving.scoring.access import Gate
from nbtrail.serving.scoring.service import Scorer, Service

MODEL = "X-Nbtrail-Model"
_Answering = Callable[[Scorer, bytes], Awaitable[Response]]


def create_app(service: Service, token: str, keys: list[dict[str, object]]) -> Gate:
    """Return the ASGI app of a service.

    Every request needs the header ``Authorization: Bearer <token>``, or a key there, unless the
    service is configured otherwise.

    Args:
        service: what answers.
        token: the endpoint's own.
        keys: those that may ask, too; `Gate.take_keys` changes them.
    """
    app = Starlette(routes=_Routes(service).all(), exception_handlers=_HANDLERS)
    return Gate(app, token, keys, service.config.auth == "none")


_HANDLERS = {
    NbtrailError: answers.on_error,
    HTTPException: answers.on_http_error,
    Exception: answers.on_bug,
}


class _Routes:
    """What each path answers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def all(self) -> list[Route]:
        v2 = "/v2/models/{name}"
        versioned = f"{v2}/versions/{{version}}"
        return [
            Route("/invocations", self.invocations, methods=["POST"]),
            Route("/predict", self.predict, methods=["POST"]),
            Route("/ping", _alive),
            Route("/health", _alive),
            Route("/version", _version),
            Route("/openapi.json", self.openapi),
            Route("/docs", self.page),
            Route("/metrics", self.metrics),
            Route("/v2", self.about_server),
            Route("/v2/health/live", _alive),
            Route("/v2/health/ready", _alive),
            *(Route(path, self.about_model) for path in (v2, versioned)),
            *(Route(f"{path}/ready", self.model_ready) for path in (v2, versioned)),
            *(Route(f"{path}/infer", self.infer, methods=["POST"]) for path in (v2, versioned)),
        ]

    async def invocations(self, request: Request) -> Response:
        async def answer(scorer: Scorer, body: bytes) -> Response:
            content_type = request.headers.get("content-type")
            content = await self._service.invoke(scorer, body, content_type)
            return Response(content, media_type=protocol.JSON)

        return await self._answer(request, answer)

    async def predict(self, request: Request) -> Response:
        async def answer(scorer: Scorer, body: bytes) -> Response:
            return await typed.answer(self._service, scorer, body)

        return await self._answer(request, answer)

    async def infer(self, request: Request) -> Response:
        self._check_name(request)

        async def answer(scorer: Scorer, body: bytes) -> Response:
            length = request.headers.get("inference-header-content-length")
            name = self._service.name
            content = await self._service.in_thread(inference.infer, scorer, body, length, name)
            return Response(content, media_type=protocol.JSON)

        return await self._answer(request, answer)

    async def _answer(self, request: Request, answering: _Answering) -> Response:
        """Read the body, let it be answered within the limits, and count it."""
        service, began, status = self._service, time.perf_counter(), 500
        try:
            async with service.deadline(), service.bodies.of(request) as body:
                with service.place():
                    scorer = service.choose(self._sticky(request))
                    request.scope[access_log.MODEL] = scorer.uri
                    response = await answering(scorer, body)
            status = response.status_code
        except NbtrailError as error:
            response, status = await answers.on_error(request, error), error.http_status
        finally:
            service.count(status, time.perf_counter() - began)
        if service.leaving:
            response.headers["Connection"] = "close"
        if len(service.scorers) > 1 and status < 400:
            response.headers[MODEL] = scorer.uri
        return response

    def _sticky(self, request: Request) -> str | None:
        header = self._service.config.sticky
        return request.headers.get(header) if header else None

    async def openapi(self, _: Request) -> Response:
        return JSONResponse(documents.openapi(self._service))

    async def page(self, _: Request) -> Response:
        return HTMLResponse(documents.page(self._service))

    async def metrics(self, _: Request) -> Response:
        return PlainTextResponse(documents.metrics(self._service), media_type=documents.PROMETHEUS)

    async def about_server(self, _: Request) -> Response:
        about = {"name": "nbtrail", "version": metadata.version("nbtrail"), "extensions": []}
        return JSONResponse(about)

    async def about_model(self, request: Request) -> Response:
        self._check_name(request)
        return JSONResponse(inference.about(self._service))

    async def model_ready(self, request: Request) -> Response:
        self._check_name(request)
        return JSONResponse({"name": self._service.name, "ready": True})

    def _check_name(self, request: Request) -> None:
        inference.check_name(self._service, **request.path_params)


async def _alive(_: Request) -> Response:
    return PlainTextResponse("OK")


async def _version(_: Request) -> Response:
    return PlainTextResponse(metadata.version("nbtrail"))
