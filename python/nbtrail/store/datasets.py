"""Datasets, kept once by name and digest, and which run used which for what."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import Any

from nbtrail.entities import Dataset, DatasetInput, DatasetSummary
from nbtrail.errors import InvalidValue, NotFound, did_you_mean
from nbtrail.store.database import Database
from nbtrail.store.keys import check_name, check_text, row_id

CONTEXT = "mlflow.data.context"
# In characters, as MLflow's.
_LIMITS = {"digest": 36, "source_type": 36, "source": 65_535}
_LIMITS |= {"schema": 1_048_575, "profile": 16_777_215}
_TAG_KEY_LIMIT, _TAG_VALUE_LIMIT = 255, 500
_COLUMNS = Dataset.__struct_fields__
_SELECTED = ", ".join(f"dataset.{column}" for column in _COLUMNS)


class Datasets:
    """The datasets of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def link(
        self, run_id: str, inputs: Iterable[DatasetInput], execution: int | None = None
    ) -> None:
        """Note, in one transaction, that a run used datasets.

        A dataset whose name and digest are known is that one: where it came from first stays.
        Linked again for the same use (the tag ``mlflow.data.context``), its tags are joined.

        Args:
            run_id: the run.
            inputs: the datasets, each with its tags.
            execution: the id of the CellExecution that links them, unless an input has its own.

        Raises:
            NotFound: there is no such run.
            InvalidValue: a name, a digest, a tag or a text is not allowed.
        """
        checked = [_checked(one) for one in inputs]
        with self._database.write() as connection:
            run = _run(connection, run_id)
            for one in checked:
                dataset = _keep(connection, one.dataset)
                _link(connection, run, dataset, one, execution)

    def get(self, name: str, digest: str) -> Dataset:
        """Return a dataset.

        Raises:
            NotFound: there is none of that name and digest.
        """
        with self._database.read() as connection:
            row = connection.execute(
                f"select {_SELECTED} from dataset where name = ? and digest = ?", (name, digest)
            ).fetchone()
            if row is not None:
                return Dataset(*row)
            known = connection.execute("select distinct name from dataset").fetchall()
        close = "" if (name,) in map(tuple, known) else did_you_mean(name, (n for (n,) in known))
        raise NotFound(f"There is no dataset '{name}' with digest '{digest}'.{close}")

    def search(
        self,
        name_like: str | None = None,
        experiment_ids: Sequence[str] | None = None,
        max_results: int = 1000,
    ) -> list[DatasetSummary]:
        """Return what active runs used, a summary a dataset; what was used last comes first.

        Args:
            name_like: a pattern of names, as SQL's LIKE understands it.
            experiment_ids: only what runs of these experiments used.
            max_results: how many at most.
        """
        conditions, values = ["run.lifecycle_stage = 'active'"], list[object]()
        if name_like is not None:
            conditions.append("dataset.name like ?")
            values.append(name_like)
        if experiment_ids is not None:
            conditions.append("run.experiment in (select value from json_each(?))")
            values.append(json.dumps([row_id(one) for one in experiment_ids]))
        with self._database.read() as connection:
            rows = connection.execute(
                f"select {_SELECTED}, dataset.created, count(distinct run.id), max(run.started), "
                "json_group_array(distinct input.context) from dataset "
                "join input on input.dataset = dataset.id join run on run.id = input.run "
                f"where {' and '.join(conditions)} group by dataset.id "
                "order by max(run.started) desc, dataset.id desc limit ?",
                (*values, max_results),
            ).fetchall()
        return [_summary(*row) for row in rows]


def _summary(*row: Any) -> DatasetSummary:
    *columns, created, runs, last_used, contexts = row
    used_for = sorted(context for context in json.loads(contexts) if context)
    return DatasetSummary(Dataset(*columns), created, runs, last_used, used_for)


def _checked(one: DatasetInput) -> DatasetInput:
    """Return an input that may be kept."""
    dataset = one.dataset
    check_name(dataset.name, "a dataset")
    if not dataset.digest:
        raise InvalidValue(f"The dataset '{dataset.name}' has no digest: give a hash of its data.")
    for field, limit in _LIMITS.items():
        check_text(getattr(dataset, field) or "", limit, f"{field} of dataset '{dataset.name}'")
    for tag in one.tags:
        check_text(tag.key, _TAG_KEY_LIMIT, "key of an input's tag")
        check_text(tag.value, _TAG_VALUE_LIMIT, f"value of the input's tag '{tag.key}'")
    return one


def _run(connection: sqlite3.Connection, run_id: str) -> int:
    row = connection.execute("select id from run where uuid = ?", (run_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no run '{run_id}' in this store.")
    run: int = row["id"]
    return run


def _keep(connection: sqlite3.Connection, dataset: Dataset) -> int:
    """Return the row of a dataset, made when it is new; fill in what it did not have."""
    row = connection.execute(
        f"insert into dataset ({', '.join(_COLUMNS)}, created) values (?, ?, ?, ?, ?, ?, ?) "
        "on conflict (name, digest) do update set schema = coalesce(schema, excluded.schema), "
        "profile = coalesce(profile, excluded.profile) returning id",
        (*(getattr(dataset, c) for c in _COLUMNS), int(time.time() * 1000)),
    ).fetchone()
    identity: int = row["id"]
    return identity


def _link(
    connection: sqlite3.Connection,
    run: int,
    dataset: int,
    one: DatasetInput,
    execution: int | None,
) -> None:
    tags = {tag.key: tag.value for tag in one.tags}
    own = execution if one.execution is None else one.execution
    connection.execute(
        "insert into input (run, dataset, context, tags, execution) values (?, ?, ?, ?, ?) "
        "on conflict (run, dataset, context) do update set "
        "tags = json_patch(tags, excluded.tags), "
        "execution = coalesce(execution, excluded.execution)",
        (run, dataset, tags.get(CONTEXT, ""), json.dumps(tags), own),
    )
