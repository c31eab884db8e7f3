"""The panel's questions, answered as the server answers them: from the request to the JSON."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from benchmarks.harness import Worker, must_be, processor, scratch
from benchmarks.size import Size
from benchmarks.table import Check, Row
from benchmarks.worker import timed

MILLI = 1e3
RUNS, METRICS, PARAMS = 10_000, 50, 20
COLUMNS = [*(f"metrics.m{n}" for n in range(5)), *(f"params.p{n}" for n in range(5))]
CURVES, POINTS = 100, 10_000
OF_STORE = f"{RUNS:,} runs x {METRICS} metrics x {PARAMS} params"

Question = tuple[str, str, str, dict[str, Any] | None]
SEARCHES: dict[str, tuple[str, float, Question]] = {
    "page": (
        "`POST table`: 1,000 rows x 10 columns",
        40,
        ("POST", "table", "", {"columns": COLUMNS, "limit": 1000}),
    ),
    "filtered": (
        "`POST table`, filtered and ordered: 1,000 rows x 10 columns",
        150,
        (
            "POST",
            "table",
            "",
            {
                "columns": COLUMNS,
                "filter": "metrics.m3 > 0.5",
                "order_by": ["metrics.m1 DESC"],
                "limit": 1000,
            },
        ),
    ),
    "keys": ("`GET keys`", 100, ("GET", "keys", "experiment_id=0", None)),
    "completed": ("`GET complete`", 50, ("GET", "complete", "text=metrics.m1", None)),
    "importance": ("`POST importance`", 1000, ("POST", "importance", "", {"metric": "m0"})),
}


def store(size: Size) -> Iterator[Row]:
    """the panel's searches over 10,000 runs x 50 metrics x 20 params"""
    with scratch() as folder, Worker("panel", folder, sys.executable) as worker:
        worker.ask("build", runs=RUNS)
        must_be("what is wrong", worker.ask("wrong"), [])
        for name, (work, bound, _) in SEARCHES.items():
            rounds = size.rounds(quick=7, full=30)
            yield _row(f"{work}, of {OF_STORE}", bound, worker, "searched", rounds, name=name)


def curves(size: Size) -> Iterator[Row]:
    """the panel's charts of 100 runs x 10,000 points"""
    with scratch() as folder, Worker("panel", folder, sys.executable) as worker:
        worker.ask("draw", runs=CURVES, points=POINTS)
        must_be("points in the buckets", worker.ask("drawn_points"), CURVES * POINTS)
        rounds = size.rounds(quick=5, full=20)
        of_runs = f"{CURVES} runs x {POINTS:,} points to 500 buckets each"
        yield _row(f"`POST history`: {of_runs}", 200, worker, "drawn", rounds)
        zoom = f"`POST history`, a tenth of the axis: {of_runs}"
        yield _row(zoom, 500, worker, "drawn", rounds, first_x=4000.0, last_x=5000.0)


def _row(work: str, bound: float, worker: Worker, verb: str, rounds: int, **arguments: Any) -> Row:
    worker.ask(verb, **arguments)
    found = [worker.ask(verb, **arguments) for _ in range(rounds)]
    wall = median(seconds for seconds, _ in found) * MILLI
    note = f"{processor(found) * MILLI:.1f} ms of processor time. Warm."
    return Row(work, [Check(wall, "ms", bound)], unit="ms", note=note)


# What follows is called in the worker.

_values: dict[str, list[float]] = {}
_curves: list[str] = []


def build(runs: int) -> None:
    """Fill a store with finished runs, 500 in a transaction."""
    from nbtrail.store import open_store

    opened = open_store()
    for first in range(0, runs, 500):
        with opened.transaction():
            for number in range(first, min(runs, first + 500)):
                add_run(opened, random.Random(number))


def add_run(opened: Any, chance: random.Random, experiment: str = "0") -> None:
    """Add a finished run with all its metrics and params."""
    from nbtrail.entities import Metric, Param

    values = [chance.random() for _ in range(METRICS)]
    texts = [repr(chance.random()), *(str(chance.randrange(10)) for _ in range(PARAMS - 1))]
    run_id = opened.runs.create(experiment).info.run_id
    opened.metrics.log(run_id, [Metric(f"m{n}", v, 1, 0) for n, v in enumerate(values)])
    opened.runs.log_params(run_id, [Param(f"p{n}", text) for n, text in enumerate(texts)])
    opened.runs.end(run_id, "FINISHED")
    _values[run_id] = values


def _ask(method: str, path: str, query: str, body: dict[str, Any] | None) -> bytes:
    """Return what the server would answer, as bytes."""
    import msgspec

    from benchmarks.contestants.nbtrail import database
    from nbtrail.api import Context, Request, answer
    from nbtrail.api.native import ROUTES

    match = ROUTES.match(method, path)
    request = Request(match.arguments, query, b"" if body is None else msgspec.json.encode(body))
    response = answer(match.route.handler, Context(str(database().parent)), request)
    must_be(f"status of {method} {path}", response.status, 200)
    assert isinstance(response.body, bytes)
    return response.body


def searched(name: str) -> list[float]:
    """Return the seconds of one of the searches."""
    _, _, question = SEARCHES[name]
    return list(timed(lambda: _ask(*question)))


def wrong() -> list[str]:
    """Return which answers are not what Python finds."""
    checks: dict[str, Callable[[Any], bool]] = {
        "page": lambda found: _is_page(found, list(reversed(_values))[:1000], len(_values)),
        "filtered": _is_filtered,
        "keys": lambda found: len(found["metrics"]) == METRICS and len(found["params"]) == PARAMS,
        "completed": lambda found: len(found["matches"]) == 11,
        "importance": lambda found: found["n"] == len(_values) // 2,
    }
    return [name for name, holds in checks.items() if not holds(_decoded(*SEARCHES[name][2]))]


def _is_page(found: Any, ids: list[str], total: int) -> bool:
    column = [_values[one][2] for one in ids]
    told = found["runs"]["run_id"], found["columns"]["metrics.m2"], found["total"]
    return told == (ids, column, total)


def _is_filtered(found: Any) -> bool:
    wanted = [one for one, values in _values.items() if values[3] > 0.5]
    ids = sorted(wanted, key=lambda one: -_values[one][1])[:1000]
    return _is_page(found, ids, len(wanted))


def _decoded(*question: Any) -> Any:
    import msgspec

    return msgspec.json.decode(_ask(*question))


def draw(runs: int, points: int) -> None:
    """Log curves."""
    from nbtrail.entities import Metric
    from nbtrail.store import open_store

    opened = open_store()
    for _ in range(runs):
        run = opened.runs.create("0").info
        told = [Metric("loss", 1 / (1 + step), 1, step) for step in range(points)]
        opened.metrics.log(run.run_id, told)
        _curves.append(run.run_id)


def _history(**part: float) -> Question:
    return "POST", "history", "", {"run_ids": _curves, "keys": ["loss"], "points": 500, **part}


def drawn(**part: float) -> list[float]:
    """Return the seconds of all curves, or of a part of the axis."""
    return list(timed(lambda: _ask(*_history(**part))))


def drawn_points() -> int:
    """Return how many points there are in the buckets of all curves."""
    return sum(sum(one["count"]) for one in _decoded(*_history())["series"])


MEASURES = (store, curves)
