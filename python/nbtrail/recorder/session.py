"""The session trail: every execution of this kernel since the recorder was turned on.

It is kept in memory until the first run comes (mere exploration leaves no store behind), and
written as the cells run from then on.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from nbtrail.entities import CellStatus
from nbtrail.recorder.outputs import Output
from nbtrail.store import Store
from nbtrail.trail.lineage import Step

ALWAYS_PARAMS = frozenset({"parameters", "injected-parameters"})


@dataclass
class Execution:
    """One cell execution of this session; `id` is the store's, once it is there.

    `tracked`: it has a ``%%track`` line. `adopted`: an explicit run made it its own.
    """

    step: Step
    cell_id: str | None
    source: str
    tags: list[str]
    started: int
    tracked: bool = False
    adopted: bool = False
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

    def add(self, execution: Execution) -> None:
        """Take a cell in that has just started."""
        self.executions.append(execution)
        if execution.always_params:
            self.always_params.add(execution.ordinal)
        if self.store is not None:
            self._write_begin(execution, self.store)

    def finish(self, execution: Execution) -> None:
        """Take note that a cell has ended."""
        if execution.id is not None and self.store is not None:
            self._write_end(execution, self.store)

    def store_in(self, store: Store) -> None:
        """Write to `store` what is not there yet, and all that follows."""
        if store is self.store:
            return
        session = store.trails.start_session(self._started, self._notebook, self._kernel)
        self.store, self._session_id = store, session.session_id
        for execution in self.executions:
            self._write_begin(execution, store)
            if execution.status != "running":
                self._write_end(execution, store)

    def forget_store(self) -> None:
        """Be in memory only again."""
        self.store = None
        for execution in self.executions:
            execution.id = None

    def ids(self, ordinals: Iterable[int]) -> list[int]:
        """Return the store's ids of executions."""
        found = (self.executions[ordinal].id for ordinal in sorted(ordinals))
        return [identity for identity in found if identity is not None]

    def _write_begin(self, execution: Execution, store: Store) -> None:
        execution.id = store.trails.begin(
            self._session_id,
            execution.ordinal,
            execution.cell_id,
            execution.source,
            execution.started,
            execution.tags,
        )

    def _write_end(self, execution: Execution, store: Store) -> None:
        if execution.id is None:
            return
        step = execution.step
        reads = {
            name: None if binder is None else self.executions[binder].id
            for name, binder in step.reads.items()
        }
        store.trails.end(
            execution.id,
            execution.status,
            execution_count=execution.execution_count,
            duration=execution.duration or 0.0,
            error=execution.error,
            outputs=execution.outputs,
            reads=reads,
            writes=step.writes,
            opaque=step.names.opaque,
            fingerprints=step.fingerprints,
        )
