"""Jobs: real processes, kernels and notebooks, supervised in this process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from nbtrail.entities import Job, JobRun, Run
from nbtrail.errors import InvalidState, InvalidValue, NotFound
from nbtrail.projects.background import jobs
from nbtrail.projects.background.supervisor import Supervisor
from nbtrail.store import Store

TAGGED = ["parameters"]
TRAIN = [
    ("lr = 0.1\nepochs = 2", TAGGED),
    "print('lr is', lr, '\\x1b[31mred\\x1b[0m')\nassert lr < 1, 'lr is too large'",
    "score = lr * epochs",
]
WAITS = ["import os, time", "open('here', 'w').write(str(os.getpid()))\ntime.sleep(600)", "1"]
HEEDLESS = (
    "open('here', 'w').write(str(os.getpid()))\n"
    "while True:\n    try: time.sleep(600)\n    except KeyboardInterrupt: pass"
)


@pytest.fixture
def queued(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return a store whose jobs wait until the test supervises them."""
    monkeypatch.setattr(jobs, "wake", lambda _store: None)
    return store


def wait_until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise TimeoutError(condition)


def text_of(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def one_run(store: Store, job: Job) -> tuple[JobRun, Run]:
    [run] = store.jobs.runs(job.job_id)
    store.drain()
    return run, store.runs.get(str(run.run_id))


def executed(run: Run) -> Any:
    return nbformat.read(
        Path(run.info.artifact_uri) / Path(str(run.info.notebook)).name, as_version=4
    )


def test_a_grid_a_rerun_and_a_reproduction(write: Any, queued: Store) -> None:
    store, path = queued, write(*TRAIN)
    job = jobs.submit(path, {"epochs": 5}, {"lr": [0.5, "0.25", 2]}, store=store, name="try")
    Supervisor(store, slots=2).run()

    runs = store.jobs.runs(job.job_id)
    assert [(one.state, one.parameters, one.cells_total) for one in runs] == [
        ("finished", {"epochs": 5, "lr": 0.5}, 4),
        ("finished", {"epochs": 5, "lr": "0.25"}, 4),
        ("failed", {"epochs": 5, "lr": 2}, 4),
    ]
    assert [one.cells_done for one in runs] == [4, 4, 2]
    assert "in cell 3 (AssertionError: lr is too large)" in str(runs[2].error)
    ended = store.jobs.get(job.job_id)
    assert (ended.state, ended.error, ended.cells_done) == ("failed", runs[2].error, 10)
    made = [store.runs.get(str(one.run_id)) for one in runs]
    assert [(run.info.run_name, run.info.status) for run in made] == [
        ("try 1", "FINISHED"), ("try 2", "FINISHED"), ("try 3", "FAILED")
    ]  # fmt: skip
    assert [run.data.metrics["score"] for run in made[:2]] == [2.5, 1.25]
    assert {run.data.tags[jobs.TAG] for run in made} == {job.job_id}
    log = jobs.read_log(store, job.job_id)
    assert f"[1/3] run {runs[0].run_id} with epochs=5, lr=0.5" in log.text
    assert "[1/3] lr is 0.5 red\n" in log.text
    assert "[2/3] cell 4 of 4: score = lr * epochs\n" in log.text
    assert "[3/3] failed: train.ipynb stopped in cell 3" in log.text
    assert log.ended

    first = made[0].info.run_id
    path.unlink()  # what the run executed is in its trail
    rerun = jobs.submit_rerun(first, {"lr": 0.75}, store=store)
    proof = jobs.submit_reproduction(first, store=store)
    Supervisor(store, slots=2).run()

    _, again = one_run(store, rerun)
    assert (again.data.metrics["score"], again.data.tags["nbtrail.reruns"]) == (3.75, first)
    assert {k: again.data.params[k] for k in ("lr", "epochs")} == {"lr": "0.75", "epochs": "5"}
    assert again.info.experiment_id == made[0].info.experiment_id
    proven, reproduction = one_run(store, proof)
    assert (proven.state, proven.outcome, proven.cells_done) == ("finished", "identical", 4)
    assert reproduction.data.tags["nbtrail.reproduces"] == first
    assert reproduction.data.tags[jobs.TAG] == proof.job_id


def test_stop_in_mid_cell_leaves_a_killed_run_and_its_notebook(write: Any, queued: Store) -> None:
    """Also of a cell that does not heed it: its kernel is killed."""
    store, path = queued, write(WAITS[0], HEEDLESS, WAITS[2])
    job = jobs.submit(path, grid=[{}, {}], store=store)
    stopper = subprocess.Popen([sys.executable, "-c", STOPPER, store.uri, str(path.parent)])
    Supervisor(store, slots=1, grace=1).run()
    assert stopper.wait() == 0

    first, second = store.jobs.runs(job.job_id)
    assert (first.state, second.state, second.run_id) == ("stopped", "stopped", None)
    assert (first.cells_done, first.cells_total) == (1, 3)
    ended = store.jobs.get(job.job_id)
    assert (ended.state, ended.error, ended.stopping) == ("stopped", None, True)
    store.drain()
    run = store.runs.get(str(first.run_id))
    assert (run.info.status, run.info.error) == ("KILLED", "Interrupted")
    statuses = [one.metadata.papermill.status for one in executed(run).cells[1:]]
    assert statuses == ["completed", "failed", "pending"]
    with pytest.raises(psutil.NoSuchProcess):
        psutil.Process(int(text_of(path.parent / "here")))


STOPPER = """
import sys, time
from pathlib import Path
from nbtrail.store import open_store
store = open_store(sys.argv[1])
while not Path(sys.argv[2], "here").exists():
    time.sleep(0.05)
store.jobs.stop("1")
"""


@pytest.fixture
def background(store: Store) -> Iterator[Store]:
    """Return a store with a supervisor of its own, if need be; afterwards there is none."""
    yield store
    for job in store.jobs.list(["queued", "running"]):
        store.jobs.stop(job.job_id)
    wait_until(lambda: supervisor_of(store) is None)


def supervisor_of(store: Store) -> psutil.Process | None:
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "nbtrail.projects.background.supervisor" in command and store.uri in command:
            return process if process.status() != psutil.STATUS_ZOMBIE else None
    return None


def test_the_jobs_of_a_killed_supervisor_have_failed_and_their_runs_are_killed(
    write: Any, background: Store
) -> None:
    store, path = background, write(*WAITS)
    job = jobs.submit(path, grid=[{}, {}], parallel=1, store=store)
    kernel = int(wait_until(lambda: text_of(path.parent / "here")))
    supervisor = wait_until(lambda: supervisor_of(store))
    [worker] = [one.pid for one in store.jobs.runs(job.job_id) if one.pid]
    supervisor.kill()
    wait_until(lambda: not psutil.pid_exists(int(worker or 0)))

    store.drain()
    ended = store.jobs.get(job.job_id)
    assert (ended.state, "retry the job" in str(ended.error)) == ("failed", True)
    first, second = store.jobs.runs(job.job_id)
    assert (first.state, second.state, second.run_id) == ("failed", "failed", None)
    run = store.runs.get(str(first.run_id))
    assert (run.info.status, run.info.error) == ("KILLED", "Interrupted")
    assert executed(run).cells[2].metadata.papermill.status == "failed"
    assert not psutil.pid_exists(kernel)


def test_a_supervisor_that_does_not_start_is_told(
    write: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    job = jobs.submit(write("1"), store=store)
    wait_until(lambda: store.jobs.get(job.job_id).ended)
    error = "The jobs' supervisor does not work: it ended with status 1"
    assert (store.jobs.get(job.job_id).state, store.jobs.get(job.job_id).error) == ("failed", error)


def test_a_process_that_dies_is_told(write: Any, queued: Store) -> None:
    store = queued
    job = jobs.submit(write("1"), store=store)
    killer = subprocess.Popen([sys.executable, "-c", KILLER, store.uri])
    Supervisor(store, slots=1).run()
    assert killer.wait() == 0
    [run] = store.jobs.runs(job.job_id)
    assert (run.state, "signal 9" in str(run.error)) == ("failed", True)


KILLER = """
import os, sys, time
from nbtrail.store import open_store
store = open_store(sys.argv[1])
while not (pid := store.jobs.run("1", 1).pid):
    time.sleep(0.01)
os.kill(pid, 9)
"""


def test_what_has_gone_by_the_time_of_its_turn_is_told(write: Any, queued: Store) -> None:
    store, path = queued, write("1")
    job = jobs.submit(path, store=store)
    path.unlink()
    path.parent.rmdir()
    Supervisor(store, slots=1).run()
    [run] = store.jobs.runs(job.job_id)
    assert (run.state, run.run_id) == ("failed", None)
    assert "There is no notebook" in str(run.error)


def test_there_is_one_supervisor(queued: Store) -> None:
    store = queued
    store.jobs.create("notebook", "n", [{}], notebook="/nowhere.ipynb")
    lock = jobs.locks.take(jobs.folder(store) / jobs.LOCK)
    Supervisor(store, slots=1).run()
    assert store.jobs.get("1").state == "queued"
    os.close(lock or 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parameters": {"lrr": 1}}, "Did you mean 'lr'"),
        ({"parameters": {"lr": "fast"}}, "must be float"),
        ({"grid": {"lr": [0.1, "slow"]}}, "must be float"),
        ({"grid": {"lr": []}}, "no values for 'lr'"),
        ({"grid": {"lr": list(range(2000))}}, "2,000 runs"),
        ({"grid": {"lr": list(range(50)), "epochs": list(range(50))}}, "2,500 runs"),
        ({"grid": [{"lr": 1}] * 1001}, "1,001 runs"),
        ({"parameters": {"lr": 1}, "grid": {"lr": [1]}}, "'lr' is given for all runs"),
        ({"parameters": {"lr": "x" * 10**6}, "grid": {"epochs": [1] * 100}}, "95 MB as a text"),
        ({"parameters": {"lr": object()}}, "numbers, texts, lists and dicts"),
        ({"parallel": 0}, "At least one run"),
        ({"experiment": ""}, None),
    ],
)
def test_a_mistake_queues_nothing(
    write: Any, queued: Store, options: dict[str, Any], message: str | None
) -> None:
    if message is None:
        assert jobs.submit(write(*TRAIN), store=queued, **options).experiment == "train"
        return
    with pytest.raises(InvalidValue, match=message):
        jobs.submit(write(*TRAIN), store=queued, **options)
    assert queued.jobs.list() == []


def test_a_missing_notebook_or_run_queues_nothing(queued: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no notebook"):
        jobs.submit(tmp_path / "none.ipynb", store=queued)
    for submit in (jobs.submit_rerun, jobs.submit_reproduction):
        with pytest.raises(NotFound):
            submit("nosuch", store=queued)
    run_id = queued.runs.create(queued.experiments.ensure("e").experiment_id).info.run_id
    with pytest.raises(InvalidState, match="has not ended"):
        jobs.submit_reproduction(run_id, store=queued)
    queued.runs.end(run_id, "FINISHED")
    for submit in (jobs.submit_rerun, jobs.submit_reproduction):
        with pytest.raises(InvalidValue, match="cannot be executed again"):
            submit(run_id, store=queued)
    assert queued.jobs.list() == []


def test_a_log_is_read_in_pieces_that_split_no_character(queued: Store) -> None:
    job = queued.jobs.create("notebook", "n", [{}]).job_id
    assert (jobs.read_log(queued, job).text, jobs.read_log(queued, job).ended) == ("", False)
    path = jobs.log_path(queued, job)
    whole = "first 🦡\nsecond\n".encode()
    path.write_bytes(whole[:8])  # two of the four bytes of the animal
    piece = jobs.read_log(queued, job)
    assert (piece.text, piece.offset, piece.size) == ("first ", 6, 8)
    path.write_bytes(whole)
    piece = jobs.read_log(queued, job, piece.offset)
    assert (piece.text, piece.offset, piece.ended) == ("🦡\nsecond\n", len(whole), False)
    assert jobs.read_log(queued, job, -7).text == "second\n"
    assert jobs.read_log(queued, job, 10**9).offset == len(whole)
    queued.jobs.stop(job)
    assert jobs.read_log(queued, job, piece.offset).ended
