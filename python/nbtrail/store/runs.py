"""Runs: their status, params and tags. Metric points are in metrics.py, executions in trails.py."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from nbtrail.entities import (
    Param,
    Run,
    RunData,
    RunInfo,
    RunKind,
    Status,
    ViewType,
)
from nbtrail.errors import AlreadyExists, InvalidValue, NotFound, did_you_mean
from nbtrail.store import audit, bulk, locations, params, run_ids, run_rows, search
from nbtrail.store.database import Database
from nbtrail.store.keys import (
    TAG_LIMIT,
    check_key,
    check_name,
    check_run_id,
    check_text,
    is_text,
    row_id,
)
from nbtrail.store.moments import check_moment

NAME_TAG = "mlflow.runName"
_ENDED = {"FINISHED", "FAILED", "KILLED"}


class Runs:
    """The runs of one store. `owner` gives the journal whose lock tells that we are alive."""

    def __init__(self, database: Database, artifact_root: Path, owner: Callable[[], str]) -> None:
        self._database = database
        self._artifact_root = artifact_root
        self._owner = owner

    def create(
        self,
        experiment_id: str,
        name: str | None = None,
        kind: RunKind = "explicit",
        notebook: str | None = None,
        tags: Mapping[str, str] | None = None,
        user_id: str = "",
        start_time: int | None = None,
        run_id: str | None = None,
    ) -> Run:
        """Start a run owned by this process: should it die, the run becomes KILLED.

        Its name is `name`, else the tag ``mlflow.runName``, else made from its id; the tag is
        set to it.

        Raises:
            NotFound: there is no such experiment.
            InvalidValue: the experiment is deleted; the name, the id or a tag is not acceptable.
            AlreadyExists: there is a run with that id.
        """
        run_id = os.urandom(16).hex() if run_id is None else check_run_id(run_id)
        texts = _checked_tags(tags or {})
        name = check_name(_first_name(name, texts, run_id), "a run")
        texts[NAME_TAG] = name
        started = check_moment(start_time, "start time") if start_time else _now()
        self._owner()  # the journal's row is there before anything refers to it
        with self._database.write() as connection:
            location = self._location(connection, experiment_id)
            row = (
                run_id, row_id(experiment_id), user_id, "RUNNING", started, None,
                "active", locations.below(location, run_id, "artifacts"), name, kind, notebook,
                None,
            )  # fmt: skip
            _insert_tags(connection, _insert(connection, row, self._owner()), texts)
        data = RunData(tags=dict(sorted(texts.items())))
        return Run(run_rows.info(row, self._artifact_root), data)

    @staticmethod
    def _location(connection: sqlite3.Connection, experiment_id: str) -> str:
        """Return the artifact location of an experiment that may have new runs."""
        row = connection.execute(
            "select lifecycle_stage, artifact_location, name from experiment where id = ?",
            (row_id(experiment_id),),
        ).fetchone()
        if row is None:
            raise NotFound(f"There is no experiment with id '{experiment_id}'.")
        if row["lifecycle_stage"] != "active":
            raise InvalidValue(
                f"The experiment '{row['name']}' is deleted and takes no new runs. Restore it with "
                f"nbtrail.restore_experiment('{experiment_id}'), or choose another."
            )
        location: str = row["artifact_location"]
        return location

    def get(self, run_id: str) -> Run:
        """Return one run with its data, deleted or not.

        Raises:
            NotFound: there is none with that id.
        """
        with self._database.read() as connection:
            row = run_ids.row_of(connection, run_id)
            return run_rows.load(connection, [row["id"]], self._artifact_root)[0]

    def info(self, run_id: str) -> RunInfo:
        """Return what one run is, deleted or not, without its data.

        Raises:
            NotFound: there is none with that id.
        """
        with self._database.read() as connection:
            row: int = run_ids.row_of(connection, run_id)["id"]
            return run_rows.infos(connection, [row], self._artifact_root)[row]

    def find(self, given: str) -> Run:
        """Return the run with an id, or with the first characters of one; it may be deleted.

        Raises:
            NotFound: there is none.
            InvalidValue: there are several.
        """
        with self._database.read() as connection:
            return self.get(run_ids.full(connection, given))

    def update(
        self,
        run_id: str,
        status: Status | None = None,
        end_time: int | None = None,
        name: str | None = None,
    ) -> RunInfo:
        """Change what is given, and return what the run then is.

        A final status ends the run, now unless `end_time` says when; RUNNING makes it this
        process's. A new name is the tag ``mlflow.runName`` too.

        Raises:
            NotFound: there is no such run.
            InvalidValue: the run is deleted; the status or the name is not acceptable.
        """
        if status is not None and status not in get_args(Status):
            raise InvalidValue(
                f"{status!r:.40} is no status of a run: it is one of {', '.join(get_args(Status))}."
            )
        if end_time:
            end_time = check_moment(end_time, "end time")
        with self._database.write() as connection:
            row = run_ids.active(connection, run_id)
            if status == "RUNNING":
                self.reopen(run_id)
            elif status is not None:
                ends = _now() if status in _ENDED else None
                connection.execute(
                    "update run set status = ?, ended = coalesce(max(started, ?), ended), "
                    "journal = null where id = ?",
                    (status, ends, row),
                )
            if end_time:
                connection.execute("update run set ended = ? where id = ?", (end_time, row))
            if name is not None:
                self.set_tags(run_id, {NAME_TAG: name})
            return self._info(connection, row)

    def _info(self, connection: sqlite3.Connection, row: int) -> RunInfo:
        query = f"select {run_rows.INFO_COLUMNS} from run where id = ?"
        columns = tuple(connection.execute(query, (row,)).fetchone())
        return run_rows.info(columns, self._artifact_root)

    def end(
        self, run_id: str, status: Status, error: str | None = None, end_time: int | None = None
    ) -> None:
        """Give a run its final status; `end_time` is now when not given.

        Raises:
            NotFound: there is no such run.
        """
        ended = check_moment(end_time, "end time") if end_time else None
        with self._database.write() as connection:
            done = connection.execute(
                # A clock that was set back ends no run before its beginning.
                "update run set status = ?, ended = coalesce(?, max(started, ?)), error = ?, "
                "journal = null where uuid = ?",
                (status, ended, _now(), error, run_id if is_text(run_id) else None),
            )
            if not done.rowcount:
                run_ids.row_of(connection, run_id)

    def reopen(self, run_id: str) -> None:
        """Make an ended run RUNNING again, owned by this process.

        Raises:
            NotFound: there is no such run.
            InvalidValue: it is deleted.
        """
        self._owner()
        with self._database.write() as connection:
            connection.execute(
                "update run set status = 'RUNNING', ended = null, error = null, journal = ? "
                "where id = ?",
                (self._owner(), run_ids.active(connection, run_id)),
            )

    def delete(self, run_id: str) -> None:
        """Take a run out of listings; it can be restored until ``nbtrail gc`` removes it.

        Raises:
            NotFound: there is no such run.
        """
        with self._database.write() as connection:
            done = connection.execute(
                "update run set lifecycle_stage = 'deleted', deleted = ? "
                "where id = ? and lifecycle_stage = 'active'",
                (_now(), run_ids.row_of(connection, run_id)["id"]),
            )
            if done.rowcount:
                audit.write(connection, "delete", "run", run_id)

    def restore(self, run_id: str) -> None:
        """Undo `delete`.

        Raises:
            NotFound: there is no such run.
            InvalidValue: its experiment is deleted.
        """
        with self._database.write() as connection:
            row = run_ids.row_of(connection, run_id)
            self._location(connection, str(row["experiment"]))
            done = connection.execute(
                "update run set lifecycle_stage = 'active', deleted = null "
                "where id = ? and lifecycle_stage = 'deleted'",
                (row["id"],),
            )
            if done.rowcount:
                audit.write(connection, "restore", "run", run_id)

    def log_params(self, run_id: str, records: Iterable[Param]) -> None:
        """Record params in one transaction; see `params.write`.

        Raises:
            NotFound: there is no such run.
            InvalidValue: an explicit param had another explicit value, a bad key, a value
                that is too long, or the run is deleted; nothing of the batch is stored then.
        """
        checked = [params.check(param) for param in records]
        with self._database.write() as connection:
            params.write(connection, run_ids.active(connection, run_id), checked)

    def replace_inferred(self, run_id: str, records: Iterable[Param]) -> None:
        """Make `records` the run's inferred and inherited params; all other origins stay."""
        checked = [params.check(param) for param in records]
        with self._database.write() as connection:
            run = run_ids.active(connection, run_id)
            connection.execute(
                "delete from param where run = ? and origin in ('inferred', 'inherited')", (run,)
            )
            params.write(connection, run, checked)

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags in one transaction; a key that is there gets the new value.

        The tag ``mlflow.runName`` is the run's name.

        Raises:
            NotFound: there is no such run.
            InvalidValue: a key or value is not acceptable, or the run is deleted.
        """
        texts = _checked_tags(tags)
        with self._database.write() as connection:
            run = run_ids.active(connection, run_id)
            _insert_tags(connection, run, texts)
            if NAME_TAG in texts:
                name = check_name(texts[NAME_TAG], "a run")
                connection.execute("update run set name = ? where id = ?", (name, run))

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag.

        Raises:
            NotFound: there is no such run, or it has no such tag.
            InvalidValue: the run is deleted.
        """
        with self._database.write() as connection:
            run = run_ids.active(connection, run_id)
            known = key if is_text(key) else None
            gone = connection.execute("delete from tag where run = ? and key = ?", (run, known))
            if not gone.rowcount:
                rows = connection.execute("select key from tag where run = ?", (run,))
                close = did_you_mean(str(key), (known for (known,) in rows))
                raise NotFound(f"The run '{run_id}' has no tag {key!r:.300}.{close}")

    def search(
        self,
        experiment_ids: Sequence[str] | None = None,
        filter_string: str = "",
        order_by: Sequence[str] = (),
        max_results: int = 1000,
        page_token: str | None = None,
        view: ViewType = ViewType.ACTIVE_ONLY,
        lenient: bool = False,
    ) -> tuple[list[Run], str | None]:
        """Return a page of runs and the token of the next page, or None.

        The newest come first unless `order_by` says otherwise (``metrics.acc DESC``); runs
        without a value come last. search/__init__.py describes filters.

        Args:
            experiment_ids: the experiments to look in; all of them when None.
            filter_string: which runs.
            order_by: terms, the first weighs most.
            max_results: the size of the page.
            page_token: what the previous page gave, for the same question.
            view: whether deleted runs are meant.
            lenient: take a metric or param that no run has for absent, even if it looks like
                a misspelt one.

        Raises:
            InvalidValue: the filter, the order or the token is not understood.
        """
        root = f"{self._artifact_root}/"
        question = search.Question("run", filter_string, order_by, view, experiment_ids, root)
        with self._database.read() as connection:
            ids, token = search.page(connection, question, max_results, page_token, lenient)
            return run_rows.load(connection, ids, self._artifact_root), token


def _first_name(name: str | None, tags: Mapping[str, str], run_id: str) -> object:
    tagged = tags.get(NAME_TAG)
    if name is not None and tagged is not None and name != tagged:
        raise InvalidValue(
            f"The run is named '{name}' and, by its tag {NAME_TAG}, '{tagged}'. Give one name."
        )
    given = tagged if name is None else name
    return f"run-{run_id[:8]}" if given is None else given


def _checked_tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {
        check_key(key, "tag"): check_text(str(value), TAG_LIMIT, f"value of tag '{key}'")
        for key, value in tags.items()
    }


def _insert(connection: sqlite3.Connection, row: tuple[Any, ...], owner: str) -> int:
    try:
        inserted = connection.execute(
            f"insert into run ({run_rows.INFO_COLUMNS}, journal) "
            f"values ({', '.join('?' * len(row))}, ?)",
            (*row, owner),
        )
    except sqlite3.IntegrityError:
        raise AlreadyExists(f"There is a run '{row[0]}' already.") from None
    assert inserted.lastrowid is not None
    return inserted.lastrowid


def _insert_tags(connection: sqlite3.Connection, run: int, tags: Mapping[str, str]) -> None:
    columns = list(tags), list(tags.values())
    unless = " on conflict (run, key) do update set value = excluded.value"
    bulk.insert(connection, "tag", "(?1, {0}, {1})", (run,), columns, unless)


def _now() -> int:
    return int(time.time() * 1000)
