"""Charts of metrics: records in, plotly figures out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import plotly.graph_objects as go

from nbtrail.display.table import number_text, run_label
from nbtrail.entities import Run, SeriesPoints

# Okabe and Ito's colours that show on a light and on a dark ground.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999")
_SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star")
_DASHES = ("solid", "dash", "dot", "dashdot")
_GRID = "rgba(128, 128, 128, 0.25)"
_INK = "#808080"  # readable on both grounds


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


def metric_figure(key: str, runs: Sequence[Run], series: Sequence[SeriesPoints]) -> go.Figure:
    """Draw one metric of some runs: curves by step, or one point a run where there are none.

    Args:
        key: the metric.
        runs: all runs of the table; a run's place in it gives its style.
        series: the histories to draw; those of other metrics or runs are left out.
    """
    places = {run.info.run_id: place for place, run in enumerate(runs)}
    drawn = [one for one in series if one.key == key and one.run_id in places]
    draw = _curve if any(one.total > 1 for one in drawn) else _point
    figure = go.Figure(layout=_layout(key, curves=draw is _curve))
    for one in sorted(drawn, key=lambda one: places[one.run_id]):
        place = places[one.run_id]
        figure.add_traces(draw(one, escape(run_label(runs[place])), style(place)))
    return figure


def _curve(series: SeriesPoints, name: str, look: Style) -> list[Any]:
    line = go.Scatter(
        x=series.step,
        y=_gaps(series.value),
        name=name,
        mode="lines+markers" if len(series.step) <= 50 else "lines",
        line={"color": look.color, "dash": look.dash, "width": 2},
        marker={"color": look.color, "symbol": look.symbol},
        legendgroup=series.run_id,
    )
    folded = series.total > len(series.step)
    return [_extremes(series, look), line] if folded else [line]


def _extremes(series: SeriesPoints, look: Style) -> Any:
    """Return the area between the lowest and the highest value of each bucket."""
    return go.Scatter(
        x=[*series.step, *reversed(series.step)],
        y=_gaps([*series.high, *reversed(series.low)]),
        fill="toself",
        fillcolor=look.color,
        opacity=0.2,
        mode="none",
        hoverinfo="skip",
        showlegend=False,
        legendgroup=series.run_id,
    )


def _point(series: SeriesPoints, name: str, look: Style) -> list[Any]:
    value = series.value[-1]
    return [
        go.Scatter(
            x=[name],
            y=_gaps([value]),
            name=name,
            mode="markers+text",
            text=[number_text(value)],
            textposition="top center",
            marker={"color": look.color, "symbol": look.symbol, "size": 12},
            hovertemplate="%{x}: %{y}<extra></extra>",
        )
    ]


def _gaps(values: Sequence[float]) -> list[float | None]:
    """JSON has no NaN and no infinities: plotly draws a gap for None."""
    return [value if math.isfinite(value) else None for value in values]


def _layout(key: str, *, curves: bool) -> dict[str, Any]:
    axis = {"gridcolor": _GRID, "zerolinecolor": _GRID, "linecolor": _GRID, "automargin": True}
    return {
        "template": None,
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"color": _INK},
        "height": 320,
        "margin": {"l": 56, "r": 16, "t": 16, "b": 48},
        "showlegend": curves,
        "hovermode": "x unified" if curves else "closest",
        "hoverlabel": {"font": {"color": "#333333"}, "bgcolor": "#ffffff"},
        "xaxis": axis | ({"title": {"text": "step"}} if curves else {"type": "category"}),
        "yaxis": axis | {"title": {"text": escape(key)}},
    }
