"""A server executes what is due, for real."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from nbtrail.projects.background import jobs
from nbtrail.store import Store, locks

DONE = "metrics.loss = 1.5 and attributes.status = 'FINISHED'"


async def test_a_schedule_is_made_executed_and_deleted(
    fetch: Any, events: list[Any], server_store: Store, jp_root_dir: Path
) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [new_code_cell("days = 7", metadata={"tags": ["parameters"]}),
             new_code_cell("loss = days / 2")]  # fmt: skip
    made = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(made, jp_root_dir / "report.ipynb")

    wanted = {"notebook": "report.ipynb", "cron": "0 7 * * 1", "parameters": {"days": 3}}
    answer = await fetch("nbtrail/api/schedules", method="POST", body=json.dumps(wanted))
    assert answer.code == 201, answer.body
    [schedule] = json.loads((await fetch("nbtrail/api/schedules")).body)["schedules"]
    assert (schedule["notebook"], schedule["last_job"], schedule["missed"]) == (
        "report.ipynb", None, 0
    )  # fmt: skip
    server_store.schedules.set_next("1", round(time.time() * 1000))
    async with asyncio.timeout(120):
        while not server_store.runs.search(filter_string=DONE)[0]:
            await asyncio.sleep(0.1)
    after = server_store.schedules.get("1")
    assert (after.last_job, after.next) == ("1", schedule["next"])

    paused = await fetch("nbtrail/api/schedules/1/pause", method="POST", body="")
    assert json.loads(paused.body)["schedule"]["next"] is None
    resumed = await fetch("nbtrail/api/schedules/1/resume", method="POST", body="")
    assert json.loads(resumed.body)["schedule"]["next"] == schedule["next"]
    deleted = await fetch("nbtrail/api/schedules/1", method="DELETE")
    assert json.loads(deleted.body)["schedule"]["name"] == "report.ipynb"
    again = await fetch("nbtrail/api/schedules/1", method="DELETE")
    assert (again.code, "no schedule 1" in again.body.decode()) == (404, True)
    async with asyncio.timeout(60):
        while (lock := locks.take(jobs.folder(server_store) / jobs.LOCK)) is None:
            await asyncio.sleep(0.1)
    assert lock is not None


async def test_a_mistake_schedules_nothing(
    fetch: Any, server_store: Store, jp_root_dir: Path
) -> None:
    for wanted, status, said in (
        ({"notebook": "../x.ipynb", "cron": "0 7 * * *"}, 400, "x.ipynb"),
        ({"notebook": "x.ipynb", "cron": "0 7 * * *"}, 404, "x.ipynb"),
        ({"notebook": "x.ipynb"}, 400, "cron"),
        ({"notebook": "x.ipynb", "cron": "0 7 * * *", "at": 1}, 400, "at"),
    ):
        answer = await fetch("nbtrail/api/schedules", method="POST", body=json.dumps(wanted))
        assert (answer.code, said in json.loads(answer.body)["message"]) == (status, True)
    assert server_store.schedules.all() == []
