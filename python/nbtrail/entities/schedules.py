"""Schedules: what is executed again and again."""

from __future__ import annotations

from typing import Any

from nbtrail.entities.base import Record


class Task(Record, frozen=True):
    """What is queued as a job each time; see `Job` for the fields."""

    name: str
    notebook: str | None
    experiment: str | None
    options: dict[str, Any]
    parameters: dict[str, Any]


class Schedule(Record, frozen=True):
    """A task that is executed again and again, for as long as a Jupyter server is there.

    `cron` says when: minute, hour, day of the month, month and day of the week. `next` is the
    time in ms; None while it is paused. `last_job` is the id of the job that it queued last.
    `missed` counts the times at which it was due and was not executed, since no server was there
    or the one before still ran; `missed_at` is the latest of them.
    """

    schedule_id: str
    name: str
    cron: str
    task: Task
    user: str
    created: int
    next: int | None
    last_job: str | None = None
    missed: int = 0
    missed_at: int | None = None
