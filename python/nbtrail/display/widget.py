"""The interactive table of runs with the chart of a metric."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import msgspec
import plotly.graph_objects as go
import traitlets

from nbtrail.display.figures import PALETTE, metric_figure
from nbtrail.display.html import table_html
from nbtrail.display.table import common_keys, run_table, table_text
from nbtrail.entities import Run
from nbtrail.store import Store

_HERE = Path(__file__).parent
_SNIPPET = (
    "import nbtrail\n\n"
    "with nbtrail.start_run():\n"
    '    nbtrail.log_param("C", 0.1)\n'
    '    nbtrail.log_metric("accuracy", 0.95)'
)


class RunTable(anywidget.AnyWidget):
    """A table whose rows can be sorted and selected; every text is shown as text."""

    _esm = _HERE / "table.js"
    _css = _HERE / "table.css"
    columns: traitlets.List[dict[str, str]] = traitlets.List().tag(sync=True)
    rows: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    selected = traitlets.List(traitlets.Unicode()).tag(sync=True)


class RunsView(ipywidgets.VBox):  # type: ignore[misc]
    """The table, and a chart of the chosen metric of the selected runs.

    Args:
        store: where the histories are.
        runs: what the table shows; at least one.
    """

    def __init__(self, store: Store, runs: Sequence[Run]) -> None:
        self._store = store
        self._runs = list(runs)
        self._table = run_table(self._runs)
        first = [run.info.run_id for run in self._runs[: len(PALETTE)]]
        self.table = RunTable(**msgspec.to_builtins(self._table), selected=first)
        keys = common_keys(run.data.metrics for run in self._runs)
        self.metric = ipywidgets.Dropdown(options=keys, description="Metric")
        self.figure = go.FigureWidget()
        super().__init__([self.table, *([self.metric, self.figure] if keys else [])])
        self._draw()
        self.metric.observe(self._draw, "value")
        self.table.observe(self._draw, "selected")

    def _draw(self, _change: object = None) -> None:
        key = self.metric.value
        if key is None:
            return
        self._store.drain()
        series = self._store.history.buckets(self.table.selected, [key], points=500)
        drawn = metric_figure(key, self._runs, series)
        self.figure.data = ()
        self.figure.layout = drawn.layout
        self.figure.add_traces(drawn.data)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Add the table as plain HTML, which a saved notebook keeps, and as text."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        return bundle | {
            "text/html": table_html(self._table),
            "text/plain": table_text(self._table),
        }


class NoRuns:
    """Says that there is nothing to show, and what would change that."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __repr__(self) -> str:
        return f"{self.message} Record a run:\n\n{_SNIPPET}"

    def _repr_html_(self) -> str:
        return (
            f"<p>{escape(self.message)} Record a run with <code>%load_ext nbtrail</code> and "
            f"your own cells, or by hand:</p><pre>{escape(_SNIPPET)}</pre>"
        )
