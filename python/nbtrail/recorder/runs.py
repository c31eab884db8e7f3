"""The runs of a notebook: when one begins and ends, which cells are its own, what it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbtrail import autolog, tracking
from nbtrail.entities import Document, Verdict
from nbtrail.recorder import figures, quiet_line, results
from nbtrail.recorder.cell import Frame, run_outcome
from nbtrail.recorder.cell_magic import RunOptions
from nbtrail.recorder.cells import Cells
from nbtrail.recorder.named_values import named_metrics, named_params
from nbtrail.recorder.notebook_run import NotebookRun
from nbtrail.recorder.session import Execution
from nbtrail.tracking import ActiveRun
from nbtrail.tracking.failures import never_raises
from nbtrail.trail.rules import Rules
from nbtrail.trail.verdict import to_run_again

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult


@dataclass(frozen=True)
class Check:
    """What is to be thought of a run, and the numbers of the cells to run again."""

    run_name: str
    verdict: Verdict
    document: Document
    to_run_again: list[int]


class NotebookRuns:
    """Opens and ends the runs of one notebook by the rules of SEMANTICS.

    It is tracking's observer: what the user's code does to runs comes back here.
    """

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._runs: dict[str, NotebookRun] = {}
        self._floor = 0
        self._next_from: int | None = None

    @property
    def current(self) -> NotebookRun | None:
        """The run that the running cell belongs to."""
        active = tracking.active_run()
        return self._runs.get(active.run_id) if active is not None else None

    @never_raises("into the run that the environment names")
    def adopt(self, run_id: str) -> None:
        """Go on with a run that another process has opened."""
        self._runs[run_id] = NotebookRun(tracking.adopt_run(run_id), None, 0)

    def end_all(self) -> None:
        """End the runs that are open."""
        while (active := tracking.active_run()) is not None:
            if not self.makes_way(active):
                active.end()

    def forget_all(self) -> None:
        """Go on without any run: their store is gone."""
        for run in self._runs.values():
            tracking.process.forget(run.active)
        self._runs.clear()

    # Cells

    @never_raises("a cell's run")
    def place(self, frame: Frame, options: RunOptions | None) -> None:
        """Decide which run a cell that starts belongs to: perhaps none yet."""
        execution = frame.execution
        run = self.current
        if run and run.implicit and run.results and execution.step.cell in run.heads:
            self._leave(run)
            self._next_from = execution.ordinal
            run = None
        tracking.process.execution = execution.id
        if options is not None:
            self.start(options)
        elif run is not None:
            with run.active.store.transaction():
                self._join(run, execution)
                if run.implicit:
                    run.active.store.runs.reopen(run.active.run_id)

    def start(self, options: RunOptions) -> ActiveRun:
        """Start the run that a line asks for; inside an open explicit one it is that one's child.

        Raises:
            InvalidValue: its name or a tag cannot be stored.
            StoreError: the store cannot be written.
        """
        parent = self.current
        active = tracking.start_run(
            run_name=options.name,
            experiment_id=_experiment_id(options.experiment),
            nested=parent is not None and not parent.implicit,
            parent_run_id=parent.active.run_id if parent and options.nested else None,
            tags=options.tags,
        )
        if (run := self._runs.get(active.run_id)) is not None:
            run.asked = options.rules
        return active

    def _join(self, run: NotebookRun, execution: Execution) -> None:
        """Make an execution the run's own, and store whatever the session has."""
        store, session = run.active.store, self._cells.session
        session.store_in(store)
        run.own.add(execution.ordinal)
        execution.adopted |= not run.implicit
        store.trails.attach(run.active.run_id, session.ids([execution.ordinal]), "own")
        frame = self._cells.frame
        if frame is not None and execution is frame.execution:
            tracking.process.execution = execution.id

    def _leave(self, run: NotebookRun) -> None:
        """Go on without an implicit run: it ends as its last cell did."""
        store, run_id = run.active.store, run.active.run_id
        frame = self._cells.frame
        execution = frame.execution if frame else None
        if execution is not None and execution.ordinal in run.own:
            if execution.ordinal not in run.results:
                run.own.discard(execution.ordinal)
                store.trails.detach(run_id, self._cells.session.ids([execution.ordinal]))
            store.drain()
            store.runs.end(run_id, *run.active.outcome)
        self._forget(run)
        tracking.process.forget(run.active)

    def _forget(self, run: NotebookRun) -> None:
        """What was bound until now is inherited by the runs that come."""
        self._runs.pop(run.active.run_id, None)
        self._floor = len(self._cells.session.executions) - (self._cells.frame is not None)
        self._next_from = None

    # Results

    @never_raises("a cell's results")
    def record_results(self, frame: Frame, result: ExecutionResult) -> None:
        """Give the cell's results to its run; a first result opens one."""
        run = self.current
        metrics = self._metrics(frame) | results.displayed_metrics(
            frame.execution.step.names,
            self._cells.shell.user_ns,
            self._cells.lineage,
            result.result,
            self._rules,
        )
        if run is None and not frame.started_runs and (metrics or autolog.pending()):
            run = self._open_implicit()
        if run is not None:
            self._record(run, frame, metrics)
            figures.save(run.active, frame.execution)

    def _metrics(self, frame: Frame) -> results.Metrics:
        step = frame.execution.step
        finished = step.succeeded is True and frame.mark is frame.before
        namespace = self._cells.shell.user_ns
        return results.bound_metrics(step.names, namespace, frame.mark, finished, self._rules)

    @property
    def _rules(self) -> Rules:
        """What is said of names: by this notebook, and by the cell that opened the run."""
        rules, run = self._cells.rules.current, self.current
        return rules if run is None else rules.and_then(run.asked)

    def _record(self, run: NotebookRun, frame: Frame, metrics: results.Metrics) -> None:
        """Record inferred metrics, fitted models and params in a run."""
        execution, active, cells = frame.execution, run.active, self._cells
        run.log_inferred(self._rules.recorded(metrics))
        fitted = autolog.pending()
        if fitted:
            run.heads.add(execution.step.cell)
        if fitted or (execution.id is not None and active.logged_in == execution.id):
            run.results.add(execution.ordinal)
        if execution.ordinal in run.results or execution.always_params:
            self._record_params(run)
        run.attach_prelude(execution.ordinal, cells.session, cells.lineage)
        models = autolog.record(active, cells.shell.user_ns, run.params)
        frame.told.append(quiet_line.Record(run, models))

    def _record_params(self, run: NotebookRun) -> None:
        cells, rules = self._cells, self._cells.rules.current.and_then(run.asked)
        named = named_params(rules.params, cells.shell.user_ns)
        run.record_params(cells.session, cells.lineage, rules, named)

    def _open_implicit(self, opened_in: Execution | None = None) -> NotebookRun:
        """Open the run that a first result asks for.

        If a head cell of the last run started this one, the cells since then are its own.
        """
        active = tracking.create_run("implicit")
        tracking.process.add(active)
        frame, session, lineage = self._cells.frame, self._cells.session, self._cells.lineage
        execution = frame.execution if frame else None
        run = self._runs[active.run_id] = NotebookRun(active, opened_in or execution, self._floor)
        since = [] if self._next_from is None else session.executions[self._next_from :]
        for own in [*since, *([execution] if execution else [])]:
            if not own.adopted:
                self._join(run, own)
        if execution is not None:
            run.results.add(execution.ordinal)
            run.attach_prelude(execution.ordinal, session, lineage)
        self._record_params(run)
        return run

    def overrule(self, names: Sequence[str]) -> None:
        """Let what the notebook now says of names hold for the current run as well.

        A metric that is there by now is a result of the running cell, which thereby reads it.
        """
        rules, frame = self._rules, self._cells.frame
        said = [name for name in names if name in rules.metrics]
        metrics = rules.recorded(named_metrics(said, self._cells.shell.user_ns))
        run = self.current or (self._open_implicit(self._binder(said)) if metrics else None)
        if run is None:
            return
        if frame is not None:
            self._cells.lineage.read(frame.execution.step, said)
        run.forget_metrics(rules)
        there = run.active.data.metrics
        run.log_inferred({key: points for key, points in metrics.items() if key not in there})
        self._record_params(run)

    def _binder(self, names: Iterable[str]) -> Execution | None:
        """Return the execution that bound one of these names, the latest one."""
        bound = [self._cells.lineage.binders.get(name, -1) for name in names]
        return self._cells.session.executions[max(bound)] if max(bound) >= 0 else None

    def rename(self, key: str, new: str) -> None:
        """Rename what the current run has recorded under a key.

        Raises:
            AlreadyExists: it has something of the new name.
        """
        if self.current is not None:
            self.current.rename(key, new)

    @never_raises("whether the results would come out again")
    def judge(self, frame: Frame) -> None:
        """Say of the runs that the cell gave something to whether they can be trusted."""
        cells = self._cells
        for run in {record.run.active.run_id: record.run for record in frame.told}.values():
            run.judge(cells.session, cells.lineage, cells.document)

    def check(self) -> Check | None:
        """Return what is to be thought of the current run, and what to do; None without a run."""
        run, cells = self.current, self._cells
        if run is None:
            return None
        run.judge(cells.session, cells.lineage, cells.document)
        document = cells.document.current()
        results = run.results or run.own
        again = to_run_again(cells.lineage, results, document) if run.doubted else []
        assert run.verdict is not None
        return Check(run.active.name, run.verdict, document, again)

    @never_raises("the end of a cell's run")
    def end_cell(self, frame: Frame, result: ExecutionResult) -> None:
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
        if not self._cells.enabled:
            return tracking.start_run()
        return self._open_implicit().active

    def makes_way(self, current: ActiveRun) -> bool:
        """End `current` if a run that starts now may replace it; say whether it was.

        An implicit one always; an explicit one if an earlier execution of this cell left it open.
        """
        run, frame = self._runs.get(current.run_id), self._cells.frame
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
        frame = self._cells.frame
        execution = frame.execution if frame else None
        adopted = self._runs[run.run_id] = NotebookRun(run, execution, self._floor)
        if frame is not None:
            self._join(adopted, frame.execution)
            frame.started_runs.append(adopted)
            frame.mark = self._cells.namespace.snapshot()

    @never_raises("the end of a run")
    def ended(self, run: ActiveRun) -> None:
        """Record what the running cell has yielded for a run that its code ends now."""
        frame, known = self._cells.frame, self._runs.get(run.run_id)
        if known is None:
            return
        if frame is not None and frame.execution.status == "running":
            self._record(known, frame, self._metrics(frame))
            frame.mark = self._cells.namespace.snapshot()
        if not run.borrowed:
            self._forget(known)

    @never_raises("a fitted model")
    def on_fit(self) -> None:
        """Open the implicit run as soon as a model has been fitted, if there is no other."""
        frame, run = self._cells.frame, self.current
        if frame is None or not self._cells.enabled:
            return
        if run is None and not frame.started_runs:
            run = self._open_implicit()
        if run is not None:
            run.active.logged_in = frame.execution.id


def _experiment_id(name: str | None) -> str | None:
    return tracking.current_store().experiments.ensure(name).experiment_id if name else None
