"""The filter grammar, the order and the pages of `runs.search`, against real rows."""

from __future__ import annotations

import functools
import math

import pytest

from nbtrail.entities import Metric, Param
from nbtrail.errors import InvalidValue
from nbtrail.store import Store

RUNS = {
    # name: (params, metrics, tags, status)
    "alpha": ({"lr": "0.1", "model/kind": "Ridge"}, {"acc": 0.9, "val loss": 0.5}, {}, "FINISHED"),
    "beta": ({"lr": "0.2"}, {"acc": 0.7}, {"team.name": "blue"}, "FAILED"),
    "Gamma": ({}, {"acc": math.nan, "val loss": 0.1}, {"team.name": "Red_1"}, "FINISHED"),
    "delta": ({"or": "x"}, {"acc": math.inf}, {}, "KILLED"),
}


@pytest.fixture
def full(store: Store) -> Store:
    for start, (name, (params, metrics, tags, status)) in enumerate(RUNS.items(), start=1):
        run_id = store.runs.create("0", name, tags=tags, start_time=start).info.run_id
        store.runs.log_params(run_id, [Param(*item) for item in params.items()])
        store.metrics.log(run_id, [Metric(key, value, 1) for key, value in metrics.items()])
        store.runs.end(run_id, status, end_time=100 + start)  # type: ignore[arg-type]
    return store


def found(store: Store, filter_string: str) -> str:
    runs, _ = store.runs.search(None, filter_string, ["start_time"])
    return " ".join(run.info.run_name for run in runs)


@pytest.mark.parametrize(
    ("filter_string", "names"),
    [
        ("", "alpha beta Gamma delta"),
        ("  ", "alpha beta Gamma delta"),
        ("metrics.acc > 0.8", "alpha delta"),
        ("metric.acc >= .7 AND metrics.acc <= 9e-1", "alpha beta"),
        ("metrics.acc != 0.7", "alpha delta"),
        ("params.lr = '0.1'", "alpha"),
        ('parameter.lr = "0.2"', "beta"),
        ("param.lr = 0.1", "alpha"),
        ("params.lr != '0.1'", "beta"),
        ("tags.team.name = 'blue'", "beta"),
        ("tag.`team.name` = 'blue'", "beta"),
        ("metrics.`val loss` < 0.3", "Gamma"),
        ('metrics."val loss" < 0.3', "Gamma"),
        ("params.model/kind = 'Ridge'", "alpha"),
        ("params.`or` = 'x'", "delta"),
        ("status = 'FINISHED'", "alpha Gamma"),
        ("attributes.status = 'FAILED'", "beta"),
        ("attribute.status != 'FINISHED'", "beta delta"),
        ("run_name = 'Gamma'", "Gamma"),
        ("attr.start_time > 2", "Gamma delta"),
        ("end_time <= 102", "alpha beta"),
        ("kind = 'explicit' and experiment_id = '0'", "alpha beta Gamma delta"),
        ("metrics.acc > 0.8 or tags.team.name = 'blue'", "alpha beta delta"),
        ("status = 'FAILED' or status = 'KILLED' and metrics.acc > 1", "beta delta"),
        ("(status = 'FAILED' or status = 'KILLED') and metrics.acc > 1", "delta"),
        ("not status = 'FINISHED'", "beta delta"),
        ("not (params.lr = '0.1' or params.lr = '0.2')", "Gamma delta"),
        ("not not status = 'FAILED'", "beta"),
        ("NOT metrics.acc > 0.8", "beta Gamma"),
        ("status in ('FAILED', 'KILLED')", "beta delta"),
        ("status NOT IN ('FAILED','KILLED')", "alpha Gamma"),
        ("metrics.acc in (0.7, 0.9)", "alpha beta"),
        ("run_name LIKE '%a'", "alpha beta Gamma delta"),
        ("run_name LIKE 'g%'", ""),
        ("run_name ILIKE 'g%'", "Gamma"),
        ("run_name like '_eta'", "beta"),
        ("tags.team.name LIKE 'Red[_]1'", ""),
        ("tags.team.name LIKE 'Red*'", ""),
        ("tags.team.name LIKE 'Red_1'", "Gamma"),
        ("params.lr IS NULL", "Gamma delta"),
        ("params.lr is not null", "alpha beta"),
        ("metrics.acc IS NULL", "Gamma"),
        ("metrics.absent > 0", ""),
        ("metrics.acc > 0.8\n  and\n  status = 'KILLED'", "delta"),
        ('run_name = "it\'s" or run_name = \'say "x"\'', ""),
        ("run_name = '''", None),
        ("run_name = ''", ""),
        ("run_name = 'x'' or 1=1 --'", None),
    ],
)
def test_a_filter_selects(full: Store, filter_string: str, names: str | None) -> None:
    if names is None:
        with pytest.raises(InvalidValue, match="not understood at character"):
            found(full, filter_string)
    else:
        assert found(full, filter_string) == names


@pytest.mark.parametrize(
    "name", ["order", "note", "index", "island", "android", "nullable", "likely", "is.best", "x.or"]
)
def test_names_may_begin_like_a_keyword(full: Store, name: str) -> None:
    run_id = full.runs.create("0", "special", tags={name: "x"}).info.run_id
    full.runs.log_params(run_id, [Param(name, "1")])
    assert found(full, f"params.{name} = '1' and tags.{name} IN ('x')") == "special"


@pytest.mark.parametrize(
    ("filter_string", "message"),
    [
        ("metrics.acc >> 1", r"at character 14: …'> 1'"),
        ("metrics.acc > ", "at its end"),
        ("metrics.acc > 1 and\n  metrics.b >> 1", r"at character 34: …'> 1'"),
        ("(status = 'x'", "at its end"),
        ("params.a = 'x", r"at character 12: …\"'x\""),
        ("select * from run", "at character"),
        ("metrics.acc", "at its end"),
        ("statu = 'x'", "no attribute 'statu'. Did you mean 'status'?"),
        ("attributes.runname = 'x'", "Did you mean 'run_name'?"),
        ("accuracy > 0.9", "Write metrics.…, params.… or tags.…"),
        ("metrics.acc = 'high'", "compared with a number, not with 'high'"),
        ("start_time > 'today'", "compared with a number"),
        ("status in ()", "at character"),
    ],
)
def test_a_filter_that_is_not_understood(full: Store, filter_string: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message.replace("?", r"\?").replace("*", r"\*")):
        found(full, filter_string)


@pytest.mark.parametrize(
    "filter_string",
    [
        " or ".join(["metrics.acc > 1"] * 5000),
        "not " * 5000 + "metrics.acc > 1",
        "(" * 5000 + "metrics.acc > 1" + ")" * 5000,
    ],
    ids=["long", "negated", "nested"],
)
def test_a_huge_filter_is_answered_or_refused(full: Store, filter_string: str) -> None:
    try:
        assert found(full, filter_string) == "delta"
    except InvalidValue as error:
        assert "conditions" in str(error)  # noqa: PT017


def test_a_list_may_be_long(full: Store) -> None:
    names = ", ".join(f"'{number}'" for number in range(5000))
    assert found(full, f"run_name in ({names}, 'beta')") == "beta"


def order(store: Store, *order_by: str) -> list[str]:
    return [run.info.run_name for run in store.runs.search(None, "", order_by)[0]]


@pytest.mark.parametrize(
    ("order_by", "names"),
    [
        ([], "delta Gamma beta alpha"),
        (["metrics.acc DESC"], "delta alpha beta Gamma"),
        (["metrics.acc"], "beta alpha delta Gamma"),
        (["metrics.`val loss` asc"], "Gamma alpha delta beta"),
        (["params.lr desc"], "beta alpha delta Gamma"),
        (["attributes.start_time ASC"], "alpha beta Gamma delta"),
        (["status", "start_time DESC"], "beta Gamma alpha delta"),
        (["run_name"], "Gamma alpha beta delta"),
    ],
)
def test_an_order(full: Store, order_by: list[str], names: str) -> None:
    assert order(full, *order_by) == names.split()


@pytest.mark.parametrize(
    "order_by", ["", "metrics.acc DOWN", "metrics.a, metrics.b", "metrics.a = 1 or metrics.b", "?"]
)
def test_an_order_that_is_not_understood(full: Store, order_by: str) -> None:
    with pytest.raises(InvalidValue, match="order"):
        order(full, order_by)


def test_an_order_by_an_unknown_attribute_names_the_closest(full: Store) -> None:
    with pytest.raises(InvalidValue, match="Did you mean 'start_time'"):
        order(full, "start_tme DESC")


def test_experiments_are_kept_apart(full: Store) -> None:
    other = full.experiments.create("other").experiment_id
    full.runs.create(other, "elsewhere")
    assert len(full.runs.search(["0"])[0]) == 4
    assert [run.info.run_name for run in full.runs.search([other])[0]] == ["elsewhere"]
    assert len(full.runs.search(["0", other])[0]) == 5
    for nowhere in ([], ["99"], ["x"], ["9" * 30]):
        assert full.runs.search(nowhere) == ([], None)
    assert full.experiments.run_counts() == {"0": 4, other: 1}


def test_pages(full: Store) -> None:
    seen: list[str] = []
    token: str | None = None
    while True:
        runs, token = full.runs.search(
            None, "metrics.acc > 0 or params.lr is null", ["run_name"], 3, token
        )
        seen += [run.info.run_name for run in runs]
        if token is None:
            break
    assert seen == ["Gamma", "alpha", "beta", "delta"]
    assert full.runs.search(None, "", (), 4)[1] is None


@pytest.mark.parametrize("token", ["x", "-1", "9" * 40, "1.5"])
def test_a_token_from_elsewhere(full: Store, token: str) -> None:
    with pytest.raises(InvalidValue, match="page token"):
        full.runs.search(page_token=token)


@pytest.mark.parametrize("count", [0, -1, 50_001])
def test_a_page_has_a_size(full: Store, count: int) -> None:
    with pytest.raises(InvalidValue, match="max_results"):
        full.runs.search(max_results=count)


def test_a_param_is_compared_as_a_number_with_a_number(store: Store) -> None:
    for value in (9, 10, "ten", 0.5):
        run = store.runs.create("0", name=str(value))
        store.runs.log_params(run.info.run_id, [Param("C", str(value), value)])
    found, _ = store.runs.search(filter_string="params.C > 1", order_by=["run_name"])
    assert [run.info.run_name for run in found] == ["10", "9"]


ALTERNATING = functools.reduce(
    lambda inner, word: f"(params.lr in ('0.1', '0.2') {word} {inner})",
    ["and", "or"] * 10,
    "metrics.acc > 1",
)


@pytest.mark.parametrize("deepest", ["not " * 20 + "metrics.acc > 1", ALTERNATING])
def test_a_filter_may_nest(full: Store, deepest: str) -> None:
    assert found(full, deepest)
    with pytest.raises(InvalidValue, match="nests AND, OR and NOT at most 20 deep"):
        found(full, f"not {deepest}")


@pytest.mark.parametrize("operator", ["LIKE", "ILIKE"])
def test_a_pattern_has_a_length(full: Store, operator: str) -> None:
    assert found(full, f"run_name {operator} '{'%' * 1000}'") == "alpha beta Gamma delta"
    with pytest.raises(InvalidValue, match=f"pattern of {operator} has at most 1000 characters"):
        found(full, f"run_name {operator} '{'%' * 1001}'")
