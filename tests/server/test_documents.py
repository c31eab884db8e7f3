"""Registering a run through the Jupyter server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbtrail import config
from nbtrail.store import open_store


async def test_a_run_is_registered_by_post(fetch: Any, jp_root_dir: Path) -> None:
    document = {"run_id": "elsewhere", "metrics": {"loss": [1, "NaN"]}}
    response = await fetch("nbtrail/api/runs", method="POST", body=json.dumps(document))
    assert (response.code, response.headers["Content-Type"]) == (201, "application/json")
    store = open_store(jp_root_dir / config.STORE_NAME)
    assert [m.count for m in store.runs.get("elsewhere").data.metric_summaries] == [2]


async def test_what_a_client_without_the_token_sends_is_not_registered(
    fetch: Any, jp_root_dir: Path
) -> None:
    response = await fetch("nbtrail/api/runs", method="POST", body="{}", token=False)
    assert response.code == 403
    assert not (jp_root_dir / config.STORE_NAME).exists()


async def test_the_schema_is_published(fetch: Any) -> None:
    response = await fetch("nbtrail/api/schema/run")
    assert (response.code, json.loads(response.body)["$ref"]) == (200, "#/$defs/RunDocument")
