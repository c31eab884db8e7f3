"""The interactive table of runs with the chart of a metric."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import msgspec
import plotly.graph_objects as go
import traitlets

from nbtrail.display.chart import Chart
from nbtrail.display.drawing import picture_of
from nbtrail.display.figures import PALETTE, metric_figure
from nbtrail.display.html import table_html
from nbtrail.display.plots import POINTS
from nbtrail.display.table import Table, common_keys, run_table, table_text
from nbtrail.display.watching import Watch
from nbtrail.entities import Run
from nbtrail.errors import InvalidValue, NbtrailError
from nbtrail.store import Store

_HERE = Path(__file__).parent
_WIDGET = "application/vnd.jupyter.widget-view+json"
_SNIPPET = (
    "import nbtrail\n\n"
    "with nbtrail.start_run():\n"
    '    nbtrail.log_param("C", 0.1)\n'
    '    nbtrail.log_metric("accuracy", 0.95)'
)


class RunTable(anywidget.AnyWidget):
    """A table whose rows can be filtered, sorted and selected; every text is shown as text.

    While somebody watches it, it says so every few seconds. `still` is the class of the element
    with the plain table, which it hides.
    """

    _esm = _HERE / "table.js"
    _css = _HERE / "table.css"
    columns: traitlets.List[dict[str, str]] = traitlets.List().tag(sync=True)
    rows: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    selected = traitlets.List(traitlets.Unicode()).tag(sync=True)
    filter = traitlets.Unicode().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    still = traitlets.Unicode().tag(sync=True)


@dataclass(frozen=True)
class Search:
    """Runs of some experiments (of all, if None), at most so many, the newest first."""

    store: Store
    experiment_ids: Sequence[str] | None
    max_results: int

    def runs(self, filter_string: str) -> list[Run]:
        """Return those that a filter leaves.

        Raises:
            InvalidValue: the filter is not understood.
        """
        self.store.drain()
        found, _ = self.store.runs.search(
            self.experiment_ids, filter_string, max_results=self.max_results
        )
        return found


class RunsView(ipywidgets.VBox):  # type: ignore[misc]
    """The table, and a chart of the chosen metric of the selected runs.

    While somebody watches, it follows what is recorded.

    Args:
        search: what it is about.
        filter_string: what the filter is at first.
    """

    def __init__(self, search: Search, filter_string: str = "") -> None:
        self._search = search
        self._filter = filter_string
        self._seen: dict[str, Run] = {}  # a run's place here gives its looks, which so stay
        self._drawn: tuple[str, dict[str, tuple[int, int]]] = ("", {})
        self._layout: object = None  # as it was drawn, before anybody zoomed
        self._still = f"nbtrail-still-{uuid.uuid4().hex}"
        self.table = RunTable(filter=filter_string, still=self._still)
        self.metric = ipywidgets.Dropdown(description="Metric")
        self.figure = go.FigureWidget()
        super().__init__([self.table])
        self._watch = Watch(self.look)
        self._lock = threading.RLock()  # of the watch's thread, and the one that executes cells
        self.look()
        self.table.observe(self._apply, "filter")
        self.table.on_msg(self._hear)
        self.metric.observe(self._choose, "value")
        self.table.observe(self._choose, "selected")

    def look(self) -> bool:
        """Show what there is now, and return whether a run is RUNNING."""
        with self._lock:
            try:
                runs = self._search.runs(self._filter)
            except (NbtrailError, OSError, sqlite3.Error) as error:
                self.table.message = str(error)
                return False
            self._show(runs)
        return any(run.info.status == "RUNNING" for run in runs)

    def close(self) -> None:
        """Close it with all its parts; nothing follows any more."""
        self._watch.stop()
        for part in (self.table, self.metric, self.figure):
            part.close()
        super().close()

    def _apply(self, change: dict[str, str]) -> None:
        """Use another filter; one that is not understood is told beside it, and not used."""
        with self._lock:
            try:
                runs = self._search.runs(change["new"])
            except InvalidValue as error:
                self.table.message = str(error)
                return
            self._filter = change["new"]
            self.table.message = "" if runs else "No run is like that."
            self._show(runs)

    def _hear(self, _table: RunTable, content: dict[str, Any], _buffers: object) -> None:
        """Take the table's word on whether somebody watches; answer, so that it may go on."""
        if content.get("watched"):
            self._watch.start()
            self.look()
            self.table.send({"heard": True})
        else:
            self._watch.stop()

    def _show(self, runs: list[Run]) -> None:
        new = [run.info.run_id for run in runs if run.info.run_id not in self._seen]
        self._seen |= {run.info.run_id: run for run in runs}
        table = msgspec.to_builtins(run_table(runs))
        with self.table.hold_sync():
            self.table.columns, self.table.rows = table["columns"], table["rows"]
            self.table.selected = [*self.table.selected, *new][: len(PALETTE)]
        self._offer(common_keys(run.data.metrics for run in runs))
        self._draw()

    def _offer(self, keys: list[str]) -> None:
        """Offer metrics; the chosen one stays chosen."""
        if keys and list(self.metric.options) != keys:
            chosen = self.metric.value
            self.metric.options = keys
            self.metric.value = chosen if chosen in keys else keys[0]
        if keys:
            self.children = (self.table, self.metric, self.figure)

    def _choose(self, _change: object) -> None:
        with self._lock:
            self._draw()

    def _draw(self) -> None:
        """Draw what has changed since the last time: plotly takes long to look at many points."""
        key = self.metric.value
        if key is None:
            return
        shown = {row["run_id"] for row in self.table.rows}
        runs = [self._seen[run_id] for run_id in self.table.selected if run_id in shown]
        stamps = {run.info.run_id: _stamp(run, key) for run in runs if key in run.data.metrics}
        known, self._drawn = self._drawn, (key, stamps)
        if (key, stamps) == known:
            return
        same = known[0] == key and known[1].keys() == stamps.keys()
        news = [run_id for run_id, stamp in stamps.items() if stamp != known[1].get(run_id)]
        if not (same and self._move(self._figure(key, news))):
            self._replace(self._figure(key, list(stamps)))

    def _figure(self, key: str, run_ids: Sequence[str]) -> Chart:
        series = self._search.store.history.buckets(run_ids, [key], POINTS)
        return metric_figure(key, list(self._seen.values()), series)

    def _move(self, drawn: Chart) -> bool:
        """Give the curves that are there their new points, and leave a zoom as it is.

        Returns:
            Whether they are there, and of the same kind.
        """
        mine = {_kind(trace): trace for trace in self.figure.data}
        if self._layout != drawn.layout or not all(_kind(one) in mine for one in drawn.data):
            return False
        with self.figure.batch_update():
            for new in drawn.data:
                mine[_kind(new)].update(x=new.x, y=new.y, text=new.text)
        self._keep()
        return True

    def _replace(self, drawn: Chart) -> None:
        self._layout = drawn.layout
        self.figure.data = ()
        self.figure.layout = drawn.layout
        self.figure.add_traces(drawn.data)
        self._keep()

    def _keep(self) -> None:
        """Have the widget's state say what is drawn.

        Plotly's messages of changes reach only a front end that has loaded its script; a page
        that is slower, or opened again, draws the state.
        """
        with self.figure.hold_sync():
            self.figure._widget_layout = self.figure.layout.to_plotly_json()
            self.figure._widget_data = [one.to_plotly_json() for one in self.figure.data]

    @property
    def _table(self) -> Table:
        kept = {"columns": self.table.columns, "rows": self.table.rows}
        return msgspec.convert(kept, Table)

    def _repr_html_(self) -> str:
        picture = picture_of(self.figure) if self.figure.data else ""
        return f'<div class="{self._still}">{table_html(self._table)}{picture}</div>'

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Add the table as plain HTML, with the picture of the chart, and as text."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        return bundle | {
            "text/html": self._repr_html_(),
            "text/plain": table_text(self._table),
        }

    def _ipython_display_(self) -> None:
        """Show what needs no kernel as an output of its own, which the live table then hides.

        JupyterLab shows nothing but an error for a widget without its kernel.
        """
        from IPython.display import display

        bundle = self._repr_mimebundle_()
        live = {_WIDGET: bundle.pop(_WIDGET), "text/plain": ""} if _WIDGET in bundle else None
        display(bundle, raw=True)  # type: ignore[no-untyped-call]
        if live:
            display(live, raw=True)  # type: ignore[no-untyped-call]


def _stamp(run: Run, key: str) -> tuple[int, int]:
    """Return what is another for every new point of a metric that a run has."""
    return next((one.count, one.timestamp) for one in run.data.metric_summaries if one.key == key)


def _kind(trace: Any) -> tuple[object, ...]:
    """Return which run a trace is of, and as what."""
    return trace.legendgroup, trace.fill, trace.mode


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
