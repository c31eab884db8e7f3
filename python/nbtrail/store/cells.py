"""What the recorder says of cells while they run, on its way through the journal.

As with points and params, it survives the process when `CellLog.write` returns, and whoever drains
the journal carries it out, in the order in which it was said. What is too long for the journal is
carried out at once, after what was said before it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, Self

import msgspec

from nbtrail.entities import CellStatus, Document, Status, Verdict
from nbtrail.store import journal
from nbtrail.store.database import Database

Role = Literal["own", "prelude"]
VERDICT = "nbtrail.verdict"
"""The tag of a run that has its verdict, for those who search by MLflow's API."""


class Event(msgspec.Struct, frozen=True, tag_field="said"):
    """Something that is said of cells."""


class CellBegun(Event, frozen=True, tag="begun"):
    """A cell has started. `tags` is JSON, as it is stored."""

    id: int
    session: str
    ordinal: int
    cell_id: str | None
    source: str
    started: int
    tags: str = "[]"


class CellEnded(Event, frozen=True, tag="ended"):
    """How a cell ended, and what it put out: nbformat's outputs, each as JSON."""

    id: int
    status: CellStatus
    execution_count: int | None
    duration: float
    error: str | None
    outputs: list[str]


class CellOutputs(Event, frozen=True, tag="outputs"):
    """What a cell has put out by now, in place of what was said before."""

    id: int
    outputs: list[str]


class CellNames(Event, frozen=True, tag="names"):
    """The names that a cell read and wrote: JSON, as it is stored."""

    id: int
    reads: str
    writes: str
    opaque: str | None
    fingerprints: str

    @classmethod
    def of(
        cls,
        execution: int,
        reads: Mapping[str, int | None],
        writes: Iterable[str],
        opaque: str | None,
        fingerprints: Mapping[str, str],
    ) -> Self:
        """Return what is said of an execution's names."""
        texts = [as_json(found) for found in (dict(reads), sorted(writes), dict(fingerprints))]
        return cls(execution, texts[0], texts[1], opaque, texts[2])


class Attached(Event, frozen=True, tag="attached"):
    """Executions are part of a run's trail; what is its own already stays so."""

    run: str
    executions: list[int]
    role: Role


class RunReopened(Event, frozen=True, tag="reopened"):
    """A run that had ended is RUNNING again, in the process whose journal says so."""

    run: str


class RunEnded(Event, frozen=True, tag="run ended"):
    """A run has got its final status."""

    run: str
    status: Status
    error: str | None
    ended: int


class RunJudged(Event, frozen=True, tag="judged"):
    """What the trail says of a run, in place of what it said before."""

    run: str
    verdict: Verdict


class RunDocumented(Event, frozen=True, tag="documented"):
    """The notebook as it is now, in place of what was said of it before for this run."""

    run: str
    document: Document


_encode = msgspec.json.Encoder().encode
_decode: Callable[[bytes], Event] = msgspec.json.Decoder(
    CellBegun | CellEnded | CellOutputs | CellNames | Attached | RunReopened | RunEnded | RunJudged
    | RunDocumented
).decode  # fmt: skip


class CellLog:
    """What is said of cells in this process.

    Args:
        database: where it ends up.
        append: writes to this process's journal.
        owner: the name of that.
        drain: moves what it holds into the tables.
    """

    def __init__(
        self,
        database: Database,
        append: Callable[[bytes], None],
        owner: Callable[[], str],
        drain: Callable[[], None],
    ) -> None:
        self._database = database
        self._append = append
        self._owner = owner
        self._drain = drain

    def write(self, *events: Event) -> None:
        """Say something: it survives the process when this returns."""
        texts = list(map(_encode, events))
        if max(map(len, texts)) <= journal.MOST_TEXT:
            self._append(b"".join(map(journal.pack_text, texts)))
        else:
            self.carry_out(*events)

    def carry_out(self, *events: Event) -> None:
        """Bring something into the tables at once, after what was said before."""
        owner = self._owner()
        with self._database.write() as connection:
            self._drain()
            for event in events:
                carry_out(connection, event, owner)

    def reserve(self, count: int) -> range:
        """Return ids for executions to come, which nobody else gets."""
        with self._database.write() as connection:
            return reserve(connection, count)


def is_event(text: bytes) -> bool:
    """Say whether a text of a journal is one of these."""
    return text.startswith(b"{")


def insert(connection: sqlite3.Connection, texts: Iterable[bytes], owner: str) -> int:
    """Carry out what a journal, `owner`, has.

    Returns:
        how many events were of what is not there, and were left out.
    """
    return sum(not carry_out(connection, event, owner) for event in map(_decode, texts))


def carry_out(connection: sqlite3.Connection, event: Event, owner: str) -> bool:
    """Bring an event into the tables, within a transaction; `owner` is the journal of who says it.

    Returns:
        False if what it is about is not there.
    """
    if isinstance(event, RunReopened):
        return _reopen(connection, event, owner)
    return _HOW[type(event)](connection, event)


def reserve(connection: sqlite3.Connection, count: int) -> range:
    """Return ids for executions, within a transaction."""
    (after,) = connection.execute(
        "update execution_number set next = next + ? returning next", (count,)
    ).fetchone()
    return range(after - count, after)


def now() -> int:
    """Return the time in ms, as it is stored."""
    return int(time.time() * 1000)


def as_json(value: Any) -> str:
    """Return plain data as JSON; half of a surrogate pair, in a name, is escaped."""
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:
        return json.dumps(value)


def output_json(output: Mapping[str, Any]) -> str:
    """Return an output in the one form in which equal ones are equal."""
    return json.dumps(output, sort_keys=True)


def _row_of(connection: sqlite3.Connection, run_id: str) -> int | None:
    row = connection.execute("select id from run where uuid = ?", (run_id,)).fetchone()
    return None if row is None else row[0]


def _put_outputs(connection: sqlite3.Connection, execution: int, outputs: list[str]) -> None:
    for position, output in enumerate(outputs):
        digest = _put_blob(connection, output.encode())
        connection.execute(
            "insert or replace into output values (?, ?, ?)", (execution, position, digest)
        )


def _put_blob(connection: sqlite3.Connection, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    connection.execute("insert or ignore into blob values (?, ?)", (digest, content))
    return digest


# Each returns False if what the event is about is not there.


def _begin(connection: sqlite3.Connection, event: CellBegun) -> bool:
    done = connection.execute(
        "insert into execution (id, session, ordinal, cell_id, source, started, status, tags) "
        "select ?, id, ?, ?, ?, ?, 'running', ? from session where uuid = ?",
        (event.id, event.ordinal, event.cell_id, event.source, event.started, event.tags,
         event.session),
    )  # fmt: skip
    return done.rowcount > 0


def _end(connection: sqlite3.Connection, event: CellEnded) -> bool:
    done = connection.execute(
        "update execution set status = ?, execution_count = ?, duration = ?, error = ? "
        "where id = ?",
        (event.status, event.execution_count, event.duration, event.error, event.id),
    )
    if done.rowcount:
        _put_outputs(connection, event.id, event.outputs)
    return done.rowcount > 0


def _replace_outputs(connection: sqlite3.Connection, event: CellOutputs) -> bool:
    known = connection.execute("select 1 from execution where id = ?", (event.id,)).fetchone()
    if known is not None:
        connection.execute("delete from output where execution = ?", (event.id,))
        _put_outputs(connection, event.id, event.outputs)
    return known is not None


def _name(connection: sqlite3.Connection, event: CellNames) -> bool:
    done = connection.execute(
        "update execution set reads = ?, writes = ?, opaque = ?, fingerprints = ? where id = ?",
        (event.reads, event.writes, event.opaque, event.fingerprints, event.id),
    )
    return done.rowcount > 0


def _attach(connection: sqlite3.Connection, event: Attached) -> bool:
    connection.executemany(
        "insert into run_execution select run.id, execution.id, ? from run, execution "
        "where run.uuid = ? and execution.id = ? "
        "on conflict (run, execution) do update set role = excluded.role "
        "where excluded.role = 'own'",
        [(event.role, event.run, execution) for execution in event.executions],
    )
    return True


def _reopen(connection: sqlite3.Connection, event: RunReopened, owner: str) -> bool:
    done = connection.execute(
        "update run set status = 'RUNNING', ended = null, error = null, journal = ? "
        "where uuid = ? and lifecycle_stage = 'active'",
        (owner, event.run),
    )
    return done.rowcount > 0


def _end_run(connection: sqlite3.Connection, event: RunEnded) -> bool:
    done = connection.execute(
        # A clock that was set back ends no run before its beginning.
        "update run set status = ?, ended = max(started, ?), error = ?, journal = null "
        "where uuid = ?",
        (event.status, event.ended, event.error, event.run),
    )
    return done.rowcount > 0


def _judge(connection: sqlite3.Connection, event: RunJudged) -> bool:
    run, verdict = _row_of(connection, event.run), event.verdict
    if run is None:
        return False
    connection.execute("delete from finding where run = ?", (run,))
    connection.execute(
        "insert or replace into run_verdict values (?, ?, ?)",
        (run, verdict.verdict, verdict.origin),
    )
    connection.executemany(
        "insert into finding values (?, ?, ?, ?, ?)",
        [
            (run, position, finding.kind, finding.text, json.dumps(finding.executions))
            for position, finding in enumerate(verdict.findings)
        ],
    )
    connection.execute(
        "insert or replace into tag values (?, ?, ?)", (run, VERDICT, verdict.verdict)
    )
    return True


def _document(connection: sqlite3.Connection, event: RunDocumented) -> bool:
    run, document = _row_of(connection, event.run), event.document
    if run is None:
        return False
    connection.execute("delete from document_cell where run = ?", (run,))
    connection.execute(
        "insert or replace into run_document values (?, ?, ?)",
        (run, document.origin, document.saved),
    )
    connection.executemany(
        "insert into document_cell values (?, ?, ?, ?, ?, ?)",
        [
            (run, position, cell.cell_id, cell.kind,
             _put_blob(connection, cell.source.encode()), json.dumps(cell.tags))
            for position, cell in enumerate(document.cells)
        ],
    )  # fmt: skip
    return True


_HOW: dict[type[Event], Callable[[sqlite3.Connection, Any], bool]] = {
    CellBegun: _begin,
    CellEnded: _end,
    CellOutputs: _replace_outputs,
    CellNames: _name,
    Attached: _attach,
    RunEnded: _end_run,
    RunJudged: _judge,
    RunDocumented: _document,
}
