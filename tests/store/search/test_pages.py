"""The order, the pages and the views of searches."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import msgspec
import pytest

from nbtrail.entities import Metric, Param, ViewType
from nbtrail.errors import InvalidValue
from nbtrail.store import Store, search


def order(store: Store, *order_by: str) -> list[str]:
    return [run.info.run_name for run in store.runs.search(None, "", order_by)[0]]


def pages(store: Store, size: int, filter_string: str = "", *order_by: str) -> Iterator[list[str]]:
    """Yield the names on each page."""
    token: str | None = None
    while True:
        runs, token = store.runs.search(None, filter_string, order_by, size, token)
        yield [run.info.run_name for run in runs]
        if token is None:
            break


@pytest.mark.parametrize(
    ("order_by", "names"),
    [
        ([], "delta Gamma beta alpha"),
        (["metrics.acc DESC"], "delta alpha beta Gamma"),
        (["metrics.acc"], "beta alpha delta Gamma"),
        (["metrics.`val loss` asc"], "Gamma alpha delta beta"),
        (["metrics.acc.count", "metrics.`val loss`.min DESC"], "alpha Gamma delta beta"),
        (["metrics.loudness DESC"], "delta Gamma beta alpha"),
        (["params.lr desc"], "beta alpha delta Gamma"),
        (["tags.`team.name`"], "Gamma beta delta alpha"),
        (["attributes.start_time ASC"], "alpha beta Gamma delta"),
        (["status", "start_time DESC"], "beta Gamma alpha delta"),
        (["status", "metrics.acc"], "beta alpha Gamma delta"),
        (["run_name"], "Gamma alpha beta delta"),
        (["end_time DESC"], "delta Gamma beta alpha"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 50])
def test_an_order_in_pages(full: Store, order_by: list[str], names: str, size: int) -> None:
    expected = names.split()
    whole = [expected[at : at + size] for at in range(0, len(expected), size)]
    assert list(pages(full, size, "", *order_by)) == whole


@pytest.mark.parametrize(
    "order_by", ["", "metrics.acc DOWN", "metrics.a, metrics.b", "metrics.a = 1 or metrics.b", "?"]
)
def test_an_order_that_is_not_understood(full: Store, order_by: str) -> None:
    with pytest.raises(InvalidValue, match="order"):
        order(full, order_by)


@pytest.mark.parametrize(
    ("order_by", "message"),
    [
        (["start_tme DESC"], "Did you mean 'start_time'"),
        (["datasets.name"], "cannot be ordered by them"),
        (["status"] * 11, "at most 10 terms"),
        ("status", r"write \['status'\]"),
    ],
)
def test_an_order_by_what_there_is_not(full: Store, order_by: list[str], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        full.runs.search(order_by=order_by)


def test_params_are_ordered_as_numbers_before_texts(store: Store) -> None:
    for value in ("10", "9", "x" * 300 + "b", "abc", "-1e3", "x" * 300 + "a"):
        run = store.runs.create("0", value[:9])
        store.runs.log_params(run.info.run_id, [Param("p", value)])
    store.runs.create("0", "none")
    expected = ["-1e3", "9", "10", "abc", "x" * 9, "x" * 9, "none"]
    for order_by, names in (
        ("params.p", expected),
        ("params.p DESC", [*expected[-2::-1], "none"]),
    ):
        assert [name for page in pages(store, 2, "", order_by) for name in page] == names


def test_experiments_are_kept_apart(store: Store) -> None:
    other = store.experiments.create("other").experiment_id
    for name in "ab":
        store.runs.create("0", name)
    store.runs.create(other, "elsewhere")
    assert len(store.runs.search(["0"])[0]) == 2
    assert [run.info.run_name for run in store.runs.search([other])[0]] == ["elsewhere"]
    assert len(store.runs.search(["0", other])[0]) == 3
    for nowhere in ([], ["99"], ["x"], ["9" * 30]):
        assert store.runs.search(nowhere) == ([], None)
    assert store.experiments.run_counts() == {"0": 2, other: 1}


def test_views(store: Store) -> None:
    store.runs.create("0", "kept")
    gone = store.runs.create("0", "gone").info.run_id
    store.runs.delete(gone)

    def names(view: ViewType) -> set[str]:
        return {run.info.run_name for run in store.runs.search(view=view)[0]}

    assert names(ViewType.ACTIVE_ONLY) == {"kept"}
    assert names(ViewType.DELETED_ONLY) == {"gone"}
    assert names(ViewType.ALL) == {"kept", "gone"}
    assert store.runs.get(gone).info.lifecycle_stage == "deleted"
    with pytest.raises(InvalidValue, match="view type"):
        store.runs.search(view=7)  # type: ignore[arg-type]


@pytest.mark.parametrize("order_by", [(), ("metrics.m DESC",), ("params.p",), ("end_time",)])
def test_pages_stay_right_while_runs_come(store: Store, order_by: tuple[str, ...]) -> None:
    def add(number: int) -> str:
        run_id = store.runs.create("0", start_time=number).info.run_id
        if number % 3:
            store.metrics.log(run_id, [Metric("m", number % 4, 1)])
            store.runs.log_params(run_id, [Param("p", str(number % 5))])
        return run_id

    before = {add(number) for number in range(100, 120)}
    seen: list[str] = []
    token: str | None = None
    for number in range(120, 140):
        runs, token = store.runs.search(None, "", order_by, 3, token)
        seen += [run.info.run_id for run in runs]
        if token is None:
            break
        add(number)
    assert token is None
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_a_token_belongs_to_its_question(store: Store) -> None:
    for _ in range(3):
        store.runs.create("0")
    asked = {"filter_string": "status = 'RUNNING'", "order_by": ["run_name"], "max_results": 1}
    _, token = store.runs.search(["0"], **asked, view=ViewType.ALL)  # type: ignore[arg-type]
    assert token is not None
    assert store.runs.search(
        ["0"],
        **asked | {"max_results": 2},
        page_token=token,
        view=ViewType.ALL,  # type: ignore[arg-type]
    )[0]
    for change in (
        {"filter_string": "status != 'FAILED'"},
        {"order_by": ["run_name DESC"]},
        {"order_by": []},
        {"view": ViewType.ACTIVE_ONLY},
        {"experiment_ids": None},
    ):
        question = {"experiment_ids": ["0"], "view": ViewType.ALL, **asked, **change}
        with pytest.raises(InvalidValue, match="belongs to another question"):
            store.runs.search(**question, page_token=token)  # type: ignore[arg-type]


@pytest.mark.parametrize("token", ["x", "-1", "9" * 40, "1.5", "é", "AAAA", "kgCR", "k" * 100_000])
def test_a_token_from_elsewhere(full: Store, token: str) -> None:
    with pytest.raises(InvalidValue, match="page token"):
        full.runs.search(page_token=token)


def test_a_forged_place_is_refused_or_used(full: Store) -> None:
    _, token = full.runs.search(max_results=1)
    assert token is not None
    question, (started, row) = msgspec.msgpack.decode(base64.urlsafe_b64decode(token))
    for place in ([2**64 - 1, row], [row], [started, [1]], [started, row, 1], [True, row]):
        forged = base64.urlsafe_b64encode(msgspec.msgpack.encode((question, place))).decode()
        with pytest.raises(InvalidValue, match="page token"):
            full.runs.search(page_token=forged)
    forged = base64.urlsafe_b64encode(msgspec.msgpack.encode((question, [2.5, "x"]))).decode()
    assert len(full.runs.search(page_token=forged)[0]) == 2


@pytest.mark.parametrize("count", [0, -1, 50_001])
def test_a_page_has_a_size(full: Store, count: int) -> None:
    with pytest.raises(InvalidValue, match="max_results"):
        full.runs.search(max_results=count)
    assert full.runs.search(max_results=4)[1] is None


def test_what_is_no_question(full: Store) -> None:
    for said in (5, None, "tags.a = '\ud800'"):
        with pytest.raises(InvalidValue, match="A filter or an order is a text"):
            full.runs.search(filter_string=said)  # type: ignore[arg-type]
        with pytest.raises(InvalidValue, match="A filter or an order is a text"):
            full.runs.search(order_by=[said])  # type: ignore[list-item]
    assert full.runs.search(["\ud800"]) == ([], None)
    with pytest.raises(InvalidValue, match=r"Give a list of experiments: \['0'\]"):
        full.runs.search("0")
    with pytest.raises(InvalidValue, match="at most 10000 experiments"):
        full.runs.search(["0"] * 10_001)


def test_an_order_by_what_no_run_has_says_nothing_and_is_told(
    full: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search.names, "_told", set())
    newest = full.runs.search()[0]
    for term in ("metrics.vall_loss", "params.model/knd DESC", "metrics.entirely_else"):
        assert full.runs.search(order_by=[term])[0] == newest
    assert "the order says nothing: No run has the metric 'vall_loss'" in caplog.text
    assert "Did you mean 'val loss'" in caplog.text
    assert "entirely" not in caplog.text
