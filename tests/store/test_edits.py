"""Edits of a run's history, and the audit that keeps what was before."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtrail.entities import Metric, Param, Run
from nbtrail.errors import AlreadyExists, InvalidState, InvalidValue, NotFound
from nbtrail.store import Store
from store import scripts

NAN = math.nan


@pytest.fixture
def run_id(store: Store) -> str:
    """Record a run with a metric, some of its points late, and a param."""
    run_id = store.runs.create("0", "first").info.run_id
    values = [1.0, NAN, math.inf, 0.25, *[0.1] * 40]
    points = [Metric("loss", value, 1000 + step, step) for step, value in enumerate(values)]
    store.metrics.log(run_id, [*points, Metric("loss", 7.0, 5000, 1), Metric("acc", 0.5, 1, 0)])
    store.runs.log_params(run_id, [Param("lr", "0.1", 0.1, "inferred")])
    return run_id


def recorded(store: Store, run_id: str) -> tuple[object, ...]:
    """Return all that an edit can change, as text: NaN is equal to NaN there."""
    run = store.runs.get(run_id)
    return (
        repr(run.data),
        {key: repr(store.metrics.history(run_id, key)) for key in run.data.metrics},
    )


def metrics(run: Run) -> dict[str, tuple[int, float, float | None]]:
    return {m.key: (m.count, m.value, m.max) for m in run.data.metric_summaries}


def test_a_metric_is_renamed_with_its_points(store: Store, run_id: str) -> None:
    before = store.metrics.history(run_id, "loss")
    edit = store.edits.rename_metric(run_id, "loss", "train/loss", who="ada")
    assert (edit.who, edit.action, edit.before, edit.after) == (
        *("ada", "rename_metric"),
        *("loss", "train/loss"),
    )
    run = store.runs.get(run_id)
    assert metrics(run) == {"train/loss": (45, 0.1, math.inf), "acc": (1, 0.5, 0.5)}
    renamed = store.metrics.history(run_id, "train/loss")
    assert repr([(m.step, m.timestamp, m.value) for m in renamed]) == repr(
        [(m.step, m.timestamp, m.value) for m in before]
    )
    assert store.metrics.history(run_id, "loss") == []
    assert store.doctor.examine() == []


def test_a_metric_is_deleted_and_brought_back(store: Store, run_id: str) -> None:
    before = recorded(store, run_id)
    store.edits.delete_metric(run_id, "loss")
    assert metrics(store.runs.get(run_id)) == {"acc": (1, 0.5, 0.5)}
    assert store.metrics.history(run_id, "loss") == []
    assert store.doctor.examine() == []
    store.edits.undo(run_id)
    assert recorded(store, run_id) == before
    assert store.doctor.examine() == []


def test_a_param_is_renamed_and_deleted(store: Store, run_id: str) -> None:
    store.edits.rename_param(run_id, "lr", "rate")
    (param,) = store.runs.get(run_id).data.param_records
    assert param == Param("rate", "0.1", 0.1, "inferred")
    store.edits.delete_param(run_id, "rate")
    assert store.runs.get(run_id).data.params == {}
    store.edits.undo(run_id)
    assert store.runs.get(run_id).data.param_records == [param]


def test_a_note_is_changed(store: Store, run_id: str) -> None:
    store.edits.set_note(run_id, "too slow")
    assert store.edits.set_note(run_id, "just right").before == "too slow"
    assert store.runs.get(run_id).data.tags["mlflow.note.content"] == "just right"
    store.edits.set_note(run_id, "")
    assert "mlflow.note.content" not in store.runs.get(run_id).data.tags


def test_the_audit_has_it_all_and_forgets_nothing(store: Store, run_id: str) -> None:
    store.edits.rename_metric(run_id, "acc", "accuracy", who="ada")
    store.edits.delete_param(run_id, "lr", who="bob")
    store.edits.undo(run_id, who="bob")
    assert [(e.who, e.action, e.key) for e in store.audit.of("run", run_id)] == [
        ("ada", "rename_metric", "acc"),
        ("bob", "delete_param", "lr"),
        ("bob", "undo delete_param", "lr"),
    ]
    with closing(sqlite3.connect(store.database_path)) as connection:
        for statement in ("delete from audit", "update audit set who = 'nobody'"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_what_is_logged_after_an_edit_goes_on_under_the_old_name(store: Store, run_id: str) -> None:
    series = store.metrics.series_id(run_id, "loss")
    store.log_point(series, None, 100, 1, 0.5)  # waits in the journal while it is renamed
    store.edits.rename_metric(run_id, "loss", "old")
    store.log_point(series, None, 101, 1, 0.75)
    store.drain()
    assert metrics(store.runs.get(run_id)) == {
        "old": (46, 0.5, math.inf),
        "loss": (1, 0.75, 0.75),
        "acc": (1, 0.5, 0.5),
    }


def test_a_process_that_logs_meanwhile_loses_nothing(store: Store) -> None:
    script = """
        import sys, nbtrail
        with nbtrail.start_run(run_name="live") as run:
            print(run.info.run_id, flush=True)
            for step in range(3000):
                nbtrail.log_metric("loss", step, step=step)
                if step == 1000:
                    print("half", flush=True)
                    sys.stdin.readline()
    """
    process = scripts.start(script)
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    scripts.wait_for(process, "half")
    store.edits.rename_metric(run_id, "loss", "early")
    scripts.finish([process], "go\n")
    store.drain()
    counts = {m.key: m.count for m in store.runs.get(run_id).data.metric_summaries}
    assert counts == {"early": 1001, "loss": 1999}


@pytest.mark.parametrize(
    ("method", "arguments", "error", "message"),
    [
        ("rename_metric", ("los", "x"), NotFound, "Did you mean 'loss'?"),
        ("rename_metric", ("loss", "acc"), AlreadyExists, "has a metric 'acc' already"),
        ("rename_metric", ("loss", "a/../b"), InvalidValue, "not a clean path"),
        ("delete_metric", ("los",), NotFound, "Did you mean 'loss'?"),
        ("rename_param", ("l", "x"), NotFound, "has no param 'l'. Did you mean 'lr'?"),
        ("rename_param", ("lr", "lr"), AlreadyExists, "has a param 'lr' already"),
        ("rename_param", ("lr", ""), InvalidValue, "non-empty"),
        ("delete_param", ("rate",), NotFound, "has no param 'rate'"),
        ("set_note", ("x" * 8001,), InvalidValue, "8000 are allowed"),
        ("undo", (), InvalidState, "no edit"),
    ],
)
def test_a_mistake_changes_nothing(
    store: Store,
    run_id: str,
    method: str,
    arguments: tuple[str, ...],
    error: type[Exception],
    message: str,
) -> None:
    before = recorded(store, run_id)
    with pytest.raises(error, match=message.replace("?", r"\?")):
        getattr(store.edits, method)(run_id, *arguments)
    assert recorded(store, run_id) == before
    assert store.audit.of("run", run_id) == []


def test_a_run_that_is_not_there_or_is_deleted(store: Store, run_id: str) -> None:
    with pytest.raises(NotFound, match="no run 'missing'"):
        store.edits.set_note("missing", "hello")
    store.runs.delete(run_id)
    with pytest.raises(InvalidState, match=f"nbtrail runs restore {run_id}"):
        store.edits.delete_param(run_id, "lr")


def test_what_is_there_again_meanwhile_is_not_overwritten(store: Store, run_id: str) -> None:
    store.edits.delete_param(run_id, "lr")
    store.runs.log_params(run_id, [Param("lr", "0.2")])
    with pytest.raises(AlreadyExists, match="has a param 'lr' already"):
        store.edits.undo(run_id)
    store.edits.delete_param(run_id, "lr")
    store.edits.undo(run_id)
    assert store.runs.get(run_id).data.params == {"lr": "0.2"}


KEYS = st.sampled_from("abc")
EDITS = st.one_of(
    st.tuples(st.sampled_from(["rename_metric", "rename_param"]), KEYS, KEYS),
    st.tuples(st.sampled_from(["delete_metric", "delete_param"]), KEYS),
    st.tuples(st.just("set_note"), st.sampled_from(["", "x", "y"])),
    st.just(("undo",)),
)


@given(edits=st.lists(EDITS, max_size=8))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_was_edited_can_be_undone(store: Store, edits: list[tuple[str, ...]]) -> None:
    run_id = store.runs.create("0").info.run_id
    store.metrics.log(run_id, [Metric(key, step, 1, step) for key in "ab" for step in (0, 1, 1)])
    store.runs.log_params(run_id, [Param("a", "1"), Param("b", "2")])
    before = recorded(store, run_id)
    for method, *arguments in edits:
        with suppress(AlreadyExists, InvalidState, NotFound):
            getattr(store.edits, method)(run_id, *arguments)
    try:
        while True:
            store.edits.undo(run_id)
    except InvalidState:
        assert recorded(store, run_id) == before
