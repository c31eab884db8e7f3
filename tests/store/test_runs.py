"""Runs, their params and their tags."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from nbtrail.entities import LoggedModel, Param, ParamOrigin, Run
from nbtrail.errors import AlreadyExists, InvalidValue, NotFound
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
    assert run.data.tags == {"k": "v", "mlflow.runName": "first"}
    assert store.runs.get(info.run_id) == run
    assert store.runs.create("0").info.run_name.startswith("run-")


def test_a_run_may_bring_its_id(store: Store) -> None:
    run = store.runs.create("0", run_id="my-run_1")
    assert run.info.run_id == "my-run_1"
    assert store.runs.get("my-run_1") == run
    with pytest.raises(AlreadyExists, match="a run 'my-run_1' already"):
        store.runs.create("0", run_id="my-run_1")
    for run_id in ("", "-a", "a/b", "..", "a" * 257, "é", "a\n", 5):
        with pytest.raises(InvalidValue, match="cannot be the id of a run"):
            store.runs.create("0", run_id=run_id)  # type: ignore[arg-type]


def test_the_name_is_a_tag(store: Store) -> None:
    run_id = store.runs.create("0", tags={"mlflow.runName": "tagged"}).info.run_id
    assert store.runs.get(run_id).info.run_name == "tagged"
    store.runs.set_tags(run_id, {"mlflow.runName": "again"})
    assert store.runs.get(run_id).info.run_name == "again"
    assert store.runs.update(run_id, name="third").run_name == "third"
    assert store.runs.get(run_id).data.tags == {"mlflow.runName": "third"}
    with pytest.raises(InvalidValue, match=r"named 'a' and, by its tag mlflow\.runName, 'b'"):
        store.runs.create("0", "a", tags={"mlflow.runName": "b"})
    with pytest.raises(InvalidValue, match="cannot name a run"):
        store.runs.set_tags(run_id, {"other": "x", "mlflow.runName": "two\nlines"})
    assert store.runs.get(run_id).data.tags == {"mlflow.runName": "third"}


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("s3://bucket/some where/", "s3://bucket/some where"),
        ("memory://x", "memory://x"),
        ("/data/../data", "/data/../data"),
    ],
)
def test_an_experiment_with_a_place_of_its_own(store: Store, location: str, place: str) -> None:
    experiment = store.experiments.create("remote", location)
    assert experiment.artifact_location == place
    run = store.runs.create(experiment.experiment_id)
    assert run.info.artifact_uri == f"{place}/{run.info.run_id}/artifacts"
    assert store.runs.get(run.info.run_id) == run
    model = store.model_artifact_uri(experiment.experiment_id, "m-1")
    assert model == f"{place}/models/m-1/artifacts"


def test_a_relative_place_is_made_absolute(store: Store, workdir: Path) -> None:
    assert store.experiments.create("x", "here").artifact_location == str(workdir / "here")


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
    for odd in ("\ud800", None, 5, ["a"]):
        with pytest.raises(NotFound, match="no run"):
            store.runs.get(odd)  # type: ignore[arg-type]
        with pytest.raises(NotFound, match="no run"):
            store.runs.end(odd, "FAILED")  # type: ignore[arg-type]
        with pytest.raises(NotFound, match="no tag"):
            store.runs.delete_tag(run.info.run_id, odd)  # type: ignore[arg-type]


def test_end_and_reopen(store: Store, run: Run) -> None:
    store.runs.end(run.info.run_id, "FAILED", "ValueError: no", end_time=9)
    ended = store.runs.get(run.info.run_id).info
    assert (ended.status, ended.error, ended.end_time) == ("FAILED", "ValueError: no", 9)
    store.runs.reopen(run.info.run_id)
    again = store.runs.get(run.info.run_id).info
    assert (again.status, again.error, again.end_time) == ("RUNNING", None, None)
    with pytest.raises(NotFound):
        store.runs.end("nosuch", "FAILED")


def test_update(store: Store, run: Run) -> None:
    run_id = run.info.run_id
    assert store.runs.update(run_id) == run.info
    info = store.runs.update(run_id, "FAILED", end_time=7)
    assert (info.status, info.end_time, info.run_name) == ("FAILED", 7, "first")
    assert store.runs.get(run_id).info == info
    again = store.runs.update(run_id, "RUNNING", name="other")
    assert (again.status, again.end_time, again.run_name) == ("RUNNING", None, "other")
    assert store.runs.update(run_id, "FINISHED").end_time
    assert store.runs.update(run_id, "SCHEDULED").status == "SCHEDULED"
    assert store.runs.update(run_id, end_time=9).end_time == 9
    with pytest.raises(InvalidValue, match="'DONE' is no status of a run: it is one of RUNNING"):
        store.runs.update(run_id, "DONE", name="not this")  # type: ignore[arg-type]
    assert store.runs.get(run_id).info.run_name == "other"
    with pytest.raises(NotFound):
        store.runs.update("nosuch", "FAILED")


def test_a_deleted_run_is_kept_as_it_is_and_can_be_restored(store: Store, run: Run) -> None:
    run_id = run.info.run_id
    store.runs.delete(run_id)
    store.runs.delete(run_id)
    assert store.runs.get(run_id).info.lifecycle_stage == "deleted"
    assert store.runs.search() == ([], None)
    for change in (
        lambda: store.runs.log_params(run_id, [Param("a", "1")]),
        lambda: store.runs.set_tags(run_id, {"a": "1"}),
        lambda: store.runs.delete_tag(run_id, "mlflow.runName"),
        lambda: store.runs.update(run_id, name="x"),
        lambda: store.runs.reopen(run_id),
    ):
        with pytest.raises(InvalidValue, match=rf"deleted.*restore_run\('{run_id}'\)"):
            change()
    store.runs.end(run_id, "FINISHED", end_time=5)
    store.runs.restore(run_id)
    assert store.runs.get(run_id).info.lifecycle_stage == "active"
    assert [found.info.end_time for found in store.runs.search()[0]] == [5]
    for act in (store.runs.delete, store.runs.restore):
        with pytest.raises(NotFound):
            act("nosuch")


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
    tags = store.runs.get(run.info.run_id).data.tags
    assert tags == {"a": "1", "b": "3", "mlflow.runName": "first"}


def test_text_that_is_no_unicode_is_told(store: Store, run: Run) -> None:
    with pytest.raises(InvalidValue, match="cannot be stored"):
        store.runs.log_params(run.info.run_id, [Param("p", "\ud800")])


def test_a_tag_is_deleted(store: Store, run: Run) -> None:
    store.runs.set_tags(run.info.run_id, {"colour": "red"})
    store.runs.delete_tag(run.info.run_id, "colour")
    assert store.runs.get(run.info.run_id).data.tags == {"mlflow.runName": "first"}
    store.runs.set_tags(run.info.run_id, {"colour": "red"})
    with pytest.raises(NotFound, match=r"no tag 'color'. Did you mean 'colour'\?"):
        store.runs.delete_tag(run.info.run_id, "color")


def test_many_params_in_one_batch(store: Store, run: Run) -> None:
    run_id = run.info.run_id
    batch = [Param(f"p{number}", str(number), number) for number in range(1000)]
    store.runs.log_params(run_id, batch)
    store.runs.log_params(run_id, [*batch, Param("p1", "1")])
    assert params(store, run) == {param.key: param.value for param in batch}
    with pytest.raises(InvalidValue, match="'p5' is '5' already and cannot become '6'"):
        store.runs.log_params(run_id, [Param("new", "1"), Param("p5", "6")])
    with pytest.raises(InvalidValue, match="'new' is '1' already"):
        store.runs.log_params(run_id, [Param("new", "1"), Param("new", "2")])
    assert "new" not in params(store, run)


@pytest.mark.parametrize("text", ["a\0b", "\x1f", '"\\', "\u2028", "\U0001f40d" * 50])
def test_odd_texts_come_back(store: Store, run: Run, text: str) -> None:
    store.runs.log_params(run.info.run_id, [Param("p", text, text)])
    store.runs.set_tags(run.info.run_id, {"t": text})
    found = store.runs.get(run.info.run_id).data
    assert (found.params["p"], found.param_records[0].typed, found.tags["t"]) == (text,) * 3


@pytest.mark.parametrize("deep", [400, 900])
def test_a_typed_value_never_makes_a_run_unreadable(store: Store, run: Run, deep: int) -> None:
    nested = functools.reduce(lambda inner, _: [inner], range(deep), 0)
    typed = {"deep": nested, "odd": {"k": "\ud800"}}
    records = [Param(key, "text", value) for key, value in typed.items()]
    store.runs.log_params(run.info.run_id, records)
    assert params(store, run) == {"deep": "text", "odd": "text"}


def test_outputs_are_the_models_of_the_run(store: Store, run: Run) -> None:
    run_id = run.info.run_id
    for number, model_id in enumerate(("m-b", "m-a")):
        store.registry.log_model(LoggedModel(model_id, "0", "model", "here", number, run_id))
    made = store.runs.get(run_id).outputs.model_outputs
    assert [output.model_id for output in made] == ["m-b", "m-a"]
    assert store.runs.search()[0] == [store.runs.get(run_id)]


@pytest.mark.parametrize("moment", [2**62, -1, "yesterday", math.inf, math.nan, 10**400])
def test_a_time_that_no_calendar_has_is_refused(store: Store, moment: Any) -> None:
    run_id = store.runs.create("0").info.run_id
    with pytest.raises(InvalidValue, match="is no start time: give milliseconds since 1970"):
        store.runs.create("0", start_time=moment)
    with pytest.raises(InvalidValue, match="is no end time"):
        store.runs.update(run_id, "FINISHED", end_time=moment)
    with pytest.raises(InvalidValue, match="is no end time"):
        store.runs.end(run_id, "FINISHED", end_time=moment)


def test_a_clock_that_was_set_back_ends_no_run_before_its_beginning(store: Store) -> None:
    tomorrow = int(time.time() * 1000) + 86_400_000
    ends: list[Callable[[str], object]] = [
        lambda run_id: store.runs.end(run_id, "FINISHED"),
        lambda run_id: store.runs.update(run_id, "FINISHED"),
    ]
    for end in ends:
        run_id = store.runs.create("0", start_time=tomorrow).info.run_id
        end(run_id)
        assert store.runs.get(run_id).info.end_time == tomorrow
