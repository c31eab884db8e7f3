"""Experiments by name and id."""

from __future__ import annotations

from typing import Any

import pytest

from nbtrail.entities import ViewType
from nbtrail.errors import AlreadyExists, InvalidState, InvalidValue, NotFound
from nbtrail.store import Store


def test_no_experiment_gets_the_id_of_one_that_is_gone_for_good(store: Store) -> None:
    made = store.experiments.create("first")
    store.experiments.delete(made.experiment_id)
    store.gc.forget_experiment(made.experiment_id)
    assert int(store.experiments.create("second").experiment_id) > int(made.experiment_id)


def test_an_experiment_is_made_once(store: Store) -> None:
    made = store.experiments.create("iris", tags={"team": "blue"})
    assert (made.experiment_id, made.name, made.tags) == ("1", "iris", {"team": "blue"})
    assert made.artifact_location == str(store.artifact_root / "1")
    assert made.lifecycle_stage == "active"
    assert made.creation_time == made.last_update_time
    assert store.experiments.get("1") == store.experiments.get_by_name("iris") == made
    assert store.experiments.ensure("iris") == made
    with pytest.raises(AlreadyExists, match="Experiment 'iris' already exists"):
        store.experiments.create("iris")
    assert store.experiments.ensure("wine").experiment_id == "2"


def test_an_unknown_experiment_names_the_closest(store: Store) -> None:
    store.experiments.create("iris")
    assert store.experiments.get_by_name("irsi") is None
    with pytest.raises(NotFound, match=r"Did you mean 'iris'\?"):
        store.experiments.named("irsi")
    for odd in ("\ud800", None, 5):
        assert store.experiments.get_by_name(odd) is None  # type: ignore[arg-type]
        with pytest.raises(NotFound, match="no experiment"):
            store.experiments.named(odd)  # type: ignore[arg-type]
    for experiment_id in ("9", "1.0", " 1", "x", "", "-1", "9" * 30):
        with pytest.raises(NotFound, match="no experiment with id"):
            store.experiments.get(experiment_id)


@pytest.mark.parametrize("name", ["", "  ", None, 5, "x" * 501, "\ud800", "two\nlines"])
def test_a_name_is_text(store: Store, name: str) -> None:
    with pytest.raises(InvalidValue, match="name"):
        store.experiments.create(name)


def test_the_latest_work_comes_first(store: Store) -> None:
    first, second = store.experiments.create("first"), store.experiments.create("second")
    store.runs.create(second.experiment_id, start_time=2**46)
    store.runs.create(first.experiment_id, start_time=2**47)
    names = [experiment.name for experiment in store.experiments.list()]
    assert names == ["first", "second", "Default"]
    assert store.experiments.run_counts() == {"1": 1, "2": 1}


@pytest.mark.parametrize("location", [" ", "runs:/abc/here", "a\nb", "s3://" + "x" * 2048, 5])
def test_a_place_for_artifacts_that_is_none(store: Store, location: str) -> None:
    with pytest.raises(InvalidValue, match=r"place for artifacts|inside a run|characters"):
        store.experiments.create("x", location)
    assert store.experiments.get_by_name("x") is None


def test_rename(store: Store) -> None:
    made = store.experiments.create("irsi")
    store.experiments.create("wine")
    store.experiments.rename(made.experiment_id, "iris")
    store.experiments.rename(made.experiment_id, "iris")
    assert store.experiments.named("iris").experiment_id == made.experiment_id
    with pytest.raises(AlreadyExists, match="'wine' already exists"):
        store.experiments.rename(made.experiment_id, "wine")
    with pytest.raises(InvalidValue, match="cannot name an experiment"):
        store.experiments.rename(made.experiment_id, "")
    with pytest.raises(NotFound):
        store.experiments.rename("99", "x")


def test_a_deleted_experiment_takes_no_runs(store: Store) -> None:
    made = store.experiments.create("iris")
    run = store.runs.create(made.experiment_id).info.run_id
    store.experiments.delete(made.experiment_id)
    store.experiments.delete(made.experiment_id)
    assert store.experiments.get(made.experiment_id).lifecycle_stage == "deleted"
    assert [one.name for one in store.experiments.list()] == ["Default"]
    assert store.runs.search() == ([], None)
    how = r"Restore it with nbtrail.restore_experiment\('1'\)"
    with pytest.raises(InvalidValue, match=how):
        store.runs.create(made.experiment_id)
    with pytest.raises(InvalidValue, match=how):
        store.runs.restore(run)
    with pytest.raises(InvalidValue, match=how):
        store.experiments.ensure("iris")
    with pytest.raises(AlreadyExists, match="It is deleted: restore it with"):
        store.experiments.create("iris")
    for change in (
        lambda: store.experiments.rename("1", "x"),
        lambda: store.experiments.set_tags("1", {"a": "b"}),
        lambda: store.experiments.delete_tag("1", "a"),
    ):
        with pytest.raises(InvalidState, match="is deleted and cannot be changed"):
            change()


def test_restoring_brings_back_what_was_there(store: Store, monkeypatch: Any) -> None:
    made = store.experiments.create("iris").experiment_id
    gone, kept = (store.runs.create(made).info.run_id for _ in range(2))
    monkeypatch.setattr("time.time", lambda: 1e9)
    store.runs.delete(gone)
    monkeypatch.undo()
    store.experiments.delete(made)
    store.experiments.restore(made)
    assert store.experiments.get(made).lifecycle_stage == "active"
    assert [run.info.run_id for run in store.runs.search()[0]] == [kept]


def test_default_stays(store: Store) -> None:
    with pytest.raises(InvalidValue, match="'Default' cannot be deleted"):
        store.experiments.delete("0")
    for act in (store.experiments.delete, store.experiments.restore):
        with pytest.raises(NotFound):
            act("99")


def test_tags(store: Store) -> None:
    store.experiments.set_tags("0", {"a": "1", "b": "2"})
    store.experiments.set_tags("0", {"b": "x" * 20_000})
    store.experiments.delete_tag("0", "a")
    assert store.experiments.get("0").tags == {"b": "x" * 20_000}
    with pytest.raises(NotFound, match="no tag 'a'"):
        store.experiments.delete_tag("0", "a")
    for tags in ({"a": "x" * 20_001}, {"/a": "1"}, {"a" * 251: "1"}):
        with pytest.raises(InvalidValue):
            store.experiments.set_tags("0", {"c": "1", **tags})
        with pytest.raises(InvalidValue):
            store.experiments.create("new", tags=tags)
    assert [one.name for one in store.experiments.list()] == ["Default"]
    assert store.experiments.get("0").tags.keys() == {"b"}


@pytest.fixture
def projects(store: Store) -> Store:
    for name, project in [("xgb small", "pricing"), ("xgb big", "pricing"), ("XGB", "churn")]:
        store.experiments.create(name, tags={"project": project})
    store.experiments.create("gone", tags={"project": "pricing"})
    store.experiments.delete("4")
    return store


@pytest.mark.parametrize(
    ("filter_string", "names"),
    [
        ("tags.project = 'pricing' and name LIKE 'xgb%'", ["xgb small", "xgb big"]),
        ("name ILIKE 'xgb%' and not tags.project = 'pricing'", ["XGB"]),
        ("tags.project is null or experiment_id in (1, '3')", ["Default", "xgb small", "XGB"]),
        ("attribute.name = 'gone'", []),
        ("creation_time > -1h and last_update_time <= +1h", 4),
        ("tag.project != 'churn'", ["xgb small", "xgb big"]),
    ],
)
def test_experiments_are_searched(projects: Store, filter_string: str, names: Any) -> None:
    found, token = projects.experiments.search(
        filter_string=filter_string, order_by=["experiment_id"]
    )
    assert token is None
    if isinstance(names, int):
        assert len(found) == names
    else:
        assert [one.name for one in found] == names
        assert {one.name for one in projects.experiments.list(filter_string=filter_string)} == {
            *names
        }


@pytest.mark.parametrize(
    ("filter_string", "message"),
    [
        ("metrics.acc > 1", r"An experiment has no metrics \(character 1\)"),
        ("nme = 'x'", r"An experiment has no attribute 'nme' \(character 1\). Did you mean 'name'"),
        ("name = 'x' and tgs.project = 'y'", r"character 16\). Did you mean 'tags.project'"),
        ("name >> 1", "at character 7"),
    ],
)
def test_a_filter_of_experiments_that_is_not_understood(
    store: Store, filter_string: str, message: str
) -> None:
    with pytest.raises(InvalidValue, match=message):
        store.experiments.search(filter_string=filter_string)


def test_pages_and_views_of_experiments(projects: Store) -> None:
    seen: list[str] = []
    token: str | None = None
    for _ in range(9):
        found, token = projects.experiments.search(
            ViewType.ALL, order_by=["tags.project DESC", "name"], max_results=2, page_token=token
        )
        seen += [one.name for one in found]
        if token is None:
            break
    assert seen == ["gone", "xgb big", "xgb small", "XGB", "Default"]
    assert [one.name for one in projects.experiments.search(ViewType.DELETED_ONLY)[0]] == ["gone"]
    newest = [one.name for one in projects.experiments.search()[0]]
    assert newest == ["XGB", "xgb big", "xgb small", "Default"]
