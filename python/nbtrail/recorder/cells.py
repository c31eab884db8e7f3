"""The cells of one shell, captured as they run, whichever runs they belong to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nbtrail import tracking
from nbtrail.recorder.cell import (
    Frame,
    cell_outcome,
    kernel_id,
    metadata_of,
    storable,
    tags_of,
)
from nbtrail.recorder.cell_magic import cell_options
from nbtrail.recorder.document import NotebookDocument
from nbtrail.recorder.namespace import Namespace, Snapshot
from nbtrail.recorder.notebook_rules import NotebookRules
from nbtrail.recorder.outputs import OutputCapture
from nbtrail.recorder.session import Execution, SessionTrail, cell_key
from nbtrail.tracking.failures import never_raises
from nbtrail.trail.lineage import Lineage
from nbtrail.trail.names import analyse

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell


class Cells:
    """Captures cells: what they say, put out, read and write, and where they stand.

    Attributes:
        enabled: whether cells that start are captured.
        stack: the cells that are running, None for those that are not captured. A cell that
            another one runs is a part of that.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        notebook = tracking.notebook_path()
        self.shell = shell
        self.enabled = True
        self.session = SessionTrail(notebook, kernel_id(shell))
        self.lineage = Lineage()
        self.namespace = Namespace(shell)
        self.document = NotebookDocument(notebook)
        self.rules = NotebookRules(notebook)
        self.stack: list[Frame | None] = []
        self._outputs = OutputCapture(shell)
        self.document.listen(shell)
        self.rules.announce(shell)

    def remove(self) -> None:
        """Stop listening to the shell."""
        self.document.stop_listening(self.shell)
        self.rules.stop()
        self._outputs.remove()

    @property
    def frame(self) -> Frame | None:
        """The cell that is running and captured."""
        return self.stack[0] if self.stack else None

    def push(self, info: ExecutionInfo) -> Frame | None:
        """Put a cell that starts on the stack; return it if it is captured."""
        self.stack.append(None)
        if self.enabled and len(self.stack) == 1 and info.store_history and not info.silent:
            self.stack[-1] = self._begin(info)
        return self.stack[-1]

    def push_late(self, info: ExecutionInfo) -> Frame:
        """Put the cell on the stack that turned the recorder on: its start was not seen."""
        frame = self._begin(info)
        frame.seen_whole = False
        frame.mark = frame.before = Snapshot({}, {})
        self.stack.append(frame)
        return frame

    def _begin(self, info: ExecutionInfo) -> Frame:
        source = storable(info.raw_cell or "")
        snapshot = self.namespace.snapshot()
        self.lineage.bound_outside(self.namespace.bound_outside(snapshot))
        step = self.lineage.begin(
            cell_key(info.cell_id, source),
            analyse(info.transformed_cell or source),
            snapshot.ids,
            source,
            self.namespace.reached,
        )
        execution = Execution(
            step=step,
            cell_id=info.cell_id,
            source=source,
            tags=tags_of(info),
            started=int(time.time() * 1000),
            tracked=cell_options(source) is not None,
        )
        self._outputs.start()
        self.document.begin(execution, metadata_of(info))
        self.session.add(execution)
        return Frame(execution, snapshot, snapshot)

    def end(self, frame: Frame, result: ExecutionResult) -> None:
        """Take note of how a cell ended, and of what it did."""
        execution, step = frame.execution, frame.execution.step
        execution.outputs = self._outputs.finish(result)
        execution.duration = time.perf_counter() - frame.clock
        execution.execution_count = step.count = result.execution_count
        execution.status, execution.error = cell_outcome(result)
        step.succeeded, step.failure = execution.status == "ok", execution.error
        # Each of these goes on where another failed.
        self._end_lineage(frame, result)
        self._store(execution)

    @never_raises("a cell's names")
    def _end_lineage(self, frame: Frame, result: ExecutionResult) -> None:
        step = frame.execution.step
        before = frame.before if frame.seen_whole else None
        changes = self.namespace.changes(step, before, result.result)
        self.lineage.end(step, changes.changed, changes.mutated, changes.kept, changes.fingerprints)

    @never_raises("a cell's outputs")
    def _store(self, execution: Execution) -> None:
        self.session.finish(execution)
