"""Runs and experiments changed over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from nbtrail.store import Store


@pytest.fixture
def run_id(store: Store, experiment_id: str) -> str:
    return store.runs.create(experiment_id, "first", tags={"old": "1"}).info.run_id


def test_all_of_a_change_is_made(ask: Any, store: Store, run_id: str) -> None:
    change = {
        "name": "<b>best</b> 😀",
        "note": "# good",
        "tags": {"team": "blue", "old": None, "never": None},
        "star": True,
        "color": "#1f77B4",
    }
    status, body = ask("PATCH", f"runs/{run_id}", body=change)
    assert status == 200
    assert body["run"]["info"]["run_name"] == "<b>best</b> 😀"
    assert body["run"]["tags"] == {
        "mlflow.runName": "<b>best</b> 😀",
        "mlflow.note.content": "# good",
        "nbtrail.color": "#1f77B4",
        "nbtrail.star": "true",
        "team": "blue",
    }
    _, body = ask("PATCH", f"runs/{run_id}", body={"note": "", "star": False, "color": None})
    assert body["run"]["tags"].keys() == {"mlflow.runName", "team"}
    assert ask("PATCH", f"runs/{run_id}", body={})[1] == body
    edits = ask("GET", f"runs/{run_id}/audit")[1]["edits"]
    assert [(e["action"], e["before"], e["after"]) for e in edits] == [
        ("set_note", None, "# good"),
        ("set_note", "# good", None),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"color": "red"}, "$.color"),
        ({"color": "#12345"}, "$.color"),
        ({"stars": True}, "unknown field `stars`"),
        ({"star": "yes"}, "$.star"),
        ({"name": "  "}, "cannot name a run"),
        ({"name": "x" * 501}, "501 characters; 500 are allowed"),
        ({"name": None}, "$.name"),
        ({"tags": {"a\nb": "1"}}, "has the character"),
        ({"tags": {"a": "x" * 8001}}, "8001 characters"),
    ],
)
def test_a_bad_change_changes_nothing(
    ask: Any, store: Store, run_id: str, change: dict[str, Any], message: str
) -> None:
    before = store.runs.get(run_id)
    status, body = ask("PATCH", f"runs/{run_id}", body={"note": "new", **change})
    assert status == 400
    assert message in body["message"]
    assert store.runs.get(run_id) == before


def test_runs_are_deleted_and_restored_together(
    ask: Any, store: Store, experiment_id: str, run_id: str
) -> None:
    other = store.runs.create(experiment_id).info.run_id
    both = {"run_ids": [run_id, other]}
    assert ask("POST", "runs/delete", body={"run_ids": [run_id, "nosuch"]})[0] == 404
    assert store.runs.get(run_id).info.lifecycle_stage == "active"
    assert ask("POST", "runs/delete", body=both) == ask("POST", "runs/delete", body=both)
    assert ask("GET", "runs")[1]["runs"] == []
    status, body = ask("PATCH", f"runs/{run_id}", body={"star": True})
    assert (status, "is deleted" in body["message"]) == (400, True)
    assert ask("POST", "runs/restore", body=both) == (200, both)
    assert len(ask("GET", "runs")[1]["runs"]) == 2


def test_an_experiment_is_made_changed_deleted_and_restored(ask: Any) -> None:
    wanted = {"name": "wine/é", "tags": {"project": "pricing", "old": "1"}}
    status, body = ask("POST", "experiments", body=wanted)
    made = body["experiment"]
    assert (status, made["name"], made["tags"]) == (201, "wine/é", wanted["tags"])
    path = f"experiments/{made['experiment_id']}"
    change = {"name": "cellar", "tags": {"project": "cellar", "old": None, "never": None}}
    _, body = ask("PATCH", path, body=change)
    assert (body["experiment"]["name"], body["experiment"]["tags"]) == (
        "cellar",
        {"project": "cellar"},
    )
    _, body = ask("POST", f"{path}/delete")
    assert body["experiment"]["lifecycle_stage"] == "deleted"
    assert ask("PATCH", path, body=change)[0] == 409
    _, body = ask("POST", f"{path}/restore")
    assert body["experiment"]["lifecycle_stage"] == "active"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", "experiments", {"name": "wine"}, 400, "already exists"),
        ("POST", "experiments", {"name": ""}, 400, "cannot name an experiment"),
        ("POST", "experiments", {"name": "x", "tag": {}}, 400, "unknown field `tag`"),
        ("PATCH", "experiments/1", {"name": "Default"}, 400, "already exists"),
        ("PATCH", "experiments/77", {"name": "x"}, 404, "no experiment with id '77'"),
        ("POST", "experiments/0/delete", None, 400, "cannot be deleted"),
        ("POST", "experiments/x/restore", None, 404, "no experiment with id 'x'"),
    ],
)
def test_a_mistake_with_an_experiment_is_one_sentence(
    ask: Any, experiment_id: str, method: str, path: str, body: Any, status: int, message: str
) -> None:
    found, answered = ask(method, path, body=body)
    assert found == status
    assert message in answered["message"]
