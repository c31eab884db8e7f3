"""What the cells of a run did."""

from __future__ import annotations

from nbtrail.entities import CellExecution, Verdict
from nbtrail.tracking.where import place


def executions(run_id: str) -> list[CellExecution]:
    """Return the trail of a run: its cells as they ran, in order, and what each recorded.

    ``nbtrail.trail(run_id)`` is this.

    Raises:
        NotFound: there is no such run.
    """
    store = place.store()
    store.drain()
    return store.trails.executions(run_id)


def verdict(run_id: str) -> Verdict | None:
    """Return whether the notebook, run from top to bottom, would give a run's results again.

    None for a run that did not come from cells, or whose kernel died in its first one.

    Raises:
        NotFound: there is no such run.
    """
    store = place.store()
    store.drain()
    return store.trails.verdict(run_id)
