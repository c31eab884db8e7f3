"""The scoring proxy, with a real process behind it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from nbtrail.entities import Endpoint
from nbtrail.serving.supervision import liveness
from nbtrail.store import Store

TOKEN = "the-endpoints-own-token"
PROCESS = Path(__file__).with_name("scoring_process.py")


def endpoint(name: str, **changes: Any) -> Endpoint:
    values = {"port": 1, "state": "ready", "token": TOKEN, "pid": os.getpid()} | changes
    return Endpoint(name, "models:/wine/1", "127.0.0.1", started=1, **values)


@pytest.fixture
def wine(server_store: Store) -> Iterator[Endpoint]:
    """Start a scoring process and put its endpoint into the store."""
    with subprocess.Popen(
        [sys.executable, str(PROCESS), TOKEN], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        served = endpoint("wine", port=int(process.stdout.readline()))
        server_store.endpoints.put(served)
        with alive(server_store, served):
            yield served
        process.terminate()


def alive(store: Store, served: Endpoint) -> AbstractContextManager[None]:
    """Hold the lock that says that an endpoint's process lives."""
    return liveness.hold(liveness.worker_lock(store, served.name, served.pid or 0))


async def test_a_request_is_passed_on_and_its_answer_back(fetch: Any, wine: Endpoint) -> None:
    response = await fetch(
        "nbtrail/endpoints/wine/invocations",
        method="POST",
        body='{"inputs": [[1]]}',
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    told = json.loads(response.body)
    assert (response.code, response.headers["Content-Type"]) == (200, "application/x-told")
    assert (told["path"], told["body"]) == ("/invocations", '{"inputs": [[1]]}')
    assert told["headers"]["content-type"] == "application/json; charset=utf-8"


async def test_an_answer_without_a_body_is_passed_back(fetch: Any, wine: Endpoint) -> None:
    response = await fetch("nbtrail/endpoints/wine/invocations", method="POST", body="same")
    assert (response.code, response.body) == (304, b"")


@pytest.mark.parametrize("path", ["ping", "health", "version"])
async def test_the_questions_about_the_process_are_passed_on(
    fetch: Any, wine: Endpoint, path: str
) -> None:
    told = json.loads((await fetch(f"nbtrail/endpoints/wine/{path}")).body)
    assert told["path"] == f"/{path}"


async def test_neither_side_sees_the_others_secrets(
    fetch: Any, wine: Endpoint, jp_serverapp: Any
) -> None:
    jupyters = jp_serverapp.identity_provider.token
    response = await fetch(
        f"nbtrail/endpoints/wine/invocations?token={jupyters}",
        method="POST",
        body="{}",
        headers={"Cookie": "session=jupyters-cookie", "X-XSRFToken": "x"},
    )
    told = json.loads(response.body)
    assert told["headers"].pop("authorization") == f"Bearer {TOKEN}"
    assert jupyters not in json.dumps(told)
    assert set(told["headers"]) <= {
        "host",
        "connection",
        "content-type",
        "content-length",
        "accept",
        "user-agent",
    }
    assert TOKEN not in str(dict(response.headers.get_all()))
    assert "planted" not in str(dict(response.headers.get_all()))


async def test_an_error_of_the_process_is_passed_through(fetch: Any, wine: Endpoint) -> None:
    response = await fetch("nbtrail/endpoints/wine/invocations", method="POST", body="bad")
    assert (response.code, json.loads(response.body)["body"]) == (400, "bad")


async def test_an_unknown_endpoint_names_the_closest(fetch: Any, wine: Endpoint) -> None:
    response = await fetch("nbtrail/endpoints/wime/ping")
    body = json.loads(response.body)
    assert (response.code, body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert "Did you mean 'wine'?" in body["message"]


@pytest.mark.parametrize(
    ("served", "status", "sentence"),
    [
        (endpoint("e", state="stopped", port=None), 503, "was stopped"),
        (endpoint("e", state="failed", error="No such model."), 503, "No such model"),
        (endpoint("e", state="starting", port=None), 503, "still starting"),
        (endpoint("e", pid=1), 503, "Its process is gone"),
        (endpoint("e"), 502, "does not answer"),
    ],
)
async def test_an_endpoint_that_cannot_answer_says_why(
    fetch: Any, server_store: Store, served: Endpoint, status: int, sentence: str
) -> None:
    server_store.endpoints.put(served)
    with alive(server_store, endpoint("e")):
        response = await fetch("nbtrail/endpoints/e/invocations", method="POST", body="{}")
    body = json.loads(response.body)
    assert (response.code, body["error_code"]) == (status, "TEMPORARILY_UNAVAILABLE")
    assert sentence in body["message"]
    assert TOKEN not in body["message"]


async def test_another_process_at_the_old_address_is_told_apart(
    fetch: Any, server_store: Store, wine: Endpoint
) -> None:
    old = endpoint("old", port=wine.port, token="another")
    server_store.endpoints.put(old)
    with alive(server_store, old):
        response = await fetch("nbtrail/endpoints/old/ping")
    assert response.code == 502
    assert "is not its process" in json.loads(response.body)["message"]


async def test_scoring_is_asked_by_post(fetch: Any, wine: Endpoint) -> None:
    response = await fetch("nbtrail/endpoints/wine/invocations")
    assert (response.code, response.headers["Allow"]) == (405, "POST")
