"""``POST /predict``: a function's arguments by name, or a model's inputs; generators stream."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

from starlette.responses import Response, StreamingResponse

from nbtrail.errors import NbtrailError
from nbtrail.models.signatures.jsonable import encode
from nbtrail.serving.functions import Function
from nbtrail.serving.scoring import protocol
from nbtrail.serving.scoring.service import Scorer, Service, kind_of

EVENTS = "text/event-stream"
# Whoever is between, nginx for one, is to pass each event on when it comes.
_AT_ONCE = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
_END = object()
logger = logging.getLogger(__name__)


async def answer(service: Service, scorer: Scorer, body: bytes) -> Response:
    """Answer one typed request.

    Raises:
        BadRequest: the body cannot be read, or the function raised on what it says.
        InvalidValue: the arguments do not fit.
    """
    function = scorer.function
    if function is None:
        content = await service.invoke(scorer, body, protocol.JSON)
        return Response(content, media_type=protocol.JSON)
    found = await service.in_thread(_call, function, body)
    if function.streams:
        return StreamingResponse(_events(service, found), headers=_AT_ONCE, media_type=EVENTS)
    return Response(encode({"result": found}), media_type=protocol.JSON)


def _call(function: Function, body: bytes) -> Any:
    try:
        return function.call(body)
    except NbtrailError:
        raise
    except BaseException as error:  # SystemExit, too, which would end the process
        logger.exception("The function raised.")
        kind = kind_of(error)
        raise kind(
            f"The function raised {type(error).__name__} on this input; the endpoint's log "
            "has more."
        ) from None


async def _events(service: Service, pieces: Iterator[Any]) -> AsyncIterator[bytes]:
    """Yield what a generator yields as server-sent events; its worker stays until the end."""
    service.in_flight += 1
    step: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    step.set_result(None)
    try:
        while True:
            step = asyncio.ensure_future(service.in_thread(next, pieces, _END))
            if (piece := await asyncio.shield(step)) is _END:
                break
            yield b"data: " + encode(piece) + b"\n\n"
    except asyncio.CancelledError:
        raise
    except Exception as error:
        logger.exception("The function raised.")
        is_told = isinstance(error, NbtrailError)
        said = str(error) if is_told else f"The function raised {type(error).__name__}."
        told = {"error_code": getattr(error, "error_code", "BAD_REQUEST"), "message": said}
        yield b"event: error\ndata: " + encode(told) + b"\n\n"
    finally:
        service.in_flight -= 1
        step.add_done_callback(lambda _: _let_go(service, pieces))


def _let_go(service: Service, pieces: Iterator[Any]) -> None:
    """Let a generator tidy up, once its last step is over: maybe nobody heard all of it."""
    if isinstance(pieces, Generator):
        service.later(pieces.close)
