"""What the rows of jobs say is kept true: by who changes one, and by who finds its process dead."""

from __future__ import annotations

import sqlite3
import time

DIED = "The process that supervised this job is gone: retry the job to run what is left."

_SETTLE = """
update job set
    state = case
        when open.n = open.waiting and open.n = open.total then 'queued'
        when open.n > 0 then 'running'
        when open.stopped > 0 then 'stopped'
        when open.failed > 0 then 'failed'
        else 'finished' end,
    started = open.began,
    ended = case when open.n = 0 then coalesce(ended, ?1) end,
    journal = case when open.n > 0 then journal end,
    error = (
        select error from job_run where job = ?2 and state = 'failed' order by position limit 1
    )
from (
    select count(*) as total,
        sum(state in ('queued', 'running')) as n, sum(state = 'queued') as waiting,
        sum(state = 'stopped') as stopped, sum(state = 'failed') as failed, min(started) as began
    from job_run where job = ?2
) as open
where id = ?2
"""


def settle(connection: sqlite3.Connection, job: int) -> None:
    """Make a job's state what those of its runs say."""
    connection.execute(_SETTLE, (int(time.time() * 1000), job))


def close_books(connection: sqlite3.Connection, journal: str) -> None:
    """End the jobs of a supervisor that is dead; its runs have journals of their own."""
    for (job,) in connection.execute("select id from job where journal = ?", (journal,)).fetchall():
        _fail(connection, job, DIED)


def fail_waiting(connection: sqlite3.Connection, reason: str) -> None:
    """End the jobs that no supervisor can take on."""
    waiting = "select id from job where state in ('queued', 'running') and journal is null"
    for (job,) in connection.execute(waiting).fetchall():
        _fail(connection, job, reason)


def _fail(connection: sqlite3.Connection, job: int, reason: str) -> None:
    now = int(time.time() * 1000)
    connection.execute(
        "update job_run set state = 'failed', error = ?, ended = ?, cell = null "
        "where job = ? and state in ('queued', 'running')",
        (reason, now, job),
    )
    settle(connection, job)
