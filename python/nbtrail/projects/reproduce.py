"""A run executed once more, and what came of it beside the original."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from nbtrail.entities import Attempt, Difference, Outcome, Reproduction, Run
from nbtrail.errors import ExecutionFailed, InvalidState, InvalidValue, did_you_mean
from nbtrail.projects import environments, originals, surroundings
from nbtrail.projects.execution import Plan, create_run, execute
from nbtrail.projects.notebook import executable
from nbtrail.projects.watch import Watch
from nbtrail.store import Store
from nbtrail.store.contexts import Context, Document
from nbtrail.store.trails import REPRODUCTION
from nbtrail.tracking import current_store
from nbtrail.trail.cells import last_of_each
from nbtrail.trail.comparison import Comparison
from nbtrail.trail.likeness import Tolerance
from nbtrail.trail.notebook import cell_key

ORIGINAL = "nbtrail.reproduces"
"""The tag of a run that reproduces another one: the id of that."""
DETAILS = "reproduction"
"""The kind of document under which such a run keeps its `Attempt`; see `get_run_context`."""

Environment = Literal["current", "recorded"]


def reproduce(
    run: str | Run,
    *,
    tolerance: float = 1e-6,
    metrics: Mapping[str, float] | None = None,
    repeat: int = 1,
    env: Environment = "current",
    store: Store | None = None,
    progress: bool = True,
    watch: Watch | None = None,
) -> Reproduction:
    """Execute what a run did once more, from top to bottom in a fresh kernel, and compare.

    The notebook is made from the run's trail. It is executed by papermill in the folder of the
    original, as a run of its own, which is linked to it by the tag ``nbtrail.reproduces``. The
    outcome is the original's tag ``nbtrail.reproduction``.

    Args:
        run: the id of a run that has ended, or how that begins, or the run.
        tolerance: how far numbers may be from the original's, as a part of their size (of 1 for
            smaller ones).
        metrics: differences that are allowed to single metrics instead, by name.
        repeat: how many times to execute it.
        env: ``recorded`` executes it with the packages that the run had, installed by `uv`.
        store: where the run is (default: the store of the current directory).
        progress: whether to show a progress bar, if standard error is a terminal.
        watch: who is told how far it has come.

    Raises:
        NotFound: there is no such run.
        InvalidState: it has not ended.
        InvalidValue: nothing tells what it executed, or an argument makes no sense.
        StoreError: the recorded packages cannot be installed.
    """
    store = store or current_store()
    store.drain()
    original = store.runs.find(run.info.run_id if isinstance(run, Run) else run)
    allowed = Tolerance(tolerance, metrics or {})
    check(original, allowed, repeat, env)
    work = _Work(store, original, originals.plan_of(store, original), allowed)
    notes = list(surroundings.changed_files(original))
    ready = _in_environment(work, env)
    attempts = [ready.attempt(progress, watch) for _ in range(repeat)]
    before, after = (store.contexts.get(one) for one in (original.info.run_id, attempts[0].run_id))
    notes += surroundings.changed_packages(before, after) if env == "current" else []
    notes += surroundings.changed_code(before, after)
    outcome = worst(attempt.outcome for attempt in attempts)
    store.runs.set_tags(original.info.run_id, {REPRODUCTION: outcome})
    return Reproduction(original.info.run_id, outcome, attempts, notes)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of several outcomes."""
    found = set(outcomes)
    return next(one for one in reversed(get_args(Outcome)) if one in found)


@dataclass(frozen=True)
class _Work:
    """What is to be executed, and what that is compared with."""

    store: Store
    original: Run
    plan: Plan
    tolerance: Tolerance
    packages: dict[str, Any] | None = None

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
        self._keep(found)
        return found

    def _compared(self, run: Run) -> Attempt:
        cells = enumerate(executable(self.plan.notebook), start=1)
        numbers = {cell.id: number for number, cell in cells}
        comparison = Comparison(self.store, self.original, run, numbers, self.tolerance)
        differences = comparison.differences()
        return Attempt(run.info.run_id, _outcome(differences), differences)

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

    def _keep(self, found: Attempt) -> None:
        documents = {DETAILS: Document.of(found.to_dictionary())}
        if self.packages is not None:
            documents["packages"] = Document.of(self.packages)
        self.store.contexts.put(found.run_id, Context.of(documents))
        self.store.runs.set_tags(found.run_id, {ORIGINAL: self.original.info.run_id})


def _in_environment(work: _Work, env: Environment) -> _Work:
    """Have the notebook executed in the environment that is asked for."""
    if env == "current":
        return work
    context = work.store.contexts.get(work.original.info.run_id)
    environment = environments.made(environments.recorded(context))
    kernels = environments.kernels_of(environment, work.plan.kernel_name)
    return replace(work, plan=replace(work.plan, kernels=kernels), packages=context["packages"])


def _outcome(differences: list[Difference]) -> Outcome:
    if not differences:
        return "identical"
    return "within tolerance" if all(one.within for one in differences) else "diverged"


def check(original: Run, tolerance: Tolerance, repeat: int, env: Environment) -> None:
    """Check that a run can be asked whether it reproduces.

    Raises:
        InvalidState: it has not ended.
        InvalidValue: an argument makes no sense.
    """
    info = original.info
    if info.end_time is None:
        raise InvalidState(f"The run {info.run_name} ({info.run_id[:8]}) has not ended yet.")
    if repeat < 1:
        raise InvalidValue(f"A run is reproduced at least once, not {repeat} times.")
    if env not in get_args(Environment):
        raise InvalidValue(f"The environment is 'current' or 'recorded', not {env!r:.40}.")
    for value in (tolerance.general, *tolerance.metrics.values()):
        if math.isnan(value) or value < 0:
            raise InvalidValue(f"A tolerance is a number from 0, not {value}.")
    for key in tolerance.metrics.keys() - original.data.metrics.keys():
        known = ", ".join(original.data.metrics) or "none"
        hint = did_you_mean(key, original.data.metrics) or f" It has {known}."
        raise InvalidValue(f"The run {info.run_name} has no metric '{key}'.{hint}")
