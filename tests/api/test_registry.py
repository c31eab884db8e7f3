"""The registry over HTTP: search, history, comparison, rename, copy, delete, with reasons."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from nbtrail.models import save_model
from nbtrail.models.pyfunc import PythonModel
from nbtrail.registry import register_model
from nbtrail.store import Store
from nbtrail.store.registry import VersionFacts


class Doubled(PythonModel):
    """A model without data."""

    def predict(self, context: Any, model_input: Any) -> Any:
        """Return twice what is given."""
        return model_input * 2


@pytest.fixture(name="ask")
def ask_with_query(ask: Any) -> Any:
    """Ask for a path that may have a query."""

    def send(method: str, path: str, body: Any = None) -> Any:
        path, _, query = path.partition("?")
        return ask(method, path, query, body)

    return send


@pytest.fixture
def wine(store: Store) -> Store:
    """Return a store in which `wine` has two versions without files, the second with facts."""
    store.registry.create_version("wine", "/nowhere/1")
    facts = VersionFacts("sklearn", "RandomForestClassifier", "alcohol", 12)
    store.registry.create_version("wine", "/nowhere/2", tags={"k": "v"}, facts=facts)
    return store


@pytest.mark.usefixtures("wine")
def test_versions_are_searched(ask: Any) -> None:
    asked = quote("flavor = 'sklearn' and algorithm LIKE '%Forest%'")
    status, body = ask("GET", f"models/search?filter={asked}&order_by=version")
    (found,) = body["versions"]
    assert (status, body["next_page_token"]) == (200, None)
    assert (found["version"], found["algorithm"], found["size"]) == (
        "2",
        "RandomForestClassifier",
        12,
    )
    _, body = ask("GET", "models/search?max_results=1&order_by=version")
    token = quote(body["next_page_token"])
    _, body = ask("GET", f"models/search?max_results=1&order_by=version&page_token={token}")
    assert [one["version"] for one in body["versions"]] == ["2"]
    assert ask("GET", "models/search?filter=flavour%3D1")[0] == 400


def test_a_card_has_notes_and_facts(ask: Any, store: Store, workdir: Path) -> None:
    save_model(Doubled(), workdir / "model")
    register_model(str(workdir / "model"), "wine", store=store)
    ask("PATCH", "models/wine/versions/1", body={"description": "For **red** wines."})
    status, body = ask("GET", "models/wine/versions/1/card")
    assert (status, body["notes"]) == (200, "For **red** wines.")
    assert body["facts"].startswith("## Model")
    assert "cloudpickle" in body["facts"]
    assert ask("GET", "models/wine/versions/2/card")[0] == 404


@pytest.mark.usefixtures("wine")
def test_changes_have_reasons_and_a_history(ask: Any) -> None:
    ask("PATCH", "models/wine", body={"description": "Red", "reason": "asked"})
    ask("PUT", "models/wine/aliases/best", body={"version": "1", "reason": "first"})
    ask("DELETE", "models/wine/aliases/best?reason=no%20more")
    change = {"stage": "Production", "archive_existing": True, "reason": "release"}
    assert ask("PATCH", "models/wine/versions/2", body=change)[1]["version"]["stage"] == (
        "Production"
    )
    copied = ask("POST", "models/wine/versions/2/copy", body={"name": "rose"})
    assert (copied[0], copied[1]["version"]["tags"]) == (201, {"k": "v"})
    body = ask("POST", "models/wine/rename", body={"new_name": "red", "reason": "shorter"})[1]
    assert [one["version"] for one in body["model"]["versions"]] == ["1", "2"]
    ask("DELETE", "models/red/versions/1?reason=old")
    body = ask("POST", "models/red/versions/1/restore", body={"reason": "not so old"})[1]
    assert [one["version"] for one in body["model"]["versions"]] == ["1", "2"]
    assert ask("POST", "models/red/restore", body={})[0] == 404
    ask("DELETE", "models/red")
    assert len(ask("POST", "models/red/restore", body={})[1]["model"]["versions"]) == 2
    ask("DELETE", "models/red/versions/1?reason=old")
    assert ask("DELETE", "models/red") == (200, {"deleted": "red"})
    _, body = ask("GET", "models/red/history?limit=2")
    assert [one["action"] for one in body["changes"]] == [
        *("delete_model", "delete_version"),
    ]
    _, body = ask("GET", "models/red/history")
    (renamed,) = [one["id"] for one in body["changes"] if one["action"] == "rename"]
    _, body = ask("GET", f"models/red/history?limit=5&before={renamed + 1}")
    assert [one["action"] for one in body["changes"]] == [
        *("rename", "stage", "unalias", "alias", "describe"),
    ]
    assert [one["reason"] for one in body["changes"]] == [
        *("shorter", "release", "no more", "first", "asked"),
    ]
    assert body["more"]
    last = body["changes"][-1]["id"]
    _, body = ask("GET", f"models/red/history?before={last}")
    assert (len(body["changes"]), body["more"]) == (3, False)
    _, body = ask("GET", "models/red/history?version=1")
    assert {one["version"] for one in body["changes"]} == {"1"}


@pytest.mark.usefixtures("wine")
def test_two_versions_are_compared(ask: Any) -> None:
    status, body = ask("GET", "models/wine/compare?left=1&right=2")
    assert (status, body["left"]["version"], body["right"]["version"]) == (200, "1", "2")
    sections = {one["title"]: one for one in body["sections"]}
    assert len(sections) == 8
    assert sections["latency"] == {"title": "latency", "note": "not measured", "rows": []}
    row = {"key": "bytes", "left": None, "right": "12", "change": "added"}
    assert sections["size"]["rows"] == [row]
    assert ask("GET", "models/wine/versions/2")[1]["origin"]["run_id"] is None


@pytest.mark.usefixtures("wine")
@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "models/wime/history", None, 404, "Did you mean 'wine'"),
        ("GET", "models/wine/history?limit=0", None, 400, "limit"),
        ("GET", "models/wine/compare?left=1&right=9", None, 404, "no version 9"),
        ("GET", "models/wine/compare?left=1", None, 400, "right"),
        ("POST", "models/wine/rename", {"new_name": "a/b"}, 400, "cannot name"),
        ("POST", "models/wine/versions/1/copy", {"name": ".."}, 400, "cannot name"),
        ("DELETE", "models/wine/versions/9", None, 404, "no version 9"),
        ("POST", "models/wine/restore", {}, 404, "No model 'wine' was deleted"),
        ("POST", "models/wine/versions/9/restore", {}, 404, "No version 9"),
        ("POST", "models/wine/versions/1/restore", {}, 400, "has version 1"),
        ("DELETE", "models/wime", None, 404, "Did you mean 'wine'"),
        (
            "PATCH",
            "models/wine/versions/1",
            {"stage": "Archived", "archive_existing": True},
            400,
            "can be archived for",
        ),
    ],
)
def test_a_mistake_is_one_sentence(
    ask: Any, method: str, path: str, body: Any, status: int, message: str
) -> None:
    found, answered = ask(method, path, body=body)
    assert (found, message in answered["message"]) == (status, True), answered
