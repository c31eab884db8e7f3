"""Jobs: notebooks, reruns and reproductions that are executed in the background.

They are rows of the store, and a supervisor (supervisor.py) works them off.
"""

from __future__ import annotations

import codecs
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from nbtrail.entities import Job, Record
from nbtrail.errors import InvalidValue
from nbtrail.projects.grid import Grid, combinations
from nbtrail.projects.notebooks import execution
from nbtrail.projects.reproduction import originals, reproduce, reruns
from nbtrail.projects.sources import ENTRY_POINT
from nbtrail.store import Store, locks
from nbtrail.tracking import context
from nbtrail.trail.likeness import Tolerance

TAG = "nbtrail.job"
"""The tag of a run that belongs to a job: the id of that."""
MOST_REPEATS = 100
LOCK = "supervisor.lock"
_SUPERVISOR = "nbtrail.projects.background.supervisor"
_LONGEST_NAME = 480  # characters of a run's name in that of a job
_PIECE = 256 * 1024  # bytes of a log that are read at once


def submit(
    notebook: Path,
    parameters: Mapping[str, object] | None = None,
    grid: Grid | None = None,
    *,
    store: Store,
    experiment: str | None = None,
    name: str | None = None,
    parallel: int | None = None,
    files: bool = True,
) -> Job:
    """Have a notebook executed in the background: once, or for each combination of a grid.

    Args:
        notebook: its file.
        parameters: values by name, for all runs.
        grid: a list of values by name, of which every combination is run; or the parameters of
            each run.
        store: where to record.
        experiment: name of the experiment (default: the notebook's stem).
        name: name of the job and of its runs.
        parallel: how many of its runs may go on at once.
        files: whether the runs have the files that their cells read and write.

    Raises:
        NotFound, InvalidValue: the notebook, its kernel or a parameter is not as it must be;
            nothing was queued.
    """
    path = notebook.absolute()
    runs = combinations(parameters or {}, grid)
    execution.check(path, runs)
    at_once = _checked_parallel(parallel)
    with store.transaction():
        job = store.jobs.create(
            "notebook",
            name or path.name,
            runs,
            notebook=str(path),
            experiment=store.experiments.ensure(experiment or path.stem).name,
            options={"run_name": name, "files": files},
            parallel=at_once,
            user=context.user(),
        )
    wake(store)
    return job


def submit_rerun(
    run_id: str,
    parameters: Mapping[str, object] | None = None,
    grid: Grid | None = None,
    *,
    store: Store,
    name: str | None = None,
    parallel: int | None = None,
) -> Job:
    """Have the cells of a run executed once more in the background, with other parameters.

    Raises:
        NotFound: there is no such run.
        InvalidValue: nothing tells what it executed, or a parameter is not as it must be.
    """
    run = store.runs.get(run_id)
    runs = combinations(parameters or {}, grid)
    reruns.check(store, run, runs)
    job = store.jobs.create(
        "rerun",
        name or f"{run.info.run_name[:_LONGEST_NAME]} rerun",
        runs,
        notebook=run.info.notebook,
        target=run_id,
        experiment=store.experiments.get(run.info.experiment_id).name,
        options={"run_name": name},
        parallel=_checked_parallel(parallel),
        user=context.user(),
    )
    wake(store)
    return job


def submit_reproduction(
    run_id: str,
    *,
    store: Store,
    tolerance: float = 1e-6,
    metrics: Mapping[str, float] | None = None,
    repeat: int = 1,
    env: reproduce.Environment = "current",
) -> Job:
    """Have a run reproduced in the background; see `reproduce.reproduce` for the arguments.

    Raises:
        NotFound: there is no such run.
        InvalidState: it has not ended.
        InvalidValue: nothing tells what it executed, or an argument makes no sense.
    """
    run = store.runs.get(run_id)
    reproduce.check(store, run, Tolerance(tolerance, metrics or {}), repeat, env)
    if repeat > MOST_REPEATS:
        raise InvalidValue(f"A job reproduces a run at most {MOST_REPEATS} times, not {repeat}.")
    if run.info.notebook is not None or ENTRY_POINT not in run.data.tags:
        originals.plan_of(store, run)
    asked = {"tolerance": tolerance, "metrics": dict(metrics or {}), "repeat": repeat, "env": env}
    job = store.jobs.create(
        "reproduction",
        f"{run.info.run_name[:_LONGEST_NAME]} reproduced",
        [{}],
        notebook=run.info.notebook,
        target=run_id,
        experiment=store.experiments.get(run.info.experiment_id).name,
        options=asked,
        user=context.user(),
    )
    wake(store)
    return job


def retry(store: Store, job_id: str) -> Job:
    """Run once more what has failed or was stopped of a job that has ended.

    Raises:
        NotFound: there is no such job.
        InvalidState: it has not ended, or all of it has finished.
    """
    job = store.jobs.retry(job_id)
    wake(store)
    return job


def _checked_parallel(parallel: int | None) -> int | None:
    if parallel is not None and parallel < 1:
        raise InvalidValue(f"At least one run goes on at once, not {parallel}.")
    return parallel


class LogPiece(Record, frozen=True):
    """A piece of a job's log: the offset of the next one, the log's size in bytes now.

    `ended`: there is no more, and no more will come.
    """

    text: str
    offset: int
    size: int
    ended: bool


def read_log(store: Store, job_id: str, offset: int = 0) -> LogPiece:
    """Return what a job's log has from an offset in bytes; a negative one counts from its end.

    Raises:
        NotFound: there is no such job.
    """
    job = store.jobs.get(job_id)  # asked first: what an ended job had to say is in the log
    try:
        with log_path(store, job_id).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = max(size + offset, 0) if offset < 0 else min(offset, size)
            file.seek(start)
            data = file.read(_PIECE)
    except FileNotFoundError:
        start = size = 0
        data = b""
    done = job.ended is not None and start + len(data) >= size
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data, final=done)
    held_back = len(decoder.getstate()[0])  # half a character
    return LogPiece(text, start + len(data) - held_back, size, done)


def log_path(store: Store, job_id: str) -> Path:
    """Return where the runs of a job write their log."""
    return folder(store) / f"{int(job_id)}.log"


def folder(store: Store) -> Path:
    """Return where logs and the supervisor's lock are."""
    found = store.directory / "jobs"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def private(path: str, flags: int) -> int:
    """Open a file that only this user may read."""
    return os.open(path, flags, 0o600)


def wake(store: Store) -> None:
    """See to it that there is a supervisor. It outlives this process, and ends by itself."""
    descriptor = locks.take(folder(store) / LOCK)
    if descriptor is None:
        return  # before it ends it looks once more
    os.close(descriptor)
    log = folder(store) / "supervisor.log"
    with open(log, "ab", opener=private) as output:
        process = subprocess.Popen(  # noqa: S603 - our own module
            # -P: what lies in the current directory must not stand in for a module of Python's.
            [*(sys.executable, "-P", "-m", _SUPERVISOR), "--store", store.uri],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=store.directory,
            start_new_session=True,
        )
    # Somebody must wait for it, else it stays a zombie for as long as this process lives.
    threading.Thread(target=_attend, args=(store, process, log), daemon=True).start()


def _attend(store: Store, process: subprocess.Popen[bytes], log: Path) -> None:
    if status := process.wait():
        said = log.read_text("utf-8", "replace").strip().split("\n")[-1][:300]
        said = said or f"it ended with status {status}"
        store.jobs.fail_waiting(f"The jobs' supervisor does not work: {said}")
