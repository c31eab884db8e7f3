"""What is shown in a notebook: figures, HTML, and the interactive table of runs."""

from __future__ import annotations

from typing import Any

from nbtrail.tracking import place

__all__ = ["runs"]


def runs(experiment: str | None = None, filter_string: str = "", max_results: int = 100) -> Any:
    """Show runs in a table that can be sorted, with a chart of one metric of the selected ones.

    Args:
        experiment: the name of an experiment; all experiments if not given.
        filter_string: which runs, such as ``"metrics.acc > 0.9 and params.C = '0.1'"``.
        max_results: at most how many, the newest first.

    Returns:
        A widget; a saved notebook keeps it as a plain table.

    Raises:
        NotFound: there is no such experiment.
        InvalidValue: the filter is not understood.
    """
    from nbtrail.display.widget import NoRuns, RunsView

    store = place.existing_store()
    if store is None:
        return NoRuns(f"Nothing is recorded yet in {place.uri}.")
    store.drain()
    chosen = None if experiment is None else [store.experiments.named(experiment).experiment_id]
    found, _ = store.runs.search(chosen, filter_string, max_results=max_results)
    if not found:
        where = f"the experiment '{experiment}'" if experiment else store.uri
        which = " with this filter" if filter_string else ""
        return NoRuns(f"There are no runs{which} in {where}.")
    return RunsView(store, found)
