"""The runs of a notebook: when one begins and ends, which cells are its own, what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbtrail import autolog, tracking
from nbtrail.entities import Document, Verdict
from nbtrail.recorder import keeping, quiet_line, results
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
        self._cells.background.forget()
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
            frame.mark = frame.before  # the run has all of the cell
        elif run is not None:
            self._join(run, execution)

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
            if not options.files:
                self._cells.files.leave_alone(active.run_id)
        return active

    def _join(self, run: NotebookRun, execution: Execution) -> None:
        """Make an execution the run's own, and store whatever the session has."""
        session = self._cells.session
        session.store_in(run.active.store)
        run.active.store.ahead = self._cells.background.settle_all
        run.own.add(execution.ordinal)
        execution.adopted |= not run.implicit
        run.attach(session.ids([execution.ordinal]), "own")
        frame = self._cells.frame
        if frame is not None and execution is frame.execution:
            tracking.process.execution = execution.id

    def _leave(self, run: NotebookRun) -> None:
        """Go on without an implicit run: it ends as its last cell did."""
        frame = self._cells.frame
        ordinal = frame.execution.ordinal if frame else None
        if ordinal in run.own - run.results:
            run.own.discard(ordinal)
            run.detach(self._cells.session.ids([ordinal]))
        run.end(*run.active.outcome)
        run.active.finish()
        self._forget(run)
        tracking.process.forget(run.active)

    def _forget(self, run: NotebookRun) -> None:
        """What was bound until now is inherited by the runs that come."""
        self._runs.pop(run.active.run_id, None)
        self._floor = len(self._cells.session.executions) - (self._cells.frame is not None)
        self._next_from = None

    # Results

    def may_yield(self, frame: Frame, result: ExecutionResult) -> bool:
        """Say whether a cell may have results, or shows what is kept, as far as can be seen.

        What it did to names is to be known at once then, and else a moment later.
        """
        execution, run = frame.execution, self.current
        if execution.always_params or frame.started_runs or autolog.pending():
            return True
        if result.result is not None or any("data" in one for one in execution.outputs):
            return True
        if run is not None and None is not execution.id == run.active.logged_in:
            return True
        if run is not None and (self._cells.files.has_of(execution) or self._cells.outputs.told):
            return True
        return any(map(self._rules.is_metric, self._bound_anew(frame)))

    def _bound_anew(self, frame: Frame) -> Iterator[str]:
        """Yield names that a cell seems to have bound, and that may be metrics."""
        after, rules = frame.after or frame.before, self._rules
        yield from after.changed_since(frame.before)
        words = [*after.order.metrics, *rules.metrics]
        yield from (name for name in words if name in frame.code)

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
        owner = run or (frame.started_runs[-1] if frame.started_runs else None)
        if owner is not None:
            keeping.keep(self._cells, owner, frame)

    def _metrics(self, frame: Frame) -> results.Metrics:
        """Return the metrics among what a cell has bound since its mark."""
        step, cells = frame.execution.step, self._cells
        finished = step.succeeded is True and frame.mark is frame.before
        changed = (frame.after or cells.namespace.snapshot()).changed_since(frame.mark)
        namespace = cells.shell.user_ns
        return results.bound_metrics(step.names, namespace, changed, finished, self._rules)

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
        frame, session, lineage = self._resolved(), self._cells.session, self._cells.lineage
        active = tracking.create_run("implicit")
        tracking.process.add(active)
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

    def _resolved(self) -> Frame | None:
        """Return the running cell, once it is known what it reads."""
        frame = self._cells.frame
        if frame is not None:
            self._cells.resolve(frame)
        return frame

    def overrule(self, names: Sequence[str]) -> None:
        """Let what the notebook now says of names hold for the current run as well.

        A metric that is there by now is a result of the running cell, which thereby reads it.
        """
        rules, frame = self._rules, self._resolved()
        said = [name for name in names if name in rules.metrics]
        metrics = rules.recorded(named_metrics(said, self._cells.shell.user_ns))
        if self.current is None and not metrics:
            return
        if frame is not None:  # before a run opens, whose prelude follows from what is read
            self._cells.lineage.read(frame.execution.step, said)
        run = self.current or self._open_implicit(self._binder(said))
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
        for run in {record.run.active.run_id: record.run for record in frame.told}.values():
            self._judge(run, at_once=frame.execution.ordinal in run.results)

    def _judge(self, run: NotebookRun, at_once: bool) -> None:
        cells, results = self._cells, run.results or run.own
        run.trust.ask(
            results, cells.session, cells.lineage, cells.document, cells.background, at_once
        )

    def follow(self, frame: Frame) -> Callable[[], None]:
        """Return what is left to do when it is known what a cell without results did to names."""
        run, ordinal = self.current, frame.execution.ordinal

        def go_on() -> None:
            if run is not None:
                run.attach_prelude(ordinal, self._cells.session, self._cells.lineage)
                self._judge(run, at_once=False)

        return go_on

    def check(self) -> Check | None:
        """Return what is to be thought of the current run, and what to do; None without a run."""
        self._resolved()
        run, cells = self.current, self._cells
        if run is None:
            return None
        cells.background.settle_all()
        self._judge(run, at_once=True)
        document = cells.document.current()
        results = run.results or run.own
        again = to_run_again(cells.lineage, results, document) if run.trust.doubted else []
        assert run.trust.verdict is not None
        return Check(run.active.name, run.trust.verdict, document, again)

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
        run.end(status, error)

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
        frame, known = self._resolved(), self._runs.get(run.run_id)
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
