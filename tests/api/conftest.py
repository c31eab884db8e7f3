"""The native API over a real store, without any web framework."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from nbtrail.api import Context, Request, answer
from nbtrail.api.native import ROUTES
from nbtrail.store import Store

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def context(workdir: Any) -> Context:
    return Context(str(workdir / ".nbtrail"), "/base/")


@pytest.fixture
def ask(context: Context) -> Ask:
    """Return a function that sends one request through the table and decodes the answer."""

    def send(method: str, path: str, query: str = "", body: object = None) -> tuple[int, Any]:
        match = ROUTES.match(method, path)
        request = Request(match.arguments, query, msgspec.json.encode(body))
        response = answer(match.route.handler, context, request)
        return response.status, msgspec.json.decode(response.body)

    return send


@pytest.fixture
def experiment_id(store: Store) -> str:
    return store.experiments.ensure("wine").experiment_id
