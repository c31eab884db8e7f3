"""Runs that are registered after the fact, from a document."""

from __future__ import annotations

from typing import Any

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request, Response
from nbtrail.api.native.runs import OneRun, run_json
from nbtrail.store import documents


def register(context: Context, request: Request) -> Response:
    """``POST runs``: 201 with the run, also when the same document was registered before."""
    document = documents.read(request.body)
    made = context.new_store().documents.register(document)
    return Response(201, msgspec.json.encode(OneRun(run_json(made))))


def schema(_context: Context, _request: Request) -> dict[str, Any]:
    """``GET schema/run``: the JSON Schema of what ``POST runs`` takes."""
    return documents.schema()
