"""Endpoints: rows that tell any process of this user where a served model answers, and how."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from nbtrail.entities import Endpoint, EndpointConfig, EndpointKey, EndpointRevision, RevisionState
from nbtrail.errors import NotFound
from nbtrail.store.database import Database

_COLUMNS = Endpoint.__struct_fields__
_REVISION = "revision, config, created, user, state, error, served"
_KEY = "id, name, scope, digest, created, expires"
_config_of = msgspec.json.Decoder(EndpointConfig).decode
_served_of = msgspec.json.Decoder(list[str]).decode


class Endpoints:
    """The endpoints of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, endpoint: Endpoint) -> None:
        """Insert an endpoint, or replace the one of that name."""
        marks = ", ".join("?" * len(_COLUMNS))
        with self._database.write() as connection:
            connection.execute(
                f"insert or replace into endpoint ({', '.join(_COLUMNS)}) values ({marks})",
                [getattr(endpoint, column) for column in _COLUMNS],
            )

    def get(self, name: str) -> Endpoint | None:
        """Return the endpoint of that name, or None."""
        return next((e for e in self.list() if e.name == name), None)

    def list(self) -> list[Endpoint]:
        """Return all endpoints by name."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"select {', '.join(_COLUMNS)} from endpoint order by name"
            ).fetchall()
        return [Endpoint(*row) for row in rows]

    def delete(self, name: str) -> None:
        """Forget an endpoint, its revisions and keys; one that is not there is no error."""
        with self._database.write() as connection:
            connection.execute("delete from endpoint_key where endpoint = ?", (name,))
            connection.execute("delete from endpoint_revision where endpoint = ?", (name,))
            connection.execute("delete from endpoint where name = ?", (name,))

    def add_revision(
        self, name: str, config: EndpointConfig, user: str, state: RevisionState = "starting"
    ) -> int:
        """Keep the next revision of an endpoint, which is to be started; return its number."""
        with self._database.write() as connection:
            row = connection.execute(
                "insert into endpoint_revision (endpoint, revision, config, created, user, state) "
                "select ?, coalesce(max(revision), 0) + 1, ?, ?, ?, ? "
                "from endpoint_revision where endpoint = ? returning revision",
                (name, _text(config), int(time.time() * 1000), user, state, name),
            ).fetchone()
        return int(row["revision"])

    def end_revision(
        self,
        name: str,
        revision: int,
        state: RevisionState,
        error: str | None = None,
        served: Sequence[str] = (),
    ) -> None:
        """Say what became of a revision; one that is live makes the live one before it old."""
        with self._database.write() as connection:
            if state == "live":
                connection.execute(
                    "update endpoint_revision set state = 'old' "
                    "where endpoint = ? and state = 'live' and revision <> ?",
                    (name, revision),
                )
            connection.execute(
                "update endpoint_revision set state = ?, error = ?, served = ? "
                "where endpoint = ? and revision = ?",
                (state, error, _text(list(served)), name, revision),
            )

    def revisions(self, name: str) -> Sequence[EndpointRevision]:
        """Return all revisions of an endpoint, the newest first."""
        rows = self._database.look_up(
            f"select {_REVISION} from endpoint_revision where endpoint = ? order by revision desc",
            (name,),
        )
        return [
            EndpointRevision(
                number, _config_of(config), created, by, state, error, _served_of(served)
            )
            for number, config, created, by, state, error, served in rows
        ]

    def add_key(self, name: str, key: EndpointKey) -> None:
        """Keep a key."""
        with self._database.write() as connection:
            connection.execute(
                f"insert into endpoint_key (endpoint, {_KEY}) values (?, ?, ?, ?, ?, ?, ?)",
                (name, *msgspec.structs.astuple(key)),
            )

    def keys(self, name: str) -> Sequence[EndpointKey]:
        """Return the keys of an endpoint, the oldest first."""
        rows = self._database.look_up(
            f"select {_KEY} from endpoint_key where endpoint = ? order by created, id", (name,)
        )
        return [EndpointKey(*row) for row in rows]

    def delete_key(self, name: str, key_id: str) -> None:
        """Forget a key: who shows it is refused from now on.

        Raises:
            NotFound: there is none with that id.
        """
        with self._database.write() as connection:
            found = connection.execute(
                "delete from endpoint_key where endpoint = ? and id = ?", (name, key_id)
            )
            if not found.rowcount:
                raise NotFound(f"Endpoint '{name}' has no key '{key_id[:40]}'.")


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
