"""Logged models, registered models and their versions."""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nbtrail.entities import LoggedModel, Metric, ModelVersion, RegisteredModel
from nbtrail.errors import NotFound, did_you_mean
from nbtrail.store import locations
from nbtrail.store.chain import NOBODY, By, append
from nbtrail.store.database import Database
from nbtrail.store.keys import check_model_name, check_text, row_id
from nbtrail.store.model_rows import DESCRIPTION_LIMIT, next_number, put_tag

if TYPE_CHECKING:
    from nbtrail.store.model_edits import ModelEdits
    from nbtrail.store.model_search import ModelSearch


class VersionFacts(NamedTuple):
    """What a model's directory says of it: `columns` are those that it takes, `size` is bytes."""

    flavor: str | None = None
    algorithm: str | None = None
    columns: str | None = None
    size: int | None = None


NO_FACTS = VersionFacts()


class Registry:
    """The models of one store; what is below its artifacts is found there when it is moved."""

    def __init__(self, database: Database, artifact_root: Path) -> None:
        self._database = database
        self._artifact_root = artifact_root

    @cached_property
    def edits(self) -> ModelEdits:
        """Models made, renamed, copied and deleted, and their history."""
        from nbtrail.store.model_edits import ModelEdits

        return ModelEdits(self._database, self)

    @cached_property
    def search(self) -> ModelSearch:
        """Models and versions that a filter finds."""
        from nbtrail.store.model_search import ModelSearch

        return ModelSearch(self._database, self)

    def log_model(self, model: LoggedModel) -> None:
        """Record a model whose directory is complete."""
        with self._database.write() as connection:
            connection.execute(
                "insert into logged_model values "
                "(?, ?, (select id from run where uuid = ?), ?, ?, ?, ?, ?, ?)",
                (
                    model.model_id,
                    int(model.experiment_id),
                    model.source_run_id,
                    model.name,
                    model.artifact_uri.removeprefix(f"{self._artifact_root}/"),
                    model.creation_timestamp,
                    model.execution,
                    model.flavor,
                    model.status,
                ),
            )

    def logged_model(self, model_id: str) -> LoggedModel:
        """Return one logged model.

        Raises:
            NotFound: there is none with that id.
        """
        found = self._logged("where logged_model.id = ?", (model_id,))
        if not found:
            raise NotFound(f"There is no logged model '{model_id}' in this store.")
        return found[0]

    def logged_models(self, run_id: str) -> list[LoggedModel]:
        """Return the models that a run logged, oldest first."""
        return self._logged("where run.uuid = ? order by created", (run_id,))

    def _logged(self, clause: str, values: tuple[object, ...]) -> list[LoggedModel]:
        query = (
            "select logged_model.*, run.uuid as run_uuid from logged_model "
            f"left join run on run.id = logged_model.run {clause}"
        )
        with self._database.read() as connection:
            rows = connection.execute(query, values).fetchall()
        return [
            LoggedModel(
                model_id=row["id"],
                experiment_id=str(row["experiment"]),
                name=row["name"],
                artifact_uri=locations.absolute(self._artifact_root, row["artifact_uri"]),
                creation_timestamp=row["created"],
                source_run_id=row["run_uuid"],
                execution=row["execution"],
                flavor=row["flavor"],
                status=row["status"],
            )
            for row in rows
        ]

    def log_metrics(self, points: Iterable[Metric]) -> None:
        """Keep points that have a `model_id` as that logged model's; others are none of ours.

        The dataset is kept where its name and digest are known.
        """
        rows = [
            (p.model_id, p.key, p.step, p.timestamp, p.value, p.dataset_name, p.dataset_digest)
            for p in points
            if p.model_id is not None
        ]
        if rows:
            with self._database.write() as connection:
                connection.executemany(
                    "insert into model_metric values (?, ?, ?, ?, ?, "
                    "(select id from dataset where name = ? and digest = ?))",
                    rows,
                )

    def metrics(self, model_id: str) -> list[Metric]:
        """Return the points of a logged model, by key and step."""
        with self._database.read() as connection:
            rows = connection.execute(
                "select model_metric.key, value, ts, step, dataset.name, dataset.digest "
                "from model_metric left join dataset on dataset.id = model_metric.dataset "
                "where model = ? order by model_metric.key, step, ts",
                (model_id,),
            ).fetchall()
        return [
            Metric(key, math.nan if value is None else value, ts, step, model_id, *about)
            for key, value, ts, step, *about in rows
        ]

    def create_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        model_id: str | None = None,
        description: str = "",
        *,
        tags: Mapping[str, str] | None = None,
        facts: VersionFacts = NO_FACTS,
        by: By = NOBODY,
        action: str = "create_version",
    ) -> ModelVersion:
        """Add the next version of a registered model, which is made when it is new.

        Raises:
            InvalidValue: the name, the description or a tag is not acceptable.
        """
        check_model_name(name)
        check_text(description, DESCRIPTION_LIMIT, "description of a version")
        with self._database.write() as connection:
            number = next_number(connection, name, by)
            now = int(time.time() * 1000)
            connection.execute(
                f"insert into model_version ({_NEW}) values ({', '.join('?' * 13)})",
                (name, number, source, run_id, model_id, description, "READY", now, now, *facts),
            )
            owner = {"name": name, "version": number}
            for key, value in (tags or {}).items():
                put_tag(connection, "model_version_tag", owner, key, value)
            after: dict[str, object] = {"source": source, "run_id": run_id}
            after |= {"description": description, "tags": dict(tags or {})}
            append(connection, by, action, name, number, after=after)
            return self.version(name, str(number))

    def models(self) -> list[RegisteredModel]:
        """Return all registered models by name."""
        return self._models("", ())

    def named(self, names: Iterable[str]) -> list[RegisteredModel]:
        """Return the registered models of some names, in this order, those that there are."""
        wanted = list(names)
        clause = "where registered_model.name in (select value from json_each(?))"
        found = {one.name: one for one in self._models(clause, (json.dumps(wanted),))}
        return [found[name] for name in wanted if name in found]

    def model(self, name: str) -> RegisteredModel:
        """Return a registered model.

        Raises:
            NotFound: there is none of that name; the message has the closest.
        """
        found = self._models("where registered_model.name = ?", (name,))
        if not found:
            raise self._unknown(name)
        return found[0]

    def _models(self, clause: str, values: tuple[object, ...]) -> list[RegisteredModel]:
        with self._database.read() as connection:
            rows = connection.execute(_MODELS.format(clause), values).fetchall()
            names = json.dumps([row["name"] for row in rows])
            found = connection.execute(_VERSIONS.format(_LATEST), (names,)).fetchall()
        latest: dict[str, list[ModelVersion]] = {}
        for version in map(_version, found):
            latest.setdefault(version.name, []).append(version)
        return [_model(row, latest.get(row["name"], [])) for row in rows]

    def latest_versions(self, name: str) -> list[ModelVersion]:
        """Return the latest version of each stage that a model has versions in.

        Raises:
            NotFound: there is no such model; the message has the closest name.
        """
        return self.model(name).latest_versions

    def select(self, keys: Iterable[tuple[str, int]]) -> list[ModelVersion]:
        """Return the versions with these names and numbers, in this order."""
        wanted = list(keys)
        with self._database.read() as connection:
            rows = connection.execute(_VERSIONS.format(_SELECTED), (json.dumps(wanted),)).fetchall()
        found = {(row["name"], row["version"]): _version(row) for row in rows}
        return [found[key] for key in wanted if key in found]

    def _unknown(self, name: str) -> NotFound:
        with self._database.read() as connection:
            names = [row[0] for row in connection.execute("select name from registered_model")]
        close = did_you_mean(name, names)
        return NotFound(f"There is no registered model '{name:.80}' in this store.{close}")

    def versions(self, name: str) -> list[ModelVersion]:
        """Return the versions of a registered model, oldest first.

        Raises:
            NotFound: there is no such model; the message has the closest name.
        """
        with self._database.read() as connection:
            rows = connection.execute(_VERSIONS.format("name = ?"), (name,)).fetchall()
        if not rows:
            raise self._unknown(name)
        return [_version(row) for row in rows]

    def versions_of_run(self, run_id: str) -> list[ModelVersion]:
        """Return the versions of registered models that were made of a run's models."""
        with self._database.read() as connection:
            rows = connection.execute(_VERSIONS.format(_OF_RUN), (run_id,)).fetchall()
        return [_version(row) for row in rows]

    def version(self, name: str, version: str) -> ModelVersion:
        """Return one version of a registered model.

        Raises:
            NotFound: there is no such model, or no such version of it.
        """
        with self._database.read() as connection:
            query = _VERSIONS.format("name = ? and version = ?")
            row = connection.execute(query, (name, row_id(version))).fetchone()
        if row is not None:
            return _version(row)
        has = [one.version for one in self.versions(name)]
        raise NotFound(
            f"The model '{name}' has no version {version!s:.40}; it has "
            f"{', '.join(has if len(has) < 20 else ['…', *has[-20:]])}."
        )


_MODELS = """
select *,
    (select max(version) from model_version where model_version.name = registered_model.name)
        as latest,
    (select json_group_object(key, value) from registered_model_tag as own
        where own.name = registered_model.name) as tags,
    (select json_group_object(alias, cast(version as text)) from model_alias as own
        where own.name = registered_model.name) as aliases
from registered_model {} order by name
"""
_VERSIONS = """
select model_version.*, coalesce((select nullif(logged_model.flavor, '') from logged_model
    where logged_model.id = model_version.model_id), model_version.flavor)
        as known_flavor,
    (select json_group_object(key, value) from model_version_tag as own
        where own.name = model_version.name and own.version = model_version.version) as tags,
    (select json_group_array(alias) from model_alias as own
        where own.name = model_version.name and own.version = model_version.version) as aliases
from model_version where {} order by name, version
"""
_NEW = (
    "name, version, source, run, model_id, description, status, created, updated, "
    "flavor, algorithm, columns, size"
)
_LATEST = (
    "name in (select value from json_each(?)) and version = (select max(version) from "
    "model_version as other where other.name = model_version.name "
    "and other.stage = model_version.stage)"
)
_SELECTED = "(name, version) in (select value ->> '$[0]', value ->> '$[1]' from json_each(?))"
_OF_RUN = (
    "run = ?1 or model_id in (select id from logged_model "
    "where run = (select id from run where uuid = ?1))"
)


def _model(row: sqlite3.Row, latest: list[ModelVersion]) -> RegisteredModel:
    return RegisteredModel(
        name=row["name"],
        creation_timestamp=row["created"],
        last_updated_timestamp=row["updated"],
        description=row["description"],
        latest_version=None if row["latest"] is None else str(row["latest"]),
        tags=json.loads(row["tags"]),
        aliases=json.loads(row["aliases"]),
        latest_versions=latest,
    )


def _version(row: sqlite3.Row) -> ModelVersion:
    return ModelVersion(
        name=row["name"],
        version=str(row["version"]),
        creation_timestamp=row["created"],
        last_updated_timestamp=row["updated"],
        source=row["source"],
        run_id=row["run"],
        model_id=row["model_id"],
        description=row["description"],
        status=row["status"],
        current_stage=row["stage"],
        tags=json.loads(row["tags"]),
        aliases=json.loads(row["aliases"]),
        flavor=row["known_flavor"],
        algorithm=row["algorithm"],
        size=row["size"],
    )
