"""Which cells made the files of runs, and which files were too large to be kept."""

from __future__ import annotations

from collections.abc import Iterable

from nbtrail.entities import RunFile
from nbtrail.errors import NotFound
from nbtrail.store.database import Database


class RunFiles:
    """What one store knows of the files of runs, beside the files themselves."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, run_id: str, files: Iterable[RunFile]) -> None:
        """Record files of a run, in place of what was recorded of the same paths.

        Raises:
            NotFound: there is no such run.
        """
        with self._database.write() as connection:
            run = connection.execute("select id from run where uuid = ?", (run_id,)).fetchone()
            if run is None:
                raise NotFound(f"There is no run '{run_id}' in this store.")
            connection.executemany(
                "insert or replace into run_file values (?, ?, ?, ?, ?, ?)",
                [(run["id"], f.path, f.kept, f.size, f.digest, f.execution) for f in files],
            )

    def of(self, run_id: str) -> list[RunFile]:
        """Return what is known of a run's files, by path."""
        with self._database.read() as connection:
            rows = connection.execute(
                "select path, kept, size, digest, execution from run_file "
                "where run = (select id from run where uuid = ?) order by path",
                (run_id,),
            ).fetchall()
        return [RunFile(row[0], bool(row[1]), *row[2:]) for row in rows]
