"""Experiments: named groups of runs."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from nbtrail.entities import Experiment
from nbtrail.errors import AlreadyExists, InvalidValue, NotFound, did_you_mean
from nbtrail.store.database import Database
from nbtrail.store.keys import check_text, row_id

DEFAULT_ID, DEFAULT_NAME = "0", "Default"
NAME_LIMIT = 500


class Experiments:
    """The experiments of one store. The one called Default is always there, as in MLflow."""

    def __init__(self, database: Database, artifact_root: Path) -> None:
        self._database = database
        self._artifact_root = artifact_root
        with database.read() as connection:
            empty = connection.execute("select 1 from experiment limit 1").fetchone() is None
        if empty:
            self._insert_default()

    def _insert_default(self) -> None:
        now = int(time.time() * 1000)
        with self._database.write() as connection:
            connection.execute(
                "insert or ignore into experiment (id, name, artifact_location, created, updated) "
                "values (?, ?, ?, ?, ?)",
                (int(DEFAULT_ID), DEFAULT_NAME, DEFAULT_ID, now, now),
            )

    def create(self, name: str, tags: dict[str, str] | None = None) -> Experiment:
        """Make an experiment.

        Raises:
            AlreadyExists: the name is taken.
            InvalidValue: the name is empty or too long.
        """
        _check_name(name)
        now = int(time.time() * 1000)
        with self._database.write() as connection:
            try:
                row = connection.execute(
                    "insert into experiment (name, artifact_location, created, updated) "
                    "values (?, '', ?, ?) returning id",
                    (name, now, now),
                ).fetchone()
            except sqlite3.IntegrityError:
                raise AlreadyExists(f"There is an experiment '{name}' already.") from None
            connection.execute(
                "update experiment set artifact_location = id where id = ?", (row["id"],)
            )
            connection.executemany(
                "insert into experiment_tag values (?, ?, ?)",
                [(row["id"], key, str(value)) for key, value in (tags or {}).items()],
            )
        return self.get(str(row["id"]))

    def ensure(self, name: str) -> Experiment:
        """Return the experiment of that name, made now if there was none."""
        with self._database.write():
            return self.by_name(name) or self.create(name)

    def get(self, experiment_id: str) -> Experiment:
        """Return one experiment.

        Raises:
            NotFound: there is none with that id.
        """
        found = self._select("where id = ?", (row_id(experiment_id),))
        if not found:
            raise NotFound(
                f"There is no experiment with id '{experiment_id}'. "
                "'nbtrail experiments list' shows those that exist."
            )
        return found[0]

    def by_name(self, name: str) -> Experiment | None:
        """Return the experiment of that name, or None."""
        found = self._select("where name = ?", (name,))
        return found[0] if found else None

    def named(self, name: str) -> Experiment:
        """Return the experiment of that name.

        Raises:
            NotFound: there is none; the message has the closest name.
        """
        found = self.by_name(name)
        if found is None:
            close = did_you_mean(name, (e.name for e in self.list()))
            raise NotFound(f"There is no experiment '{name}'.{close}")
        return found

    def run_counts(self) -> dict[str, int]:
        """Return the number of active runs by experiment id."""
        with self._database.read() as connection:
            rows = connection.execute(
                "select experiment, count(*) from run where lifecycle_stage = 'active' "
                "group by experiment"
            ).fetchall()
        return {str(experiment): count for experiment, count in rows}

    def _select(self, clause: str, values: tuple[object, ...] = ()) -> list[Experiment]:
        query = f"select * from experiment {clause}"
        with self._database.read() as connection:
            rows = connection.execute(query, values).fetchall()
            return [self._entity(connection, row) for row in rows]

    def _entity(self, connection: sqlite3.Connection, row: sqlite3.Row) -> Experiment:
        tags = connection.execute(
            "select key, value from experiment_tag where experiment = ?", (row["id"],)
        ).fetchall()
        return Experiment(
            experiment_id=str(row["id"]),
            name=row["name"],
            artifact_location=str(self._artifact_root / row["artifact_location"]),
            lifecycle_stage=row["lifecycle_stage"],
            tags={tag["key"]: tag["value"] for tag in tags},
            creation_time=row["created"],
            last_update_time=row["updated"],
        )

    def list(self) -> list[Experiment]:
        """Return all experiments, those with the latest run first."""
        return self._select(
            "order by coalesce((select max(started) from run where experiment = experiment.id), "
            "created) desc, id desc"
        )


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name.strip():
        raise InvalidValue("An experiment needs a name that is not empty.")
    check_text(name, NAME_LIMIT, "experiment's name")
