"""Logging to the current run: what is kept, what is refused."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import nbtrail
from nbtrail.entities import Dataset, LoggedModel, Metric, Param, RunTag, ViewType
from nbtrail.errors import InvalidValue, NbtrailError, NotFound
from nbtrail.store import Store
from nbtrail.tracking import failures


def stored(store: Store) -> tuple[dict[str, str], dict[str, float], dict[str, str]]:
    """The params, metrics and own tags of the only run."""
    store.drain()
    (run,) = store.runs.search()[0]
    tags = {k: v for k, v in run.data.tags.items() if not k.startswith("mlflow.")}
    return run.data.params, run.data.metrics, tags


def test_everything_is_logged(store: Store) -> None:
    with nbtrail.start_run(run_name="first", tags={"a": 1}, description="note") as run:
        assert nbtrail.log_param("lr", 0.1) == 0.1
        nbtrail.log_params({"depth": 3, "none": None})
        nbtrail.log_metric("loss", 1)
        nbtrail.log_metric("loss", np.float32(0.5), step=np.int64(1))
        nbtrail.log_metrics({"acc": True, "inf": math.inf}, step=2, timestamp=5)
        nbtrail.set_tag("b", 2)
        nbtrail.set_tags({"a": 3})
    assert run.info.run_name == "first"
    assert run.data.tags["mlflow.note.content"] == "note"
    assert run.data.tags["mlflow.runName"] == "first"
    params, metrics, tags = stored(store)
    assert params == {"lr": "0.1", "depth": "3", "none": "None"}
    assert metrics == {"loss": 0.5, "acc": 1.0, "inf": math.inf}
    assert tags == {"a": "3", "b": "2"}
    store.drain()
    (point,) = store.metrics.history(run.info.run_id, "acc")
    assert (point.step, point.timestamp) == (2, 5)


def test_return_fields_are_mlflows() -> None:
    with nbtrail.start_run() as active:
        nbtrail.log_param("lr", 0.1)
        nbtrail.log_metric("loss", 0.5)
    run = nbtrail.get_run(active.info.run_id)
    info = run.info
    assert (info.status, info.lifecycle_stage, info.experiment_id) == ("FINISHED", "active", "0")
    assert info.run_uuid == info.run_id
    assert info.end_time is not None
    assert 0 < info.start_time <= info.end_time
    assert info.user_id
    assert Path(info.artifact_uri).name == "artifacts"
    assert (run.data.params, run.data.metrics) == ({"lr": "0.1"}, {"loss": 0.5})
    assert run.data.tags["mlflow.source.type"] == "LOCAL"
    last = nbtrail.last_active_run()
    assert last is not None
    assert last.info.run_id == info.run_id
    with pytest.raises(NotFound, match="no run 'x'"):
        nbtrail.get_run("x")


def test_a_batch_that_is_given_a_dict_of_metrics_says_what_it_takes(store: Store) -> None:
    with pytest.raises(InvalidValue, match="log_metrics takes a dict"):
        nbtrail.log_batch(metrics={"loss": 1.0})  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="not of 1"):
        nbtrail.log_batch(metrics=[1.5])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "value", ["half", None, object(), [1.0], b"x", 1 + 2j, np.array([1.0, 2.0]), np.array(["a"])]
)
def test_a_metric_is_a_number(value: object) -> None:
    with pytest.raises(InvalidValue, match="The metric 'loss' needs a number"):
        nbtrail.log_metric("loss", value)  # type: ignore[arg-type]
    assert not Path(".nbtrail").exists()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("0.5", 0.5),  # MLflow takes it
        (b"1", 1.0),
        (True, 1.0),
        (np.array([2.0]), 2.0),
        (np.array(3), 3.0),
        (np.float16(0.5), 0.5),
        (Decimal("1.5"), 1.5),
        (Fraction(1, 4), 0.25),
        (10**400, math.inf),
        (-(10**400), -math.inf),
        (-math.inf, -math.inf),
        (math.nan, math.nan),
    ],
)
def test_what_is_a_number_is_kept(store: Store, value: float, kept: float) -> None:
    with nbtrail.start_run() as run:
        nbtrail.log_metric("a", value)
        nbtrail.log_batch([Metric("b", value, 1)])
        nbtrail.log_metrics({"c": value})
    assert list(run.data.metrics.values()) == pytest.approx([kept] * 3, nan_ok=True)


@pytest.mark.parametrize("step", ["one", math.nan, math.inf, 2**63, object()])
def test_a_step_is_an_integer(step: int) -> None:
    with pytest.raises(InvalidValue, match="step must"):
        nbtrail.log_metric("loss", 1.0, step=step)
    with pytest.raises(InvalidValue, match="timestamp must"):
        nbtrail.log_metrics({"loss": 1.0}, timestamp=step)
    assert not Path(".nbtrail").exists()


def test_a_timestamp_may_be_a_float(store: Store) -> None:
    nbtrail.log_metric("loss", 1.0, timestamp=1234.5)  # type: ignore[arg-type]
    store.drain()
    (run,) = store.runs.search()[0]
    assert run.data.metric_summaries[0].timestamp == 1234


def test_nothing_of_a_bad_batch_is_logged(store: Store) -> None:
    with nbtrail.start_run():
        with pytest.raises(InvalidValue):
            nbtrail.log_metrics({"good": 1.0, "bad": "x"})  # type: ignore[dict-item]
        with pytest.raises(InvalidValue):
            nbtrail.log_params({"good": 1.0, "b=d": 1})
        with pytest.raises(InvalidValue):
            nbtrail.set_tags({"good": 1.0, "b=d": 1})
    assert stored(store) == ({}, {}, {})


def test_a_param_keeps_its_value() -> None:
    with nbtrail.start_run():
        nbtrail.log_param("lr", 0.1)
        nbtrail.log_param("lr", 0.1)
        with pytest.raises(InvalidValue, match=r"is '0.1' already and cannot become '0.2'"):
            nbtrail.log_param("lr", 0.2)


def test_logging_without_a_run_starts_one(store: Store) -> None:
    nbtrail.log_metric("loss", 1.0)
    current = nbtrail.active_run()
    assert current is not None
    nbtrail.log_param("lr", 1)
    assert stored(store) == ({"lr": "1"}, {"loss": 1.0}, {})
    nbtrail.end_run()
    assert nbtrail.active_run() is None
    nbtrail.end_run()


def test_asynchronous_calls_are_done_when_they_return(store: Store) -> None:
    for operation in (
        nbtrail.log_param("a", 1, synchronous=False),
        nbtrail.log_params({"b": 1}, synchronous=False),
        nbtrail.log_metric("c", 1, synchronous=False),
        nbtrail.log_metrics({"d": 1}, synchronous=False),
        nbtrail.log_batch(params={"e": 1}, synchronous=False),
        nbtrail.set_tag("f", 1, synchronous=False),
        nbtrail.set_tags({"g": 1}, synchronous=False),
    ):
        operation.wait()
    assert stored(store) == ({"a": "1", "b": "1", "e": "1"}, {"c": 1, "d": 1}, {"f": "1", "g": "1"})
    assert nbtrail.log_param("a", 1, synchronous=True) == 1
    assert nbtrail.log_metric("c", 1, synchronous=True) is None
    nbtrail.flush_async_logging()


def test_another_run_is_logged_to_by_its_id() -> None:
    with nbtrail.start_run() as first:
        pass
    with nbtrail.start_run() as second:
        nbtrail.log_metric("m", 1, run_id=first.run_id)
        nbtrail.log_metrics({"n": 2}, run_id=first.run_id)
        nbtrail.log_params({"p": 3}, run_id=first.run_id)
        nbtrail.log_batch(tags={"t": 4}, run_id=first.run_id)
        nbtrail.log_metric("own", 1, run_id=second.run_id)
    assert (first.data.metrics, first.data.params) == ({"m": 1.0, "n": 2.0}, {"p": "3"})
    assert first.data.tags["t"] == "4"
    assert first.info.status == "FINISHED"
    assert second.data.metrics == {"own": 1.0}
    nbtrail.delete_run(first.run_id)
    for run_id, error in ((first.run_id, InvalidValue), ("missing", NotFound)):
        with pytest.raises(error):
            nbtrail.log_metric("m", 1, run_id=run_id)
    assert nbtrail.active_run() is None


def test_a_batch_is_kept_whole_or_not_at_all() -> None:
    with nbtrail.start_run() as run:
        nbtrail.log_metric("loss", 3.0)
        nbtrail.log_batch(
            metrics=[Metric("loss", 2.0, 5, 0), Metric("loss", 1.0, 6, 1)],
            params=[Param("lr", "0.1"), Param("lr", "0.1")],
            tags=[RunTag("a", "1"), RunTag("a", "2")],
        )
        for params in ({"new": 1, "lr": 0.2}, [Param("x", "1"), Param("x", "2")], {"b=d": 1}):
            with pytest.raises(InvalidValue):
                nbtrail.log_batch([Metric("loss", 9.0, 7, 2)], params, {"no": 1})
        with pytest.raises(InvalidValue, match="needs a number"):
            nbtrail.log_batch([Metric("loss", "x", 7, 2)], {"new": 1})  # type: ignore[arg-type]
    run.store.drain()
    points = run.store.metrics.history(run.run_id, "loss")
    assert [(p.value, p.step) for p in points] == [(3.0, 0), (2.0, 0), (1.0, 1)]
    assert run.data.params == {"lr": "0.1"}
    assert run.data.tags["a"] == "2"
    assert "no" not in run.data.tags


def test_points_of_one_call_share_their_moment_and_keep_their_order() -> None:
    with nbtrail.start_run() as run:
        nbtrail.log_metric("b", 1.0)
        nbtrail.log_metrics({"a": 1.0, "b": 2.0, "c": 3.0})
        nbtrail.log_metrics({"b": 3.0})
    assert run.data.metrics == {"a": 1.0, "b": 3.0, "c": 3.0}
    run.store.drain()
    assert len({run.store.metrics.history(run.run_id, key)[-2:][0].timestamp for key in "ac"}) == 1


def test_a_tag_is_deleted() -> None:
    with nbtrail.start_run() as run:
        nbtrail.set_tags({"a": 1, "b": 2})
        nbtrail.delete_tag("a")
        with pytest.raises(NotFound, match="has no tag 'a'"):
            nbtrail.delete_tag("a")
    assert "a" not in run.data.tags
    assert run.data.tags["b"] == "2"


# Datasets and models


def test_datasets_are_inputs() -> None:
    import pandas as pd

    frame = nbtrail.data.from_pandas(pd.DataFrame({"x": [1, 2]}), name="frame")
    other = Dataset("other", "abc", "local", "other.csv")
    with nbtrail.start_run() as run:
        nbtrail.log_input(frame, context="training", tags={"k": "v"})
        nbtrail.log_inputs([other, None, frame], ["test", None, None], [None, None, None])
        nbtrail.log_input()
        with pytest.raises(InvalidValue, match="as many contexts and tags"):
            nbtrail.log_inputs([other], ["a", "b"])
        with pytest.raises(InvalidValue, match="A DataFrame is no dataset"):
            nbtrail.log_input(pd.DataFrame())
    inputs = {
        (one.dataset.name, frozenset((tag.key, tag.value) for tag in one.tags))
        for one in run.inputs.dataset_inputs
    }
    assert inputs == {
        ("frame", frozenset({("mlflow.data.context", "training"), ("k", "v")})),
        ("frame", frozenset()),
        ("other", frozenset({("mlflow.data.context", "test")})),
    }


def test_metrics_of_a_model_on_a_dataset(store: Store) -> None:
    data = Dataset("eval", "abc", "local", "eval.csv")
    with nbtrail.start_run() as run:
        model_id = f"m-{'0' * 32}"
        store.registry.log_model(LoggedModel(model_id, "0", "m", "x", 1, run.run_id))
        nbtrail.log_metric("acc", 0.5, model_id=model_id, dataset=data, step=3)
        nbtrail.log_metrics({"f1": math.nan}, model_id=model_id)
        nbtrail.log_batch([Metric("auc", 0.25, 1, 0, model_id, "eval", "abc")])
        for wrong in (
            lambda: nbtrail.log_metric("acc", 1, model_id="m-missing"),
            lambda: nbtrail.log_batch([Metric("acc", 1, 1, 0, "m-missing")]),
        ):
            with pytest.raises(NotFound, match="no logged model"):
                wrong()
    assert run.data.metrics == pytest.approx({"acc": 0.5, "f1": math.nan, "auc": 0.25}, nan_ok=True)
    kept = {
        (m.key, m.step, m.dataset_name, m.dataset_digest) for m in store.registry.metrics(model_id)
    }
    assert kept == {
        ("acc", 3, "eval", "abc"), ("f1", 0, None, None), ("auc", 0, "eval", "abc"),
    }  # fmt: skip
    assert [one.dataset for one in run.inputs.dataset_inputs] == [data]


def test_a_series_of_pandas_is_as_good_as_a_dict() -> None:
    means = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}).mean()
    with nbtrail.start_run() as run:
        nbtrail.log_metrics(means, step=2)
        nbtrail.log_params(means)
    assert run.data.metrics == {"a": 1.5, "b": 3.5}
    assert run.data.params == {"a": "1.5", "b": "3.5"}


def test_long_values_are_cut_and_that_is_told(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "_told", set())
    listed, odd = list(range(3000)), [object()] * 500
    with nbtrail.start_run(tags={"long": "t" * 9000}, description="d" * 9000) as run:
        nbtrail.log_params({"short": 1, "text": "x" * 7000, "list": listed, "odd": odd})
        nbtrail.log_param("text", "x" * 7000)
        nbtrail.set_tag("tag", "y" * 9000)
    data = nbtrail.get_run(run.run_id).data
    assert {key: len(value) for key, value in data.params.items()} == {
        "short": 1, "text": 6000, "list": 6000, "odd": 6000,
    }  # fmt: skip
    whole = {record.key: record.typed for record in data.param_records}
    assert (whole["text"], whole["list"], whole["odd"]) == ("x" * 7000, listed, str(odd))
    assert {len(data.tags[key]) for key in ("long", "tag", "mlflow.note.content")} == {8000}
    assert "'text' has 7000 characters. Its text is cut to 6000; the whole" in caplog.text
    assert "'tag' has 9000 characters and is cut to 8000: the rest is not kept" in caplog.text


@pytest.mark.parametrize(
    "variable", ["NBTRAIL_TRUNCATE_LONG_VALUES", "MLFLOW_TRUNCATE_LONG_VALUES"]
)
def test_long_values_are_refused_where_that_is_asked_for(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "False")
    with nbtrail.start_run() as run:
        for log in (nbtrail.log_param, nbtrail.set_tag):
            with pytest.raises(InvalidValue, match="are allowed"):
                log("long", "x" * 9000)
    assert run.data.params == {}


@pytest.mark.parametrize("tags", [["a"], "a", 5])
def test_tags_that_are_no_dict_are_told(tags: Any) -> None:
    with pytest.raises(InvalidValue, match="Tags are a dict"):
        nbtrail.start_run(tags=tags)
    with nbtrail.start_run(), pytest.raises(InvalidValue, match="Tags are a dict"):
        nbtrail.set_tags(tags)


LONG = 10**5000  # Python does not write it out


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (lambda: nbtrail.log_metric("a", 1, step=LONG), "step must fit 64 bits"),
        (lambda: nbtrail.log_metric("a", 1, timestamp=LONG), "timestamp must fit 64 bits"),
        (lambda: nbtrail.log_param("a", LONG), "cannot be written as text"),
        (lambda: nbtrail.set_tag("a", LONG), "cannot be written as text"),
        (lambda: nbtrail.log_histogram([LONG], "a"), "The histogram 'a' cannot be made"),
        (lambda: nbtrail.log_metric(["a"], 1), "A metric needs a name"),
        (lambda: nbtrail.log_param({}, 1), "A param needs a name"),
        (lambda: nbtrail.log_metrics(None), "Metrics are a dict"),
        (lambda: nbtrail.log_params("x"), "Params are a dict"),
        (lambda: nbtrail.log_param("a\ud800", 1), r"'a\\ud800' has the character '\\ud800'"),
        (lambda: nbtrail.log_dict(_cyclic(), "a.json"), "contains itself"),
        (lambda: nbtrail.log_artifact("x" * 300), "There is no file"),
        (lambda: nbtrail.Client().search_runs(["0"], max_results=1.5), "max_results must be from"),
        (lambda: nbtrail.history([], ["m"], x=None), "The x axis is step"),
    ],
)
def test_what_cannot_be_is_a_sentence(log: Callable[[], object], message: str) -> None:
    with pytest.raises(NbtrailError, match=message) as told:
        log()
    str(told.value).encode()  # a terminal can print it


def _cyclic() -> dict[str, Any]:
    found: dict[str, Any] = {}
    found["a"] = found
    return found


@pytest.mark.parametrize("file", ["a.yaml", "a.json"])
def test_a_dict_of_what_neither_json_nor_yaml_knows(file: str) -> None:
    given = OrderedDict(lr=np.float64(0.1), path=Path("a"), status=ViewType.ALL, shape=(1, 2))
    with nbtrail.start_run() as run:
        nbtrail.log_dict({("a", 1): given}, file)
    text = run.artifacts.read(file).decode()
    assert "0.1" in text
    assert "path: a" in text or '"path": "a"' in text
