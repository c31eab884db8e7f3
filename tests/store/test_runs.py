"""Runs, their params and their tags."""

from __future__ import annotations

import math
from typing import get_args

import pytest

from nbtrail.entities import Param, ParamOrigin, Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store


@pytest.fixture
def run(store: Store) -> Run:
    return store.runs.create("0", "first")


def params(store: Store, run: Run) -> dict[str, str]:
    return store.runs.get(run.info.run_id).data.params


def test_a_new_run(store: Store) -> None:
    run = store.runs.create(
        "0", "first", "implicit", "a.ipynb", tags={"k": "v"}, user_id="ada", start_time=5
    )
    info = run.info
    assert (info.run_name, info.kind, info.notebook, info.user_id) == (
        "first", "implicit", "a.ipynb", "ada",
    )  # fmt: skip
    assert (info.status, info.start_time, info.end_time) == ("RUNNING", 5, None)
    assert info.artifact_uri == str(store.artifact_root / "0" / info.run_id / "artifacts")
    assert run.data.tags == {"k": "v"}
    assert store.runs.get(info.run_id) == run
    assert store.runs.create("0").info.run_name


@pytest.mark.parametrize(
    "name",
    ["", " ", "two\nlines", "\x1b[31m", "a\u2028b", "\udcff", "x" * 501, 7],
    ids=lambda name: repr(name)[:9],
)
def test_a_name_is_plain_text(store: Store, name: str) -> None:
    with pytest.raises(InvalidValue, match="name"):
        store.runs.create("0", name)
    assert store.runs.search() == ([], None)
    assert store.runs.create("0", "x" * 500).info.run_name == "x" * 500


@pytest.mark.parametrize("experiment", ["7", "0.0", "x", ""])
def test_a_run_needs_an_experiment(store: Store, experiment: str) -> None:
    with pytest.raises(NotFound, match="no experiment with id"):
        store.runs.create(experiment)


def test_an_unknown_run_names_the_closest(store: Store, run: Run) -> None:
    with pytest.raises(NotFound, match=f"Did you mean '{run.info.run_id}'"):
        store.runs.get(run.info.run_id[:-2] + "00")
    with pytest.raises(NotFound, match="no run 'x'"):
        store.runs.set_tags("x", {})


def test_end_and_reopen(store: Store, run: Run) -> None:
    store.runs.end(run.info.run_id, "FAILED", "ValueError: no", end_time=9)
    ended = store.runs.get(run.info.run_id).info
    assert (ended.status, ended.error, ended.end_time) == ("FAILED", "ValueError: no", 9)
    store.runs.reopen(run.info.run_id)
    again = store.runs.get(run.info.run_id).info
    assert (again.status, again.error, again.end_time) == ("RUNNING", None, None)


def test_an_explicit_param_keeps_its_value(store: Store, run: Run) -> None:
    store.runs.log_params(run.info.run_id, [Param("lr", "0.1")])
    store.runs.log_params(run.info.run_id, [Param("lr", "0.1")])
    with pytest.raises(InvalidValue, match=r"'lr' is '0.1' already and cannot become '0.2'"):
        store.runs.log_params(run.info.run_id, [Param("other", "1"), Param("lr", "0.2")])
    assert params(store, run) == {"lr": "0.1"}


RANKS: list[set[ParamOrigin]] = [{"autolog"}, {"inherited", "inferred"}, {"injected"}, {"explicit"}]


def test_every_origin_has_a_rank() -> None:
    assert set.union(*RANKS) == set(get_args(ParamOrigin))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("weak", "strong"),
    [
        (weak, strong)
        for low, below in enumerate(RANKS)
        for above in RANKS[low + 1 :]
        for weak in sorted(below)
        for strong in sorted(above)
    ],
)
def test_the_stronger_origin_wins_in_either_order(
    store: Store, run: Run, weak: ParamOrigin, strong: ParamOrigin
) -> None:
    strong_param, weak_param = Param("a", "strong", None, strong), Param("a", "weak", None, weak)
    store.runs.log_params(run.info.run_id, [weak_param])
    store.runs.log_params(run.info.run_id, [strong_param])
    store.runs.log_params(run.info.run_id, [weak_param])
    (stored,) = store.runs.get(run.info.run_id).data.param_records
    assert (stored.value, stored.origin) == ("strong", strong)


def test_inferred_params_are_replaced_and_others_stay(store: Store, run: Run) -> None:
    run_id = run.info.run_id
    store.runs.log_params(
        run_id,
        [Param("said", "1"), Param("guess", "1", 1, "inferred"), Param("old", "1", 1, "inherited")],
    )
    guesses = [Param("said", "2", 2, "inferred"), Param("new", "2", 2, "inferred")]
    store.runs.replace_inferred(run_id, guesses)
    assert params(store, run) == {"said": "1", "new": "2"}


@pytest.mark.parametrize(
    "value", [0.1, 3, True, None, "text", [1, "a"], {"a": {"b": 1}}, 10**100, -0.0]
)
def test_the_typed_value_is_kept(store: Store, run: Run, value: object) -> None:
    store.runs.log_params(run.info.run_id, [Param("p", str(value), value)])
    (stored,) = store.runs.get(run.info.run_id).data.param_records
    assert stored.typed == value
    assert type(stored.typed) is type(value)


@pytest.mark.parametrize("value", [math.nan, -math.inf, {1, 2}, object(), [math.nan]])
def test_what_json_cannot_say_is_kept_as_text(store: Store, run: Run, value: object) -> None:
    store.runs.log_params(run.info.run_id, [Param("p", str(value), value)])
    (stored,) = store.runs.get(run.info.run_id).data.param_records
    assert (stored.value, stored.typed) == (str(value), None)


def test_a_value_too_deep_for_json(store: Store, run: Run) -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    store.runs.log_params(run.info.run_id, [Param("p", "deep", deep)])
    assert params(store, run) == {"p": "deep"}


def test_lengths_are_mlflows(store: Store, run: Run) -> None:
    run_id = run.info.run_id
    store.runs.log_params(run_id, [Param("k" * 250, "v" * 6000)])
    store.runs.set_tags(run_id, {"t" * 250: "v" * 8000})
    with pytest.raises(InvalidValue, match="6001 characters; 6000 are allowed"):
        store.runs.log_params(run_id, [Param("long", "v" * 6001)])
    with pytest.raises(InvalidValue, match="251 characters; 250 are allowed"):
        store.runs.log_params(run_id, [Param("k" * 251, "v")])
    with pytest.raises(InvalidValue, match="8001 characters; 8000 are allowed"):
        store.runs.set_tags(run_id, {"long": "v" * 8001})


@pytest.mark.parametrize("key", ["lr", "a/b.c-d e:f_g", "größe", "学习率", "1"])
def test_keys_that_are_allowed(store: Store, run: Run, key: str) -> None:
    store.runs.log_params(run.info.run_id, [Param(key, "1")])
    assert params(store, run) == {key: "1"}


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "non-empty"), (None, "non-empty"), (5, "non-empty"), ("a=b", "character '='"),
        ("a\nb", "character"), ("/a", "clean path"), ("a//b", "clean path"),
        ("../a", "clean path"), (".", "clean path"), ("a/", "clean path"), ("a\\b", "character"),
    ],
)  # fmt: skip
def test_keys_that_are_not(store: Store, run: Run, key: str, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason):
        store.runs.log_params(run.info.run_id, [Param(key, "1")])
    with pytest.raises(InvalidValue, match=reason):
        store.runs.set_tags(run.info.run_id, {key: "1"})
    with pytest.raises(InvalidValue, match=reason):
        store.metrics.series_id(run.info.run_id, key)


def test_a_tag_is_replaced_and_a_batch_is_whole(store: Store, run: Run) -> None:
    store.runs.set_tags(run.info.run_id, {"a": "1"})
    with pytest.raises(InvalidValue):
        store.runs.set_tags(run.info.run_id, {"a": "2", "b": "x" * 8001})
    store.runs.set_tags(run.info.run_id, {"b": "3"})
    assert store.runs.get(run.info.run_id).data.tags == {"a": "1", "b": "3"}


def test_text_that_is_no_unicode_is_told(store: Store, run: Run) -> None:
    with pytest.raises(InvalidValue, match="cannot be stored"):
        store.runs.log_params(run.info.run_id, [Param("p", "\ud800")])
