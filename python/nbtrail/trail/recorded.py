"""The analyses of this room, of what a store holds of a run."""

from __future__ import annotations

import msgspec

from nbtrail.entities import CellExecution, Record, Run
from nbtrail.errors import InvalidValue, did_you_mean
from nbtrail.store import Store
from nbtrail.trail import slicing
from nbtrail.trail.slicing import Link, Slice


class Why(Record, frozen=True):
    """The chain of cells that led to a metric's latest value, in the order in which they ran."""

    run_id: str
    metric: str
    value: float
    links: list[Link]

    def __repr__(self) -> str:
        from nbtrail.trail.text import why_text

        return why_text(self)


def executions_of(store: Store, run_id: str) -> list[CellExecution]:
    """Return a run's trail.

    Raises:
        NotFound: there is no such run.
        InvalidValue: it has no trail, since no recorder was on.
    """
    executions = store.trails.executions(run_id)
    if not executions:
        raise InvalidValue(
            f"The run {run_id[:8]} has no trail: it did not come from the cells of a notebook."
        )
    return executions


def why(store: Store, run: Run, metric: str) -> Why:
    """Return the chain of cells that led to a metric.

    Raises:
        InvalidValue: the run has no such metric, or no cell has logged it.
    """
    goal, session = _goal(store, run, metric)
    return Why(run.info.run_id, metric, run.data.metrics[metric], slicing.chain(session, goal))


def sliced(store: Store, run: Run, metric: str) -> Slice:
    """Return the executions that yield a metric again.

    Raises:
        InvalidValue: the run has no such metric, or no cell has logged it.
    """
    goal, session = _goal(store, run, metric)
    found = slicing.needed(session, goal)
    told = {e.id: e for e in store.trails.executions(run.info.run_id)}
    executions = [told.get(e.id, e) for e in found.executions]  # with what they gave to the run
    return msgspec.structs.replace(found, executions=executions)


def _goal(store: Store, run: Run, metric: str) -> tuple[int, list[CellExecution]]:
    """Return the execution that logged a metric last, and all of its session."""
    summaries = {summary.key: summary for summary in run.data.metric_summaries}
    label = run.info.run_name or run.info.run_id[:8]
    if metric not in summaries:
        hint = did_you_mean(metric, summaries) or f" It has {', '.join(summaries) or 'none'}."
        raise InvalidValue(f"The run {label} has no metric '{metric}'.{hint}")
    own = {e.id: e for e in executions_of(store, run.info.run_id)}
    goal = own.get(summaries[metric].execution or 0)
    if goal is None:
        raise InvalidValue(f"No cell of the run {label} has logged '{metric}'.")
    return goal.id, store.trails.session_executions(goal.session_id)
