"""Records in, figures out."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from nbtrail.display.figures import PALETTE, metric_figure, style
from nbtrail.entities import Run, RunData, RunInfo, SeriesPoints


def a_run(run_id: str, name: str = "") -> Run:
    info = RunInfo(run_id, "1", "me", "FINISHED", 0, 1, run_name=name)
    return Run(info, RunData())


def points(run_id: str, values: list[float], key: str = "loss", total: int = 0) -> SeriesPoints:
    steps = list(range(len(values)))
    total = total or len(values)
    once = [1] * len(steps)
    return SeriesPoints(
        run_id, key, total, steps, steps, steps, values, values, values, values, once
    )


def traces(*arguments: Any) -> list[Any]:
    return list(metric_figure("loss", *arguments).data)


def test_histories_are_curves_in_the_order_of_the_table() -> None:
    runs = [a_run("a", "first"), a_run("b", "second")]
    drawn = traces(runs, [points("b", [3.0, 4.0]), points("a", [1.0, 2.0])])
    assert [(trace.name, list(trace.y)) for trace in drawn] == [
        ("first", [1.0, 2.0]),
        ("second", [3.0, 4.0]),
    ]
    assert {trace.mode for trace in drawn} == {"lines+markers"}


def test_single_values_are_one_point_a_run() -> None:
    (trace,) = traces([a_run("a", "first")], [points("a", [0.123456789])])
    assert (trace.mode, trace.x, trace.text) == ("markers+text", ("first",), ("0.12346",))


def test_a_run_keeps_its_look_whatever_else_is_drawn() -> None:
    runs = [a_run("a"), a_run("b"), a_run("c")]
    every = traces(runs, [points(run.info.run_id, [1.0, 2.0]) for run in runs])
    (alone,) = traces(runs, [points("b", [1.0, 2.0])])
    assert alone.line.color == every[1].line.color == PALETTE[1]


def test_no_two_runs_of_the_first_28_look_the_same() -> None:
    looks = [style(place) for place in range(28)]
    assert len({(look.color, look.dash) for look in looks}) == 28


def test_what_is_no_number_is_a_gap() -> None:
    figure = metric_figure("loss", [a_run("a")], [points("a", [1.0, math.nan, math.inf, 2.0])])
    assert figure.data[0].y == (1.0, None, None, 2.0)
    json.dumps(figure.to_plotly_json(), allow_nan=False)


def test_a_folded_history_shows_its_extremes() -> None:
    series = SeriesPoints(
        run_id="a",
        key="loss",
        total=1000,
        x=[1, 2],
        step=[1, 2],
        timestamp=[1, 2],
        value=[5.0, 6.0],
        first=[5.0, 6.0],
        low=[1.0, 2.0],
        high=[8.0, 9.0],
        count=[500, 500],
    )
    band, line = traces([a_run("a")], [series])
    assert band.y == (8.0, 9.0, 2.0, 1.0)
    assert band.hoverinfo == "skip"
    assert line.y == (5.0, 6.0)


def test_names_are_text_and_never_markup() -> None:
    hostile = "<b>x</b>"
    figure = metric_figure("<i>k</i>", [a_run("a", hostile)], [points("a", [1.0], "<i>k</i>")])
    assert figure.data[0].name == "&lt;b&gt;x&lt;/b&gt;"
    assert figure.layout.yaxis.title.text == "&lt;i&gt;k&lt;/i&gt;"


@pytest.mark.parametrize("series", [[], [points("gone", [1.0])], [points("a", [1.0], "other")]])
def test_nothing_to_draw_is_an_empty_chart(series: list[SeriesPoints]) -> None:
    assert traces([a_run("a")], series) == []


def test_the_ground_is_the_themes() -> None:
    layout = metric_figure("loss", [], []).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
