"""The cells of one shell, captured as they run, whichever runs they belong to.

What the user waits for, and what not (store/cells.py is the journal, background.py the thread)::

    start    names' ids; the cell, its run           -> journal
    parsed   IPython's tree is analysed: at once if it is short, else in the thread
    (runs)
    end      outputs, names' ids, fingerprints; the cell, what it read and wrote -> journal
             results, params, the verdict, the quiet line: if it gave its run anything
    later    in the thread, or as soon as somebody needs it: the end of a long silent cell whose
             analysis was not ready; a verdict that takes thought; a long notebook's document

No cell without results needs a transaction. Objects are looked at between cells only: the next
one waits for what is left of the one before.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from nbtrail import tracking
from nbtrail.recorder.background import Background
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
from nbtrail.recorder.files import CellFiles
from nbtrail.recorder.namespace import EMPTY, Changes, Namespace, Snapshot
from nbtrail.recorder.notebook_rules import NotebookRules
from nbtrail.recorder.outputs import Output, OutputCapture
from nbtrail.recorder.parsed import ParsedCells
from nbtrail.recorder.session import Execution, SessionTrail, cell_key
from nbtrail.recorder.surroundings import SETTINGS, Surroundings
from nbtrail.recorder.tables import ShownTables
from nbtrail.tracking.failures import never_raises
from nbtrail.trail.lineage import Lineage, Step
from nbtrail.trail.names import CellNames, analyse, analyse_parsed

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

SHORT = 300
"""Sources up to so many characters are analysed at once: nobody notices."""


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
        self.surroundings = Surroundings()
        self.document = NotebookDocument(notebook)
        self.rules = NotebookRules(notebook)
        self.stack: list[Frame | None] = []
        self.background = Background()
        self._analysed: dict[str, CellNames] = {}
        self.outputs = OutputCapture(shell)
        self.outputs.on_late = self._store_late
        self.tables = ShownTables(shell)
        self.files = CellFiles(notebook, shell.user_ns)
        self._parsed = ParsedCells(shell, self._on_parsed)
        self.document.listen(shell)
        self.rules.announce(shell)

    def remove(self) -> None:
        """Stop listening to the shell."""
        self.background.settle_all()
        self._parsed.remove()
        self.document.stop_listening(self.shell)
        self.rules.stop()
        self.outputs.remove()
        self.tables.remove()
        self.files.remove()

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
        self.resolve(frame)
        frame.seen_whole = False
        frame.mark = frame.before = EMPTY
        self.stack.append(frame)
        return frame

    def _begin(self, info: ExecutionInfo) -> Frame:
        self.background.settle()
        source = storable(info.raw_cell or "")
        before = self._look()
        execution = Execution(
            step=self.lineage.start(cell_key(info.cell_id, source), source),
            cell_id=info.cell_id,
            source=source,
            tags=tags_of(info),
            started=int(time.time() * 1000),
            tracked=cell_options(source) is not None,
        )
        self.outputs.start(execution)
        self.tables.start()
        self.document.begin(execution, metadata_of(info))
        self.session.add(execution)
        frame = Frame(execution, info.transformed_cell or source, before, before)
        self.files.begin()
        return frame

    def _look(self) -> Snapshot:
        """Look at the namespace before a cell: what has changed by now was no cell."""
        known = self.namespace.latest
        now = self.namespace.snapshot()
        self.lineage.bound_outside(now.changed_since(known))
        return now

    # What it says of names

    def _on_parsed(self, code: str, statements: list[ast.stmt]) -> None:
        """Analyse the running cell before it does anything; if it is long, while it runs."""
        frame = self.frame
        if frame is None or frame.resolved or code != frame.code:
            return
        if code in self._analysed or not self._may_wait(code):
            self._analyse(code, statements)
            self._resolve(frame)
        else:
            frame.waits = True
            self.background.soon(partial(self._analyse, code, statements))

    def _may_wait(self, code: str) -> bool:
        """Say whether another thread may analyse a cell: it must not be parsed, or changed."""
        changed = self.shell.ast_transformers or "get_ipython()" in code
        return len(code) > SHORT and not changed

    def _analyse(self, code: str, statements: list[ast.stmt]) -> None:
        if code not in self._analysed:
            self._analysed[code] = analyse_parsed(statements)

    def may_settle_later(self, frame: Frame) -> bool:
        """Say whether the user would have to wait for the analysis of a cell."""
        return frame.waits and frame.code not in self._analysed

    def resolve(self, frame: Frame) -> None:
        """Find out what a cell reads, if that is not known yet."""
        self.background.settle()
        self._resolve(frame)

    def _resolve(self, frame: Frame) -> None:
        if not frame.resolved:
            frame.resolved = True
            names = self._analysed.get(frame.code) or analyse(frame.code)
            step = frame.execution.step
            self.lineage.resolve(step, names, frame.before, self.namespace.reached)

    # Its end

    def end(self, frame: Frame, result: ExecutionResult) -> None:
        """Take note of how a cell ended, and of the objects that there are now."""
        self.files.look_away()
        execution, step = frame.execution, frame.execution.step
        execution.outputs = self.outputs.finish(result)
        execution.duration = time.perf_counter() - frame.clock
        execution.execution_count = step.count = result.execution_count
        execution.status, execution.error = cell_outcome(result)
        step.succeeded, step.failure = execution.status == "ok", execution.error
        frame.after = self.namespace.snapshot()
        self.files.end(execution)
        self._store_late()

    def finish(self, frame: Frame, displayed: object) -> None:
        """Store how a cell ended, and what it did; each goes on where the other failed."""
        self._end_lineage(frame, displayed)
        self._store(frame.execution)

    def finish_later(self, frame: Frame, then: Callable[[], object]) -> None:
        """Store how a cell ended; what it did to names follows, before another one starts."""
        self._store(frame.execution)

        def finish() -> None:
            self._end_lineage(frame, None)
            self._store_names(frame.execution)
            then()

        self.background.soon(finish)

    @never_raises("a cell's names")
    def _end_lineage(self, frame: Frame, displayed: object) -> None:
        self._resolve(frame)
        step, after = frame.execution.step, frame.after or EMPTY
        before = frame.before if frame.seen_whole else None
        changes = self.namespace.changes(step, before, after, displayed)
        self._add_surroundings(step, changes)
        self.lineage.end(step, changes.changed, changes.mutated, changes.kept, changes.fingerprints)
        frame.execution.named = True

    def _add_surroundings(self, step: Step, changes: Changes) -> None:
        """Add what the cell did beside names; one that looks nothing up does nothing.

        Draws from a generator that no cell has seeded would come out otherwise in any case.
        """
        if not step.names.uses and not step.names.opaque:
            return
        self.lineage.read(step, SETTINGS)
        seeds, known = step.names.seeds, self.lineage.binders
        for expression, now in self.surroundings.changes(seeds).items():
            if expression in SETTINGS or seeds:
                changes.changed.add(expression)
            elif expression in known:
                changes.mutated.add(expression)
            else:
                continue
            changes.fingerprints[expression] = now

    @never_raises("a cell's outputs")
    def _store(self, execution: Execution) -> None:
        self.session.finish(execution)

    @never_raises("a cell's names")
    def _store_names(self, execution: Execution) -> None:
        self.session.tell_names(execution)

    @never_raises("outputs of a cell that has ended")
    def _store_late(self) -> None:
        self.outputs.tell_late(self._rewrite)

    def _rewrite(self, execution: Execution, outputs: list[Output]) -> None:
        execution.outputs = outputs
        self.session.rewrite(execution)
