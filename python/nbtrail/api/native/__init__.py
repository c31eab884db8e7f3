"""nbtrail's own HTTP API: the routes that the panel uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.api.native import endpoints, experiments, metrics, models, runs, status
from nbtrail.api.routes import Route, RouteTable

Handler = Callable[[Context, Request], Any]

ROUTES: RouteTable[Handler] = RouteTable(
    [
        Route("GET", "status", "read", status.status),
        Route("GET", "experiments", "read", experiments.experiments),
        Route("GET", "runs", "read", runs.runs),
        Route("GET", "runs/{run_id}", "read", runs.run),
        Route("GET", "runs/{run_id}/trail", "read", runs.trail),
        Route("POST", "history", "read", metrics.history),
        Route("GET", "models", "read", models.models),
        Route("GET", "endpoints", "read", endpoints.endpoints),
    ]
)
