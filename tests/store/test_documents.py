"""Runs that are registered after the fact, from a document."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtrail.entities import InputTag
from nbtrail.errors import AlreadyExists, InvalidValue
from nbtrail.store import Store, documents

FULL: dict[str, Any] = {
    "run_id": "elsewhere-1",
    "name": "first",
    "experiment": "wine",
    "status": "FAILED",
    "error": "ValueError: no wine",
    "start_time": "2026-03-01T12:00:00+01:00",
    "end_time": 1772362810000,
    "user": "ada",
    "note": "the first of all",
    "params": {"lr": 0.1, "layers": [64, 32], "name": "net", "seed": None},
    "metrics": {
        "acc": 0.5,
        "loss": [3, "NaN", {"value": "-Infinity", "step": 7, "timestamp": 1772362805000}],
    },
    "tags": {"team": "blue"},
    "datasets": [{"name": "bottles", "digest": "1a2b", "source": "a.csv", "context": "train"}],
    "artifacts": [{"path": "model.pkl", "uri": "s3://bucket/model.pkl", "size": 12}],
}


def count(store: Store) -> int:
    return len(store.runs.search()[0])


def test_everything_of_a_document_is_recorded(store: Store) -> None:
    run = store.documents.register(documents.read(json.dumps(FULL)))
    info = run.info
    assert (info.run_id, info.run_name, info.user_id) == ("elsewhere-1", "first", "ada")
    assert (info.status, info.error) == ("FAILED", "ValueError: no wine")
    assert (info.start_time, info.end_time) == (1772362800000, 1772362810000)
    assert store.experiments.get(info.experiment_id).name == "wine"
    assert {p.key: (p.value, p.typed) for p in run.data.param_records} == {
        "lr": ("0.1", 0.1),
        "layers": ("[64, 32]", [64, 32]),
        "name": ("net", "net"),
        "seed": ("None", None),
    }
    assert run.data.metrics == {"acc": 0.5, "loss": -math.inf}
    history = store.metrics.history(info.run_id, "loss")
    assert [(m.step, m.timestamp) for m in history] == [
        (0, info.start_time),
        (1, info.start_time),
        (7, 1772362805000),
    ]
    assert (history[0].value, math.isnan(history[1].value)) == (3.0, True)
    assert run.data.tags["team"] == "blue"
    assert run.data.tags["mlflow.note.content"] == "the first of all"
    (used,) = run.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest, used.dataset.source) == (
        *("bottles", "1a2b"),
        "a.csv",
    )
    assert used.tags == [InputTag("mlflow.data.context", "train")]
    (file,) = store.contexts.get(info.run_id)["artifacts"]["files"]
    assert (file["path"], file["uri"], file["size"]) == ("model.pkl", "s3://bucket/model.pkl", 12)
    assert store.doctor.examine() == []


def test_the_same_document_is_one_run(store: Store) -> None:
    first = store.documents.register(FULL)
    assert store.documents.register(json.loads(json.dumps(FULL))) == first
    assert count(store) == 1
    with pytest.raises(AlreadyExists, match="not from this document"):
        store.documents.register({**FULL, "status": "FINISHED"})
    without = {key: value for key, value in FULL.items() if key != "run_id"}
    assert store.documents.register(without) != store.documents.register(without)
    assert count(store) == 3


def test_a_run_that_was_tracked_is_not_taken_over(store: Store) -> None:
    run_id = store.runs.create("0").info.run_id
    with pytest.raises(AlreadyExists, match=f"a run '{run_id}' already"):
        store.documents.register({"run_id": run_id})


def test_an_empty_document_is_a_run(store: Store) -> None:
    info = store.documents.register({}).info
    assert (info.experiment_id, info.status, info.end_time) == ("0", "FINISHED", info.start_time)


def test_times_are_those_of_the_points_if_not_given(store: Store) -> None:
    points = [{"value": 1, "timestamp": 5000}, {"value": 2, "timestamp": 9000}]
    info = store.documents.register({"metrics": {"loss": points}}).info
    assert (info.start_time, info.end_time) == (5000, 9000)
    info = store.documents.register({"start_time": 1000}).info
    assert (info.start_time, info.end_time) == (1000, 1000)


def test_numpy_values_are_numbers(store: Store) -> None:
    values = {"acc": np.float32(0.5), "loss": np.array([2.0, 1.0]), "n": np.int64(3)}
    run = store.documents.register({"metrics": values, "params": {"k": np.int64(5), "p": object}})
    assert run.data.metrics == {"acc": 0.5, "loss": 1.0, "n": 3.0}
    assert run.data.params == {"k": "5", "p": "<class 'object'>"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "The document is not valid JSON"),
        ("[]", "Expected `object`, got `array`"),
        ('{"metric": {}}', "There is no field 'metric'. Did you mean 'metrics'?"),
        ('{"metrics": {"a": "high"}}', "at `metrics['a']`"),
        ('{"metrics": {"a": [1, {"value": true}]}}', "at `metrics['a'][1].value`"),
        ('{"metrics": {"a": [{"step": 1}]}}', "missing required field `value` - at `metrics"),
        ('{"metrics": {"a": [{"value": 1, "step": 1.5}]}}', "at `metrics['a'][0].step`"),
        ('{"metrics": {"a": [{"value": 1, "step": 1e30}]}}', "at `metrics['a'][0].step`"),
        ('{"metrics": {"a": NaN}}', "not valid JSON"),
        ('{"tags": {"a": 1}}', "at `tags['a']`"),
        ('{"params": []}', "at `$.params`"),
        ('{"status": "RUNNING"}', "'RUNNING' - at `$.status`"),
        ('{"start_time": "yesterday"}', "at `$.start_time`"),
        ('{"start_time": "2026-03-01T12:00:00"}', "timezone component - at `$.start_time`"),
        ('{"start_time": 10, "end_time": 5}', "'end_time' is before 'start_time'"),
        ('{"datasets": [{"name": "a"}]}', "missing required field `digest` - at `$.datasets[0]`"),
        ('{"run_id": "../a"}', "cannot be the id of a run"),
        ('{"name": "two\\nlines"}', "cannot name a run"),
        ('{"experiment": ""}', "cannot name an experiment"),
        ('{"params": {"a/../b": 1}}', "param name 'a/../b'"),
        ('{"params": {"a": 1}, "metrics": {"/x": 1}}', "metric name '/x'"),
        ('{"tags": {"a": "' + "x" * 8001 + '"}}', "8000 are allowed"),
        ('{"params": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}", "recursion"),
    ],
    ids=lambda value: value[:40],
)
def test_a_mistake_is_told_with_its_field_and_leaves_nothing(
    store: Store, document: str, message: str
) -> None:
    with pytest.raises(InvalidValue) as raised:
        store.documents.register(documents.read(document))
    assert message.lower() in str(raised.value).lower()
    assert count(store) == 0
    assert store.experiments.get_by_name("wine") is None


def test_a_mistake_costs_no_point_of_this_process(store: Store) -> None:
    """The journal is opened before the transaction that a mistake takes back."""
    with pytest.raises(InvalidValue):
        store.documents.register({"params": {"a/../b": 1}})
    run_id = store.runs.create("0").info.run_id
    store.log_point(store.metrics.series_id(run_id, "loss"), None, 0, 1, 0.5)
    store.drain()
    assert store.runs.get(run_id).data.metrics == {"loss": 0.5}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(documents.RunDocument.__struct_fields__)


@given(document=st.dictionaries(FIELDS, JSON, max_size=4))
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_document_is_a_run_or_a_mistake(store: Store, document: dict[str, Any]) -> None:
    try:
        run = store.documents.register(document)
    except (InvalidValue, AlreadyExists):
        return
    assert store.runs.get(run.info.run_id) == run or "nan" in repr(run)


def test_the_schema_accepts_what_is_accepted() -> None:
    schema = documents.schema()
    properties = schema["$defs"]["RunDocument"]["properties"]
    assert set(properties) == set(FULL)
    import jsonschema

    jsonschema.validate(FULL, schema)
    with pytest.raises(jsonschema.ValidationError, match="metric"):
        jsonschema.validate({"metric": {}}, schema)


@pytest.mark.parametrize(
    "reference",
    [
        {"path": "../../etc/passwd", "uri": "s3://a/b"},
        {"path": "/etc/passwd", "uri": "s3://a/b"},
        {"path": "a/..", "uri": "s3://a/b"},
        {"path": "", "uri": "s3://a/b"},
        {"path": "a", "uri": "javascript:alert(1)"},
        {"path": "a", "uri": "data:text/html,x"},
        {"path": "a", "uri": "s3://a/b", "size": -5},
    ],
)
def test_a_reference_that_leads_elsewhere_is_refused(reference: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="The document cannot be used"):
        documents.read({"artifacts": [reference]})


@pytest.mark.parametrize("uri", ["/data/a:b", "data/x", "s3://a/b", "https://h/x?a=1", "file:///x"])
def test_references_to_where_files_are(uri: str) -> None:
    given = {"path": "plots/..roc.png", "uri": uri, "size": 0}
    assert documents.read({"artifacts": [given]}).artifacts[0].uri == uri
