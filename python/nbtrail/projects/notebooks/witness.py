"""The trail of a kernel that has no recorder: what its client sees of the cells.

That is what ran, in which order and for how long, and what it put out; names are not known. The
notebook is executed from top to bottom in a fresh kernel, so that its verdict is `linear`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from nbtrail.entities import CellStatus, Document, RunInfo, Verdict
from nbtrail.projects.notebooks.notebook import Cell, tags
from nbtrail.store import Store
from nbtrail.store.cells import (
    Attached,
    CellBegun,
    CellEnded,
    CellNames,
    RunDocumented,
    RunJudged,
    as_json,
    now,
    output_json,
)
from nbtrail.tracking.failures import recording
from nbtrail.trail.notebook import KERNEL


class Witness:
    """Records the cells of one execution into its run.

    Args:
        store: where the run is.
        info: the run.
        kernel: name of the kernel.
        language: which it speaks.
    """

    def __init__(self, store: Store, info: RunInfo, kernel: str, language: str) -> None:
        self._store = store
        self._info = info
        self._kernel = {"name": kernel, "language": language}
        self._seen = 0

    @contextmanager
    def seeing(self, cell: Cell, document: Document) -> Iterator[None]:
        """Record a cell that is executed meanwhile; `document` is the notebook that it is of."""
        execution = None
        with recording("the start of a cell"):
            execution = self._begin(cell, document)
        started = time.perf_counter()
        try:
            yield
        finally:
            if execution is not None:
                with recording("the end of a cell"):
                    self._end(execution, cell, time.perf_counter() - started)

    @cached_property
    def _session(self) -> str:
        if self._kernel["language"].lower() != "python":
            self._store.runs.set_tags(self._info.run_id, {KERNEL: json.dumps(self._kernel)})
        return self._store.trails.start_session(now(), self._info.notebook, None).session_id

    def _begin(self, cell: Cell, document: Document) -> int:
        session = self._session
        [execution] = self._store.cells.reserve(1)
        began = now(), as_json(tags(cell))
        self._store.cells.write(
            CellBegun(execution, session, self._seen, cell.get("id"), cell.source, *began),
            Attached(self._info.run_id, [execution], "own"),
        )
        if not self._seen:
            self._store.cells.write(
                RunDocumented(self._info.run_id, document),
                RunJudged(self._info.run_id, Verdict("linear", [], document.origin)),
            )
        self._seen += 1
        return execution

    def _end(self, execution: int, cell: Cell, duration: float) -> None:
        status, error = _outcome(cell)
        outputs = [output_json(json.loads(json.dumps(output))) for output in cell.outputs]
        count = cell.execution_count
        self._store.cells.write(
            CellEnded(execution, status, count, duration, error, outputs),
            CellNames.of(execution, {}, [], "no recorder was in its kernel", {}),
        )


def _outcome(cell: Cell) -> tuple[CellStatus, str | None]:
    for output in cell.outputs:
        if output.output_type == "error":
            said = f"{output.ename}: {output.evalue}".split("\n")[0].rstrip(": ")
            return ("interrupted" if output.ename == "KeyboardInterrupt" else "error"), said
    return "ok", None
