"""`nbtrail.parallel`: axes that fit their params, and runs that lack something."""

from __future__ import annotations

from typing import Any

import pytest

import nbtrail
from nbtrail.errors import InvalidValue, NotFound


def axes(chart: Any) -> dict[str, Any]:
    (lines,) = chart.data
    return {axis.label: axis for axis in lines.dimensions}


def test_the_params_that_differ_lead_to_the_commonest_metric(make_run: Any) -> None:
    make_run(params={"lr": "0.1", "opt": "sgd", "seed": "1"}, acc=[0.5], loss=[1.0])
    make_run(params={"lr": "0.2", "opt": "adam", "seed": "1"}, acc=[0.9])
    chart = nbtrail.parallel("e")
    found = axes(chart)
    assert list(found) == ["lr", "opt", "acc"]
    assert found["lr"]["values"] == (0.2, 0.1)
    assert found["opt"].ticktext == ("adam", "sgd")
    assert found["opt"]["values"] == (0.0, 1.0)
    assert repr(chart) == "<Chart of 2 runs to acc>"


def test_magnitudes_get_a_logarithmic_axis(make_run: Any) -> None:
    for lr in ("0.001", "0.01", "0.1"):
        make_run(params={"lr": lr}, acc=[0.5])
    lr = axes(nbtrail.parallel())["lr"]
    assert lr["values"] == pytest.approx((-1.0, -2.0, -3.0))
    assert lr.ticktext == ("0.001", "0.01", "0.1")


def test_runs_that_lack_something_are_counted(make_run: Any) -> None:
    ids = [make_run(params={"lr": "0.1"}, acc=[0.5]), make_run(acc=[0.7]), make_run()]
    assert "1 run to acc (2 more lack it or a param)" in repr(nbtrail.parallel(ids))
    assert "data:image/svg+xml" in nbtrail.parallel(ids)._repr_html_()


def test_what_is_asked_for_is_drawn(make_run: Any) -> None:
    make_run("low", params={"lr": "0.1", "seed": "1"}, acc=[0.5])
    make_run("high", params={"lr": "0.2", "seed": "1"}, acc=[0.9])
    chart = nbtrail.parallel(metric="acc", params=["seed"], filter_string="metrics.acc > 0.6")
    assert axes(chart)["seed"]["values"] == (1.0,)
    assert axes(chart)["acc"]["values"] == (0.9,)


def test_names_are_text(make_run: Any, hostile: str) -> None:
    make_run(params={"p": hostile}, acc=[0.5])
    chart = nbtrail.parallel()
    assert hostile not in chart.to_json()
    assert hostile not in chart._repr_html_()


def test_mistakes_name_the_closest(make_run: Any) -> None:
    make_run(params={"lr": "0.1"}, acc=[0.5])
    with pytest.raises(InvalidValue, match="Did you mean 'acc'"):
        nbtrail.parallel(metric="ac")
    with pytest.raises(InvalidValue, match="Did you mean 'lr'"):
        nbtrail.parallel(params=["lrr"])
    with pytest.raises(NotFound):
        nbtrail.parallel("nowhere")
    make_run(loss=[1.0])
    with pytest.raises(InvalidValue, match="ask for fewer"):
        nbtrail.parallel(metric="loss", params=["lr"])
