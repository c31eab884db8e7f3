"""Datasets are kept once by name and digest, and linked to the runs that used them."""

from __future__ import annotations

import pytest

from nbtrail.entities import Dataset, DatasetInput, InputTag
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store

SALES = Dataset("sales", "d1", "s3", '{"uri": "s3://b/x"}', '{"mlflow_colspec": []}', "{}")


def used(dataset: Dataset = SALES, context: str | None = None, **tags: str) -> DatasetInput:
    context_tags = {} if context is None else {"mlflow.data.context": context}
    return DatasetInput(dataset, [InputTag(*pair) for pair in {**context_tags, **tags}.items()])


@pytest.fixture
def run_id(store: Store) -> str:
    return store.runs.create("0").info.run_id


def test_a_run_has_its_inputs(store: Store, run_id: str) -> None:
    validation = Dataset("sales", "d2", "code", "{}")
    store.datasets.link(run_id, [used(SALES, "training"), used(validation, "validation", by="me")])
    inputs = store.runs.get(run_id).inputs.dataset_inputs
    assert inputs == [used(SALES, "training"), used(validation, "validation", by="me")]
    assert [run.inputs.dataset_inputs for run in store.runs.search()[0]] == [inputs]


def test_a_dataset_is_kept_once(store: Store, run_id: str) -> None:
    bare = Dataset("sales", "d1", "local", "{}", None, None)
    store.datasets.link(run_id, [used(bare)])
    other = store.runs.create("0").info.run_id
    store.datasets.link(other, [used(SALES)])
    kept = store.datasets.get("sales", "d1")
    assert (kept.source, kept.schema, kept.profile) == ("{}", SALES.schema, SALES.profile)
    assert len(store.datasets.search()) == 1


def test_linked_again(store: Store, run_id: str) -> None:
    store.datasets.link(run_id, [used(SALES, "training", a="1", b="2")], execution=None)
    store.datasets.link(run_id, [used(SALES, "training", b="3")])
    store.datasets.link(run_id, [used(SALES, "test")])
    inputs = store.runs.get(run_id).inputs.dataset_inputs
    tags = [{tag.key: tag.value for tag in one.tags} for one in inputs]
    assert sorted(tags, key=len) == [
        {"mlflow.data.context": "test"},
        {"mlflow.data.context": "training", "a": "1", "b": "3"},
    ]


def test_the_cell_that_linked_it(store: Store, run_id: str) -> None:
    session = store.trails.start_session(1, None, None).session_id
    cells = [store.trails.begin(session, n, "c", "pass", 1) for n in range(2)]
    store.datasets.link(run_id, [used(SALES)], cells[0])
    store.datasets.link(run_id, [used(SALES)], cells[1])
    (one,) = store.runs.get(run_id).inputs.dataset_inputs
    assert one.execution == cells[0]


def test_what_was_used_last_comes_first(store: Store) -> None:
    experiment = store.experiments.ensure("other").experiment_id
    runs = [
        store.runs.create(where, start_time=at).info.run_id
        for where, at in (("0", 1000), ("0", 3000), (experiment, 2000))
    ]
    old, new = Dataset("old", "d", "code", "{}"), Dataset("new%", "d", "code", "{}")
    store.datasets.link(runs[0], [used(old, "training"), used(old, "test")])
    store.datasets.link(runs[2], [used(old)])
    store.datasets.link(runs[1], [used(new)])
    found = store.datasets.search()
    assert [(s.dataset.name, s.runs, s.last_used, s.contexts) for s in found] == [
        ("new%", 1, 3000, []),
        ("old", 2, 2000, ["test", "training"]),
    ]
    assert [s.dataset.name for s in store.datasets.search(name_like="o%")] == ["old"]
    assert [s.runs for s in store.datasets.search(experiment_ids=[experiment])] == [1]
    assert store.datasets.search(experiment_ids=[]) == []
    assert [s.dataset.name for s in store.datasets.search(max_results=1)] == ["new%"]


def test_one_that_is_not_there(store: Store, run_id: str) -> None:
    store.datasets.link(run_id, [used(SALES)])
    with pytest.raises(NotFound, match=r"no dataset 'sale' .*Did you mean 'sales'\?"):
        store.datasets.get("sale", "d1")
    with pytest.raises(NotFound, match=r"no dataset 'sales' with digest 'd9'\.$"):
        store.datasets.get("sales", "d9")
    with pytest.raises(NotFound, match="no run 'x'"):
        store.datasets.link("x", [used()])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (used(Dataset("", "d", "code", "{}")), "cannot name a dataset"),
        (used(Dataset("a\nb", "d", "code", "{}")), "cannot name a dataset"),
        (used(Dataset("a", "", "code", "{}")), "has no digest"),
        (used(Dataset("a", "d" * 37, "code", "{}")), "digest of dataset 'a' has 37 characters"),
        (used(Dataset("a", "d", "code", "x" * 65_536)), "source of dataset 'a' has 65536"),
        (used(Dataset("a", "d", "code", "\udcff")), "cannot be stored"),
        (used(SALES, "x" * 501), "has 501 characters; 500 are allowed"),
        (used(SALES, None, **{"k" * 256: "v"}), "has 256 characters; 255 are allowed"),
    ],
)
def test_mistakes_link_nothing(store: Store, run_id: str, wrong: DatasetInput, told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        store.datasets.link(run_id, [used(SALES), wrong])
    assert store.datasets.search() == []
