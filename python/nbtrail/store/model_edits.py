"""Registered models as wholes: made, renamed, copied and deleted; and what their history says.

Each change is a transaction with its entry in the registry's history (see chain.py).
"""

from __future__ import annotations

import sqlite3
from typing import Any

from nbtrail.entities import ModelChange, ModelVersion, RegisteredModel
from nbtrail.errors import AlreadyExists, NotFound, did_you_mean
from nbtrail.store import chain, restoring
from nbtrail.store.chain import NOBODY, By, append
from nbtrail.store.database import Database
from nbtrail.store.keys import check_model_name, check_text, row_id
from nbtrail.store.model_notes import touch
from nbtrail.store.model_rows import DESCRIPTION_LIMIT, make_model, put_tag
from nbtrail.store.registry import Registry, VersionFacts

_FACTS = "select flavor, algorithm, columns, size from model_version where name = ? and version = ?"
_OF_VERSIONS = ("model_version_tag", "model_alias", "model_version")
_WITH_NAMES = ("registered_model_tag", *_OF_VERSIONS)


class ModelEdits:
    """The models of one store. All methods raise NotFound for what is not there."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry

    def create(
        self,
        name: str,
        tags: dict[str, str] | None = None,
        description: str = "",
        *,
        by: By = NOBODY,
    ) -> RegisteredModel:
        """Make a registered model without versions.

        Raises:
            AlreadyExists: there is one of that name.
            InvalidValue: the name, a tag or the description is not acceptable.
        """
        check_model_name(name)
        check_text(description, DESCRIPTION_LIMIT, "description of a model")
        with self._database.write() as connection:
            if not make_model(connection, name, by):
                raise _taken(name)
            if description:
                connection.execute(
                    "update registered_model set description = ? where name = ?",
                    (description, name),
                )
                append(connection, by, "describe", name, after=description)
            for key, value in (tags or {}).items():
                put_tag(connection, "registered_model_tag", {"name": name}, key, value)
                append(connection, by, "tag", name, key=key, after=value)
            return self._registry.model(name)

    def rename(self, name: str, new_name: str, *, by: By = NOBODY) -> RegisteredModel:
        """Give a model another name; its versions, aliases, tags and history go along.

        Raises:
            AlreadyExists: there is a model of the new name.
            InvalidValue: the new name is not acceptable.
        """
        check_model_name(new_name)
        with self._database.write() as connection:
            self._registry.model(name)
            if new_name != name:
                connection.execute("pragma defer_foreign_keys = on")  # until the commit
                _copy_model(connection, name, new_name)
                for table in reversed(_WITH_NAMES):
                    _rename_rows(connection, table, name, new_name)
                connection.execute("delete from registered_model where name = ?", (name,))
                append(connection, by, "rename", new_name, before=name, after=new_name)
                touch(connection, new_name)
            return self._registry.model(new_name)

    def copy(self, name: str, version: str, to: str, *, by: By = NOBODY) -> ModelVersion:
        """Make a version the next one of another model, which is made when it is new.

        The copy has its own description and tags, which begin as the original's.
        """
        with self._database.write() as connection:
            original = self._registry.version(name, version)
            facts = connection.execute(_FACTS, (name, int(original.version))).fetchone()
            return self._registry.create_version(
                to,
                original.source,
                original.run_id,
                original.model_id,
                original.description,
                tags=original.tags,
                facts=VersionFacts(*facts),
                by=By(by.reason or f"a copy of {name} version {original.version}", by.who),
                action="copy",
            )

    def delete_version(self, name: str, version: str, *, by: By = NOBODY) -> None:
        """Take a version out of the registry, with its tags and aliases; its files stay.

        Its number does not come back.
        """
        with self._database.write() as connection:
            found = self._registry.version(name, version)
            number = int(found.version)
            before = _kept(connection, found)
            for table in _OF_VERSIONS:
                connection.execute(
                    f"delete from {table} where name = ? and version = ?", (name, number)
                )
            append(connection, by, "delete_version", name, number, before=before)
            touch(connection, name)

    def delete(self, name: str, *, by: By = NOBODY) -> None:
        """Take a model with all of its versions out of the registry; the files stay."""
        with self._database.write() as connection:
            found = self._registry.model(name)
            versions = [] if found.latest_version is None else self._registry.versions(name)
            before = {
                "description": found.description,
                "tags": found.tags,
                "last_version": _last_version(connection, name),
                "versions": [_kept(connection, one) for one in versions],
            }
            for table in (*_WITH_NAMES, "registered_model"):
                connection.execute(f"delete from {table} where name = ?", (name,))
            append(connection, by, "delete_model", name, before=before)

    def restore_version(self, name: str, version: str, *, by: By = NOBODY) -> ModelVersion:
        """Bring a deleted version back under its number, with its tags and free aliases.

        Raises:
            AlreadyExists: it is there.
            NotFound: no such version was deleted of a model that is there.
        """
        with self._database.write() as connection:
            self._registry.model(name)
            number = row_id(version)
            there = "select 1 from model_version where name = ? and version = ?"
            if connection.execute(there, (name, number)).fetchone():
                raise AlreadyExists(f"The model '{name:.80}' has version {number}.")
            kept = {"version": number, **_deleted(connection, name, version)}
            restoring.version(connection, by, name, kept)
            touch(connection, name)
            return self._registry.version(name, version)

    def restore(self, name: str, *, by: By = NOBODY) -> RegisteredModel:
        """Bring a deleted model back, with its versions, tags and aliases.

        Raises:
            AlreadyExists: there is a model of that name.
            NotFound: none of that name was deleted.
        """
        with self._database.write() as connection:
            kept = _deleted(connection, name)
            if not make_model(connection, name, by):
                raise _taken(name)
            restoring.model(connection, by, name, kept)
            return self._registry.model(name)

    def history(
        self, name: str, version: str | None = None, limit: int = 1000, before: int | None = None
    ) -> list[ModelChange]:
        """Return the latest changes of a model that there is or was, newest first.

        Args:
            name: of the model; what was done under an earlier name is told, too.
            version: only what was done to this one.
            limit: how many at most.
            before: only what came before the change of this id.
        """
        with self._database.read() as connection:
            found = chain.of(connection, name, version, limit, before)
            if not found and before is None:
                known = connection.execute("select distinct name from model_change").fetchall()
                names = [row[0] for row in known]
                if name not in names:
                    raise NotFound(
                        f"No registered model '{name:.80}' is or was in this store."
                        f"{did_you_mean(name, names)}"
                    )
            return found


def _kept(connection: sqlite3.Connection, version: ModelVersion) -> dict[str, object]:
    """Return what is worth telling of a version that is deleted: all that brings it back."""
    facts = connection.execute(_FACTS, (version.name, int(version.version))).fetchone()
    return {
        "version": version.version,
        "source": version.source,
        "run_id": version.run_id,
        "model_id": version.model_id,
        "created": version.creation_timestamp,
        "facts": list(facts),
        "stage": version.current_stage,
        "aliases": version.aliases,
        "tags": version.tags,
        "description": version.description,
    }


def _deleted(connection: sqlite3.Connection, name: str, version: str | None = None) -> Any:
    """Return what the history kept of a model or a version when it was last deleted."""
    action = "delete_model" if version is None else "delete_version"
    for change in chain.of(connection, name, version):
        if change.action == action:
            return change.before
    if version is not None:
        raise NotFound(f"No version {version:.20} of '{name:.80}' was deleted in this store.")
    query = "select distinct name from model_change where action = 'delete_model'"
    known = [row[0] for row in connection.execute(query)]
    close = did_you_mean(name, known)
    raise NotFound(f"No model '{name:.80}' was deleted in this store.{close}")


def _last_version(connection: sqlite3.Connection, name: str) -> int:
    query = "select last_version from registered_model where name = ?"
    number: int = connection.execute(query, (name,)).fetchone()[0]
    return number


def _taken(name: str) -> AlreadyExists:
    return AlreadyExists(f"There is a registered model '{name:.80}' already.")


def _copy_model(connection: sqlite3.Connection, name: str, new_name: str) -> None:
    """Make the row of a new name; the rows that refer to the old one follow."""
    made = connection.execute(
        "insert or ignore into registered_model (name, description, created, updated, last_version)"
        " select ?, description, created, updated, last_version from registered_model "
        "where name = ?",
        (new_name, name),
    )
    if not made.rowcount:
        raise _taken(new_name)


def _rename_rows(connection: sqlite3.Connection, table: str, name: str, new_name: str) -> None:
    connection.execute(f"update {table} set name = ? where name = ?", (new_name, name))
