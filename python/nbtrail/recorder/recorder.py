"""The recorder: IPython's cell events on one side, the current run on the other."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrail import autolog, config, tracking
from nbtrail.recorder import figures, quiet_line, results
from nbtrail.recorder.cell import (
    Frame,
    cell_outcome,
    frame_id,
    kernel_id,
    run_outcome,
    storable,
    tags_of,
)
from nbtrail.recorder.cell_magic import CellOptions, cell_options, strip_magic
from nbtrail.recorder.namespace import Snapshot
from nbtrail.recorder.notebook_run import NotebookRun
from nbtrail.recorder.outputs import OutputCapture
from nbtrail.recorder.session import Execution, SessionTrail, cell_key
from nbtrail.tracking import ActiveRun
from nbtrail.tracking.failures import never_raises, report, tell_through
from nbtrail.trail.lineage import Lineage, aliases
from nbtrail.trail.names import analyse

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell


class Recorder:
    """Records the cells of one IPython shell, and opens and ends runs by the rules of SEMANTICS.

    It is tracking's observer: what the user's code does to runs comes back here.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self.enabled = True
        self.session = SessionTrail(tracking.notebook_path(), kernel_id(shell))
        self.lineage = Lineage()
        self._outputs = OutputCapture(shell)
        self._stack: list[Frame | None] = []
        self._runs: dict[str, NotebookRun] = {}
        self._floor = 0
        self._next_from: int | None = None
        self._announced: list[str] = []

    # On and off

    def install(self) -> None:
        """Hook into the shell; go on with the run that the environment names, if any."""
        self._shell.events.register("pre_run_cell", self._on_begin)
        self._shell.events.register("post_run_cell", self._on_end)
        self._shell.input_transformers_cleanup.append(self._strip_magic)
        tracking.process.observer = self
        tracking.place.start = Path.cwd()
        tracking.place.default_experiment = tracking.notebook_name()
        tracking.place.announce = self._announced.append
        tell_through(self._announced.append)
        autolog.listen(self._on_fit)
        if run_id := config.run_id():
            self._adopt(run_id)

    @never_raises("into the run that the environment names")
    def _adopt(self, run_id: str) -> None:
        self._runs[run_id] = NotebookRun(tracking.adopt_run(run_id), None, 0)

    def remove(self) -> None:
        """Undo `install`; a run that is open is ended."""
        while (active := tracking.active_run()) is not None:
            if not self.makes_way(active):
                active.end()
        autolog.listen(None)
        tell_through(None)
        tracking.place.announce = None
        tracking.process.observer = None
        tracking.place.start = None
        tracking.place.default_experiment = None
        self._shell.input_transformers_cleanup.remove(self._strip_magic)
        self._shell.events.unregister("pre_run_cell", self._on_begin)
        self._shell.events.unregister("post_run_cell", self._on_end)
        self._outputs.remove()

    def _strip_magic(self, lines: list[str]) -> list[str]:
        return strip_magic(lines) if self.enabled else lines

    @property
    def current(self) -> NotebookRun | None:
        """The run that the running cell belongs to."""
        active = tracking.active_run()
        return self._runs.get(active.run_id) if active is not None else None

    @property
    def frame(self) -> Frame | None:
        """The cell that is running and recorded."""
        return self._stack[0] if self._stack else None

    # Cells

    def _on_begin(self, info: ExecutionInfo) -> None:
        """Push a frame whatever happens: `_on_end` pops one."""
        frame = None
        try:
            if self.enabled and not self._stack and info.store_history and not info.silent:
                frame = self._begin(info)
        except Exception:
            report("the start of a cell")
        self._stack.append(frame)
        if frame is not None:
            self._place_in_run(frame, cell_options(frame.execution.source))

    @never_raises("the end of a cell")
    def _on_end(self, result: ExecutionResult) -> None:
        if not self._stack:
            self._begin_late(result)
        frame = self._stack[0] if len(self._stack) == 1 else None
        try:
            if frame is not None:
                self._end(frame, result)
            if len(self._stack) <= 1:
                self._tell(frame)
        finally:
            tracking.process.execution = None if len(self._stack) <= 1 else frame_id(self.frame)
            self._stack[-1:] = []

    def _leave_lost_store(self) -> None:
        """Go on in a new store where somebody has taken the old one away."""
        store = self.session.store
        if store is None or store.is_here():
            return
        for run in self._runs.values():
            tracking.process.forget(run.active)
        self._runs.clear()
        self.session.forget_store()
        self._announced.append(f"nbtrail: the store {store.directory} is gone, with its runs.")

    def _begin_late(self, result: ExecutionResult) -> None:
        """Take in the cell that turned the recorder on, whose start was not seen."""
        if result.info is not None and self.enabled:
            frame = self._begin(result.info)
            frame.seen_whole = False
            frame.mark = frame.before = Snapshot({}, {})
            self._stack.append(frame)
            self._place_in_run(frame, None)

    def _begin(self, info: ExecutionInfo) -> Frame:
        self._leave_lost_store()
        source = storable(info.raw_cell or "")
        names = analyse(info.transformed_cell or source)
        snapshot = self._snapshot()
        step = self.lineage.begin(cell_key(info.cell_id, source), names, snapshot.ids)
        execution = Execution(
            step=step,
            cell_id=info.cell_id,
            source=source,
            tags=tags_of(info),
            started=int(time.time() * 1000),
            tracked=cell_options(source) is not None,
        )
        self._outputs.start()
        self.session.add(execution)
        return Frame(execution, snapshot, snapshot)

    @never_raises("a cell's run")
    def _place_in_run(self, frame: Frame, options: CellOptions | None) -> None:
        """Decide which run a cell that starts belongs to: perhaps none yet."""
        execution = frame.execution
        run = self.current
        if run and run.implicit and run.results and execution.step.cell in run.heads:
            self._leave(run)
            self._next_from = execution.ordinal
            run = None
        tracking.process.execution = execution.id
        if options is not None:
            self._start_for_cell(options)
        elif run is not None:
            with run.active.store.transaction():
                self._join(run, execution)
                if run.implicit:
                    run.active.store.runs.reopen(run.active.run_id)

    def _start_for_cell(self, options: CellOptions) -> None:
        parent = self.current
        tracking.start_run(
            run_name=options.name,
            experiment_id=_experiment_id(options.experiment),
            nested=parent is not None and not parent.implicit,
        )

    def _join(self, run: NotebookRun, execution: Execution) -> None:
        """Make an execution the run's own, and store whatever the session has."""
        store = run.active.store
        self.session.store_in(store)
        run.own.add(execution.ordinal)
        execution.adopted |= not run.implicit
        store.trails.attach(run.active.run_id, self.session.ids([execution.ordinal]), "own")
        if self.frame is not None and execution is self.frame.execution:
            tracking.process.execution = execution.id

    def _leave(self, run: NotebookRun) -> None:
        """Go on without an implicit run: it ends as its last cell did."""
        store, run_id = run.active.store, run.active.run_id
        execution = self.frame.execution if self.frame else None
        if execution is not None and execution.ordinal in run.own:
            if execution.ordinal not in run.results:
                run.own.discard(execution.ordinal)
                store.trails.detach(run_id, self.session.ids([execution.ordinal]))
            store.drain()
            store.runs.end(run_id, *run.active.outcome)
        self._forget(run)
        tracking.process.forget(run.active)

    def _forget(self, run: NotebookRun) -> None:
        """What was bound until now is inherited by the runs that come."""
        self._runs.pop(run.active.run_id, None)
        self._floor = len(self.session.executions) - (self.frame is not None)
        self._next_from = None

    def _end(self, frame: Frame, result: ExecutionResult) -> None:
        execution = frame.execution
        execution.outputs = self._outputs.finish(result)
        execution.duration = time.perf_counter() - frame.clock
        execution.execution_count = result.execution_count
        execution.status, execution.error = cell_outcome(result)
        execution.step.succeeded = execution.status == "ok"
        # Each of these goes on where another failed.
        self._end_lineage(frame, result)
        self._store_execution(execution)
        self._record_results(frame, result)
        self._end_runs(frame, result)

    @never_raises("a cell's names")
    def _end_lineage(self, frame: Frame, result: ExecutionResult) -> None:
        step, after = frame.execution.step, self._snapshot()
        seen = frame.seen_whole
        # What a module does when it is called is not kept in it, but what it is set is.
        stateless = after.modules - step.names.configures
        mutated = set(step.names.mutates)
        root = step.names.last_root
        if root and (result.result is None or result.result is self._shell.user_ns.get(root)):
            mutated.add(root)
        self.lineage.end(
            step,
            changed=after.changed_since(frame.before) if seen else set(),
            mutated=aliases((mutated & after.ids.keys()) - stateless, after.ids),
            kept=after.same_modules_as(frame.before) if seen else set(),
        )

    @never_raises("a cell's outputs")
    def _store_execution(self, execution: Execution) -> None:
        self.session.finish(execution)

    # Results

    @never_raises("a cell's results")
    def _record_results(self, frame: Frame, result: ExecutionResult) -> None:
        """Give the cell's results to its run; a first result opens one."""
        run = self.current
        metrics = self._metrics(frame) | results.displayed_metrics(
            frame.execution.step.names, self._shell.user_ns, self.lineage, result.result
        )
        if run is None and not frame.started_runs and (metrics or autolog.pending()):
            run = self._open_implicit()
        if run is not None:
            self._record(run, frame, metrics)
            figures.save(run.active, frame.execution)

    def _metrics(self, frame: Frame) -> results.Metrics:
        step = frame.execution.step
        finished = step.succeeded is True and frame.mark is frame.before
        return results.bound_metrics(step.names, self._shell.user_ns, frame.mark, finished)

    def _record(self, run: NotebookRun, frame: Frame, metrics: results.Metrics) -> None:
        """Record inferred metrics, fitted models and params in a run."""
        execution, active = frame.execution, run.active
        run.log_inferred(metrics)
        fitted = autolog.pending()
        if fitted:
            run.heads.add(execution.step.cell)
        if fitted or (execution.id is not None and active.logged_in == execution.id):
            run.results.add(execution.ordinal)
        if execution.ordinal in run.results or execution.always_params:
            run.record_params(self.session, self.lineage)
        run.attach_prelude(execution.ordinal, self.session, self.lineage)
        models = autolog.record(active, self._shell.user_ns, run.params)
        frame.told.append(quiet_line.Record(run, models))

    def _open_implicit(self) -> NotebookRun:
        """Open the run that a first result asks for.

        If a head cell of the last run started this one, the cells since then are its own.
        """
        active = tracking.create_run("implicit")
        tracking.process.add(active)
        frame = self.frame
        execution = frame.execution if frame else None
        run = self._runs[active.run_id] = NotebookRun(active, execution, self._floor)
        since = [] if self._next_from is None else self.session.executions[self._next_from :]
        for own in [*since, *([execution] if execution else [])]:
            if not own.adopted:
                self._join(run, own)
        if execution is not None:
            run.results.add(execution.ordinal)
            run.attach_prelude(execution.ordinal, self.session, self.lineage)
        run.record_params(self.session, self.lineage)
        return run

    @never_raises("the end of a cell's run")
    def _end_runs(self, frame: Frame, result: ExecutionResult) -> None:
        """End the run of a tracked cell; an implicit one is stored as ended between cells."""
        status, error = run_outcome(result)
        run = self.current
        if run is None:
            return
        run.active.outcome = (status, error)
        if frame.execution.tracked and run in frame.started_runs:
            run.active.end(status, error)
        elif run.implicit:
            run.active.store.drain()
            run.active.store.runs.end(run.active.run_id, status, error)

    # What the user's code does to runs (tracking's observer)

    def open_run(self) -> ActiveRun:
        """Open the implicit run that a first ``nbtrail.log_…`` call asks for."""
        if not self.enabled:
            return tracking.start_run()
        return self._open_implicit().active

    def makes_way(self, current: ActiveRun) -> bool:
        """End `current` if a run that starts now may replace it; say whether it was.

        An implicit one always; an explicit one if an earlier execution of this cell left it open.
        """
        run, frame = self._runs.get(current.run_id), self.frame
        if run is None:
            return False
        if run.implicit:
            self._leave(run)
            return True
        opened = run.opened_in
        if frame is None or opened is None or opened is frame.execution:
            return False
        if opened.step.cell != frame.execution.step.cell:
            return False
        current.end()
        return True

    @never_raises("the start of a run")
    def started(self, run: ActiveRun) -> None:
        """Let a run that the user's code started adopt the running cell."""
        frame = self.frame
        execution = frame.execution if frame else None
        adopted = self._runs[run.run_id] = NotebookRun(run, execution, self._floor)
        if frame is not None:
            self._join(adopted, frame.execution)
            frame.started_runs.append(adopted)
            frame.mark = self._snapshot()

    @never_raises("the end of a run")
    def ended(self, run: ActiveRun) -> None:
        """Record what the running cell has yielded for a run that its code ends now."""
        frame, known = self.frame, self._runs.get(run.run_id)
        if known is None:
            return
        if frame is not None and frame.execution.status == "running":
            self._record(known, frame, self._metrics(frame))
            frame.mark = self._snapshot()
        if not run.borrowed:
            self._forget(known)

    @never_raises("a fitted model")
    def _on_fit(self) -> None:
        """Open the implicit run as soon as a model has been fitted, if there is no other."""
        frame, run = self.frame, self.current
        if frame is None or not self.enabled:
            return
        if run is None and not frame.started_runs:
            run = self._open_implicit()
        if run is not None:
            run.active.logged_in = frame.execution.id

    @never_raises("what there is to tell")
    def _tell(self, frame: Frame | None) -> None:
        """Show the quiet line of a cell, and what there is to announce in any case."""
        records = frame.told if frame else []
        lines = quiet_line.lines_for(frame.execution, records) if frame else []
        announced, self._announced[:] = list(self._announced), []
        quiet_line.show(self._shell, lines + announced, records)

    def _snapshot(self) -> Snapshot:
        return Snapshot(self._shell.user_ns, self._shell.user_ns_hidden)


def _experiment_id(name: str | None) -> str | None:
    return tracking.current_store().experiments.ensure(name).experiment_id if name else None
