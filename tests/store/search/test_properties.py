"""Any text is answered or refused; generated questions get the answers that Python gives."""

from __future__ import annotations

import contextlib
import math
import random
import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtrail.entities import Metric, Param, Run
from nbtrail.errors import InvalidValue
from nbtrail.store import Store, open_store

quick = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

METRICS = ("acc", "train.loss", "loss")
PARAMS = ("lr", "kind of model")
TAGS = ("team", "x.y")
NUMBERS = (-1.0, 0.0, 0.25, 3.0, math.inf, -math.inf)
TEXTS = ("a", "A", "ab_", "0.25", "3", "3.0", "%", "a*[b]?", "", "1e0", "ß")
FRAGMENTS = (
    "metrics.acc", "params.`lr`", "tags.team", "status", "start_time", "AND", "or", "NOT", "(", ")",
    "IN", "IS", "NULL", "=", "<", ">=", "LIKE", "ilike", "'a'", '"b"', "5", "-1.5e3", "-7d", "now",
    "2026-11-01", ",", ".", "`", "'", "metrics.acc.min", "datasets.name", "metrics.", "inf", "é",
    "\0",
)  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, list[Run]]:
    """Return a store with runs that have some of all keys, and these runs, newest first."""
    store = open_store(tmp_path_factory.mktemp("store") / ".nbtrail")
    chance = random.Random(3)
    for number in range(40):
        _add(store, chance, number)
    return store, list(reversed([store.runs.get(i) for i in _ids(store)]))


def _add(store: Store, chance: random.Random, number: int) -> None:
    def some(keys: tuple[str, ...]) -> list[str]:
        return [key for key in keys if chance.random() < 0.7]

    tags = {key: chance.choice(TEXTS) for key in some(TAGS)}
    name = f"run {number % 7}"
    run_id = store.runs.create("0", name, tags=tags, start_time=number // 4 + 1).info.run_id
    store.runs.log_params(run_id, [Param(key, chance.choice(TEXTS)) for key in some(PARAMS)])
    values = (*NUMBERS, math.nan)
    points = [
        Metric(key, chance.choice(values), 1, step)
        for key in some(METRICS)
        for step in range(chance.randrange(1, 4))
    ]
    store.metrics.log(run_id, points)
    if chance.random() < 0.5:
        store.runs.end(run_id, chance.choice(["FAILED", "FINISHED"]), end_time=number + 1)


def _ids(store: Store) -> list[str]:
    with store._database.read() as connection:
        return [uuid for (uuid,) in connection.execute("select uuid from run order by id")]


Value = float | str | None
Lookup = Callable[[Run], Value]
Test = tuple[str, Callable[[Run], bool]]


def spelt(text: Value) -> float | None:
    """Return the number that a whole text spells."""
    if isinstance(text, str) and re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", text, re.I):
        return float(text)
    return None


def metric(key: str, part: str = "") -> Lookup:
    def look(run: Run) -> Value:
        for found in run.data.metric_summaries:
            if found.key == key:
                value = getattr(found, part or "value")
                return None if value is None or math.isnan(value) else float(value)
        return None

    return look


NUMERIC: list[tuple[str, Lookup]] = [
    *((f"metrics.{key}", metric(key)) for key in METRICS),
    ("metrics.`acc`.min", metric("acc", "min")),
    ("metrics.loss.max", metric("loss", "max")),
    ("metric.loss.count", metric("loss", "count")),
    ("metrics.loudness", metric("loudness")),
    ("start_time", lambda run: run.info.start_time),
    ("attributes.end_time", lambda run: run.info.end_time),
]
TEXTUAL: list[tuple[str, Lookup]] = [
    ("params.lr", lambda run: run.data.params.get("lr")),
    ("parameter.`kind of model`", lambda run: run.data.params.get("kind of model")),
    ("tags.team", lambda run: run.data.tags.get("team")),
    ('tag."x.y"', lambda run: run.data.tags.get("x.y")),
    ("run_name", lambda run: run.info.run_name),
    ("attr.run_id", lambda run: run.info.run_id),
]
COMPARE: dict[str, Callable[[float | str, float | str], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}


def holds(look: Lookup, test: Callable[[float | str], bool]) -> Callable[[Run], bool]:
    """Return the test of what is looked up; there is none that nothing passes."""

    def tested(run: Run) -> bool:
        value = look(run)
        return value is not None and test(value)

    return tested


def like(value: float | str, pattern: str, flags: int) -> bool:
    expression = re.escape(pattern).replace("%", ".*").replace("_", ".")
    return re.fullmatch(expression, str(value), flags | re.S) is not None


quoted = st.sampled_from(TEXTS).map(lambda text: (f"'{text}'", text))
numbers = st.sampled_from([*NUMBERS, 1.0, 5.0])


@st.composite
def comparisons(draw: st.DrawFn) -> Test:
    key, look = draw(st.sampled_from(NUMERIC))
    operator = draw(st.sampled_from(sorted(COMPARE)))
    number = draw(numbers)
    return f"{key} {operator} {number}", holds(look, lambda v: COMPARE[operator](v, number))


@st.composite
def texts(draw: st.DrawFn) -> Test:
    key, look = draw(st.sampled_from(TEXTUAL))
    operator = draw(st.sampled_from([*sorted(COMPARE), "LIKE", "ilike"]))
    written, text = draw(quoted)
    if operator in COMPARE:
        return f"{key}{operator}{written}", holds(look, lambda v: COMPARE[operator](v, text))
    flags = re.I | re.A if operator == "ilike" else 0
    return f"{key} {operator} {written}", holds(look, lambda v: like(v, text, flags))


@st.composite
def numeric_texts(draw: st.DrawFn) -> Test:
    key, look = draw(st.sampled_from(TEXTUAL[:4]))
    operator, number = draw(st.sampled_from(sorted(COMPARE))), draw(numbers)
    test = holds(lambda run: spelt(look(run)), lambda v: COMPARE[operator](v, number))
    return f"{key} {operator} {number}", test


@st.composite
def lists(draw: st.DrawFn) -> Test:
    word = draw(st.sampled_from(["IN", "not in"]))
    if draw(st.booleans()):
        key, look = draw(st.sampled_from(NUMERIC))
        values: list[float | str] = list(draw(st.lists(numbers, min_size=1, max_size=3)))
        written = ", ".join(map(str, values))
    else:
        key, look = draw(st.sampled_from(TEXTUAL))
        pairs = draw(st.lists(quoted, min_size=1, max_size=3))
        values, written = [v for _, v in pairs], ",".join(w for w, _ in pairs)
    return f"{key} {word} ({written})", holds(look, lambda v: (v in values) == (word == "IN"))


@st.composite
def presences(draw: st.DrawFn) -> Test:
    key, look = draw(st.sampled_from([*NUMERIC, *TEXTUAL]))
    if draw(st.booleans()):
        return f"{key} is null", lambda run: look(run) is None
    return f"{key} IS NOT NULL", lambda run: look(run) is not None


@st.composite
def pairs(draw: st.DrawFn) -> Test:
    (left, first), (right, second) = (draw(st.sampled_from(NUMERIC[:7])) for _ in range(2))
    operator = draw(st.sampled_from(sorted(COMPARE)))

    def test(run: Run) -> bool:
        a, b = first(run), second(run)
        return a is not None and b is not None and COMPARE[operator](a, b)

    return f"{left} {operator} {right}", test


def combined(inner: st.SearchStrategy[Test]) -> st.SearchStrategy[Test]:
    several = st.lists(inner, min_size=2, max_size=3)

    def every(parts: list[Test]) -> Test:
        return " and ".join(f"({p[0]})" for p in parts), lambda run: all(p[1](run) for p in parts)

    def some(parts: list[Test]) -> Test:
        return " OR ".join(f"({p[0]})" for p in parts), lambda run: any(p[1](run) for p in parts)

    negated = inner.map(lambda part: (f"NOT ({part[0]})", lambda run: not part[1](run)))
    return st.one_of(several.map(every), several.map(some), negated)


conditions = st.one_of(comparisons(), texts(), numeric_texts(), lists(), presences(), pairs())
filters = st.recursive(conditions, combined, max_leaves=6)

ORDERS: list[tuple[str, Lookup]] = [
    *NUMERIC,
    *((key, lambda run, look=look: _sorted_as(look(run))) for key, look in TEXTUAL[:4]),
    *TEXTUAL[4:],
]  # type: ignore[list-item]


def _sorted_as(value: Value) -> Value:
    number = spelt(value)
    return value if number is None else number


def ordered(runs: list[Run], terms: list[tuple[Lookup, bool]]) -> list[Run]:
    """Sort runs that are newest first: numbers before texts, what is missing last.

    Python's sort keeps the order of equals, in reverse too.
    """
    for look, descending in reversed(terms):
        there = [run for run in runs if look(run) is not None]
        nothing = [run for run in runs if look(run) is None]
        there.sort(key=lambda run: _rank(look(run)), reverse=descending)
        runs = there + nothing
    return runs


def _rank(value: Value) -> tuple[bool, float, str]:
    text = isinstance(value, str)
    return text, 0.0 if isinstance(value, str) else float(value or 0), str(value) if text else ""


@quick
@given(
    filters,
    st.lists(st.tuples(st.sampled_from(ORDERS), st.booleans()), max_size=3),
    st.integers(1, 50),
)
def test_an_answer_is_pythons(
    runs: tuple[Store, list[Run]],
    wanted: Test,
    order: list[tuple[tuple[str, Lookup], bool]],
    size: int,
) -> None:
    store, known = runs
    text, test = wanted
    order_by = [f"{key} {'DESC' if descending else 'asc'}" for (key, _), descending in order]
    terms = [(look, descending) for (_, look), descending in order]
    expected = ordered([run for run in known if test(run)], terms)
    found: list[Run] = []
    token: str | None = None
    while True:
        page, token = store.runs.search(["0"], text, order_by, size, token)
        found += page
        if token is None:
            break
    assert [run.info.run_id for run in found] == [run.info.run_id for run in expected]


@settings(quick, max_examples=300)
@given(st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS)).map(" ".join)))
def test_any_text_is_answered_or_refused(runs: tuple[Store, list[Run]], text: str) -> None:
    store, _ = runs
    for question in ({"filter_string": text}, {"order_by": [text]}):
        with contextlib.suppress(InvalidValue):
            store.runs.search(["0"], **question)  # type: ignore[arg-type]


@settings(quick, max_examples=100)
@given(st.text())
def test_any_token_is_answered_or_refused(runs: tuple[Store, list[Run]], text: str) -> None:
    store, _ = runs
    with contextlib.suppress(InvalidValue):
        assert store.runs.search(page_token=text)
