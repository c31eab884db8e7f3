"""Registered models and endpoints over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from nbtrail import serving
from nbtrail.entities import Endpoint, LoggedModel
from nbtrail.models import MLmodel, ModelSignature, Schema, TensorSpec
from nbtrail.serving.supervision import liveness
from nbtrail.store import Store

NAME = '<b>line<b> 😀 é "q" %2F' + "x" * 300


ECHO = """
class Echo:
    def predict(self, data):
        return data

def _load_pyfunc(path):
    return Echo()
"""
MODEL_ID = f"m-{'0' * 32}"


@pytest.fixture
def directory(store: Store) -> Path:
    """Return the directory of a model that the run `fitted` has logged; it needs no framework."""
    run_id = store.runs.create("0", "fitted").info.run_id
    uri = store.model_artifact_uri("0", MODEL_ID)
    code = Path(uri) / "code"
    code.mkdir(parents=True)
    (code / "echo_of_the_api.py").write_text(ECHO)
    loaded_by = {"loader_module": "echo_of_the_api", "code": "code"}
    signature = ModelSignature(Schema([TensorSpec("int64", (-1, 2))]))
    MLmodel(flavors={"python_function": loaded_by}, signature_dict=signature.to_dict()).write(
        Path(uri)
    )
    store.registry.log_model(LoggedModel(MODEL_ID, "0", "line", uri, 5, run_id, None, "sklearn"))
    return Path(uri)


@pytest.fixture
def model_uri(directory: Path) -> str:
    return f"models:/{MODEL_ID}"


def register(ask: Any, model_uri: str, name: str = "line") -> dict[str, Any]:
    status, body = ask("POST", "models", body={"model_uri": model_uri, "name": name})
    assert status == 201
    return body["version"]


def test_a_model_is_registered_and_listed(ask: Any, model_uri: str) -> None:
    made = register(ask, model_uri, "line")
    assert (made["version"], made["run_name"], made["flavor"]) == ("1", "fitted", "sklearn")
    assert register(ask, "models:/line/1")["source"] == model_uri
    (listed,) = ask("GET", "models")[1]["models"]
    assert (listed["name"], listed["latest_version"]) == ("line", "2")
    assert [version["run_name"] for version in listed["versions"]] == ["fitted"] * 2
    assert ask("GET", "models/line")[1] == {"model": listed}


def test_a_version_tells_what_it_takes_and_how_large_it_is(ask: Any, model_uri: str) -> None:
    register(ask, model_uri)
    status, body = ask("GET", "models/line/versions/1")
    assert (status, body["trouble"]) == (200, None)
    assert body["size"] > 100
    assert body["flavors"] == ["python_function"]
    (tensor,) = body["signature"]["inputs"]
    assert (tensor["type"], tensor["shape"], tensor["required"]) == ("int64", [-1, 2], True)
    assert body["signature"]["params"] == []


def test_a_version_whose_files_are_gone_says_so(ask: Any, store: Store) -> None:
    store.registry.create_version("line", "/nowhere/at/all")
    status, body = ask("GET", "models/line/versions/1")
    assert (status, body["signature"], body["size"]) == (200, None, None)
    assert "no model directory" in body["trouble"]


def test_names_may_be_odd(ask: Any, model_uri: str) -> None:
    path = f"models/{quote(NAME, safe='')}"
    register(ask, model_uri, NAME)
    assert ask("GET", path)[1]["model"]["name"] == NAME
    body = ask("PUT", f"{path}/aliases/best-1.0", body={"version": "1"})[1]
    assert body["model"]["aliases"] == {"best-1.0": "1"}


def test_what_people_say_of_a_model(ask: Any, model_uri: str) -> None:
    register(ask, model_uri)
    change = {"description": "# Line", "tags": {"team": "blue", "old": "1"}}
    ask("PATCH", "models/line", body=change)
    _, body = ask("PATCH", "models/line", body={"tags": {"old": None, "never": None}})
    assert (body["model"]["description"], body["model"]["tags"]) == ("# Line", {"team": "blue"})
    change = {"description": "v", "tags": {"checked": "yes"}, "stage": "Staging"}
    _, body = ask("PATCH", "models/line/versions/1", body=change)
    version = body["version"]
    assert (version["description"], version["tags"], version["stage"]) == tuple(change.values())
    _, body = ask("PATCH", "models/line/versions/1", body={"tags": {"checked": None}})
    assert (body["version"]["tags"], body["version"]["stage"]) == ({}, "Staging")


def test_an_alias_moves_and_goes(ask: Any, model_uri: str) -> None:
    register(ask, model_uri)
    register(ask, model_uri)
    for version in ("1", "2"):
        body = ask("PUT", "models/line/aliases/champion", body={"version": version})[1]
        assert body["model"]["aliases"] == {"champion": version}
    assert [one["aliases"] for one in body["model"]["versions"]] == [[], ["champion"]]
    assert register(ask, "models:/line@champion")["source"] == model_uri
    assert ask("DELETE", "models/line/aliases/champion")[1]["model"]["aliases"] == {}
    status, body = ask("DELETE", "models/line/aliases/champion")
    assert (status, body["message"]) == (404, "The model 'line' has no alias 'champion'.")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", "models", {"model_uri": "/etc", "name": "x"}, 400, "no model of this store"),
        (
            "POST",
            "models",
            {"model_uri": "models:/lime/1", "name": "x"},
            404,
            "Did you mean 'line'",
        ),
        ("POST", "models", {"model_uri": "models:/line/1", "name": "a/b"}, 400, "cannot name"),
        ("GET", "models/lime", None, 404, "Did you mean 'line'?"),
        ("GET", "models/line/versions/7", None, 404, "has no version 7; it has 1"),
        ("PATCH", "models/lime", {"description": "x"}, 404, "Did you mean 'line'?"),
        ("PATCH", "models/line", {"tags": {"": "x"}}, 400, "non-empty string"),
        ("PATCH", "models/line/versions/1", {"stage": "Producton"}, 400, "$.stage"),
        ("PUT", "models/line/aliases/latest", {"version": "1"}, 400, "cannot be an alias"),
        ("PUT", "models/line/aliases/v3", {"version": "1"}, 400, "cannot be an alias"),
        ("PUT", "models/line/aliases/a%20b", {"version": "1"}, 400, "cannot be an alias"),
        ("PUT", "models/line/aliases/best", {"version": "9"}, 404, "has no version 9"),
        ("POST", "endpoints", {"model_uri": "/etc", "name": "x"}, 400, "no model of this store"),
        ("POST", "endpoints", {"model_uri": "models:/line/1", "name": "a b"}, 400, "cannot name"),
        ("POST", "endpoints", {"model_uri": "models:/line/9", "name": "x"}, 404, "no version 9"),
        ("POST", "endpoints/lime/stop", None, 404, "no endpoint 'lime'"),
    ],
)
def test_a_mistake_with_a_model_is_one_sentence(
    ask: Any, model_uri: str, method: str, path: str, body: Any, status: int, message: str
) -> None:
    register(ask, model_uri)
    found, answered = ask(method, path, body=body)
    assert (found, message in answered["message"]) == (status, True), answered


@pytest.fixture
def nothing_left_running(store: Store) -> Iterator[None]:
    yield
    for endpoint in serving.list_endpoints(store):
        serving.stop(endpoint.name, store)


def damage(directory: Path) -> None:
    """Have a model that cannot be loaded."""
    (directory / "code" / "echo_of_the_api.py").write_text("damaged")


def until(ask: Any, state: str) -> dict[str, Any]:
    """Wait until the endpoint is in a state, which the list tells."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        (found,) = ask("GET", "endpoints")[1]["endpoints"]
        if found["state"] == state:
            return found
        assert found["state"] in {"starting", "ready"}, found
        time.sleep(0.05)
    raise AssertionError(found)


@pytest.mark.usefixtures("nothing_left_running")
def test_an_endpoint_is_started_followed_and_stopped(
    ask: Any, model_uri: str, directory: Path
) -> None:
    register(ask, model_uri)
    ask("PUT", "models/line/aliases/champion", body={"version": "1"})
    wanted = {"model_uri": "models:/line@champion", "name": "line"}
    status, body = ask("POST", "endpoints", body=wanted)
    assert (status, body["endpoint"]["state"]) == (202, "starting")
    ready = until(ask, "ready")
    assert (ready["model"], ready["version"], ready["error"]) == ("line", "1", None)
    assert ready["signature"]["inputs"][0]["type"] == "int64"
    damage(directory)
    assert ask("POST", "endpoints", body=wanted)[0] == 202
    deadline = time.monotonic() + 60
    while not (kept := until(ask, "ready"))["error"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert "did not take its place" in kept["error"]
    status, body = ask("POST", "endpoints/line/stop")
    assert status == 202
    until(ask, "stopped")


def test_an_endpoint_that_is_being_started_is_not_stopped(ask: Any, store: Store) -> None:
    with liveness.change(store, "line"):
        store.endpoints.put(Endpoint("line", "u", "127.0.0.1", None, None, "t", "starting", 0))
        status, body = ask("POST", "endpoints/line/stop")
    assert (status, "stop it when it is ready" in body["message"]) == (409, True)
