"""`nbtrail.runs()`: the widget's Python side."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbtrail.display import runs
from nbtrail.entities import Metric
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store


def test_the_table_has_the_runs_newest_first(make_run: Any) -> None:
    ids = [make_run(name, acc=[0.5]) for name in ("one", "two")]
    view = runs()
    assert [row["run_id"] for row in view.table.rows] == ids[::-1]
    assert view.table.selected == ids[::-1]
    assert view.metric.options == ("acc",)


def test_the_chart_follows_the_selection_and_the_metric(make_run: Any) -> None:
    one = make_run("one", acc=[0.5], loss=[3.0, 2.0, 1.0])
    make_run("two", acc=[0.75], loss=[2.0, 1.5, 1.0])
    view = runs()
    assert [trace.name for trace in view.figure.data] == ["two", "one"]
    assert view.figure.layout.yaxis.title.text == "acc"
    view.table.selected = [one]
    assert [trace.name for trace in view.figure.data] == ["one"]
    view.metric.value = "loss"
    (curve,) = view.figure.data
    assert curve.y == (3.0, 2.0, 1.0)
    assert view.figure.layout.yaxis.title.text == "loss"
    view.table.selected = []
    assert view.figure.data == ()


def test_an_experiment_and_a_filter_narrow_it_down(make_run: Any) -> None:
    make_run("other", experiment="other", acc=[0.9])
    make_run("low", acc=[0.1])
    high = make_run("high", acc=[0.9])
    view = runs("e", "metrics.acc > 0.5")
    assert [row["run_id"] for row in view.table.rows] == [high]


def test_at_most_so_many(make_run: Any) -> None:
    for _ in range(3):
        make_run()
    assert len(runs(max_results=2).table.rows) == 2


def test_runs_without_metrics_have_no_chart(make_run: Any) -> None:
    make_run("bare")
    view = runs()
    assert view.children == (view.table,)


def test_a_saved_notebook_keeps_a_plain_table(make_run: Any, hostile: str) -> None:
    make_run(hostile, acc=[0.5])
    bundle = runs()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "&lt;img" in bundle["text/html"]
    assert hostile not in bundle["text/html"]
    assert "0.5" in bundle["text/html"]
    assert "0.5" in bundle["text/plain"]


def test_an_unknown_experiment_names_the_closest(make_run: Any) -> None:
    make_run(experiment="wine")
    with pytest.raises(NotFound, match="Did you mean 'wine'"):
        runs("wime")


def test_a_bad_filter_is_one_sentence(make_run: Any) -> None:
    make_run()
    with pytest.raises(InvalidValue):
        runs(filter_string="metrics.acc >> 1")


def names(view: Any) -> list[str]:
    return [row["cells"][0]["text"] for row in view.table.rows]


def test_the_filter_box_narrows_it_down_and_a_mistake_changes_nothing(make_run: Any) -> None:
    make_run("low", acc=[0.1])
    make_run("high", acc=[0.9])
    view = runs()
    view.table.filter = "metrics.acc > 0.5"
    assert (names(view), view.table.message) == (["high"], "")
    assert [trace.name for trace in view.figure.data] == ["high"]
    view.table.filter = "metrics.acc >"
    assert "not understood" in view.table.message
    assert names(view) == ["high"]
    view.table.filter = "metrics.acc > 5"
    assert (names(view), view.table.message) == ([], "No run is like that.")
    view.table.filter = ""
    assert (names(view), view.table.message) == (["high", "low"], "")


def test_a_run_keeps_its_looks_when_others_come(make_run: Any) -> None:
    make_run("one", acc=[0.1])
    view = runs()
    (before,) = view.figure.data
    make_run("two", acc=[0.9])
    view.look()
    now = {trace.name: trace.marker.color for trace in view.figure.data}
    assert names(view) == ["two", "one"]
    assert now["one"] == before.marker.color != now["two"]


def state_of(view: Any) -> dict[str, list[float]]:
    """Return the curves that a page draws which is opened now."""
    return {one["name"]: list(one["y"]) for one in view.figure.get_state()["_widget_data"]}


def test_news_of_one_run_move_its_curve_only(make_run: Any, store: Store) -> None:
    run_id = make_run("live", status="RUNNING", loss=[3.0, 2.0])
    make_run("done", loss=[5.0, 4.0])
    view = runs()
    done, live = sorted(view.figure.data, key=lambda trace: trace.name)
    view.figure.layout.xaxis.range = (0, 1)  # a zoom
    store.metrics.log(run_id, [Metric("loss", 1.0, 1, 2)])
    view.look()
    assert (done.y, live.y) == ((5.0, 4.0), (3.0, 2.0, 1.0))
    assert {id(trace) for trace in view.figure.data} == {id(done), id(live)}
    assert view.figure.layout.xaxis.range == (0, 1)
    assert state_of(view) == {trace.name: list(trace.y) for trace in view.figure.data}


def test_one_value_becomes_a_curve_with_the_second(make_run: Any, store: Store) -> None:
    run_id = make_run("live", status="RUNNING", loss=[3.0])
    view = runs()
    store.metrics.log(run_id, [Metric("loss", 1.0, 1, 1)])
    view.look()
    assert view.figure.data[0].y == (3.0, 1.0)
    assert view.figure.layout.xaxis.type == "linear"


def tell(view: Any, **content: bool) -> None:
    """Say what the table in the front end says."""
    view.table._handle_custom_msg(content, [])


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "nbtrail-watch"]


def until(so: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 30
    while not so() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert so()


def test_it_follows_a_run_while_somebody_watches_and_no_longer(
    make_run: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbtrail.display.watching.PAUSE", 0.01)
    run_id = make_run("live", status="RUNNING", loss=[3.0, 2.0])
    view = runs()
    assert not watchers()
    tell(view, watched=True)
    store.metrics.log(run_id, [Metric("loss", 1.0, 1, 2)])
    until(lambda: view.figure.data[0].y == (3.0, 2.0, 1.0))
    store.runs.end(run_id, "FINISHED")
    until(lambda: view.table.rows[0]["cells"][1]["text"] == "FINISHED")
    tell(view, watched=True)
    assert len(watchers()) == 1
    tell(view, watched=False)
    until(lambda: not watchers())


def test_nobody_is_followed_for_a_front_end_that_is_gone(
    make_run: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nbtrail.display.watching.PAUSE", 0.01)
    monkeypatch.setattr("nbtrail.display.watching.PATIENCE", 0.0)
    run_id = make_run("live", status="RUNNING", loss=[3.0])
    view = runs()
    tell(view, watched=True)
    make_run("other")
    until(lambda: len(names(view)) == 2)
    assert watchers()
    store.runs.end(run_id, "FINISHED")
    until(lambda: not watchers())


def test_what_is_closed_follows_nothing(make_run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbtrail.display.watching.PAUSE", 0.01)
    make_run("live", status="RUNNING", loss=[3.0])
    view = runs()
    tell(view, watched=True)
    view.close()
    until(lambda: not watchers())
    assert view.table.comm is None


def test_it_is_two_outputs_so_that_one_needs_no_kernel(make_run: Any, outputs: Any) -> None:
    make_run("one", acc=[0.5])
    plain, live = (output.data for output in outputs(runs()))
    assert "<td>one</td>" in plain["text/html"]
    assert "data:image/svg+xml" in plain["text/html"]
    assert "application/vnd.jupyter.widget-view+json" not in plain
    assert "application/vnd.jupyter.widget-view+json" in live
    assert "text/html" not in live


def test_without_a_store_it_says_how_to_begin_and_makes_none(workdir: Path) -> None:
    shown = runs()
    assert "%load_ext nbtrail" in shown._repr_html_()
    assert "nbtrail.log_metric" in repr(shown)
    assert not (workdir / ".nbtrail").exists()


def test_no_match_is_said(store: Store, make_run: Any) -> None:
    make_run()
    assert "There are no runs with this filter" in repr(runs(filter_string="params.x = 'y'"))


def test_looking_at_html_loads_no_widgets() -> None:
    code = (
        "import sys, nbtrail.display.html\n"
        "print(sorted({'plotly', 'ipywidgets', 'anywidget', 'pandas'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
