"""`nbtrail jobs`: what is executed in the background."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from nbtrail.cli import for_programs, look, text

if TYPE_CHECKING:
    from nbtrail.entities import Job, JobRun
    from nbtrail.store import Store

NO_JOBS = "No jobs. `nbtrail run NOTEBOOK --background` starts one."
_PERIOD = 0.3  # seconds between looks at a log


@click.group()
def jobs() -> None:
    """List, follow and stop what runs in the background."""


@jobs.command(
    "list",
    epilog=text.examples(
        "nbtrail jobs list",
        "nbtrail jobs list --state running --state queued",
        "nbtrail jobs list 3     lists the runs of job 3",
    ),
)
@click.argument("job", required=False)
@click.option("--state", "states", multiple=True, help="Only those in this state; can be repeated.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@for_programs.as_json
def list_jobs(job: str | None, states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List jobs, the newest first; or the runs of JOB."""
    store = look.existing_store()
    if job:
        known = store.jobs.get(job)
        if as_json:
            for_programs.echo(store.jobs.runs(known.job_id))
        else:
            click.echo(_runs(store, known))
        return
    found = store.jobs.list(states, limit)
    if as_json:
        for_programs.echo(found)
        return
    columns = ("JOB", "NAME", "KIND", "STATE", "RUNS", "CELLS", "CREATED", "DURATION", "ERROR")
    click.echo(text.table(columns, [_row(one) for one in found]) if found else NO_JOBS)


@jobs.command(
    epilog=text.examples(
        "nbtrail jobs logs 3",
        "nbtrail jobs logs 3 -f     follows it until the job ends",
    ),
)
@click.argument("job")
@click.option("-f", "--follow", is_flag=True, help="Go on until the job has ended.")
def logs(job: str, follow: bool) -> None:
    """Print what the runs of JOB have told: their cells, and what those printed."""
    from nbtrail.projects.background.jobs import read_log

    store, offset = look.existing_store(), 0
    while True:
        piece = read_log(store, job, offset)
        click.echo(piece.text, nl=False)
        offset = piece.offset
        if piece.ended or (not follow and offset >= piece.size):
            return
        if offset >= piece.size:
            time.sleep(_PERIOD)
            store.drain()  # which tells of a supervisor that died


@jobs.command(
    epilog=text.examples(
        "nbtrail jobs stop 3",
    ),
)
@click.argument("job")
def stop(job: str) -> None:
    """Stop JOB: interrupt the cells that run, and start none of its runs that wait."""
    stopped = look.existing_store().jobs.stop(job)
    going_on = "is being stopped" if stopped.ended is None else f"is {stopped.state}"
    click.echo(f"Job {stopped.job_id} {going_on}.")


@jobs.command(
    epilog=text.examples(
        "nbtrail jobs retry 3",
    ),
)
@click.argument("job")
def retry(job: str) -> None:
    """Run once more what has failed or was stopped of JOB."""
    from nbtrail.projects.background import jobs as background

    tell_accepted(background.retry(look.existing_store(), job))


def tell_accepted(job: Job) -> None:
    """Say that a job will be executed, and how to follow it."""
    runs = text.count(job.counts["queued"], "run")
    follow = f"`nbtrail jobs logs {job.job_id} -f` follows it."
    click.echo(f"Job {job.job_id}: {text.line(job.name)} ({runs}). {follow}")


def _row(job: Job) -> tuple[object, ...]:
    done = sum(count for state, count in job.counts.items() if state not in {"queued", "running"})
    state = "stopping" if job.stopping and job.ended is None else job.state
    return (
        job.job_id,
        job.name,
        job.kind,
        state,
        f"{done}/{sum(job.counts.values())}",
        f"{job.cells_done}/{job.cells_total}" if job.cells_total else "",
        text.moment(job.created),
        text.duration(job.started, job.ended) if job.started else "",
        job.error,
    )


def _runs(store: Store, job: Job) -> str:
    columns = ("RUN", "STATE", "ID", "PARAMETERS", "CELLS", "DURATION", "CELL OR ERROR")
    return text.table(columns, [_run_row(one) for one in store.jobs.runs(job.job_id)])


def _run_row(run: JobRun) -> tuple[object, ...]:
    given = ", ".join(f"{name}={_value(value)}" for name, value in run.parameters.items())
    return (
        run.position,
        f"{run.state}, {run.outcome}" if run.outcome else run.state,
        (run.run_id or "")[:8],
        given,
        f"{run.cells_done}/{run.cells_total}" if run.cells_total else "",
        text.duration(run.started, run.ended) if run.started else "",
        run.error or run.cell,
    )


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
