"""`nbtrail schedule`; nobody executes anything."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nbtrail.projects.background import jobs
from nbtrail.store import Store


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no supervisor."""
    monkeypatch.setattr(jobs, "wake", lambda _store: None)


@pytest.fixture
def notebook(workdir: Path) -> Path:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cell = new_code_cell("title = 'a'\ndays = 1", metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[cell], metadata={"kernelspec": kernel}), "report.ipynb")
    return workdir / "report.ipynb"


@pytest.mark.parametrize(
    ("when", "cron"),
    [(["--hourly"], "0 * * * *"), (["--daily", "07:30"], "30 7 * * *"),
     (["--cron", "0 9 * * 1-5"], "0 9 * * 1-5")],
)  # fmt: skip
def test_it_is_added_listed_and_executed(
    invoke: Any, notebook: Path, store: Store, when: list[str], cron: str
) -> None:
    told = invoke("schedule", "add", "report.ipynb", *when, "-P", "days=7", "--name", "weekly")
    assert told.stdout.startswith("Schedule 1: weekly, the first time at 20")
    [row] = invoke("schedule", "list").stdout.splitlines()[1:]
    assert row.startswith(f"1         weekly  {cron}  20")
    assert invoke("schedule", "run", "1").stdout.startswith("Job 1: weekly (1 run).")
    assert store.jobs.get("1").notebook == str(notebook)
    assert "paused" in invoke("schedule", "pause", "1").stdout
    [row] = invoke("schedule", "list").stdout.splitlines()[1:]
    assert row.split()[-3:] == ["paused", "1", "0"]
    assert "is executed next at 20" in invoke("schedule", "resume", "1").stdout


def test_what_is_removed_is_made_again_by_what_is_told(
    invoke: Any, notebook: Path, store: Store
) -> None:
    invoke(
        "schedule", "add", "report.ipynb", "--daily", "7:05", "-P", "title=it's new",
        "--experiment", "nightly",
    )  # fmt: skip
    before = store.schedules.get("1").task
    told = invoke("schedule", "remove", "1").stdout
    assert told.startswith("Schedule 1 (report.ipynb) is deleted. To have it again: nbtrail ")
    invoke(*shlex.split(told.partition("again: nbtrail ")[2]))
    after = store.schedules.get("2").task
    assert (after.parameters, after.experiment, after.notebook) == (
        before.parameters, before.experiment, before.notebook
    )  # fmt: skip
    assert store.schedules.get("2").cron == "5 7 * * *"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Say when: one of --hourly, --daily HH:MM and --cron FIELDS."),
        (("--hourly", "--daily", "7:00"), "Say when: one of"),
        (("--daily", "25:00"), "'25:00' is no time of a day, such as 07:30."),
        (("--cron", "60 * * * *"), "'60 * * * *' says no time"),
        (("--hourly", "-P", "day=1"), "'days'"),
    ],
)
def test_a_mistake_is_one_sentence(
    invoke: Any, notebook: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    told = invoke("schedule", "add", "report.ipynb", *arguments)
    assert (told.exit_code, sentence in told.stderr, "Traceback" in told.stderr) == (2, True, False)


def test_an_empty_list_says_how_to_begin(invoke: Any, store: Store) -> None:
    assert invoke("schedule", "list").stdout.startswith("No schedules. `nbtrail schedule add")
    gone = invoke("schedule", "remove", "9")
    assert (gone.exit_code, "There is no schedule 9." in gone.stderr) == (2, True)
