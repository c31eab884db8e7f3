"""What is due is queued once, and what was missed is counted; the jobs here wait for ever."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nbtrail.entities import Schedule
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.projects.asked import Asked
from nbtrail.projects.background import cron, jobs, schedules
from nbtrail.store import Store

MINUTE = 60_000
YEARLY = "30 7 1 1 *"


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "wake", lambda _store: None)


@pytest.fixture
def notebook(workdir: Path) -> Path:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [new_code_cell("days = 7", metadata={"tags": ["parameters"]})]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), "report.ipynb")
    return workdir / "report.ipynb"


@pytest.fixture
def yearly(store: Store, notebook: Path) -> Schedule:
    asked = Asked(parameters={"days": 1}, run_name="report", store=store)
    return schedules.add(asked, str(notebook), YEARLY)


def is_due(store: Store, schedule: Schedule, ago: int) -> None:
    """Have it due since so many ms."""
    store.schedules.set_next(schedule.schedule_id, round(time.time() * 1000) - ago)


def now(store: Store, schedule: Schedule) -> Schedule:
    return store.schedules.get(schedule.schedule_id)


def test_what_is_added_is_checked_and_kept(store: Store, yearly: Schedule, notebook: Path) -> None:
    assert (yearly.name, yearly.cron, yearly.missed) == ("report", YEARLY, 0)
    assert yearly.next is not None
    assert yearly.next > time.time() * 1000
    assert store.schedules.all() == [yearly]
    with pytest.raises(InvalidValue, match=r"'dayz'.*'days'"):
        schedules.add(Asked(parameters={"dayz": 1}, store=store), str(notebook), YEARLY)
    with pytest.raises(NotFound, match=r"raport\.ipynb"):
        schedules.add(Asked(store=store), "raport.ipynb", YEARLY)
    with pytest.raises(InvalidValue, match="has 1 fields"):
        schedules.add(Asked(store=store), str(notebook), "yearly")
    assert store.schedules.all() == [yearly]


def test_what_is_due_is_queued_once(store: Store, yearly: Schedule, notebook: Path) -> None:
    schedules.run_due(store)
    assert store.jobs.list() == []
    is_due(store, yearly, ago=MINUTE)
    due = now(store, yearly)
    schedules.run_due(store)
    schedules.run_due(store)
    [job] = store.jobs.list()
    assert (job.name, job.notebook, job.kind) == ("report", str(notebook), "project")
    assert store.jobs.run(job.job_id, 1).parameters == {"days": 1}
    after = now(store, yearly)
    assert (after.last_job, after.missed, after.next) == (job.job_id, 0, yearly.next)
    assert not store.schedules.claim(due, MINUTE, 0, None)  # of another server, a moment later


def test_what_was_due_long_ago_is_missed_and_told(
    store: Store, notebook: Path, caplog: Any
) -> None:
    asked = Asked(run_name="report", store=store)
    made = schedules.add(asked, str(notebook), cron.HOURLY)
    assert made.next is not None
    store.schedules.set_next("1", made.next - 4 * 60 * MINUTE)
    schedules.run_due(store)
    after = now(store, made)
    assert None not in (after.next, after.missed_at)
    assert after.next in {made.next, made.next + 60 * MINUTE}
    assert "the schedule report missed" in caplog.text
    # One may have been executed, whose full hour was just now.
    assert after.missed + len(store.jobs.list()) in {4, 5}


def test_it_is_missed_while_the_one_before_still_runs(store: Store, yearly: Schedule) -> None:
    schedules.run_now(store, yearly.schedule_id)
    is_due(store, yearly, ago=1000)
    schedules.run_due(store)
    assert (len(store.jobs.list()), now(store, yearly).missed) == (1, 1)
    store.jobs.stop("1")
    is_due(store, yearly, ago=1000)
    schedules.run_due(store)
    assert (len(store.jobs.list()), now(store, yearly).missed) == (2, 1)


def test_what_is_paused_or_removed_is_not_executed(store: Store, yearly: Schedule) -> None:
    is_due(store, yearly, ago=1000)
    assert schedules.pause(store, yearly.schedule_id).next is None
    schedules.run_due(store)
    assert store.jobs.list() == []
    assert schedules.resume(store, yearly.schedule_id).next == yearly.next
    assert store.schedules.remove(yearly.schedule_id).name == "report"
    assert store.schedules.all() == []
    with pytest.raises(NotFound, match=r"no schedule 1\. 'nbtrail schedule list'"):
        schedules.pause(store, "1")
