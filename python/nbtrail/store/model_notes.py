"""What people say of registered models: descriptions, tags, aliases, and stages of versions.

Each change is a transaction with its entry in the registry's history (see chain.py).
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Mapping
from typing import get_args

from nbtrail.entities import ModelStage
from nbtrail.errors import InvalidValue, NotFound, did_you_mean
from nbtrail.store.chain import NOBODY, By, append
from nbtrail.store.database import Database
from nbtrail.store.keys import check_text
from nbtrail.store.model_rows import DESCRIPTION_LIMIT, put_tag
from nbtrail.store.registry import Registry

_ALIAS = re.compile(r"[\w.\-]{1,255}")
_VERSION_LIKE = re.compile(r"v\d+|latest", re.IGNORECASE)
_ARCHIVING = ("Staging", "Production")


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
        *,
        by: By = NOBODY,
    ) -> None:
        """Change what is given of a registered model; a tag that is None is deleted.

        Raises:
            InvalidValue: a tag or the description is not acceptable.
        """
        with self._database.write() as connection:
            before = self._registry.model(name).description
            if description is not None and description != before:
                check_text(description, DESCRIPTION_LIMIT, "description of a model")
                connection.execute(
                    "update registered_model set description = ? where name = ?",
                    (description, name),
                )
                append(connection, by, "describe", name, before=before, after=description)
            _put_tags(connection, by, name, None, tags or {})
            touch(connection, name)

    def update_version(
        self,
        name: str,
        version: str,
        description: str | None = None,
        tags: Mapping[str, str | None] | None = None,
        stage: str | None = None,
        *,
        archive_existing: bool = False,
        by: By = NOBODY,
    ) -> None:
        """Change what is given of a version; a tag that is None is deleted.

        Args:
            name: of the registered model.
            version: its number.
            description: what it says from now on.
            tags: to set and to delete.
            stage: None, Staging, Production or Archived, in any letters' case.
            archive_existing: archive what else is in that stage, which is one of the middle two.
            by: who says so, and why.

        Raises:
            InvalidValue: a tag, the description or the stage is not acceptable.
        """
        with self._database.write() as connection:
            found = self._registry.version(name, version)
            number = int(found.version)
            if description is not None and description != found.description:
                check_text(description, DESCRIPTION_LIMIT, "description of a version")
                _set(connection, name, number, "description", description)
                before = found.description
                append(connection, by, "describe", name, number, before=before, after=description)
            _put_tags(connection, by, name, number, tags or {})
            touch(connection, name, number)
            if stage is not None:
                self._move(connection, by, name, number, checked_stage(stage), archive_existing)

    def _move(
        self,
        connection: sqlite3.Connection,
        by: By,
        name: str,
        number: int,
        stage: str,
        archive_existing: bool,
    ) -> None:
        if archive_existing and stage not in _ARCHIVING:
            raise InvalidValue(
                f"What else is in a stage can be archived for {' and '.join(_ARCHIVING)}, "
                f"not for '{stage}'."
            )
        for one in self._registry.versions(name):
            at, mine = int(one.version), int(one.version) == number
            to = stage if mine else "Archived"
            moves = mine or (archive_existing and one.current_stage == stage)
            if moves and one.current_stage != to:
                _set(connection, name, at, "stage", to)
                append(connection, by, "stage", name, at, before=one.current_stage, after=to)
                touch(connection, name, at)

    def set_alias(self, name: str, alias: str, version: str, *, by: By = NOBODY) -> None:
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
            before = self._registry.model(name).aliases.get(alias)
            if before == str(number):
                return
            connection.execute(
                "insert or replace into model_alias values (?, ?, ?)", (name, alias, number)
            )
            after = str(number)
            append(connection, by, "alias", name, number, key=alias, before=before, after=after)
            touch(connection, name)

    def delete_alias(self, name: str, alias: str, *, by: By = NOBODY) -> None:
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
            number = int(known[alias])
            append(connection, by, "unalias", name, number, key=alias, before=known[alias])
            touch(connection, name)


def unknown_alias(name: str, alias: str, known: Mapping[str, str]) -> NotFound:
    """Return the error that a model has no such alias."""
    close = did_you_mean(alias, known)
    return NotFound(f"The model '{name:.80}' has no alias '{alias:.80}'.{close}")


def checked_stage(stage: str) -> str:
    """Return a stage as it is written, whatever the case of its letters.

    Raises:
        InvalidValue: there is none of that name.
    """
    stages: tuple[str, ...] = get_args(ModelStage)
    known = {one.lower(): one for one in stages}
    if str(stage).lower() not in known:
        close = did_you_mean(str(stage), stages)
        raise InvalidValue(
            f"{stage!r:.40} is no stage of a version: it is one of {', '.join(stages)}.{close}"
        )
    return known[str(stage).lower()]


def _set(connection: sqlite3.Connection, name: str, number: int, column: str, value: str) -> None:
    connection.execute(
        f"update model_version set {column} = ? where name = ? and version = ?",
        (value, name, number),
    )


def _put_tags(
    connection: sqlite3.Connection,
    by: By,
    name: str,
    number: int | None,
    tags: Mapping[str, str | None],
) -> None:
    table = "registered_model_tag" if number is None else "model_version_tag"
    owner: dict[str, object] = {"name": name} | ({} if number is None else {"version": number})
    for key, value in tags.items():
        before = put_tag(connection, table, owner, key, value)
        if before != value:
            action = "untag" if value is None else "tag"
            append(connection, by, action, name, number, key=key, before=before, after=value)


def touch(connection: sqlite3.Connection, name: str, version: int | None = None) -> None:
    """Note that a model, or also one of its versions, was changed now."""
    now = int(time.time() * 1000)
    connection.execute("update registered_model set updated = ? where name = ?", (now, name))
    connection.execute(
        "update model_version set updated = ? where name = ? and version = ?", (now, name, version)
    )
