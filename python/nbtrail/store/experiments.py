"""Experiments: named groups of runs. Tags group experiments in turn: ``project = pricing``."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbtrail.entities import Experiment, Status, ViewType
from nbtrail.errors import AlreadyExists, InvalidState, InvalidValue, NotFound, did_you_mean
from nbtrail.store import audit, locations, search
from nbtrail.store.database import Database
from nbtrail.store.keys import (
    EXPERIMENT_TAG_LIMIT,
    check_key,
    check_name,
    check_text,
    is_text,
    row_id,
)

DEFAULT_ID, DEFAULT_NAME = "0", "Default"

# Who wrote down the id of an experiment that is gone for good shall not find another under it:
# the audit knows all that were ever deleted.
_NEW_ID = (
    "1 + max((select max(id) from experiment), (select coalesce(max(cast(subject_id as integer)), "
    "0) from audit where subject = 'experiment'))"
)


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
        now = _now()
        with self._database.write() as connection:
            connection.execute(
                "insert or ignore into experiment (id, name, artifact_location, created, updated) "
                "values (?, ?, ?, ?, ?)",
                (int(DEFAULT_ID), DEFAULT_NAME, DEFAULT_ID, now, now),
            )

    def create(
        self,
        name: str,
        artifact_location: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Experiment:
        """Make an experiment.

        Args:
            name: what it is called.
            artifact_location: a directory or URI for the artifacts of its runs; below the
                store when None.
            tags: what is to be known of it.

        Raises:
            AlreadyExists: the name is taken, perhaps by a deleted experiment.
            InvalidValue: the name, the location or a tag is not acceptable.
        """
        check_name(name, "an experiment")
        location = locations.resolve(artifact_location) if artifact_location else ""
        texts, now = _checked_tags(tags or {}), _now()
        with self._database.write() as connection:
            self._refuse_taken(connection, name)
            made = connection.execute(
                "insert into experiment (id, name, artifact_location, created, updated) "
                f"values ({_NEW_ID}, ?, ?, ?, ?)",
                (name, location, now, now),
            ).lastrowid
            connection.execute(
                "update experiment set artifact_location = id where id = ? "
                "and artifact_location = ''",
                (made,),
            )
            _insert_tags(connection, made, texts)
            return self.get(str(made))

    @staticmethod
    def _refuse_taken(connection: sqlite3.Connection, name: str) -> None:
        row = connection.execute(
            "select id, lifecycle_stage from experiment where name = ?", (name,)
        ).fetchone()
        if row is None:
            return
        advice = f" Choose another name, or use it by its id, '{row['id']}'."
        if row["lifecycle_stage"] == "deleted":
            advice = (
                f" It is deleted: restore it with nbtrail.restore_experiment('{row['id']}'), or "
                "remove it for good with 'nbtrail gc'."
            )
        raise AlreadyExists(f"Experiment '{name}' already exists.{advice}")

    def ensure(self, name: str) -> Experiment:
        """Return the experiment of that name, made now if there was none.

        Raises:
            InvalidValue: it is deleted, or the name is not acceptable.
        """
        found = self.get_by_name(name)
        if found is None:
            with self._database.write():
                found = self.get_by_name(name) or self.create(name)
        if found.lifecycle_stage == "deleted":
            raise InvalidValue(
                f"Cannot use the deleted experiment '{name}'. Restore it with "
                f"nbtrail.restore_experiment('{found.experiment_id}'), or choose another name."
            )
        return found

    def get(self, experiment_id: str) -> Experiment:
        """Return one experiment, deleted or not.

        Raises:
            NotFound: there is none with that id.
        """
        with self._database.read() as connection:
            found = self._load(connection, [row_id(experiment_id)])
        if not found:
            raise NotFound(
                f"There is no experiment with id {experiment_id!r:.300}. "
                "'nbtrail experiments list' shows those that exist."
            )
        return found[0]

    def get_by_name(self, name: str) -> Experiment | None:
        """Return the experiment of that name, deleted or not, or None."""
        with self._database.read() as connection:
            wanted = name if is_text(name) else None
            rows = connection.execute("select id from experiment where name = ?", (wanted,))
            found = self._load(connection, [row for (row,) in rows.fetchall()])
        return found[0] if found else None

    def named(self, name: str) -> Experiment:
        """Return the experiment of that name.

        Raises:
            NotFound: there is none; the message has the closest name.
        """
        found = self.get_by_name(name)
        if found is None:
            close = did_you_mean(str(name), (e.name for e in self.list()))
            raise NotFound(f"There is no experiment {name!r:.300}.{close}")
        return found

    def rename(self, experiment_id: str, name: str) -> None:
        """Give an experiment another name.

        Raises:
            NotFound: there is none with that id.
            AlreadyExists: the name is another's.
            InvalidValue: the name is not acceptable.
            InvalidState: the experiment is deleted.
        """
        check_name(name, "an experiment")
        with self._database.write() as connection:
            before = self._active(experiment_id).name
            if before != name:
                self._refuse_taken(connection, name)
                self._touch(connection, experiment_id, "name = ?", name)
                audit.write(
                    connection, "rename", "experiment", experiment_id, before=before, after=name
                )

    def delete(self, experiment_id: str) -> None:
        """Take an experiment and its runs out of listings; `restore` brings them back.

        Raises:
            NotFound: there is none with that id.
            InvalidValue: it is Default, where runs without an experiment go.
        """
        if row_id(experiment_id) == int(DEFAULT_ID):
            raise InvalidValue(
                f"The experiment '{DEFAULT_NAME}' cannot be deleted: runs for which no experiment "
                "is chosen go there. Delete its runs instead."
            )
        now = _now()
        with self._database.write() as connection:
            if self.get(experiment_id).lifecycle_stage == "deleted":
                return
            stage = "lifecycle_stage = 'deleted', deleted = ?"
            self._touch(connection, experiment_id, stage, now)
            connection.execute(
                f"update run set {stage} where experiment = ? and lifecycle_stage = 'active'",
                (now, row_id(experiment_id)),
            )
            audit.write(connection, "delete", "experiment", experiment_id)

    def restore(self, experiment_id: str) -> None:
        """Undo `delete`; runs that had been deleted before it stay deleted.

        Raises:
            NotFound: there is none with that id.
        """
        with self._database.write() as connection:
            if self.get(experiment_id).lifecycle_stage == "active":
                return
            row = row_id(experiment_id)
            stage = "lifecycle_stage = 'active', deleted = null"
            connection.execute(
                f"update run set {stage} where experiment = ? and deleted = "
                "(select deleted from experiment where id = ?)",
                (row, row),
            )
            self._touch(connection, experiment_id, stage)
            audit.write(connection, "restore", "experiment", experiment_id)

    def set_tags(self, experiment_id: str, tags: Mapping[str, str]) -> None:
        """Set tags in one transaction; a key that is there gets the new value.

        Raises:
            NotFound: there is no such experiment.
            InvalidValue: a key or value is not acceptable.
            InvalidState: the experiment is deleted.
        """
        texts = _checked_tags(tags)
        with self._database.write() as connection:
            self._active(experiment_id)
            _insert_tags(connection, row_id(experiment_id), texts)
            self._touch(connection, experiment_id)

    def delete_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag.

        Raises:
            NotFound: there is no such experiment, or it has no such tag.
            InvalidState: the experiment is deleted.
        """
        with self._database.write() as connection:
            known = self._active(experiment_id).tags
            if key not in known:
                close = did_you_mean(str(key), known)
                raise NotFound(f"The experiment '{experiment_id}' has no tag '{key}'.{close}")
            connection.execute(
                "delete from experiment_tag where experiment = ? and key = ?",
                (row_id(experiment_id), key),
            )
            self._touch(connection, experiment_id)

    def search(
        self,
        view: ViewType = ViewType.ACTIVE_ONLY,
        filter_string: str = "",
        order_by: Sequence[str] = (),
        max_results: int = 1000,
        page_token: str | None = None,
    ) -> tuple[list[Experiment], str | None]:
        """Return a page of experiments and the token of the next page, or None.

        The newest come first unless `order_by` says otherwise (``name``, ``tags.project DESC``).
        A filter is like ``tags.project = 'pricing' and name LIKE 'xgb%'``; it may ask for `name`,
        `experiment_id`, `creation_time`, `last_update_time` and tags.

        Raises:
            InvalidValue: the filter, the order or the token is not understood.
        """
        question = search.Question("experiment", filter_string, order_by, view)
        with self._database.read() as connection:
            ids, token = search.page(connection, question, max_results, page_token)
            return self._load(connection, ids), token

    def run_counts(self) -> dict[str, int]:
        """Return the number of active runs by experiment id."""
        with self._database.read() as connection:
            rows = connection.execute(
                "select experiment, count(*) from run where lifecycle_stage = 'active' "
                "group by experiment"
            ).fetchall()
        return {str(experiment): count for experiment, count in rows}

    def status_counts(self) -> dict[str, dict[Status, int]]:
        """Return the number of active runs with each status, by experiment id."""
        with self._database.read() as connection:
            rows = connection.execute(
                "select experiment, status, count(*) from run where lifecycle_stage = 'active' "
                "group by experiment, status"
            ).fetchall()
        found: dict[str, dict[Status, int]] = {}
        for experiment, status, count in rows:
            found.setdefault(str(experiment), {})[status] = count
        return found

    def _active(self, experiment_id: str) -> Experiment:
        found = self.get(experiment_id)
        if found.lifecycle_stage != "active":
            raise InvalidState(
                f"The experiment '{found.name}' is deleted and cannot be changed. Restore it "
                f"first with nbtrail.restore_experiment('{experiment_id}')."
            )
        return found

    @staticmethod
    def _touch(
        connection: sqlite3.Connection, experiment_id: str, change: str = "", *values: object
    ) -> None:
        """Apply a change, and note when."""
        assignments = ", ".join(filter(None, ("updated = ?", change)))
        connection.execute(
            f"update experiment set {assignments} where id = ?",
            (_now(), *values, row_id(experiment_id)),
        )

    def _load(self, connection: sqlite3.Connection, ids: Sequence[int]) -> list[Experiment]:
        """Return the experiments of these rows, in this order, by two queries."""
        wanted = (json.dumps(ids),)
        chosen = "(select value from json_each(?))"
        tags: dict[int, dict[str, str]] = {}
        for row in connection.execute(
            f"select * from experiment_tag where experiment in {chosen}", wanted
        ):
            tags.setdefault(row["experiment"], {})[row["key"]] = row["value"]
        rows = connection.execute(f"select * from experiment where id in {chosen}", wanted)
        found = {row["id"]: self._entity(row, tags.get(row["id"], {})) for row in rows}
        return [found[one] for one in ids if one in found]

    def _entity(self, row: sqlite3.Row, tags: dict[str, str]) -> Experiment:
        return Experiment(
            experiment_id=str(row["id"]),
            name=row["name"],
            artifact_location=locations.absolute(self._artifact_root, row["artifact_location"]),
            lifecycle_stage=row["lifecycle_stage"],
            tags=tags,
            creation_time=row["created"],
            last_update_time=row["updated"],
        )

    def list(
        self, view: ViewType = ViewType.ACTIVE_ONLY, filter_string: str = ""
    ) -> list[Experiment]:
        """Return all experiments that a filter leaves, those with the latest run first.

        Raises:
            InvalidValue: the filter is not understood.
        """
        question = search.Question("experiment", filter_string, view=view)
        with self._database.read() as connection:
            ids, _ = search.page(connection, question, search.MOST_RESULTS)
            rows = connection.execute(
                "select id from experiment where id in (select value from json_each(?)) "
                "order by coalesce((select max(started) from run "
                "where experiment = experiment.id), created) desc, id desc",
                (json.dumps(ids),),
            ).fetchall()
            return self._load(connection, [row for (row,) in rows])


def _checked_tags(tags: Mapping[str, str]) -> dict[str, str]:
    what = "value of an experiment's tag"
    return {
        check_key(key, "tag"): check_text(str(value), EXPERIMENT_TAG_LIMIT, what)
        for key, value in tags.items()
    }


def _insert_tags(
    connection: sqlite3.Connection, experiment: int | None, tags: Mapping[str, str]
) -> None:
    connection.executemany(
        "insert or replace into experiment_tag values (?, ?, ?)",
        [(experiment, key, value) for key, value in tags.items()],
    )


def _now() -> int:
    return int(time.time() * 1000)
