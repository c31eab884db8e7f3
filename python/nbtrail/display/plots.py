"""`nbtrail.plot`: the curves of metrics of some runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nbtrail.display.chart import Chart
from nbtrail.display.chosen import AnyRun, existing_store, runs_of
from nbtrail.display.figures import metric_figure
from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, did_you_mean

POINTS = 500
"""Most points of a curve: more than a screen shows, with the extremes between them."""


def plot(
    run_or_runs: AnyRun | Iterable[AnyRun],
    key: str | Sequence[str],
    x: str = "step",
    smoothing: float = 0.0,
) -> Chart:
    """Draw the curve of a metric, one for each run.

    Args:
        run_or_runs: a run, its id or how that begins; or several.
        key: a metric; or several, each of which gets a panel.
        x: ``step``, ``time``, ``relative`` (seconds since the run's start) or another metric.
        smoothing: from 0 to below 1; the measured line stays, faint, behind the smooth one.

    Returns:
        A figure of plotly's.

    Raises:
        NotFound: there is no such run.
        InvalidValue: no run has the metric, or the one of the axis; the smoothing is not so.
    """
    if not 0 <= smoothing < 1:
        raise InvalidValue(f"smoothing is from 0 to below 1, and {smoothing:g} is not.")
    store = existing_store()
    runs = runs_of(store, run_or_runs)
    keys = [key] if isinstance(key, str) else list(key)
    for one in keys:
        check_metric(one, runs)
    ids = [run.info.run_id for run in runs]
    return metric_figure(keys, runs, store.history.buckets(ids, keys, POINTS, x), x, smoothing)


def check_metric(key: str, runs: Sequence[Run]) -> None:
    """Say so if no run has a metric.

    Raises:
        InvalidValue: none has.
    """
    known = sorted({name for run in runs for name in run.data.metrics})
    if key not in known:
        hint = did_you_mean(key, known) or f" There is {', '.join(known[:20]) or 'none'}."
        raise InvalidValue(f"No run here has the metric '{key:.80}'.{hint}")
