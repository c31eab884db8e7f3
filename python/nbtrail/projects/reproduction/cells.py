"""The cells of a run, executed once more and compared."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from nbtrail.entities import Attempt, Param, Run
from nbtrail.environments import uv
from nbtrail.environments.uv import Packages
from nbtrail.errors import ExecutionFailed
from nbtrail.projects import environments
from nbtrail.projects.notebooks.execution import Plan, create_run, execute
from nbtrail.projects.notebooks.injection import amend
from nbtrail.projects.notebooks.inspection import declaration
from nbtrail.projects.notebooks.notebook import executable
from nbtrail.projects.reproduction.attempts import ORIGINAL, keep, outcome_of
from nbtrail.projects.snapshots import Snapshot
from nbtrail.projects.watch import Watch
from nbtrail.store import Store
from nbtrail.store.contexts import Document
from nbtrail.trail.cells import last_of_each
from nbtrail.trail.comparison import Comparison
from nbtrail.trail.likeness import Tolerance
from nbtrail.trail.notebook import cell_key


@dataclass(frozen=True)
class RepeatedCells:
    """A notebook that is to be executed once more, and what that is compared with.

    `documents` are of what it is executed in; `places` are where paths of the original lead now.
    """

    store: Store
    original: Run
    plan: Plan
    tolerance: Tolerance
    documents: Mapping[str, Document] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def attempt(self, progress: bool, watch: Watch | None = None) -> Attempt:
        """Execute the notebook once; keep what came of it with the run that recorded it."""
        info = self.original.info
        plan = replace(self.plan, notebook=copy.deepcopy(self.plan.notebook))
        name, tags = f"{info.run_name} reproduced", {ORIGINAL: info.run_id}
        run = create_run(self.store, plan, info.experiment_id, name, tags)
        try:
            execute(plan, self.store, run.info, progress, watch)
        except ExecutionFailed as error:
            found = Attempt(run.info.run_id, "could not run", reason=str(error))
        else:
            found = self._compared(self._counterpart(run))
        return keep(self.store, found, info.run_id, self.documents)

    def _compared(self, run: Run) -> Attempt:
        cells = enumerate(executable(self.plan.notebook), start=1)
        numbers = {cell.id: number for number, cell in cells}
        comparison = Comparison(
            self.store, self.original, run, numbers, self.tolerance, self.places
        )
        differences = comparison.differences()
        return Attempt(run.info.run_id, outcome_of(differences), differences)

    def _counterpart(self, run: Run) -> Run:
        """Return the run that the original has become.

        Cells may open runs of their own: then it is the one most like it.
        """
        self.store.drain()
        since = f"attributes.start_time >= {run.info.start_time}"
        started, _ = self.store.runs.search([run.info.experiment_id], since)
        session = self._sessions(run)
        here = [one for one in started if one.info.notebook == run.info.notebook]
        own = [one for one in here if session <= self._sessions(one)]
        return max(own, key=lambda one: (*self._likeness(one), one.info.run_id == run.info.run_id))

    def _sessions(self, run: Run) -> set[str]:
        return {one.session_id for one in self.store.trails.executions(run.info.run_id)}

    def _likeness(self, run: Run) -> tuple[int, int, float, int]:
        """Return how many metrics, params, cells and values of the original a run has."""
        one, other = self.original.data, run.data
        before, after = (self._own_cells(each) for each in (self.original, run))
        return (
            len(one.metrics.keys() & other.metrics.keys()),
            len(one.params.items() & other.params.items()),
            len(before & after) / max(len(before | after), 1),
            len(one.metrics.items() & other.metrics.items()),
        )

    def _own_cells(self, run: Run) -> set[str]:
        executions = self.store.trails.executions(run.info.run_id)
        return {cell_key(one) for one in last_of_each(executions) if one.role == "own"}


def with_kernels(plan: Plan, packages: Packages | None) -> Plan:
    """Return a plan that is executed with these packages; None: with those that are here."""
    if packages is None:
        return plan
    environment = uv.made(packages)
    return replace(plan, kernels=environments.kernels_of(environment, plan.kernel_name))


def moved(plan: Plan, snapshot: Snapshot, notebook: str) -> Plan:
    """Return a plan for an entry point of a project that is elsewhere now.

    Args:
        plan: of the cells as they were executed where the project was.
        snapshot: the project now.
        notebook: the path of the entry point's notebook in it.
    """
    there = {one.key: snapshot.here(one.value) for one in plan.params}
    values = {one.key: there[one.key] for one in plan.params if there[one.key] != one.value}
    book = copy.deepcopy(plan.notebook)
    if values:
        declared = declaration(book) if plan.language.lower() == "python" else None
        amend(book, values, plan.language, declared)
    params: list[Param] = [
        msgspec.structs.replace(one, typed=there[one.key], value=there[one.key])
        if one.key in values
        else one
        for one in plan.params
    ]
    return replace(plan, path=snapshot.source.directory / notebook, notebook=book, params=params)
