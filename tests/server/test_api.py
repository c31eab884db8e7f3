"""The native API as a client of the Jupyter server sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nbtrail import config
from nbtrail.entities import Metric
from nbtrail.store import Store


def decoded(response: Any) -> Any:
    return json.loads(response.body)


async def test_the_server_says_which_store_it_shows(jp_fetch: Any, jp_root_dir: Path) -> None:
    response = await jp_fetch("nbtrail", "api", "status")
    assert decoded(response)["store"] == str(jp_root_dir / config.STORE_NAME)
    assert response.headers["Content-Type"] == "application/json"


async def test_kernels_are_told_the_store_and_the_root(
    jp_serverapp: Any, jp_root_dir: Path
) -> None:
    assert os.environ[config.SERVER_STORE] == str(jp_root_dir / config.STORE_NAME)
    assert os.environ[config.SERVER_ROOT] == str(jp_root_dir)


async def test_looking_makes_no_store_and_sees_it_once_it_is_there(
    jp_fetch: Any, jp_root_dir: Path
) -> None:
    assert decoded(await jp_fetch("nbtrail", "api", "runs"))["runs"] == []
    assert not (jp_root_dir / config.STORE_NAME).exists()
    log_run_elsewhere(jp_root_dir)
    assert len(decoded(await jp_fetch("nbtrail", "api", "runs"))["runs"]) == 1


async def test_a_history_is_asked_for_by_post(jp_fetch: Any, server_store: Store) -> None:
    run_id = server_store.runs.create(server_store.experiments.ensure("e").experiment_id)
    run_id = run_id.info.run_id
    server_store.metrics.log(run_id, [Metric("loss", float("nan"), 1)])
    body = json.dumps({"run_ids": [run_id], "keys": ["loss"]})
    response = await jp_fetch("nbtrail", "api", "history", method="POST", body=body)
    assert decoded(response)["series"][0]["value"] == [None]


@pytest.mark.parametrize("own", ["_xsrf=x", "no_track_activity=1", "1763762400000"])
async def test_what_jupyter_itself_puts_in_a_query_is_no_mistake(
    fetch: Any, jp_serverapp: Any, own: str
) -> None:
    token = jp_serverapp.identity_provider.token
    response = await fetch(f"nbtrail/api/runs?token={token}&{own}&max_results=5", token=False)
    assert response.code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nbtrail/api/runs?max_result=5", 400, "INVALID_PARAMETER_VALUE"),
        ("nbtrail/api/runs/nosuch", 404, "RESOURCE_DOES_NOT_EXIST"),
        ("nbtrail/api/runs/..%2f..%2fetc", 404, "RESOURCE_DOES_NOT_EXIST"),
        ("nbtrail/api/runs/%2e%2e", 404, "ENDPOINT_NOT_FOUND"),
        ("nbtrail/api/runs/", 404, "ENDPOINT_NOT_FOUND"),
        ("nbtrail/api/nothing", 404, "ENDPOINT_NOT_FOUND"),
        ("nbtrail/api", 404, "ENDPOINT_NOT_FOUND"),
        ("nbtrail", 404, "ENDPOINT_NOT_FOUND"),
        ("nbtrail/", 404, "ENDPOINT_NOT_FOUND"),
        ("nbtrail/some/where", 404, "ENDPOINT_NOT_FOUND"),
        ("nbtrail/api/history", 405, "BAD_REQUEST"),
    ],
)
async def test_a_mistake_is_json_with_a_sentence(
    fetch: Any, server_store: Store, path: str, status: int, code: str
) -> None:
    response = await fetch(path)
    body = decoded(response)
    assert (response.code, body["error_code"]) == (status, code)
    assert body["message"].endswith((".", "?"))
    assert set(body) == {"error_code", "message"}


async def test_a_wrong_method_is_told_the_right_one(fetch: Any) -> None:
    response = await fetch("nbtrail/api/status", method="DELETE")
    assert (response.code, response.headers["Allow"]) == (405, "GET")


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(fetch: Any) -> None:
    response = await fetch("nbtrail/api/history", method="POST", body=b" " * (5 * 1024 * 1024))
    assert (response.code, decoded(response)["error_code"]) == (413, "INVALID_PARAMETER_VALUE")


async def test_a_chunked_body_is_counted(fetch: Any) -> None:
    async def endless(write: Any) -> None:
        for _ in range(6):
            await write(b" " * 1024 * 1024)

    response = await fetch("nbtrail/api/history", method="POST", body_producer=endless)
    assert response.code == 400


async def test_a_broken_store_is_one_sentence(fetch: Any, jp_root_dir: Path) -> None:
    directory = jp_root_dir / config.STORE_NAME
    directory.mkdir()
    (directory / "nbtrail.db").write_bytes(b"no database at all, " * 1000)
    response = await fetch("nbtrail/api/runs")
    assert (response.code, decoded(response)["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")


def log_run_elsewhere(folder: Path) -> str:
    """Record a run with one metric in another process that works in `folder`."""
    code = (
        "from nbtrail.entities import Metric\n"
        "from nbtrail.store import open_store\n"
        "store = open_store()\n"
        "run = store.runs.create(store.experiments.ensure('e').experiment_id)\n"
        "store.metrics.log(run.info.run_id, [Metric('acc', 0.5, 1)])\n"
        "store.runs.end(run.info.run_id, 'FINISHED')\n"
        "print(run.info.run_id)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    return told.stdout.strip()
