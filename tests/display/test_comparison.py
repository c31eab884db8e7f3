"""`nbtrail.compare`: what differs, by how much, and the curves."""

from __future__ import annotations

import math
from typing import Any

import pytest

import nbtrail
from nbtrail.display.comparison import with_delta
from nbtrail.errors import InvalidValue


def test_params_that_differ_and_metrics_with_deltas_to_the_first(make_run: Any) -> None:
    a = make_run("a", params={"lr": "0.1", "seed": "1"}, acc=[0.5], loss=[2.0, 1.0])
    b = make_run("b", params={"lr": "0.2", "seed": "1", "opt": "adam"}, acc=[0.6])
    found = nbtrail.compare(a, b)
    assert found.params == {"lr": ["0.1", "0.2"], "opt": ["-", "adam"]}
    assert found.same == 1
    assert found.metrics == {"acc": ["0.5", "0.6 (▲ +0.1, +20.00%)"], "loss": ["1", "-"]}
    assert found.chart is not None
    assert [trace.name for trace in found.chart.data] == ["a"]
    assert "Other params, all the same: 1." in repr(found)
    shown = found._repr_html_()
    assert "0.6 (▲ +0.1, +20.00%)" in shown
    assert "●</span> a" in shown


@pytest.mark.parametrize(
    ("value", "base", "text"),
    [
        (1.0, 2.0, "1 (▼ -1, -50.00%)"),
        (1.0, -2.0, "1 (▲ +3, +150.00%)"),
        (1.0, 0.0, "1 (▲ +1)"),
        (1.0, 1.0, "1"),
        (1.0, None, "1"),
        (None, 1.0, "-"),
        (math.nan, 1.0, "nan"),
        (math.inf, 1.0, "inf"),
    ],
)
def test_a_delta_says_which_way_and_how_far(
    value: float | None, base: float | None, text: str
) -> None:
    assert with_delta(value, base) == text


def test_it_is_two_outputs_that_need_no_kernel(make_run: Any, outputs: Any) -> None:
    ids = [make_run(name, loss=[2.0, 1.0]) for name in "ab"]
    tables, chart = (output.data for output in outputs(nbtrail.compare(*ids)))
    assert "<table>" in tables["text/html"]
    assert "application/vnd.plotly.v1+json" in chart


def test_without_curves_there_is_no_chart(make_run: Any) -> None:
    found = nbtrail.compare(make_run("a", acc=[0.5]), make_run("b", acc=[0.5]))
    assert found.chart is None
    assert "The params are the same." in repr(found)


def test_every_text_is_escaped(make_run: Any, hostile: str) -> None:
    a = make_run(hostile, params={"p": hostile}, acc=[0.5])
    assert hostile not in nbtrail.compare(a, make_run())._repr_html_()


def test_two_different_runs_are_needed(make_run: Any) -> None:
    run_id = make_run()
    for given in ((run_id,), (run_id, run_id)):
        with pytest.raises(InvalidValue, match="two different runs"):
            nbtrail.compare(*given)
