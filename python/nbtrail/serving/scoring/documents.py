"""What an endpoint tells of itself: OpenAPI, a page for people, figures for Prometheus."""

from __future__ import annotations

import html
import json
from importlib import metadata
from itertools import accumulate
from typing import Any

from nbtrail.serving.scoring import schemas
from nbtrail.serving.scoring.service import Service
from nbtrail.serving.supervision.figures import BOUNDS

PROMETHEUS = "text/plain; version=0.0.4"
_ERROR = {
    "type": "object",
    "properties": {"error_code": {"type": "string"}, "message": {"type": "string"}},
    "required": ["error_code", "message"],
}


def openapi(service: Service) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of an endpoint."""
    scorer = service.scorers[0]
    taken, given, named = schemas.of_predict(scorer)
    asked, answered = schemas.of_invocations(scorer)
    parts: dict[str, Any] = {"schemas": named | {"Error": _ERROR}}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": service.name, "version": metadata.version("nbtrail")},
        "servers": [{"url": "."}],  # beside this document, whatever path leads here
        "paths": {
            "/predict": {"post": _operation("Predict", taken, given)},
            "/invocations": {"post": _operation("Predict as MLflow does", asked, answered)},
            **{path: {"get": _told(about)} for path, about in _TELLING.items()},
        },
        "components": parts,
    }
    if service.config.auth == "token":
        document["security"] = [{"token": []}]
        parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    if scorer.function is not None and scorer.function.streams:
        content = document["paths"]["/predict"]["post"]["responses"]["200"]["content"]
        content["text/event-stream"] = {"schema": {"type": "string"}}
        del content["application/json"]
    return document


_TELLING = {
    "/ping": "Say that it answers",
    "/health": "Say that it answers",
    "/version": "Say which nbtrail answers",
    "/metrics": "The figures of all workers, for Prometheus",
}
_REFUSED = {
    "description": "An error",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}


def _told(about: str) -> dict[str, Any]:
    text = {"text/plain": {"schema": {"type": "string"}}}
    answers = {"200": {"description": "A text", "content": text}}
    return {"summary": about, "responses": answers | dict.fromkeys(("401", "403"), _REFUSED)}


def _operation(summary: str, taken: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    statuses = ("400", "401", "403", "413", "415", "429", "500", "504")
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": taken}}},
        "responses": {
            "200": {
                "description": "The answer",
                "content": {"application/json": {"schema": given}},
            },
            **dict.fromkeys(statuses, _REFUSED),
        },
    }


def page(service: Service) -> str:
    """Return a page that shows the document, with nothing loaded from elsewhere."""
    document = openapi(service)
    name = html.escape(service.name)
    parts = [
        f"<h2>{method.upper()} {html.escape(path)}</h2><p>{html.escape(one['summary'])}</p>"
        f"<pre>{html.escape(json.dumps(one, indent=2))}</pre>"
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    ]
    named = html.escape(json.dumps(document["components"]["schemas"], indent=2))
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title>"
        "<style>body{font:16px sans-serif;max-width:60em;margin:2em auto}"
        "pre{background:#f4f4f4;padding:1em;overflow:auto}</style>"
        f"<h1>{name}</h1><p>The whole document: <a href=openapi.json>openapi.json</a></p>"
        f"{''.join(parts)}<h2>Schemas</h2><pre>{named}</pre></html>"
    )


def metrics(service: Service) -> str:
    """Return the figures of all workers together, as Prometheus reads them."""
    told = service.told()
    label = f'{{endpoint="{service.name}"}}'
    lines = []
    for field, about in (
        ("requests", "Requests answered."),
        ("errors", "Requests answered with a status of 500 and above."),
        ("refused", "Requests answered with a status from 400 to 499."),
    ):
        metric = f"nbtrail_endpoint_{field}_total"
        lines += [f"# HELP {metric} {about}", f"# TYPE {metric} counter"]
        lines.append(f"{metric}{label} {told['totals'][field]}")
    return "\n".join([*lines, *_latencies(service.name, told), *_workers(service.name, told), ""])


def _latencies(name: str, told: dict[str, Any]) -> list[str]:
    metric = "nbtrail_endpoint_latency_seconds"
    classes = told.get("classes", {})
    counts = accumulate(classes.get(str(number), 0) for number in range(len(BOUNDS) + 1))
    edges = [*(f"{bound / 1000:g}" for bound in BOUNDS), "+Inf"]
    lines = [f"# HELP {metric} How long answers took.", f"# TYPE {metric} histogram"]
    for edge, many in zip(edges, counts, strict=True):
        lines.append(f'{metric}_bucket{{endpoint="{name}",le="{edge}"}} {many}')
    lines.append(f'{metric}_sum{{endpoint="{name}"}} {told.get("total_ms", 0) / 1000:g}')
    lines.append(f'{metric}_count{{endpoint="{name}"}} {told["totals"]["requests"]}')
    return lines


def _workers(name: str, told: dict[str, Any]) -> list[str]:
    metric = "nbtrail_endpoint_workers_ready"
    ready = sum(one["state"] == "ready" for one in told["workers"])
    about = [f"# HELP {metric} Workers that answer.", f"# TYPE {metric} gauge"]
    return [*about, f'{metric}{{endpoint="{name}"}} {ready}']
