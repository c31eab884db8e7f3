"""Schedules: what is to be queued as a job, and when the next time is."""

from __future__ import annotations

import sqlite3
import time

import msgspec

from nbtrail.entities import Schedule, Task
from nbtrail.errors import NotFound
from nbtrail.store.database import Database
from nbtrail.store.keys import check_name, row_id

_COLUMNS = "id, name, cron, job, user, created, next, last_job, missed, missed_at"
_task_of = msgspec.json.Decoder(Task).decode


class Schedules:
    """The schedules of one store. All methods with an id raise NotFound for an unknown one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, cron: str, task: Task, user: str, due: int) -> Schedule:
        """Keep a schedule whose first time is `due`, in ms.

        Raises:
            InvalidValue: the name is not acceptable.
        """
        values = (check_name(name, "a schedule"), cron, msgspec.json.encode(task).decode(), user)
        with self._database.write() as connection:
            made = connection.execute(
                "insert into schedule (name, cron, job, user, created, next) "
                "values (?, ?, ?, ?, ?, ?)",
                (*values, int(time.time() * 1000), due),
            ).lastrowid
            return self.get(str(made))

    def get(self, schedule_id: str) -> Schedule:
        """Return one schedule."""
        found = self._select("where id = ?", row_id(schedule_id))
        if not found:
            raise NotFound(
                f"There is no schedule {schedule_id:.40}. 'nbtrail schedule list' shows them."
            )
        return found[0]

    def all(self) -> list[Schedule]:
        """Return all, the oldest first."""
        return self._select("order by id")

    def due(self, now: int) -> list[Schedule]:
        """Return those whose time has come."""
        return self._select("where next <= ? order by next", now)

    def set_next(self, schedule_id: str, due: int | None) -> Schedule:
        """Say when the next time is; None pauses it."""
        with self._database.write() as connection:
            changed = self.get(schedule_id)
            connection.execute(
                "update schedule set next = ? where id = ?", (due, row_id(changed.schedule_id))
            )
            return self.get(schedule_id)

    def remove(self, schedule_id: str) -> Schedule:
        """Delete one; return what it was."""
        with self._database.write() as connection:
            removed = self.get(schedule_id)
            connection.execute("delete from schedule where id = ?", (row_id(removed.schedule_id),))
            return removed

    def claim(self, schedule: Schedule, due: int, missed: int, missed_at: int | None) -> bool:
        """Go on to the next time; False if another server has done so.

        Args:
            schedule: as it was read.
            due: the next time, in ms.
            missed: how many times were missed until now.
            missed_at: the latest of them, in ms.
        """
        with self._database.write() as connection:
            claimed = connection.execute(
                "update schedule set next = ?, missed = missed + ?, "
                "missed_at = coalesce(?, missed_at) where id = ? and next = ?",
                (due, missed, missed_at, row_id(schedule.schedule_id), schedule.next),
            )
        return bool(claimed.rowcount)

    def note_job(self, schedule_id: str, job_id: str) -> None:
        """Note the job that was queued last."""
        with self._database.write() as connection:
            connection.execute(
                "update schedule set last_job = ? where id = ?", (job_id, row_id(schedule_id))
            )

    def _select(self, which: str, *values: object) -> list[Schedule]:
        rows = self._database.look_up(f"select {_COLUMNS} from schedule {which}", values)
        return [_schedule(row) for row in rows]


def _schedule(row: sqlite3.Row) -> Schedule:
    columns = {name: row[name] for name in row.keys() if name not in {"id", "job"}}  # noqa: SIM118
    return Schedule(schedule_id=str(row["id"]), task=_task_of(row["job"]), **columns)
