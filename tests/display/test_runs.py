"""`nbtrail.runs()`: the widget's Python side."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbtrail.display import runs
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store
from nbtrail.tracking import place


@pytest.fixture(autouse=True)
def here(workdir: Path) -> Iterator[None]:
    """Record and look in this test's own store."""
    place.use(workdir / ".nbtrail")
    yield
    place.use(None)


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
    assert "<img" not in bundle["text/html"]
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
