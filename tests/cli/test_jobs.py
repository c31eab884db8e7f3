"""`nbtrail run --background` and `nbtrail jobs`; nobody starts the jobs of most tests."""

from __future__ import annotations

import threading
import time
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
    cell = new_code_cell("lr = 0.1\nlayers = [8]", metadata={"tags": ["parameters"]})
    nbformat.write(
        new_notebook(cells=[cell], metadata={"kernelspec": kernel}), workdir / "train.ipynb"
    )
    return workdir / "train.ipynb"


def test_a_grid_is_queued(invoke: Any, notebook: Path, store: Store) -> None:
    told = invoke(
        "run", "train.ipynb", "--background", "--grid", "lr=0.1,0.2", "--grid",
        "layers=[[8], [16, 8]]", "--parallel", 1, "--name", "first", "--experiment", "tuning",
    ).stdout  # fmt: skip
    assert told == "Job 1: first (4 runs). `nbtrail jobs logs 1 -f` follows it.\n"
    job = store.jobs.get("1")
    assert (job.notebook, job.experiment, job.parallel) == (str(notebook), "tuning", 1)
    assert [run.parameters for run in store.jobs.runs("1")][1:3] == [
        {"lr": "0.1", "layers": [16, 8]}, {"lr": "0.2", "layers": [8]}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--grid", "lr=1"], "A grid is run in the background: add --background."),
        (["--background", "--grid", "lrr=1"], "Did you mean 'lr'?"),
        (["--background", "--grid", "lr"], "'lr' is not of the form NAME=VALUE."),
        (["--background", "--grid", "lr=1", "--grid", "lr=2"], "'lr' is given more than once."),
        (["--background", "--grid", "lr="], "The grid has no values for 'lr'."),
        (["--background", "--grid", "lr=1", "-P", "lr=2"], "'lr' is given for all runs"),
        (["--background", "--parallel", "0"], "0 is not in the range"),
    ],
)
def test_a_mistake_is_one_sentence(
    invoke: Any, notebook: Path, store: Store, arguments: list[str], sentence: str
) -> None:
    result = invoke("run", "train.ipynb", *arguments)
    assert (result.exit_code, sentence in result.stderr) == (2, True), result.stderr
    assert store.jobs.list() == []


def ended_job(store: Store) -> None:
    """Put a job into the store of which one run has finished and another failed."""
    store.jobs.create("notebook", "first", [{"lr": 0.1}, {"lr": "\x1b[31mx"}])
    store.jobs.adopt()
    for position, error in enumerate([None, "It broke."], start=1):
        store.jobs.begin()
        store.jobs.claim("1", position, 1)
        store.jobs.note("1", position, 1, run="3f2a91c4" * 4, cells_done=2, cells_total=4)
        store.jobs.end("1", position, 1, "failed" if error else "finished", error)


def test_jobs_and_their_runs_are_tables(invoke: Any, store: Store) -> None:
    assert "No jobs." in invoke("jobs", "list").stdout
    ended_job(store)
    store.jobs.create("rerun", "second", [{}])
    _, second, first = invoke("jobs", "list").stdout.splitlines()
    assert second.split()[:5] == ["2", "second", "rerun", "queued", "0/1"]
    assert first.split()[:6] == ["1", "first", "notebook", "failed", "2/2", "4/8"]
    assert first.endswith("It broke.")
    assert len(invoke("jobs", "list", "--state", "queued").stdout.splitlines()) == 2
    assert len(invoke("jobs", "list", "--limit", 1).stdout.splitlines()) == 2
    _, one, two = invoke("jobs", "list", 1).stdout.splitlines()
    assert one.split()[:5] == ["1", "finished", "3f2a91c4", "lr=0.1", "2/4"]
    assert two.split()[:5] == ["2", "failed", "3f2a91c4", "lr=?[31mx", "2/4"]
    assert two.endswith("It broke.")


def test_a_log_is_printed(invoke: Any, store: Store) -> None:
    ended_job(store)
    jobs.log_path(store, "1").write_text("one\ntwo\n" * 50_000)  # more than one piece
    assert invoke("jobs", "logs", 1).stdout == "one\ntwo\n" * 50_000
    assert invoke("jobs", "logs", 1, "-f").stdout == "one\ntwo\n" * 50_000


def test_a_log_is_followed_until_the_end(invoke: Any, store: Store) -> None:
    store.jobs.create("notebook", "n", [{}])
    path = jobs.log_path(store, "1")

    def go_on() -> None:
        for line in ("one\n", "two\n"):
            with path.open("a") as file:
                file.write(line)
            time.sleep(0.5)
        store.jobs.stop("1")

    writer = threading.Thread(target=go_on)
    writer.start()
    assert invoke("jobs", "logs", 1, "--follow").stdout == "one\ntwo\n"
    writer.join()


def test_a_job_is_stopped_and_tried_once_more(invoke: Any, store: Store) -> None:
    store.jobs.create("notebook", "n", [{}])
    assert invoke("jobs", "stop", 1).stdout == "Job 1 is stopped.\n"
    assert "Job 1: n (1 run)" in invoke("jobs", "retry", 1).stdout
    store.jobs.adopt()
    store.jobs.begin()
    assert invoke("jobs", "stop", 1).stdout == "Job 1 is being stopped.\n"
    assert "stopping" in invoke("jobs", "list").stdout
    assert "is running: stop it, or wait" in invoke("jobs", "retry", 1).stderr


@pytest.mark.parametrize("command", ["list", "logs", "stop", "retry"])
def test_an_unknown_job_is_told(invoke: Any, store: Store, command: str) -> None:
    result = invoke("jobs", command, "9")
    assert (result.exit_code, "There is no job 9." in result.stderr) == (2, True)


def test_without_a_store_there_is_nothing_to_list(invoke: Any, workdir: Path) -> None:
    assert "There is no nbtrail store" in invoke("jobs", "list").stderr
    assert not (workdir / ".nbtrail").exists()
