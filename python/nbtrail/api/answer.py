"""Call a handler, and turn what it returns or raises into a response."""

from __future__ import annotations

import logging

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request, Response
from nbtrail.api.native import Handler
from nbtrail.api.routes import MethodNotAllowed
from nbtrail.errors import NbtrailError
from nbtrail.store.audit import acting_as

log = logging.getLogger(__name__)


def answer(handler: Handler, context: Context, request: Request) -> Response:
    """Call `handler` for the context's user; encode its record, if it made no response itself.

    Nothing that it raises gets out of here.
    """
    try:
        with acting_as(context.user):
            answered = handler(context, request)
        if isinstance(answered, Response):
            return answered
        return Response(200, msgspec.json.encode(answered))
    except NbtrailError as error:
        return error_response(error)
    except Exception:
        log.exception("A request failed in %s", handler.__name__)
        return error_response(
            NbtrailError("The server failed to answer this request; its log says why.")
        )


def error_response(error: NbtrailError) -> Response:
    """Return the response that says what went wrong, in MLflow's shape."""
    allow = {"Allow": error.allowed} if isinstance(error, MethodNotAllowed) else {}
    return Response(error.http_status, error.serialize_as_json().encode(), headers=allow)
