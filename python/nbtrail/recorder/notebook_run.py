"""A run as the recorder sees it: its own executions, its results, its head cells, its params."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nbtrail.entities import Param, ParamOrigin
from nbtrail.recorder.session import Execution, SessionTrail
from nbtrail.tracking import ActiveRun
from nbtrail.trail import inference
from nbtrail.trail.lineage import Lineage


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
        self.params: dict[str, Any] = {}

    @property
    def implicit(self) -> bool:
        """Whether the first result opened it, rather than the user."""
        return self.active.kind == "implicit"

    def prelude(self, ordinal: int, lineage: Lineage) -> set[int]:
        """Return the executions that one of the run's own transitively reads, and were not told.

        The failed attempts at their cells since the last run are part of the story.
        """
        read = lineage.slice([ordinal]) - self._attached
        cells = {lineage.steps[one].cell for one in read}
        failed = {
            step.ordinal
            for step in lineage.steps[self.floor :]
            if step.succeeded is False and step.cell in cells
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

    def record_params(self, session: SessionTrail, lineage: Lineage) -> None:
        """Store the params that the run's results have now."""
        params = self.infer_params(session, lineage)
        self.active.store.runs.replace_inferred(self.active.run_id, params)

    def attach_prelude(self, ordinal: int, session: SessionTrail, lineage: Lineage) -> None:
        """Make what an execution of the run transitively reads part of the run's trail."""
        ids = session.ids(self.prelude(ordinal, lineage))
        if ids:
            self.active.store.trails.attach(self.active.run_id, ids, "prelude")

    def infer_params(self, session: SessionTrail, lineage: Lineage) -> list[Param]:
        """Return the params that the slices of the run's results read; note the head cells."""
        slice_ = lineage.slice(lineage.last_successes(self.results))
        read = lineage.readers(slice_)
        bound: dict[str, list[Param]] = {}
        for ordinal in sorted(read.keys() | session.always_params):
            execution = session.executions[ordinal]
            literals = execution.step.names.literals
            if not self._always(execution):
                names = read.get(execution.ordinal, set())
                literals = {name: value for name, value in literals.items() if name in names}
            for name, value in literals.items():
                flat = inference.params_from({name: value})
                bound[name] = [self._param(key, item, execution) for key, item in flat.items()]
                self.heads.update([execution.step.cell] if flat else [])
        records = [param for params in bound.values() for param in params]
        self.params = {param.key: param.typed for param in records}
        return records

    def _always(self, execution: Execution) -> bool:
        if execution.tracked:
            return execution.ordinal in self.own
        return execution.always_params and execution.step.succeeded is not False

    def _param(self, key: str, value: Any, execution: Execution) -> Param:
        inherited = execution.ordinal < self.floor and execution.ordinal not in self.own
        origin: ParamOrigin = "inherited" if inherited else "inferred"
        return Param(key, str(value), value, origin, execution.id)
