"""nbtrail's own HTTP API: the routes that the panel uses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.api.native import (
    comparison,
    documents,
    endpoints,
    experiments,
    metrics,
    models,
    runs,
    status,
)
from nbtrail.api.routes import Route, RouteTable

Handler = Callable[[Context, Request], Any]


class NoQuery(msgspec.Struct):
    """The query of the routes that take none."""


def _without_query(handler: Handler) -> Handler:
    """Return `handler`, asked only when the query has no parameter that it would ignore."""

    @functools.wraps(handler)
    def checked(context: Context, request: Request) -> Any:
        request.query_as(NoQuery)
        return handler(context, request)

    return checked


ROUTES: RouteTable[Handler] = RouteTable(
    [
        Route("GET", "status", "read", _without_query(status.status)),
        Route("GET", "experiments", "read", experiments.experiments),
        Route("GET", "runs", "read", runs.runs),
        Route("POST", "runs", "write", _without_query(documents.register)),
        Route("GET", "runs/{run_id}", "read", _without_query(runs.run)),
        Route("GET", "runs/{run_id}/trail", "read", _without_query(runs.trail)),
        Route("GET", "diff", "read", comparison.diff),
        Route("GET", "schema/run", "read", _without_query(documents.schema)),
        Route("POST", "history", "read", _without_query(metrics.history)),
        Route("GET", "models", "read", _without_query(models.models)),
        Route("GET", "endpoints", "read", _without_query(endpoints.endpoints)),
    ]
)
