"""nbtrail's own HTTP API: the routes that the panel uses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import msgspec

from nbtrail.api.context import Context
from nbtrail.api.http import Request
from nbtrail.api.native import (
    artifacts,
    comparison,
    documents,
    edits,
    endpoints,
    experiments,
    groups,
    jobs,
    launches,
    metrics,
    models,
    notebooks,
    registry,
    runs,
    schedules,
    serving,
    status,
    tables,
    trails,
)
from nbtrail.api.routes import Action, Route, RouteTable

Handler = Callable[[Context, Request], Any]


class NoQuery(msgspec.Struct):
    """The query of the routes that take none."""


def _plain(method: str, template: str, action: Action, handler: Handler) -> Route[Handler]:
    """Return a route that is asked only when the query has no parameter that it would ignore."""

    @functools.wraps(handler)
    def checked(context: Context, request: Request) -> Any:
        request.query_as(NoQuery)
        return handler(context, request)

    return Route(method, template, action, checked)


ROUTES: RouteTable[Handler] = RouteTable(
    [
        _plain("GET", "status", "read", status.status),
        Route("GET", "experiments", "read", experiments.experiments),
        _plain("POST", "experiments", "write", experiments.create),
        _plain("PATCH", "experiments/{experiment_id}", "write", experiments.change),
        _plain("POST", "experiments/{experiment_id}/delete", "write", experiments.delete),
        _plain("POST", "experiments/{experiment_id}/restore", "write", experiments.restore),
        Route("GET", "runs", "read", runs.runs),
        _plain("POST", "table", "read", tables.table),
        Route("GET", "keys", "read", tables.keys),
        Route("GET", "complete", "read", tables.complete),
        _plain("POST", "runs", "write", documents.register),
        _plain("GET", "schema/run", "read", documents.schema),
        _plain("POST", "runs/delete", "write", edits.delete),
        _plain("POST", "runs/restore", "write", edits.restore),
        _plain("GET", "runs/{run_id}", "read", runs.run),
        _plain("PATCH", "runs/{run_id}", "write", edits.change),
        _plain("GET", "runs/{run_id}/children", "read", trails.children),
        _plain("GET", "runs/{run_id}/audit", "read", edits.audit),
        _plain("GET", "runs/{run_id}/context", "read", trails.surroundings),
        Route("GET", "runs/{run_id}/trail", "read", trails.trail),
        _plain("GET", "runs/{run_id}/executions/{execution}/outputs", "read", trails.outputs),
        _plain("GET", "runs/{run_id}/verdict", "read", trails.verdict),
        _plain("GET", "runs/{run_id}/lineage", "read", trails.lineage),
        Route("GET", "runs/{run_id}/artifacts", "read", artifacts.artifacts),
        Route("GET", "runs/{run_id}/artifacts/content", "read", artifacts.content),
        Route("GET", "runs/{run_id}/artifacts/preview", "read", artifacts.shown),
        Route("GET", "diff", "read", comparison.diff),
        _plain("POST", "history", "read", metrics.history),
        _plain("POST", "groups", "read", groups.groups),
        _plain("POST", "importance", "read", groups.param_importance),
        _plain("GET", "models", "read", models.models),
        _plain("POST", "models", "write", models.register),
        Route("GET", "models/search", "read", registry.search),
        _plain("GET", "models/{name}", "read", models.model),
        Route("DELETE", "models/{name}", "write", registry.delete),
        Route("GET", "models/{name}/history", "read", registry.history),
        Route("GET", "models/{name}/compare", "read", registry.compare),
        _plain("POST", "models/{name}/rename", "write", registry.rename),
        _plain("POST", "models/{name}/restore", "write", registry.restore),
        _plain("PATCH", "models/{name}", "write", models.change),
        _plain("GET", "models/{name}/versions/{version}", "read", models.version),
        _plain("PATCH", "models/{name}/versions/{version}", "write", models.change_version),
        Route("DELETE", "models/{name}/versions/{version}", "write", registry.delete_version),
        _plain("GET", "models/{name}/versions/{version}/card", "read", registry.card),
        _plain("POST", "models/{name}/versions/{version}/copy", "write", registry.copy),
        _plain(
            "POST",
            "models/{name}/versions/{version}/restore",
            "write",
            registry.restore_version,
        ),
        _plain("PUT", "models/{name}/aliases/{alias}", "write", models.set_alias),
        Route("DELETE", "models/{name}/aliases/{alias}", "write", models.delete_alias),
        Route("GET", "notebooks", "read", notebooks.notebooks),
        Route("GET", "notebooks/parameters", "read", notebooks.parameters),
        _plain("POST", "projects/parameters", "execute", launches.form),
        _plain("GET", "backends", "read", launches.where),
        Route("GET", "jobs", "read", jobs.jobs),
        _plain("POST", "jobs", "execute", jobs.launch),
        _plain("POST", "sweeps", "execute", jobs.sweep),
        _plain("GET", "jobs/{job_id}", "read", jobs.job),
        Route("GET", "jobs/{job_id}/log", "read", jobs.log),
        _plain("POST", "jobs/{job_id}/stop", "write", jobs.stop),
        _plain("POST", "jobs/{job_id}/retry", "execute", jobs.retry),
        _plain("GET", "schedules", "read", schedules.schedules),
        _plain("POST", "schedules", "execute", schedules.add),
        _plain("DELETE", "schedules/{schedule_id}", "write", schedules.remove),
        _plain("POST", "schedules/{schedule_id}/pause", "write", schedules.pause),
        _plain("POST", "schedules/{schedule_id}/resume", "execute", schedules.resume),
        _plain("POST", "schedules/{schedule_id}/run", "execute", schedules.run),
        _plain("POST", "runs/{run_id}/reproduce", "execute", jobs.reproduce),
        _plain("GET", "runs/{run_id}/parameters", "read", notebooks.parameters_of_run),
        _plain("POST", "runs/{run_id}/rerun", "execute", jobs.rerun),
        _plain("POST", "runs/{run_id}/notebook", "write", notebooks.restore),
        _plain("GET", "endpoints", "read", endpoints.endpoints),
        _plain("POST", "endpoints", "execute", endpoints.start),
        _plain("GET", "endpoints/{name}", "read", serving.endpoint),
        _plain("PATCH", "endpoints/{name}", "execute", serving.change),
        _plain("DELETE", "endpoints/{name}", "write", serving.delete),
        _plain("POST", "endpoints/{name}/start", "execute", serving.start_again),
        _plain("POST", "endpoints/{name}/stop", "write", endpoints.end),
        _plain("GET", "endpoints/{name}/workers", "read", serving.workers),
        Route("GET", "endpoints/{name}/stats", "read", serving.stats),
        Route("GET", "endpoints/{name}/log", "read", serving.log),
        _plain("GET", "endpoints/{name}/revisions", "read", serving.revisions),
        _plain("POST", "endpoints/{name}/rollback", "execute", serving.rollback),
        _plain("PUT", "endpoints/{name}/traffic", "execute", serving.traffic),
        _plain("GET", "endpoints/{name}/keys", "read", serving.keys),
        _plain("POST", "endpoints/{name}/keys", "write", serving.add_key),
        _plain("DELETE", "endpoints/{name}/keys/{id}", "write", serving.delete_key),
        _plain("GET", "endpoints/{name}/snippets", "read", serving.snippets),
    ]
)
