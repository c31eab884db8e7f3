"""What the native routes answer."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nbtrail.api import Context, Request, answer
from nbtrail.api.native import ROUTES
from nbtrail.entities import (
    Dataset,
    DatasetInput,
    Endpoint,
    EndpointConfig,
    EndpointTarget,
    InputTag,
    LoggedModel,
    Metric,
    Param,
)
from nbtrail.store import Store


def test_status_says_where_the_store_is(ask: Any, workdir: Path) -> None:
    status, body = ask("GET", "status")
    assert (status, body["store"]) == (200, str(workdir / ".nbtrail"))
    assert body["version"]


@pytest.mark.parametrize("name", ["experiments", "runs", "models", "endpoints"])
def test_without_a_store_lists_are_empty_and_none_is_made(
    ask: Any, workdir: Path, name: str
) -> None:
    status, body = ask("GET", name)
    assert (status, body[name]) == (200, [])
    assert ask("POST", "history", body={"run_ids": ["a"], "keys": ["b"]}) == (200, {"series": []})
    assert not (workdir / ".nbtrail").exists()


def test_without_a_store_a_run_is_not_found(ask: Any) -> None:
    status, body = ask("GET", "runs/abc")
    assert (status, body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert "no store yet" in body["message"]


def test_experiments_count_their_runs(ask: Any, store: Store, experiment_id: str) -> None:
    store.runs.create(experiment_id)
    store.runs.create(experiment_id)
    _, body = ask("GET", "experiments")
    wine = next(one for one in body["experiments"] if one["name"] == "wine")
    assert (wine["experiment_id"], wine["run_count"]) == (experiment_id, 2)
    assert wine["counts"] == {"RUNNING": 2}
    assert wine["lifecycle_stage"] == "active"


def test_experiments_are_grouped_by_their_tags(ask: Any, store: Store) -> None:
    for name, project in (("one", "pricing"), ("two", "pricing"), ("three", "churn")):
        store.experiments.create(name, tags={"project": project})
    store.experiments.delete("2")
    query = "filter=tags.project+%3D+'pricing'"
    _, body = ask("GET", "experiments", query)
    assert [(one["name"], one["tags"]) for one in body["experiments"]] == [
        ("one", {"project": "pricing"})
    ]
    _, body = ask("GET", "experiments", f"{query}&view=all")
    assert {one["name"] for one in body["experiments"]} == {"one", "two"}
    status, body = ask("GET", "experiments", "filter=nme+%3D+'x'")
    assert (status, "Did you mean 'name'" in body["message"]) == (400, True)


def test_deleted_runs_are_shown_when_asked_for(ask: Any, store: Store, experiment_id: str) -> None:
    gone = store.runs.create(experiment_id).info.run_id
    store.runs.delete(gone)
    assert ask("GET", "runs")[1]["runs"] == []
    _, body = ask("GET", "runs", "view=deleted")
    assert [run["info"]["run_id"] for run in body["runs"]] == [gone]
    assert ask("GET", "runs", "view=old")[0] == 400


def test_a_run_travels_with_what_it_used_and_made(
    ask: Any, store: Store, experiment_id: str
) -> None:
    run_id = store.runs.create(experiment_id).info.run_id
    data = Dataset("wine", "abc", "local", "wine.csv")
    store.datasets.link(run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "train")])])
    model = LoggedModel("m-1", experiment_id, "model", "here", 5, run_id)
    store.registry.log_model(model)
    _, body = ask("GET", f"runs/{run_id}")
    (used,) = body["run"]["datasets"]
    assert (used["dataset"]["name"], used["dataset"]["digest"]) == ("wine", "abc")
    assert used["tags"] == [{"key": "mlflow.data.context", "value": "train"}]
    assert [made["model_id"] for made in body["run"]["models"]] == ["m-1"]


def test_a_run_travels_with_its_data(ask: Any, store: Store, experiment_id: str) -> None:
    run = store.runs.create(experiment_id, name="first", tags={"who": "<me>"})
    store.runs.log_params(run.info.run_id, [Param("lr", "0.1", 0.1, "inferred")])
    store.metrics.log(run.info.run_id, [Metric("acc", 0.5, 10, 0), Metric("acc", 0.75, 20, 1)])
    status, body = ask("GET", f"runs/{run.info.run_id}")
    assert status == 200
    got = body["run"]
    assert (got["info"]["run_name"], got["info"]["status"]) == ("first", "RUNNING")
    assert set(got["info"]) >= {"run_id", "experiment_id", "kind", "notebook", "error", "end_time"}
    assert got["params"] == [{"key": "lr", "value": "0.1", "origin": "inferred", "execution": None}]
    assert got["metrics"] == [
        {
            "key": "acc",
            "value": 0.75,
            "step": 1,
            "timestamp": 20,
            "count": 2,
            "min": 0.5,
            "max": 0.75,
            "execution": None,
            "cell_id": None,
        }
    ]
    assert got["tags"]["who"] == "<me>"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")],
)
def test_odd_numbers_by_themselves_are_names(
    ask: Any, store: Store, experiment_id: str, value: float, expected: str
) -> None:
    run_id = store.runs.create(experiment_id).info.run_id
    store.metrics.log(run_id, [Metric("m", value, 1)])
    _, body = ask("GET", f"runs/{run_id}")
    assert body["run"]["metrics"][0]["value"] == expected


def test_history_has_gaps_and_names_of_infinities(
    ask: Any, store: Store, experiment_id: str
) -> None:
    run_id = store.runs.create(experiment_id).info.run_id
    values = [1.0, math.nan, math.inf, -math.inf]
    store.metrics.log(run_id, [Metric("m", value, 5, step) for step, value in enumerate(values)])
    status, body = ask("POST", "history", body={"run_ids": [run_id], "keys": ["m", "none"]})
    assert status == 200
    (series,) = body["series"]
    assert series["value"] == [1.0, None, "Infinity", "-Infinity"]
    assert (series["total"], series["step"], series["timestamp"]) == (4, [0, 1, 2, 3], [5] * 4)
    assert len(series["low"]) == len(series["high"]) == 4


def test_history_is_folded_to_the_points_asked_for(
    ask: Any, store: Store, experiment_id: str
) -> None:
    run_id = store.runs.create(experiment_id).info.run_id
    store.metrics.log(run_id, [Metric("m", float(step), 1, step) for step in range(1000)])
    _, body = ask("POST", "history", body={"run_ids": [run_id], "keys": ["m"], "points": 10})
    (series,) = body["series"]
    assert series["total"] == 1000
    assert len(series["step"]) == 10
    assert series["high"][-1] == 999.0


def test_a_read_sees_what_is_still_in_a_journal(ask: Any, store: Store, experiment_id: str) -> None:
    run_id = store.runs.create(experiment_id).info.run_id
    series = store.metrics.series_id(run_id, "loss")
    for step in range(3):
        store.log_point(series, None, step, 1, 0.1 * step)
    _, body = ask("GET", f"runs/{run_id}")
    assert body["run"]["metrics"][0]["count"] == 3


def test_runs_are_filtered_ordered_and_paged(ask: Any, store: Store, experiment_id: str) -> None:
    for value in (1.0, 2.0, 3.0):
        run_id = store.runs.create(experiment_id).info.run_id
        store.metrics.log(run_id, [Metric("acc", value, 1)])
    query = f"experiment_id={experiment_id}&filter=metrics.acc+%3E+1&order_by=metrics.acc+DESC"
    _, body = ask("GET", "runs", f"{query}&max_results=1")
    assert [run["metrics"][0]["value"] for run in body["runs"]] == [3.0]
    _, body = ask("GET", "runs", f"{query}&max_results=1&page_token={body['next_page_token']}")
    assert [run["metrics"][0]["value"] for run in body["runs"]] == [2.0]
    assert body["next_page_token"] is None


def test_a_bad_filter_is_the_users_mistake(ask: Any, store: Store) -> None:
    status, body = ask("GET", "runs", "filter=metrics.acc+%3E%3E+1")
    assert (status, body["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_the_trail_of_a_run(ask: Any, store: Store, experiment_id: str) -> None:
    run_id = store.runs.create(experiment_id).info.run_id
    assert ask("GET", f"runs/{run_id}/trail") == (200, {"executions": [], "verdict": None})
    status, body = ask("GET", "runs/nosuch/trail")
    assert (status, body["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_models_have_their_versions(ask: Any, store: Store) -> None:
    store.registry.create_version("wine", "runs:/abc/model")
    store.registry.create_version("wine", "runs:/def/model")
    _, body = ask("GET", "models")
    (wine,) = body["models"]
    assert (wine["name"], wine["latest_version"]) == ("wine", "2")
    assert [version["version"] for version in wine["versions"]] == ["1", "2"]


def test_endpoints_never_show_their_token(context: Context, ask: Any, store: Store) -> None:
    store.endpoints.put(
        Endpoint("my wine/é", "models:/wine/1", "127.0.0.1", 4711, 99, "sesame", "ready", 5)
    )
    _, body = ask("GET", "endpoints")
    assert body["endpoints"] == [
        {
            "name": "my wine/é",
            "model_uri": "models:/wine/1",
            "model": "wine",
            "version": "1",
            "state": "failed",
            "started": 5,
            "error": "Its process is gone: deploy it again.",
            "url": "/base/nbtrail/endpoints/my%20wine%2F%C3%A9/invocations",
            "signature": None,
            "revision": 0,
            "config": msgspec.to_builtins(
                EndpointConfig(targets=[EndpointTarget("models:/wine/1")])
            ),
        }
    ]


def test_what_nobody_expected_is_logged_and_not_told(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_context: Context, _request: Request) -> object:
        raise RuntimeError("secret detail")

    response = answer(broken, context, Request())
    body = json.loads(response.body)
    assert (response.status, body["error_code"]) == (500, "INTERNAL_ERROR")
    assert "secret" not in body["message"]
    assert "secret detail" in caplog.text


@pytest.mark.parametrize("route", ROUTES.routes, ids=lambda route: route.template)
def test_no_route_ignores_a_query_parameter(ask: Any, store: Store, route: Any) -> None:
    status, body = ask(route.method, route.template, "x=1")
    assert (status, body["message"]) == (400, "There is no query parameter 'x'.")
