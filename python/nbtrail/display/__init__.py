"""What is shown in a notebook: figures, HTML, and the interactive table of runs.

Whoever imports it within IPython sees the records of `entities` as tables from then on.
"""

from __future__ import annotations

import sys
from typing import Any

from nbtrail.display import html
from nbtrail.tracking import place

__all__ = ["runs"]

if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()) is not None:
    html.register(shell)


def runs(experiment: str | None = None, filter_string: str = "", max_results: int = 100) -> Any:
    """Show runs in a table that can be filtered and sorted, with a chart of the selected ones.

    While a run is RUNNING, and somebody looks, table and chart follow it.

    Args:
        experiment: the name of an experiment; all experiments if not given.
        filter_string: which runs, such as ``"metrics.acc > 0.9 and params.C = '0.1'"``.
        max_results: at most how many, the newest first.

    Returns:
        A widget; a saved notebook keeps it as a plain table and a picture.

    Raises:
        NotFound: there is no such experiment.
        InvalidValue: the filter is not understood.
    """
    from nbtrail.display.widget import NoRuns, RunsView, Search

    store = place.existing_store()
    if store is None:
        return NoRuns(f"Nothing is recorded yet in {place.uri}.")
    chosen = None if experiment is None else [store.experiments.named(experiment).experiment_id]
    search = Search(store, chosen, max_results)
    if not search.runs(filter_string):
        where = f"the experiment '{experiment}'" if experiment else store.uri
        which = " with this filter" if filter_string else ""
        return NoRuns(f"There are no runs{which} in {where}.")
    return RunsView(search, filter_string)
