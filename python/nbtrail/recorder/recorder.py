"""The recorder: IPython's cell events on one side, cells and runs on the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbtrail import autolog, config, tracking
from nbtrail.recorder import quiet_line
from nbtrail.recorder.cell import Frame, frame_id
from nbtrail.recorder.cell_magic import cell_options, strip_magic
from nbtrail.recorder.cells import Cells
from nbtrail.recorder.runs import NotebookRuns
from nbtrail.tracking.failures import never_raises, report, tell_through

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell


class Recorder:
    """Records one IPython shell: its `cells`, and the `runs` that they belong to.

    `quiet`: no line tells after a cell what was recorded of it.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self.cells = Cells(shell)
        self.runs = NotebookRuns(self.cells)
        self.quiet = False
        self._announced: list[str] = []

    # On and off

    def install(self) -> None:
        """Hook into the shell; go on with the run that the environment names, if any."""
        self._shell.events.register("pre_run_cell", self._on_begin)
        self._shell.events.register("post_run_cell", self._on_end)
        self._shell.input_transformers_cleanup.append(self._strip_magic)
        tracking.process.observer = self.runs
        tracking.place.start = Path.cwd()
        tracking.place.default_experiment = tracking.notebook_name()
        tracking.place.announce = self._announced.append
        tell_through(self._announced.append)
        autolog.listen(self.runs.on_fit)
        if run_id := config.run_id():
            self.runs.adopt(run_id)

    def remove(self) -> None:
        """Undo `install`; a run that is open is ended."""
        self.runs.end_all()
        autolog.listen(None)
        tell_through(None)
        tracking.place.announce = None
        tracking.process.observer = None
        tracking.place.start = None
        tracking.place.default_experiment = None
        self._shell.input_transformers_cleanup.remove(self._strip_magic)
        self._shell.events.unregister("pre_run_cell", self._on_begin)
        self._shell.events.unregister("post_run_cell", self._on_end)
        self.cells.remove()

    def _strip_magic(self, lines: list[str]) -> list[str]:
        return strip_magic(lines) if self.cells.enabled else lines

    # Cells

    def _on_begin(self, info: ExecutionInfo) -> None:
        """Push a cell whatever happens: `_on_end` pops one."""
        frame = None
        try:
            self._leave_lost_store()
            frame = self.cells.push(info)
        except Exception:
            report("the start of a cell")
        if frame is not None:
            self.runs.place(frame, cell_options(frame.execution.source))

    @never_raises("the end of a cell")
    def _on_end(self, result: ExecutionResult) -> None:
        if not self.cells.stack:
            self._begin_late(result)
        stack = self.cells.stack
        frame = stack[0] if len(stack) == 1 else None
        try:
            if frame is not None:
                self._end(frame, result)
            if len(stack) <= 1:
                self._tell(frame)
        finally:
            inner = len(stack) > 1
            tracking.process.execution = frame_id(self.cells.frame) if inner else None
            stack[-1:] = []

    def _begin_late(self, result: ExecutionResult) -> None:
        """Take in the cell that turned the recorder on, whose start was not seen."""
        if result.info is not None and self.cells.enabled:
            self.runs.place(self.cells.push_late(result.info), None)

    def _end(self, frame: Frame, result: ExecutionResult) -> None:
        """End a cell; each of these goes on where another failed."""
        self.cells.end(frame, result)
        if self.cells.may_settle_later(frame) and not self.runs.may_yield(frame, result):
            self.cells.finish_later(frame, self.runs.follow(frame))
        else:
            self.cells.background.settle()
            self.cells.finish(frame, result.result)
            self.runs.record_results(frame, result)
            self.runs.judge(frame)
        self.runs.end_cell(frame, result)
        autolog.warm_up()

    def _leave_lost_store(self) -> None:
        """Go on in a new store where somebody has taken the old one away."""
        store = self.cells.session.store
        if store is None or self.cells.stack or not store.is_gone():
            return
        self.runs.forget_all()
        self.cells.session.forget_store()
        self._announced.append(f"nbtrail: the store {store.directory} is gone, with its runs.")

    @never_raises("what there is to tell")
    def _tell(self, frame: Frame | None) -> None:
        """Show the quiet line of a cell, and what there is to announce in any case."""
        records = frame.told if frame else []
        lines = [] if self.quiet or not frame else quiet_line.lines_for(frame.execution, records)
        announced, self._announced[:] = list(self._announced), []
        quiet_line.show(self._shell, lines + announced, records)
