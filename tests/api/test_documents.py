"""Registering a run over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbtrail.store import Store, open_store


def test_a_run_is_registered_in_a_store_that_is_made(ask: Any, workdir: Path) -> None:
    document = {"experiment": "wine", "metrics": {"acc": [0.5, "NaN"]}, "params": {"lr": 0.1}}
    status, body = ask("POST", "runs", body=document)
    assert status == 201
    run = body["run"]
    assert run["params"][0] == {"key": "lr", "value": "0.1", "origin": "explicit"} | {
        "execution": None
    }
    assert (run["metrics"][0]["value"], run["metrics"][0]["count"]) == ("NaN", 2)
    store = open_store(workdir / ".nbtrail")
    assert store.runs.get(run["info"]["run_id"]).info.status == "FINISHED"


def test_the_same_document_is_one_run(ask: Any, store: Store) -> None:
    first = ask("POST", "runs", body={"run_id": "a", "metrics": {"acc": 1}})
    assert first[0] == 201
    assert ask("POST", "runs", body={"run_id": "a", "metrics": {"acc": 1}}) == first
    status, body = ask("POST", "runs", body={"run_id": "a", "metrics": {"acc": 2}})
    assert (status, body["error_code"]) == (400, "RESOURCE_ALREADY_EXISTS")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"metrics": {"acc": "high"}}, "metrics['acc']"),
        ({"metric": {}}, "Did you mean 'metrics'?"),
        ([], "Expected `object`"),
    ],
)
def test_a_mistake_says_which_field(ask: Any, store: Store, body: object, message: str) -> None:
    status, answered = ask("POST", "runs", body=body)
    assert (status, answered["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert message in answered["message"]
    assert store.runs.search()[0] == []


def test_references_are_noted_and_never_opened(ask: Any, store: Store, workdir: Path) -> None:
    secret = workdir / "secret.txt"
    secret.write_text("secret")
    document = {"artifacts": [{"path": "x", "uri": f"file://{secret}"}]}
    _, body = ask("POST", "runs", body=document)
    info = store.runs.get(body["run"]["info"]["run_id"]).info
    assert Path(info.artifact_uri).is_relative_to(store.artifact_root)
    assert "secret" not in json.dumps(body)


def test_the_schema(ask: Any) -> None:
    status, body = ask("GET", "schema/run")
    assert status == 200
    assert body["$ref"] == "#/$defs/RunDocument"
