"""Search: filter, order and page over many runs; the answers are compared with Python's."""

from __future__ import annotations

import random
import sqlite3
import sys
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from benchmarks.harness import Worker, medians, must_be, processor, scratch, walls
from benchmarks.size import Size
from benchmarks.table import Check, Row
from benchmarks.worker import timed

MILLI = 1e3
KEYS = 20
PAGE = 100
Values = list[float]
Texts = list[str]
Answers = dict[str, list[Any]]

QUERIES: dict[str, tuple[str, str, Callable[[Values, Texts], bool], Callable[[Values], float]]] = {
    "metric": ("metrics.m3 > 0.5", "metrics.m0 DESC", lambda m, _: m[3] > 0.5, lambda m: -m[0]),
    "both": (
        "metrics.m3 > 0.5 and params.p5 = '7'", "metrics.m1 ASC",
        lambda m, p: m[3] > 0.5 and p[5] == "7", lambda m: m[1],
    ),
    "either": (
        "metrics.m4 < 0.1 or params.p2 = '3'", "metrics.m7 DESC",
        lambda m, p: m[4] < 0.1 or p[2] == "3", lambda m: -m[7],
    ),
}  # fmt: skip

# In the order's index until there are 100: the quickest that is known, for the ids alone.
BY_HAND = {
    "metric": "select uuid from series o cross join series f on f.run = o.run join run on "
    "run.id = o.run where o.metric = :m0 and f.metric = :m3 and f.last > 0.5 "
    "order by o.last desc limit 100",
    "both": "select uuid from series o cross join series f on f.run = o.run join param p on "
    "p.run = o.run join run on run.id = o.run where o.metric = :m1 and f.metric = :m3 "
    "and f.last > 0.5 and p.key = 'p5' and p.value = '7' order by o.last limit 100",
    "either": "select uuid from series o cross join series f on f.run = o.run join param p on "
    "p.run = o.run join run on run.id = o.run where o.metric = :m7 and f.metric = :m4 "
    "and p.key = 'p2' and (f.last < 0.1 or p.value = '3') order by o.last desc limit 100",
}


def ten_thousand(size: Size) -> Iterator[Row]:
    """search, filter + order + page of 100 full rows, over 10,000 runs x 20 params x 20 metrics"""
    small = _searched(10_000, size.rounds(quick=7, full=30))
    yield _row(str(ten_thousand.__doc__), 20, small)
    if size.full:
        yield _row("the same over 100,000 runs", 100, _searched(100_000, 10))


def _row(work: str, bound: float, answers: dict[str, Answers]) -> Row:
    each = [medians(walls(found, MILLI)) for found in answers.values()]
    told = ", ".join(
        f"`{QUERIES[q][0]}` by {QUERIES[q][1]} {medians(walls(found, MILLI))['own']:.1f} ms "
        f"({processor(found['own']) * MILLI:.1f} ms of processor time)"
        for q, found in answers.items()
    )
    return Row(
        work,
        [Check(max(found["own"] for found in each), "ms", bound)],
        unit="ms",
        limit=(max(found["bare"] for found in each), "bare SQL for the ids alone"),
        note=f"the slowest of: {told}; each with its second page. Warm.",
    )


def _searched(runs: int, rounds: int) -> dict[str, Answers]:
    """Return the seconds of each query, nbtrail's and by hand, by turns."""
    with scratch() as folder, Worker("search", folder, sys.executable) as worker:
        worker.ask("build", runs=runs)
        for query in QUERIES:
            must_be(f"runs of '{query}'", worker.ask("differing", query=query), 0)
        found: dict[str, Answers] = {q: {"own": [], "bare": []} for q in QUERIES}
        for _ in range(rounds):
            for query, seconds in found.items():
                seconds["own"].append(worker.ask("searched", query=query))
                seconds["bare"].append(worker.ask("by_hand", query=query))
    return found


# What follows is called in the worker.

_runs: list[tuple[str, Values, Texts]] = []


def build(runs: int) -> None:
    """Fill a store with finished runs, 500 in a transaction."""
    from nbtrail.store import open_store

    store = open_store()
    for first in range(0, runs, 500):
        with store.transaction():
            numbers = range(first, min(runs, first + 500))
            _runs.extend(_add_run(store, random.Random(number)) for number in numbers)


def _add_run(store: Any, chance: random.Random) -> tuple[str, Values, Texts]:
    from nbtrail.entities import Metric, Param

    values = [chance.random() for _ in range(KEYS)]
    texts = [str(chance.randrange(10)) for _ in range(KEYS)]
    run_id = store.runs.create("0").info.run_id
    store.metrics.log(run_id, [Metric(f"m{n}", v, 1, 0) for n, v in enumerate(values)])
    store.runs.log_params(run_id, [Param(f"p{n}", text) for n, text in enumerate(texts)])
    store.runs.end(run_id, "FINISHED")
    return run_id, values, texts


def _page(query: str, token: str | None = None) -> Any:
    import nbtrail

    filter_string, order, _, _ = QUERIES[query]
    return nbtrail.Client().search_runs(
        ["0"], filter_string, max_results=PAGE, order_by=[order], page_token=token
    )


def searched(query: str) -> list[float]:
    """Return the seconds of one page: the mean of the first and the second."""
    return [seconds / 2 for seconds in timed(lambda: _page(query, _page(query).token))]


def differing(query: str) -> int:
    """Return how many runs of the first two pages are not those that Python finds."""
    expected = _expected(query)[: 2 * PAGE]
    first = _page(query)
    found = [*first, *_page(query, first.token)]
    whole = all(len(r.data.metrics) == len(r.data.params) == KEYS for r in found)
    pairs = zip_longest((r.info.run_id for r in found), expected)
    return sum(one != other for one, other in pairs) if whole else len(found)


def _expected(query: str) -> list[str]:
    _, _, wanted, key = QUERIES[query]
    return [run_id for _, run_id in sorted((key(m), r) for r, m, p in _runs if wanted(m, p))]


def by_hand(query: str) -> tuple[float, float]:
    """Return the seconds of the first page in SQL that is written for this query, ids only."""
    from benchmarks.contestants.nbtrail import database

    connection = sqlite3.connect(database())
    connection.execute("pragma cache_size = -65536")
    metrics = dict(connection.execute("select key, id from metric"))
    names = {key: metrics[key] for key in ("m0", "m1", "m3", "m4", "m7")}
    found = [run_id for (run_id,) in connection.execute(BY_HAND[query], names)]
    must_be(f"runs of '{query}' by hand", found, _expected(query)[:PAGE])
    seconds = timed(lambda: connection.execute(BY_HAND[query], names).fetchall())
    connection.close()
    return seconds


MEASURES = (ten_thousand,)
