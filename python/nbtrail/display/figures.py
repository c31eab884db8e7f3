"""Charts of metrics: records in, plotly figures out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Any, NamedTuple

import plotly.graph_objects as go

from nbtrail.display.chart import MODEBAR, Chart
from nbtrail.display.drawing import INK
from nbtrail.display.table import number_text, run_label
from nbtrail.entities import Run, SeriesPoints

# Okabe and Ito's colours that show on a light and on a dark ground.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999")
_SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star")
_DASHES = ("solid", "dash", "dot", "dashdot")
_GRID = "rgba(128, 128, 128, 0.25)"
_PANEL_HEIGHT = 320
_AXES = {"time": "time", "relative": "seconds since the run's start"}
_UPDATED = "nbtrail"  # what a reader has zoomed or hidden stays so while the data is replaced


class Style(NamedTuple):
    """How a run is drawn: never told apart by its colour alone."""

    color: str
    symbol: str
    dash: str


def style(place: int) -> Style:
    """Return the style of the run at `place` of a list."""
    return Style(
        PALETTE[place % len(PALETTE)],
        _SYMBOLS[place % len(_SYMBOLS)],
        _DASHES[place // len(PALETTE) % len(_DASHES)],
    )


def metric_figure(
    keys: str | Sequence[str],
    runs: Sequence[Run],
    series: Sequence[SeriesPoints],
    x: str = "step",
    smoothing: float = 0.0,
) -> Chart:
    """Draw metrics of some runs: curves, or one point a run where there are none.

    Args:
        keys: one metric, or several, each of which gets a panel.
        runs: all runs of the table; a run's place in it gives its style.
        series: the histories to draw; those of other metrics or runs are left out.
        x: the axis that the histories were asked for with.
        smoothing: from 0 to 1, see `smoothed`; the measured line stays, faint, behind.
    """
    keys = [keys] if isinstance(keys, str) else list(keys)
    places = {run.info.run_id: place for place, run in enumerate(runs)}
    figure, named = Chart(layout=_layout(len(keys))), set[str]()
    for number, key in enumerate(keys):
        drawn = [one for one in series if one.key == key and one.run_id in places]
        curves = any(one.total > 1 for one in drawn)
        suffix = str(number + 1) if number else ""
        for one in sorted(drawn, key=lambda one: places[one.run_id]):
            place = places[one.run_id]
            look, name = style(place), escape(run_label(runs[place]))
            draw = _curve(one, name, look, x, smoothing) if curves else _point(one, name, look)
            on_panel = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "legendgroup": one.run_id}
            for trace in draw:
                seen = one.run_id in named or trace.showlegend is False
                figure.add_trace(trace.update(on_panel, showlegend=not seen))
                named |= {one.run_id} if not seen else set()
        figure.update_layout(_axes(number, len(keys), key, x if curves else ""))
    return figure


def smoothed(values: Sequence[float], weight: float) -> list[float]:
    """Return exponential moving averages, begun anew after each gap.

    Args:
        values: what was measured.
        weight: of what came before, from 0 (nothing changes) to below 1. The first averages are
            those of the few values that there are (TensorBoard's correction of the bias).
    """
    average, count, found = 0.0, 0, []
    for value in values:
        if not math.isfinite(value):
            average, count = 0.0, 0
            found.append(value)
            continue
        average, count = average * weight + (1 - weight) * value, count + 1
        found.append(average / (1 - weight**count))
    return found


def _curve(
    series: SeriesPoints, name: str, look: Style, axis: str, smoothing: float
) -> Iterator[Any]:
    """Yield the area between the extremes, the measured line, and the smooth one."""
    x = _places(series, axis)
    if series.total > len(series.step):
        yield _extremes(series, x, look)
    if smoothing:
        faint = _line(x, series.value, None, look, "lines")
        yield faint.update(opacity=0.3, hoverinfo="skip", showlegend=False)
    mode = "lines+markers" if len(x) <= 50 and not smoothing else "lines"
    yield _line(x, smoothed(series.value, smoothing), name, look, mode)


def _line(x: Sequence[Any], y: Sequence[float], name: str | None, look: Style, mode: str) -> Any:
    return go.Scatter(
        x=x,
        y=_gaps(y),
        name=name,
        mode=mode,
        line={"color": look.color, "dash": look.dash, "width": 2},
        marker={"color": look.color, "symbol": look.symbol},
    )


def _places(series: SeriesPoints, axis: str) -> list[Any]:
    """Return where points are on the axis: numbers, or moments as plotly reads them."""
    if axis == "step":
        return list(series.step)
    if axis != "time":
        return _gaps(series.x)
    moments = (datetime.fromtimestamp(time / 1000) for time in series.timestamp)
    return [moment.isoformat(" ", "milliseconds") for moment in moments]


def _extremes(series: SeriesPoints, x: Sequence[Any], look: Style) -> Any:
    """Return the area between the lowest and the highest value of each bucket."""
    return go.Scatter(
        x=[*x, *reversed(x)],
        y=_gaps([*series.high, *reversed(series.low)]),
        fill="toself",
        fillcolor=look.color,
        opacity=0.2,
        mode="none",
        hoverinfo="skip",
        showlegend=False,
    )


def _point(series: SeriesPoints, name: str, look: Style) -> Iterator[Any]:
    value = series.value[-1]
    yield go.Scatter(
        x=[name],
        y=_gaps([value]),
        name=name,
        mode="markers+text",
        text=[number_text(value)],
        textposition="top center",
        marker={"color": look.color, "symbol": look.symbol, "size": 12},
        hovertemplate="%{x}: %{y}<extra></extra>",
    )


def _gaps(values: Sequence[float]) -> list[float | None]:
    """JSON has no NaN and no infinities: plotly draws a gap for None."""
    return [value if math.isfinite(value) else None for value in values]


def _layout(panels: int) -> dict[str, Any]:
    return {
        "template": None,
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"color": INK},
        "height": _PANEL_HEIGHT * math.ceil(panels / _columns(panels)),
        "margin": {"l": 56, "r": 16, "t": 16, "b": 48},
        "hovermode": "closest",
        "hoverlabel": {"font": {"color": "#333333"}, "bgcolor": "#ffffff"},
        "modebar": MODEBAR,
        "uirevision": _UPDATED,
    }


def _columns(panels: int) -> int:
    return 1 if panels == 1 else 2


def _axes(number: int, panels: int, key: str, x: str) -> dict[str, Any]:
    """Return the axes of one panel; without `x` there are no curves, but a place for each run."""
    suffix = str(number + 1) if number else ""
    row, column = divmod(number, _columns(panels))
    rows = math.ceil(panels / _columns(panels))
    kind = {"time": "date"}.get(x, "linear") if x else "category"
    title = {"title": {"text": escape(_AXES.get(x, x))}}
    across = _part(column, _columns(panels)) | {"type": kind, "anchor": f"y{suffix}"} | title
    up = _part(rows - 1 - row, rows) | {"anchor": f"x{suffix}", "title": {"text": escape(key)}}
    return {f"xaxis{suffix}": _LINES | across, f"yaxis{suffix}": _LINES | up}


_LINES = {"gridcolor": _GRID, "zerolinecolor": _GRID, "linecolor": _GRID, "automargin": True}


def _part(number: int, of: int) -> dict[str, Any]:
    """Return one of some equal parts of an edge, with room between them."""
    room = 0.14 if of > 1 else 0.0
    size = (1 - room * (of - 1)) / of
    start = number * (size + room)
    return {"domain": [start, min(1.0, start + size)]}
