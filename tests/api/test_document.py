"""docs/rest.md (and docs/jobs.md, docs/serving.md) say what the routes take and answer."""

from __future__ import annotations

import json
import re
import typing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nbtrail.api import Response
from nbtrail.api.native import (
    ROUTES,
    edits,
    endpoints,
    experiments,
    groups,
    metrics,
    models,
    registry,
    tables,
)
from nbtrail.api.native.runs import OneRun
from nbtrail.store import documents

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = (DOCS / "rest.md").read_text()
HEADING = re.compile(r"^### `([A-Z]+) ([^`]+)` \((read|write|execute)\)$", re.MULTILINE)
EXAMPLE = re.compile(r"^```json (request|answer)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
JOBS = re.compile(r"^\| `([A-Z]+) ([^`?]+)` \|", re.MULTILINE)

# The records of handlers that make their response themselves.
ANSWERS: dict[tuple[str, str], type] = {
    ("POST", "experiments"): experiments.OneExperiment,
    ("POST", "runs"): OneRun,
    ("POST", "models"): models.OneVersion,
    ("POST", "models/{name}/versions/{version}/copy"): models.OneVersion,
    ("POST", "endpoints"): endpoints.OneEndpoint,
    ("POST", "endpoints/{name}/stop"): endpoints.OneEndpoint,
}
REQUESTS: dict[tuple[str, str], type] = {
    ("POST", "experiments"): experiments.NewExperiment,
    ("PATCH", "experiments/{experiment_id}"): experiments.ExperimentChanges,
    ("POST", "table"): tables.TableQuery,
    ("POST", "runs"): documents.RunDocument,
    ("PATCH", "runs/{run_id}"): edits.RunChanges,
    ("POST", "runs/delete"): edits.ManyRuns,
    ("POST", "runs/restore"): edits.ManyRuns,
    ("POST", "history"): metrics.HistoryQuery,
    ("POST", "groups"): groups.GroupsQuery,
    ("POST", "importance"): groups.ImportanceQuery,
    ("POST", "models"): models.NewVersion,
    ("PATCH", "models/{name}"): models.ModelChanges,
    ("POST", "models/{name}/rename"): registry.NewName,
    ("POST", "models/{name}/restore"): registry.Why,
    ("POST", "models/{name}/versions/{version}/copy"): registry.CopyTarget,
    ("PATCH", "models/{name}/versions/{version}"): models.VersionChanges,
    ("PUT", "models/{name}/aliases/{alias}"): models.AliasTarget,
    ("POST", "endpoints"): endpoints.NewEndpoint,
}
HANDLERS = {(route.method, route.template): route.handler for route in ROUTES.routes}


def sections() -> dict[tuple[str, str], str]:
    """Return what the page says of each route."""
    found = list(HEADING.finditer(PAGE))
    ends = [*(heading.start() for heading in found[1:]), len(PAGE)]
    return {
        (heading[1], heading[2]): PAGE[heading.end() : end]
        for heading, end in zip(found, ends, strict=True)
    }


def examples(kind: str) -> list[tuple[tuple[str, str], str]]:
    """Return the examples of the page, requests or answers."""
    return [
        (route, text)
        for route, section in sections().items()
        for which, text in EXAMPLE.findall(section)
        if which == kind
    ]


def text_of(page: str) -> str:
    return (DOCS / page).read_text()


def test_every_route_has_its_place() -> None:
    here = {(method, path): action for method, path, action in HEADING.findall(PAGE)}
    elsewhere = {
        route for page in ("jobs.md", "serving.md") for route in JOBS.findall(text_of(page))
    }
    routes = {(route.method, route.template): route.action for route in ROUTES.routes}
    assert {route: action for route, action in routes.items() if route not in elsewhere} == here
    assert elsewhere <= routes.keys()


def test_every_answer_has_an_example() -> None:
    without = sections().keys() - {route for route, _ in examples("answer")}
    assert without == {
        ("GET", "schema/run"),
        ("GET", "runs/{run_id}/artifacts/content"),
    }


@pytest.mark.parametrize(
    ("route", "text"),
    examples("answer"),
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_an_answer_is_what_the_handler_returns(route: tuple[str, str], text: str) -> None:
    returned = typing.get_type_hints(HANDLERS[route])["return"]
    shape = ANSWERS[route] if returned is Response else returned
    decoded = msgspec.json.decode(text, type=shape)
    assert_same_fields(json.loads(msgspec.json.encode(decoded)), json.loads(text))


def assert_same_fields(found: Any, written: Any) -> None:
    """Compare the names of fields, at all depths."""
    if isinstance(written, dict):
        assert found.keys() == written.keys()
        for name, value in written.items():
            assert_same_fields(found[name], value)
    elif isinstance(written, list):
        assert len(found) == len(written)
        for one, other in zip(found, written, strict=True):
            assert_same_fields(one, other)


@pytest.mark.parametrize(
    ("route", "text"),
    examples("request"),
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_a_request_is_what_the_handler_takes(route: tuple[str, str], text: str) -> None:
    wanted = REQUESTS[route]
    msgspec.json.decode(text, type=wanted)
    named = set(json.loads(text))
    assert named <= {field.name for field in msgspec.structs.fields(wanted)}
