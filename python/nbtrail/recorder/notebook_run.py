"""A run as the recorder sees it: its own executions, its results, its head cells, its params."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from nbtrail.entities import Param, ParamOrigin, Status
from nbtrail.recorder.session import Execution, SessionTrail
from nbtrail.recorder.trust import Trust
from nbtrail.store.cells import (
    Attached,
    Event,
    Role,
    RunEnded,
    RunReopened,
    now,
)
from nbtrail.tracking import ActiveRun
from nbtrail.trail import inference
from nbtrail.trail.lineage import Lineage
from nbtrail.trail.rules import Rules

NamedParams = Mapping[str, Mapping[str, Any]]


class NotebookRun:
    """One run of this notebook.

    Args:
        active: the run that is recorded.
        opened_in: the execution that opened it, if a cell did.
        floor: the ordinal below which executions belong to earlier runs: a param that was bound
            there is inherited.
    """

    def __init__(self, active: ActiveRun, opened_in: Execution | None, floor: int) -> None:
        self.active = active
        self.opened_in = opened_in
        self.floor = floor
        self.own: set[int] = set()
        self._attached: set[int] = set()
        self.results: set[int] = set()
        self.heads: set[str] = {opened_in.step.cell} if opened_in else set()
        self._inferred: set[str] = set()
        self.asked = Rules()
        self.params: dict[str, Any] = {}
        self.trust = Trust(active)
        self._recorded: list[Param] = []
        self._open = True

    @property
    def implicit(self) -> bool:
        """Whether the first result opened it, rather than the user."""
        return self.active.kind == "implicit"

    def has(self, ordinal: int) -> bool:
        """Say whether an execution is on the run's trail."""
        return ordinal in self.own or ordinal in self._attached

    def prelude(self, ordinal: int, lineage: Lineage) -> set[int]:
        """Return the executions that one of the run's own transitively reads, and were not told.

        The failed attempts at their cells since the last run are part of the story.
        """
        read = lineage.slice([ordinal], known=self._attached)
        cells = {lineage.steps[one].cell for one in read}
        failed = {
            step.ordinal
            for step in lineage.failures
            if step.ordinal >= self.floor and step.cell in cells
        }
        self._attached |= read
        return (read | failed) - self.own

    def log_inferred(self, metrics: Mapping[str, Sequence[float]]) -> None:
        """Log metrics that the user did not log; what was logged under that name stays alone."""
        explicit = self.active.metric_keys - self._inferred
        for key in metrics.keys() - explicit:
            self._inferred.add(key)
            for step, value in enumerate(metrics[key]):
                self.active.log_metric(key, value, step)

    def forget_metrics(self, rules: Rules) -> None:
        """Delete the inferred metrics that are none by what the user says now."""
        for key in self._inferred & self.active.data.metrics.keys():
            if rules.drops(key):
                self.active.store.edits.delete_metric(self.active.run_id, key)

    def rename(self, key: str, new: str) -> None:
        """Rename a metric or param of the run; inferred params follow the rules by themselves.

        Raises:
            AlreadyExists: there is one of the new name.
        """
        data, edits = self.active.data, self.active.store.edits
        if key in data.metrics:
            edits.rename_metric(self.active.run_id, key, new)
            self._inferred |= {new} if key in self._inferred else set()
        elif key in data.params and key not in self.params:
            edits.rename_param(self.active.run_id, key, new)

    def record_params(
        self, session: SessionTrail, lineage: Lineage, rules: Rules, named: NamedParams
    ) -> None:
        """Store the params that the run's results have now.

        Args:
            session: whose cells are executed.
            lineage: what they read and bind.
            rules: what the user says of names.
            named: the params in what the user has called a param, by its name.
        """
        params = self.infer_params(session, lineage, rules, named)
        if params != self._recorded:
            self._recorded = params
            with self.active.store.transaction():
                self.active.store.drain_own()  # what the params' cells are known by
                self.active.store.runs.replace_inferred(self.active.run_id, params)

    def attach_prelude(self, ordinal: int, session: SessionTrail, lineage: Lineage) -> None:
        """Make what an execution of the run transitively reads part of the run's trail."""
        if ids := session.ids(self.prelude(ordinal, lineage)):
            self.attach(ids, "prelude")

    def attach(self, executions: list[int], role: Role) -> None:
        """Make executions part of the run's trail; with one of its own an implicit run goes on."""
        events: list[Event] = [Attached(self.active.run_id, executions, role)]
        if role == "own" and not self._open:
            self._open = True
            events.append(RunReopened(self.active.run_id))
        self.active.store.cells.write(*events)

    def detach(self, executions: list[int]) -> None:
        """Take executions off the run's trail: another run makes them its own."""
        with self.active.store.transaction():
            self.active.store.drain_own()
            self.active.store.trails.detach(self.active.run_id, executions)

    def end(self, status: Status, error: str | None) -> None:
        """Have an implicit run end as its latest cell did: between cells it does not run."""
        if self.implicit and self._open:
            self._open = False
            self.active.store.cells.write(RunEnded(self.active.run_id, status, error, now()))

    def infer_params(
        self, session: SessionTrail, lineage: Lineage, rules: Rules, named: NamedParams
    ) -> list[Param]:
        """Return the params that the slices of the run's results read; note the head cells."""
        slice_ = lineage.slice(lineage.last_successes(self.results))
        read = lineage.readers(slice_)
        bound = self._named_params(session, lineage, named)
        for ordinal in sorted(read.keys() | session.always_params):
            execution = session.executions[ordinal]
            literals = execution.step.names.literals
            if not self._always(execution):
                names = read.get(execution.ordinal, set())
                literals = {name: value for name, value in literals.items() if name in names}
            for name, value in literals.items():
                flat = inference.params_from({name: value}, rules.is_metric)
                if name in named and name not in flat:
                    continue  # an object may have other values by now than its literal
                bound[name] = [self._param(key, item, execution) for key, item in flat.items()]
                self.heads.update([execution.step.cell] if flat else [])
        by_key = {param.key: param for params in bound.values() for param in params}
        kept = rules.recorded(by_key).items()
        records = [msgspec.structs.replace(param, key=key) for key, param in kept]
        self.params = {param.key: param.typed for param in records}
        return records

    def _named_params(
        self, session: SessionTrail, lineage: Lineage, named: NamedParams
    ) -> dict[str, list[Param]]:
        """Return the params that the user has named, each from the cell that bound its name."""
        found = {}
        for name, values in named.items():
            if name in lineage.binders:
                execution = session.executions[lineage.binders[name]]
                found[name] = [self._param(key, item, execution) for key, item in values.items()]
                self.heads.add(execution.step.cell)
        return found

    def _always(self, execution: Execution) -> bool:
        if execution.tracked:
            return execution.ordinal in self.own
        return execution.always_params and execution.step.succeeded is not False

    def _param(self, key: str, value: Any, execution: Execution) -> Param:
        inherited = execution.ordinal < self.floor and execution.ordinal not in self.own
        origin: ParamOrigin = "inherited" if inherited else "inferred"
        return Param(key, str(value), value, origin, execution.id)
