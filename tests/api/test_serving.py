"""An endpoint over REST, from its start to its end, with real processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nbtrail import serving
from nbtrail.api import Context, Request, answer
from nbtrail.api.native import ROUTES
from nbtrail.serving import functions
from nbtrail.store import Store


@pytest.fixture
def ask(context: Context) -> Any:
    """Return a function that sends one request; no body is none."""

    def send(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        match = ROUTES.match(method, path)
        content = b"" if body is None else msgspec.json.encode(body)
        response = answer(match.route.handler, context, Request(match.arguments, "", content))
        return response.status, msgspec.json.decode(response.body or b"null")

    return send


def half(x: float) -> float:
    return x / 2


@pytest.fixture
def model(tmp_path: Path) -> str:
    half.__module__ = "__main__"  # as if a notebook had it: no worker can import it
    functions.save(half, tmp_path / "half")
    return str(tmp_path / "half")


@pytest.fixture
def served(store: Store) -> Iterator[Store]:
    yield store
    for endpoint in serving.list_endpoints(store):
        serving.stop(endpoint.name, store)


def until_revision(ask: Any, revision: int) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while True:
        _, body = ask("GET", "endpoints/half")
        found: dict[str, Any] = body.get("endpoint", {})
        if found.get("state") == "ready" and found["revision"] == revision:
            return found
        assert time.monotonic() < deadline, body
        time.sleep(0.02)


def test_an_endpoint_by_rest(ask: Any, served: Store, model: str) -> None:
    registered = "runs:/no/model"
    assert ask("POST", "endpoints", {"model_uri": registered, "name": "half"})[0] == 404
    serving.deploy(model, "half", store=served)
    assert until_revision(ask, 1)["config"]["workers"] == 1

    assert ask("PATCH", "endpoints/half", {"deadline_s": 5})[0] == 202
    assert until_revision(ask, 2)["config"]["deadline_s"] == 5
    assert ask("PATCH", "endpoints/half", {"workers": 0})[0] == 400
    assert ask("PATCH", "endpoints/half", {"worker": 1})[0] == 400
    assert ask("POST", "endpoints/half/rollback")[0] == 202
    assert until_revision(ask, 3)["config"]["deadline_s"] == 60
    revisions = ask("GET", "endpoints/half/revisions")[1]["revisions"]
    assert [(one["revision"], one["state"]) for one in revisions][1:] == [(2, "old"), (1, "old")]

    (worker,) = ask("GET", "endpoints/half/workers")[1]["workers"]
    assert (worker["id"], worker["restarts"]) == (1, 0)
    assert ask("GET", "endpoints/half/stats")[1]["points"] == []
    assert ask("GET", "endpoints/half/log")[1] == {"lines": []}
    assert '"x": 1.0' in ask("GET", "endpoints/half/snippets")[1]["curl"]

    status, made = ask("POST", "endpoints/half/keys", {"name": "ci", "days": 3})
    assert (status, made["secret"][:4]) == (201, "nbk_")
    assert ask("GET", "endpoints/half/keys")[1] == {"keys": [made["key"]]}
    assert ask("DELETE", f"endpoints/half/keys/{made['key']['id']}")[0] == 204
    assert ask("DELETE", f"endpoints/half/keys/{made['key']['id']}")[0] == 404
    assert ask("DELETE", "endpoints/half")[0] == 204
    assert ask("GET", "endpoints/half/workers")[0] == 404
