"""Histories as a person asks for them: a DataFrame of buckets, or of groups of runs."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

import nbtrail
from nbtrail.errors import InvalidValue, NotFound

pytestmark = pytest.mark.usefixtures("store")


def logged(lr: float, losses: list[float]) -> str:
    with nbtrail.start_run() as run:
        nbtrail.log_param("lr", lr)
        for step, loss in enumerate(losses):
            nbtrail.log_metric("loss", loss, step)
            nbtrail.log_metric("seen", step * 10, step)
    return run.run_id


def test_a_short_history_is_given_point_by_point() -> None:
    run = logged(0.1, [3.0, math.nan, 1.0])
    found = nbtrail.history(run, "loss")
    assert isinstance(found, pd.DataFrame)
    assert list(found.run_id) == [run] * 3
    assert list(found.x) == list(found.step) == [0, 1, 2]
    assert list(found.value.dropna()) == [3.0, 1.0]
    assert list(found["count"]) == [1, 1, 1]


def test_a_long_one_in_buckets_on_the_axis_that_was_asked_for() -> None:
    run = logged(0.1, [float(-step) for step in range(40)])
    found: Any = nbtrail.history([run], ["loss"], points=4, x="seen")
    assert list(found.x) == [90, 190, 290, 390]
    assert list(found["first"]) == list(found.high) == [0, -10, -20, -30]
    assert list(found.value) == list(found.low) == [-9, -19, -29, -39]
    assert list(found["count"]) == [10] * 4


def test_groups_have_their_mean_and_how_many_they_are() -> None:
    runs = [logged(0.1, [1.0, 2.0]), logged(0.1, [3.0, 4.0]), logged(0.5, [7.0])]
    found: Any = nbtrail.history(runs, "loss", group_by="params.lr")
    assert found.set_index(["group", "x"])[["runs", "mean", "std"]].to_dict("index") == {
        ("0.1", 0.0): {"runs": 2, "mean": 2.0, "std": 1.0},
        ("0.1", 1.0): {"runs": 2, "mean": 3.0, "std": 1.0},
        ("0.5", 0.0): {"runs": 1, "mean": 7.0, "std": 0.0},
    }
    listed: Any = nbtrail.history(runs, ["loss"], group_by="params.lr", output_format="list")
    assert [group.group for group in listed] == ["0.1", "0.5"]


def test_runs_may_be_given_as_they_are_found() -> None:
    run = logged(0.1, [1.0])
    for given in (nbtrail.get_run(run), nbtrail.search_runs(), [nbtrail.get_run(run)], (run,)):
        assert list(nbtrail.history(given, "loss").run_id) == [run]
    assert nbtrail.history([], "loss").empty
    for wrong in (pd.DataFrame({"a": [1]}), [5], [None]):
        with pytest.raises(InvalidValue, match="history takes ids of runs"):
            nbtrail.history(wrong, "loss")


def test_what_is_misspelt_is_told() -> None:
    run = logged(0.1, [1.0])
    with pytest.raises(InvalidValue, match=r"has the metric 'lss'\. Did you mean 'loss'"):
        nbtrail.history(run, "lss")
    with pytest.raises(NotFound, match="no run 'missing'"):
        nbtrail.history([run, "missing"], "loss")
    with pytest.raises(InvalidValue, match=r"has the param 'lrr'\. Did you mean 'lr'"):
        nbtrail.history(run, "loss", group_by="params.lrr")


def test_nothing_found_is_an_empty_table() -> None:
    found: Any = nbtrail.history(logged(0.1, [1.0]), "other")
    assert list(found.columns)[:3] == ["run_id", "key", "x"]
    assert found.empty


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"group_by": "lr"}, "params.lr"),
        ({"output_format": "json"}, "'pandas' or 'list'"),
        ({"points": 0}, "at least one point"),
        ({"x": "stepp"}, "'step'"),
    ],
)
def test_a_mistake_is_told(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidValue, match=named):
        nbtrail.history(logged(0.1, [1.0]), "loss", **wrong)


def test_an_unknown_run_has_no_group() -> None:
    with pytest.raises(NotFound):
        nbtrail.history("missing", "loss", group_by="params.lr")
