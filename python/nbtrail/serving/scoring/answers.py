"""Answers of the scoring app that are errors: typed, short, and never with what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from nbtrail.errors import NbtrailError

if TYPE_CHECKING:
    from starlette.requests import Request


def refusal(status: int, code: str, message: str) -> Response:
    """Return the answer that says what is wrong."""
    return JSONResponse({"error_code": code, "message": message}, status)


async def on_error(request: Request, error: Exception) -> Response:
    """Tell an error that is meant for who asked; in the words of the protocol they speak."""
    code = getattr(error, "error_code", NbtrailError.error_code)
    status = getattr(error, "http_status", 500)
    if request.url.path.startswith("/v2"):
        return JSONResponse({"error": str(error)}, status)
    response = refusal(status, code, str(error))
    if status == 429:
        response.headers["Retry-After"] = "1"
    return response


async def on_http_error(_: Request, error: Exception) -> Response:
    """Tell what the framework refuses."""
    assert isinstance(error, HTTPException)
    code = {404: "RESOURCE_DOES_NOT_EXIST"}.get(error.status_code, "BAD_REQUEST")
    response = refusal(error.status_code, code, f"{error.detail}.")
    response.headers.update(error.headers or {})
    return response


async def on_bug(_: Request, error: Exception) -> Response:
    """Tell that something is wrong here."""
    what = f"The endpoint failed with {type(error).__name__}; its log has more."
    return refusal(500, NbtrailError.error_code, what)
