"""The session trail: every execution of this kernel since the recorder was turned on.

It is kept in memory until the first run comes (mere exploration leaves no store behind), and
written as the cells run from then on.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from nbtrail.entities import CellStatus
from nbtrail.recorder.outputs import Output
from nbtrail.store import Store
from nbtrail.store.cells import (
    CellBegun,
    CellEnded,
    CellNames,
    CellOutputs,
    Event,
    as_json,
    output_json,
)
from nbtrail.trail.lineage import Step

RESERVED = 256
"""So many executions get their ids at once."""
ALWAYS_PARAMS = frozenset({"parameters", "injected-parameters"})


@dataclass
class Execution:
    """One cell execution of this session; `id` is the store's, once it is there.

    `tracked`: it has a ``%%track`` line. `adopted`: an explicit run made it its own. `named`: it
    has ended, and what it did to names is known.
    """

    step: Step
    cell_id: str | None
    source: str
    tags: list[str]
    started: int
    tracked: bool = False
    adopted: bool = False
    named: bool = False
    id: int | None = None
    status: CellStatus = "running"
    execution_count: int | None = None
    duration: float | None = None
    error: str | None = None
    outputs: list[Output] = field(default_factory=list)

    @property
    def ordinal(self) -> int:
        """Position in the session, from 0."""
        return self.step.ordinal

    @property
    def always_params(self) -> bool:
        """Whether the cell's literals are params even if nothing reads them."""
        return self.tracked or not ALWAYS_PARAMS.isdisjoint(self.tags)


def cell_key(cell_id: str | None, source: str) -> str:
    """Return what stands for a cell: its id, or its content where the front end gives none."""
    return cell_id or "source:" + hashlib.sha256(source.strip().encode()).hexdigest()[:16]


class SessionTrail:
    """The executions of this kernel, in order, and where they are stored."""

    def __init__(self, notebook: str | None, kernel: str | None) -> None:
        self.executions: list[Execution] = []
        self.always_params: set[int] = set()
        self._notebook = notebook
        self._kernel = kernel
        self._started = int(time.time() * 1000)
        self.store: Store | None = None
        self._session_id = ""
        self._ids: Iterator[int] = iter(())

    def add(self, execution: Execution) -> None:
        """Take a cell in that has just started."""
        self.executions.append(execution)
        if execution.always_params:
            self.always_params.add(execution.ordinal)
        if self.store is not None:
            self.store.cells.write(self._begun(execution, self.store))

    def finish(self, execution: Execution) -> None:
        """Take note that a cell has ended, and of its names as far as they are known by now."""
        if execution.id is not None and self.store is not None:
            self.store.cells.write(*self._ended(execution, execution.id))

    def rewrite(self, execution: Execution) -> None:
        """Take note that a cell that has ended has put out something else."""
        if execution.id is not None and self.store is not None:
            self.store.cells.write(CellOutputs(execution.id, _texts(execution)))

    def tell_names(self, execution: Execution) -> None:
        """Take note of the names of a cell that had ended before they were known."""
        if execution.id is not None and self.store is not None:
            self.store.cells.write(self._names(execution, execution.id))

    def store_in(self, store: Store) -> None:
        """Write to `store` what is not there yet, and all that follows."""
        if store is self.store:
            return
        session = store.trails.start_session(self._started, self._notebook, self._kernel)
        self.store, self._session_id = store, session.session_id
        for execution in self.executions:
            store.cells.write(self._begun(execution, store))
            if execution.status != "running" and execution.id is not None:
                store.cells.write(*self._ended(execution, execution.id))

    def forget_store(self) -> None:
        """Be in memory only again."""
        self.store = None
        self._ids = iter(())
        for execution in self.executions:
            execution.id = None

    def ids(self, ordinals: Iterable[int]) -> list[int]:
        """Return the store's ids of executions."""
        found = (self.executions[ordinal].id for ordinal in sorted(ordinals))
        return [identity for identity in found if identity is not None]

    def _begun(self, execution: Execution, store: Store) -> Event:
        execution.id = self._next_id(store)
        return CellBegun(
            execution.id,
            self._session_id,
            execution.ordinal,
            execution.cell_id,
            execution.source,
            execution.started,
            as_json(execution.tags),
        )

    def _next_id(self, store: Store) -> int:
        found = next(self._ids, None)
        if found is None:
            self._ids = iter(store.cells.reserve(RESERVED))
            found = next(self._ids)
        return found

    def _ended(self, execution: Execution, identity: int) -> list[Event]:
        ended = CellEnded(
            identity,
            execution.status,
            execution.execution_count,
            execution.duration or 0.0,
            execution.error,
            _texts(execution),
        )
        return [ended, self._names(execution, identity)] if execution.named else [ended]

    def _names(self, execution: Execution, identity: int) -> Event:
        step = execution.step
        reads = {
            name: None if binder is None else self.executions[binder].id
            for name, binder in step.reads.items()
        }
        return CellNames.of(identity, reads, step.writes, step.names.opaque, step.fingerprints)


def _texts(execution: Execution) -> list[str]:
    return [output_json(output) for output in execution.outputs]
