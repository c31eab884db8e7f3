"""What people say of registered models: descriptions, tags, aliases, and stages of versions."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Mapping
from typing import get_args

from nbtrail.entities import ModelStage
from nbtrail.errors import InvalidValue, NotFound, did_you_mean
from nbtrail.store.database import Database
from nbtrail.store.keys import EXPERIMENT_TAG_LIMIT, check_key, check_text
from nbtrail.store.registry import Registry

DESCRIPTION_LIMIT = 100_000
_ALIAS = re.compile(r"[\w.\-]{1,255}")
_VERSION_LIKE = re.compile(r"v\d+|latest", re.IGNORECASE)


class ModelNotes:
    """The notes of one store's registered models. All methods raise NotFound for unknown ones."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry

    def update(
        self,
        name: str,
        description: str | None = None,
        tags: Mapping[str, str | None] | None = None,
    ) -> None:
        """Change what is given of a registered model; a tag that is None is deleted.

        Raises:
            InvalidValue: a tag or the description is not acceptable.
        """
        with self._database.write() as connection:
            self._registry.model(name)
            if description is not None:
                check_text(description, DESCRIPTION_LIMIT, "description of a model")
                connection.execute(
                    "update registered_model set description = ? where name = ?",
                    (description, name),
                )
            _put_tags(connection, "registered_model_tag", {"name": name}, tags or {})
            _touch(connection, name)

    def update_version(
        self,
        name: str,
        version: str,
        description: str | None = None,
        tags: Mapping[str, str | None] | None = None,
        stage: ModelStage | None = None,
    ) -> None:
        """Change what is given of a version; a tag that is None is deleted.

        Raises:
            InvalidValue: a tag, the description or the stage is not acceptable.
        """
        with self._database.write() as connection:
            number = int(self._registry.version(name, version).version)
            given = {"description": description, "stage": _checked_stage(stage)}
            check_text(description or "", DESCRIPTION_LIMIT, "description of a version")
            for column, value in given.items():
                if value is not None:
                    connection.execute(
                        f"update model_version set {column} = ? where name = ? and version = ?",
                        (value, name, number),
                    )
            owner = {"name": name, "version": number}
            _put_tags(connection, "model_version_tag", owner, tags or {})
            _touch(connection, name, number)

    def set_alias(self, name: str, alias: str, version: str) -> None:
        """Have an alias name a version, whatever it named before.

        Raises:
            InvalidValue: it cannot be an alias.
        """
        if not _ALIAS.fullmatch(alias) or _VERSION_LIKE.fullmatch(alias):
            raise InvalidValue(
                f"{alias!r:.80} cannot be an alias: use letters, digits, '_', '-' and '.', and "
                "neither 'latest' nor what looks like a version ('v1')."
            )
        with self._database.write() as connection:
            number = int(self._registry.version(name, version).version)
            connection.execute(
                "insert or replace into model_alias values (?, ?, ?)", (name, alias, number)
            )
            _touch(connection, name)

    def delete_alias(self, name: str, alias: str) -> None:
        """Take an alias away.

        Raises:
            NotFound: the model has no such alias; the message has the closest.
        """
        with self._database.write() as connection:
            known = self._registry.model(name).aliases
            if alias not in known:
                raise unknown_alias(name, alias, known)
            connection.execute(
                "delete from model_alias where name = ? and alias = ?", (name, alias)
            )
            _touch(connection, name)


def unknown_alias(name: str, alias: str, known: Mapping[str, str]) -> NotFound:
    """Return the error that a model has no such alias."""
    close = did_you_mean(alias, known)
    return NotFound(f"The model '{name:.80}' has no alias '{alias:.80}'.{close}")


def _checked_stage(stage: str | None) -> str | None:
    stages = get_args(ModelStage)
    if stage is not None and stage not in stages:
        close = did_you_mean(str(stage), stages)
        raise InvalidValue(
            f"{stage!r:.40} is no stage of a version: it is one of {', '.join(stages)}.{close}"
        )
    return stage


def _put_tags(
    connection: sqlite3.Connection,
    table: str,
    owner: Mapping[str, object],
    tags: Mapping[str, str | None],
) -> None:
    mine = " and ".join(f"{column} = ?" for column in owner)
    marks = ", ".join("?" * len(owner))
    for key, value in tags.items():
        check_key(key, "tag")
        if value is None:
            connection.execute(
                f"delete from {table} where {mine} and key = ?", (*owner.values(), key)
            )
        else:
            check_text(value, EXPERIMENT_TAG_LIMIT, f"value of tag '{key}'")
            connection.execute(
                f"insert or replace into {table} values ({marks}, ?, ?)",
                (*owner.values(), key, value),
            )


def _touch(connection: sqlite3.Connection, name: str, version: int | None = None) -> None:
    now = int(time.time() * 1000)
    connection.execute("update registered_model set updated = ? where name = ?", (now, name))
    connection.execute(
        "update model_version set updated = ? where name = ? and version = ?", (now, name, version)
    )
