"""Schedules: what a Jupyter server has executed again and again, for as long as it is there."""

from __future__ import annotations

import itertools
import logging
import time
from dataclasses import dataclass

from nbtrail.entities import Job, Schedule
from nbtrail.projects.asked import Asked
from nbtrail.projects.background import cron, jobs
from nbtrail.projects.background.handle import created, task_of
from nbtrail.store import Store
from nbtrail.tracking import context, current_store

GRACE_MS = 5 * 60 * 1000
"""What was due longer ago than that is not executed any more."""
_MOST_COUNTED = 10_000
_log = logging.getLogger("nbtrail")


def add(
    asked: Asked,
    target: str,
    when: str,
    entry_point: str | None = None,
    version: str | None = None,
) -> Schedule:
    """Have something executed again and again.

    Args:
        asked: what is asked for beside the target; `run_name` is the schedule's name as well.
        target: see `targets.run`.
        when: five fields as crontab has them; see cron.py.
        entry_point: what of a project is run.
        version: a commit, tag or branch of a repository.

    Raises:
        NotFound, InvalidValue: the target, a parameter or the time is not as it must be.
    """
    due = cron.next_time(when, _now())
    task = task_of(asked, target, entry_point, version)
    store = asked.store or current_store()
    return store.schedules.add(task.name, " ".join(when.split()), task, context.user(), due)


def pause(store: Store, schedule_id: str) -> Schedule:
    """Execute a schedule no more, until it is resumed."""
    return store.schedules.set_next(schedule_id, None)


def resume(store: Store, schedule_id: str) -> Schedule:
    """Execute a schedule from now on."""
    schedule = store.schedules.get(schedule_id)
    return store.schedules.set_next(schedule_id, cron.next_time(schedule.cron, _now()))


def run_now(store: Store, schedule_id: str) -> Job:
    """Have a schedule executed once more than it says."""
    with store.transaction():
        job = _begin(store, store.schedules.get(schedule_id))
    jobs.wake(store)
    return job


def run_due(store: Store) -> None:
    """Have executed whose time has come, once by whichever server is first; note what was missed.

    What is due while the job before still runs is missed, too.
    """
    now = _now()
    for schedule in store.schedules.due(now):
        with store.transaction():  # so that a time is executed or missed, whoever is killed
            _run(store, schedule, now)
    if store.jobs.has_waiting():
        jobs.wake(store)


def _run(store: Store, schedule: Schedule, now: int) -> None:
    turn = _Turn.of(schedule, now)
    going_on = turn.is_fresh and _goes_on(store, schedule)
    missed = turn.times - (turn.is_fresh and not going_on)
    missed_at = turn.latest if missed else None
    if not store.schedules.claim(schedule, turn.following, missed, missed_at):
        return
    if missed:
        why = "the job before still ran" if going_on else "no server was there"
        _log.warning("nbtrail: the schedule %s missed %s: %s", schedule.name, missed, why)
    if turn.is_fresh and not going_on:
        _begin(store, schedule)


@dataclass(frozen=True)
class _Turn:
    """The times of a schedule that have come: how many, the latest, and the one to come.

    `is_fresh`: the latest is not long ago.
    """

    times: int
    latest: int
    following: int
    is_fresh: bool

    @classmethod
    def of(cls, schedule: Schedule, now: int) -> _Turn:
        assert schedule.next is not None
        come = [schedule.next]
        later = cron.times(schedule.cron, schedule.next)
        come += itertools.takewhile(lambda one: one <= now, itertools.islice(later, _MOST_COUNTED))
        fresh = now - come[-1] <= GRACE_MS
        return cls(len(come), come[-1], cron.next_time(schedule.cron, now), fresh)


def _goes_on(store: Store, schedule: Schedule) -> bool:
    return schedule.last_job is not None and store.jobs.get(schedule.last_job).ended is None


def _begin(store: Store, schedule: Schedule) -> Job:
    job = created(store, schedule.task)
    store.schedules.note_job(schedule.schedule_id, job.job_id)
    return job


def _now() -> int:
    return int(time.time() * 1000)
