"""The queue of jobs: whose turn it is, what states say, and what becomes of a dead supervisor's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nbtrail.entities import Job
from nbtrail.errors import InvalidState, InvalidValue, NotFound
from nbtrail.store import Store, open_store

ADOPT = """
import os, sys
from nbtrail.store import open_store
store = open_store(sys.argv[1])
store.jobs.adopt()
assert store.jobs.begin()
os.kill(os.getpid(), 9)
"""


def queue(store: Store, runs: int = 1, **options: int) -> Job:
    given = [{"lr": number} for number in range(runs)]
    return store.jobs.create("notebook", "train", given, notebook="/train.ipynb", **options)


def states(store: Store, job: Job) -> list[str]:
    return [run.state for run in store.jobs.runs(job.job_id)]


def test_a_job_waits_until_it_is_adopted_and_runs_begin_in_order(store: Store) -> None:
    first, second = queue(store, 2), queue(store)
    assert (store.jobs.begin(), store.jobs.has_waiting()) == (None, True)
    store.jobs.adopt()
    assert not store.jobs.has_waiting()
    begun = [store.jobs.begin() for _ in range(4)]
    assert begun == [(first.job_id, 1), (first.job_id, 2), (second.job_id, 1), None]
    assert store.jobs.get(first.job_id).state == "running"


def test_a_job_may_allow_fewer_runs_at_once(store: Store) -> None:
    one, other = queue(store, 3, parallel=1), queue(store)
    store.jobs.adopt()
    assert [store.jobs.begin() for _ in range(3)] == [(one.job_id, 1), (other.job_id, 1), None]
    store.jobs.end(one.job_id, 1, 0, "finished")
    assert store.jobs.begin() == (one.job_id, 2)


@pytest.mark.parametrize(
    ("endings", "state", "error"),
    [
        (["finished", "finished"], "finished", None),
        (["failed", "finished"], "failed", "why 1"),
        (["failed", "failed"], "failed", "why 1"),
        (["stopped", "failed"], "stopped", "why 2"),
    ],
)
def test_a_jobs_state_is_what_its_runs_say(
    store: Store, endings: list[str], state: str, error: str | None
) -> None:
    job = queue(store, 2)
    store.jobs.adopt()
    for position, ending in enumerate(endings, start=1):
        store.jobs.begin()
        why = f"why {position}" if ending == "failed" else None
        store.jobs.end(job.job_id, position, 0, ending, why)
    found = store.jobs.get(job.job_id)
    assert (found.state, found.error, found.counts[endings[0]]) == (
        state, error, endings.count(endings[0])
    )  # fmt: skip
    assert found.started <= found.ended


def test_only_the_process_of_a_run_says_how_far_it_is(store: Store) -> None:
    job = queue(store)
    store.jobs.adopt()
    store.jobs.begin()
    assert store.jobs.claim(job.job_id, 1, pid=10)
    assert not store.jobs.claim(job.job_id, 1, pid=11)
    assert store.jobs.note(job.job_id, 1, 10, cells_done=3, cells_total=4, cell="x" * 5000)
    assert not store.jobs.note(job.job_id, 1, 11, cells_done=4)
    store.jobs.end(job.job_id, 1, 11, "failed", "not mine")
    [run] = store.jobs.runs(job.job_id)
    assert (run.state, run.cells_done, len(run.cell)) == ("running", 3, 200)
    assert (store.jobs.get(job.job_id).cells_done, store.jobs.get(job.job_id).cells_total) == (3, 4)


def test_stop_ends_what_waits_at_once_and_asks_what_runs(store: Store) -> None:
    job = queue(store, 2)
    store.jobs.adopt()
    store.jobs.begin()
    assert (store.jobs.stop(job.job_id).state, states(store, job)) == (
        "running", ["running", "stopped"]
    )  # fmt: skip
    assert store.jobs.stopping() == {job.job_id}
    store.jobs.end(job.job_id, 1, 0, "failed", "KeyboardInterrupt")
    ended = store.jobs.get(job.job_id)
    assert (ended.state, ended.error, store.jobs.stopping()) == ("stopped", None, set())


def test_what_has_ended_is_not_stopped(store: Store) -> None:
    job = queue(store)
    store.jobs.adopt()
    store.jobs.begin()
    store.jobs.end(job.job_id, 1, 0, "finished")
    assert (store.jobs.stop(job.job_id).state, store.jobs.get(job.job_id).stopping) == (
        "finished", False
    )  # fmt: skip


def test_retry_queues_only_what_has_not_finished(store: Store) -> None:
    job = queue(store, 3)
    store.jobs.adopt()
    for position, ending in enumerate(["finished", "failed"], start=1):
        store.jobs.begin()
        store.jobs.end(job.job_id, position, 0, ending, "why" if ending == "failed" else None)
    with pytest.raises(InvalidState, match="is running: stop it"):
        store.jobs.retry(job.job_id)
    store.jobs.stop(job.job_id)
    again = store.jobs.retry(job.job_id)
    assert (again.state, again.stopping, again.error) == ("running", False, None)
    assert states(store, job) == ["finished", "queued", "queued"]
    assert store.jobs.has_waiting()


def test_a_job_whose_runs_all_finished_has_nothing_to_retry(store: Store) -> None:
    job = queue(store)
    store.jobs.adopt()
    store.jobs.begin()
    store.jobs.end(job.job_id, 1, 0, "finished")
    with pytest.raises(InvalidState, match="All runs"):
        store.jobs.retry(job.job_id)


def test_the_jobs_of_a_dead_supervisor_have_failed(store: Store) -> None:
    job = queue(store, 2)
    subprocess.run([sys.executable, "-c", ADOPT, store.uri], check=False)
    store.drain()
    found = store.jobs.get(job.job_id)
    assert (found.state, states(store, job)) == ("failed", ["failed", "failed"])
    assert "retry the job" in (found.error or "")


def test_in_a_backup_no_job_goes_on(store: Store, workdir: Path) -> None:
    adopted = queue(store)
    store.jobs.adopt()
    waiting = queue(store)
    store.copy_database(workdir / "copy.db", lambda _: None)
    copied = open_store(f"sqlite:///{workdir / 'copy.db'}")
    assert [states(copied, job) for job in (adopted, waiting)] == [["failed"], ["failed"]]
    assert states(store, adopted) == ["queued"]


def test_lists_have_the_newest_first_in_pieces(store: Store) -> None:
    ids = [queue(store, 2).job_id for _ in range(5)]
    store.jobs.stop(ids[1])
    assert [job.job_id for job in store.jobs.list()] == ids[::-1]
    assert [job.job_id for job in store.jobs.list(max_results=2, before=ids[3])] == ids[2:0:-1]
    assert [job.job_id for job in store.jobs.list(["stopped"])] == [ids[1]]
    with pytest.raises(InvalidValue, match="Did you mean 'stopped'"):
        store.jobs.list(["stoped"])


@pytest.mark.parametrize("unknown", ["1", "x", "-1", "9" * 30, "1; drop table job"])
def test_an_unknown_job_is_not_found(store: Store, unknown: str) -> None:
    for ask in (store.jobs.get, store.jobs.stop, store.jobs.retry):
        with pytest.raises(NotFound, match="There is no job"):
            ask(unknown)
