"""Handles: notebooks and commands that a process of their own executes, under the supervisor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbtrail.errors import ExecutionFailed, InvalidValue
from nbtrail.projects import run
from nbtrail.projects.background import jobs
from nbtrail.store import Store

from .conftest import WINE
from .test_jobs import wait_until


def test_a_notebook_and_a_command_that_is_cancelled(write: Any, store: Store) -> None:
    path = write(("lr = 0.1", ["parameters"]), "print('lr is', lr)", "score = lr * 2")
    trained = run(path, {"lr": "0.5"}, wait=False, experiment="tuning", output="done.ipynb")
    waiting = run(WINE, entry_point="wait", wait=False)

    wait_until(lambda: "waiting" in waiting.logs())
    assert (waiting.status, waiting.progress.done) == ("running", 0)
    with pytest.raises(TimeoutError, match="is still running"):
        waiting.wait(timeout=0)
    waiting.cancel()
    with pytest.raises(ExecutionFailed, match="was stopped") as stopped:
        waiting.wait()
    assert waiting.status == "stopped"
    assert stopped.value.run_id == waiting.run_id
    assert store.runs.get(str(waiting.run_id)).info.status == "KILLED"

    made = trained.wait()
    assert (made.info.status, made.info.run_id) == ("FINISHED", trained.run_id)
    assert made.data.metrics["score"] == 1.0
    assert made.data.tags[jobs.TAG] == trained.job_id
    assert (trained.status, trained.progress.done, trained.progress.total) == ("finished", 4, 4)
    assert "lr is 0.5" in trained.logs()
    assert "lr is 0.5" in Path("done.ipynb").read_text()


def test_what_fails_says_how(store: Store) -> None:
    handle = run(WINE, entry_point="fail", wait=False)
    with pytest.raises(ExecutionFailed, match="exit status 3: about to fail") as caught:
        handle.wait()
    assert store.runs.get(caught.value.run_id).info.status == "FAILED"
    assert (handle.status, handle.job_id in repr(handle)) == ("failed", True)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "needs a value for l1_ratio"),
        ({"entry_point": "fial"}, "Did you mean 'fail'"),
        ({"entry_point": "fail", "track": False}, "in the background is recorded"),
        ({"entry_point": "fail", "report": True}, "only an executed notebook"),
    ],
)
def test_a_mistake_queues_nothing(store: Store, options: Any, sentence: str) -> None:
    with pytest.raises(InvalidValue if "fial" not in str(options) else LookupError, match=sentence):
        run(WINE, wait=False, **options)
    assert store.jobs.list() == []
