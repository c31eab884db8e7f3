"""Logged models, registered models and their versions."""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

from nbtrail.entities import LoggedModel, Metric, ModelVersion, RegisteredModel
from nbtrail.errors import NotFound, did_you_mean
from nbtrail.store import locations
from nbtrail.store.database import Database


class Registry:
    """The models of one store; what is below its artifacts is found there when it is moved."""

    def __init__(self, database: Database, artifact_root: Path) -> None:
        self._database = database
        self._artifact_root = artifact_root

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
    ) -> ModelVersion:
        """Add the next version of a registered model, which is made when it is new."""
        now = int(time.time() * 1000)
        with self._database.write() as connection:
            connection.execute(
                "insert into registered_model values (?, '', ?, ?) "
                "on conflict (name) do update set updated = excluded.updated",
                (name, now, now),
            )
            row = connection.execute(
                "insert into model_version select ?, "
                "coalesce((select max(version) from model_version where name = ?), 0) + 1, "
                "?, ?, ?, ?, 'READY', ?, ?, 'None' returning version",
                (name, name, source, run_id, model_id, description, now, now),
            ).fetchone()
            return self.version(name, str(row["version"]))

    def models(self) -> list[RegisteredModel]:
        """Return all registered models by name."""
        return self._models("", ())

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
        return [
            RegisteredModel(
                name=row["name"],
                creation_timestamp=row["created"],
                last_updated_timestamp=row["updated"],
                description=row["description"],
                latest_version=None if row["latest"] is None else str(row["latest"]),
                tags=json.loads(row["tags"]),
                aliases=json.loads(row["aliases"]),
            )
            for row in rows
        ]

    def _unknown(self, name: str) -> NotFound:
        close = did_you_mean(name, (model.name for model in self.models()))
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

    def flavors(self, model_ids: Iterable[str]) -> dict[str, str]:
        """Return the flavors of logged models by their ids."""
        with self._database.read() as connection:
            rows = connection.execute(
                "select id, flavor from logged_model where id in (select value from json_each(?))",
                (json.dumps(list(model_ids)),),
            ).fetchall()
        return dict(map(tuple, rows))

    def version(self, name: str, version: str) -> ModelVersion:
        """Return one version of a registered model.

        Raises:
            NotFound: there is no such model, or no such version of it.
        """
        versions = self.versions(name)
        found = next((v for v in versions if v.version == str(version)), None)
        if found is None:
            raise NotFound(
                f"The model '{name}' has no version {version}; it has "
                f"{', '.join(v.version for v in versions)}."
            )
        return found


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
select *,
    (select json_group_object(key, value) from model_version_tag as own
        where own.name = model_version.name and own.version = model_version.version) as tags,
    (select json_group_array(alias) from model_alias as own
        where own.name = model_version.name and own.version = model_version.version) as aliases
from model_version where {} order by name, version
"""
_OF_RUN = (
    "run = ?1 or model_id in (select id from logged_model "
    "where run = (select id from run where uuid = ?1))"
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
    )
