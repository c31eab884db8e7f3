"""Endpoints: rows that tell any process of this user where a served model answers."""

from __future__ import annotations

from nbtrail.entities import Endpoint
from nbtrail.store.database import Database

_COLUMNS = Endpoint.__struct_fields__


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
        """Forget an endpoint; one that is not there is no error."""
        with self._database.write() as connection:
            connection.execute("delete from endpoint where name = ?", (name,))
