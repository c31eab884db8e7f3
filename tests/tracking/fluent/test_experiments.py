"""Experiments and the place where this process records."""

from __future__ import annotations

from pathlib import Path

import pytest

import nbtrail
from nbtrail.entities import ViewType
from nbtrail.errors import AlreadyExists, InvalidValue, NotFound
from nbtrail.store import Store


def test_experiments_by_name_and_id(store: Store) -> None:
    with pytest.raises(InvalidValue, match="name or its id"):
        nbtrail.set_experiment()
    with pytest.raises(InvalidValue, match="name or its id"):
        nbtrail.set_experiment("a", "1")
    with pytest.raises(InvalidValue, match="cannot name an experiment"):
        nbtrail.set_experiment(" ")
    with pytest.raises(NotFound, match="no experiment with id '9'"):
        nbtrail.set_experiment(experiment_id="9")
    made = nbtrail.set_experiment("iris")
    assert nbtrail.set_experiment(experiment_id=made.experiment_id) == made
    with nbtrail.start_run() as run:
        assert run.info.experiment_id == made.experiment_id
    with nbtrail.start_run(experiment_id="0") as run:
        assert run.info.experiment_id == "0"


def test_the_environment_names_the_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBTRAIL_EXPERIMENT", "from outside")
    with nbtrail.start_run() as run:
        experiment = run.store.experiments.get(run.info.experiment_id)
    assert experiment.name == "from outside"


def test_the_environment_may_have_its_id(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    wine = store.experiments.create("wine").experiment_id
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", wine)
    with nbtrail.start_run() as run:
        assert run.info.experiment_id == wine
    monkeypatch.setenv("NBTRAIL_EXPERIMENT", "other")
    with nbtrail.start_run() as run:
        assert run.info.experiment_id != wine


@pytest.mark.parametrize("uri", ["databricks", "sqlite:///:memory:"])
def test_what_means_something_else_in_mlflow_is_no_directory(workdir: Path, uri: str) -> None:
    nbtrail.set_tracking_uri(uri)
    with pytest.raises(InvalidValue, match=r"[Gg]ive"):
        nbtrail.log_metric("a", 1)
    assert list(workdir.iterdir()) == []


def test_who_named_a_place_for_mlflow_is_told_that_it_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://host")
    nbtrail.log_param("a", 1)
    assert "(MLFLOW_TRACKING_URI is not for it; NBTRAIL_TRACKING_URI is)" in capsys.readouterr().err


def test_models_are_registered_where_runs_are(store: Store) -> None:
    nbtrail.set_registry_uri("elsewhere")
    assert nbtrail.get_registry_uri() == store.uri


def test_another_tracking_uri_is_another_store(workdir: Path) -> None:
    nbtrail.set_experiment("iris")
    with nbtrail.start_run():
        pass
    nbtrail.set_tracking_uri("sqlite:///other.db")
    nbtrail.set_experiment("wine")
    nbtrail.set_experiment("iris")
    with nbtrail.start_run() as run:
        assert run.store.experiments.get(run.info.experiment_id).name == "iris"
    assert nbtrail.get_tracking_uri() == f"sqlite:///{workdir}/other.db"
    nbtrail.set_tracking_uri(workdir / "third")
    with nbtrail.start_run() as run:
        assert run.store.experiments.get(run.info.experiment_id).name == "iris"
    nbtrail.set_tracking_uri(None)
    assert len(nbtrail.search_runs()) == 1
    nbtrail.set_tracking_uri("http://host/x")
    with pytest.raises(InvalidValue, match="not a place"):
        nbtrail.log_metric("a", 1)


def test_a_new_store_is_told_in_one_line(
    workdir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nbtrail.log_param("a", 1)
    nbtrail.end_run()
    assert capsys.readouterr() == ("", f"nbtrail records in {workdir}/.nbtrail\n")
    nbtrail.set_tracking_uri(None)
    nbtrail.log_param("a", 1)
    nbtrail.end_run()
    nbtrail.set_tracking_uri("chosen")
    nbtrail.log_param("a", 1)
    assert capsys.readouterr() == ("", "")


def test_experiments_are_made_found_and_deleted() -> None:
    first = nbtrail.create_experiment("xgb one", tags={"project": "pricing", "n": 1})
    second = nbtrail.create_experiment("other", artifact_location="elsewhere")
    assert isinstance(first, str)
    with pytest.raises(AlreadyExists, match="'xgb one' already exists"):
        nbtrail.create_experiment("xgb one")
    assert nbtrail.get_experiment(first).tags == {"project": "pricing", "n": "1"}
    assert nbtrail.get_experiment_by_name("nothing") is None
    found = nbtrail.search_experiments(
        filter_string="tags.project = 'pricing' and name LIKE 'xgb%'", order_by=["name ASC"]
    )
    assert [one.experiment_id for one in found] == [first]
    assert [one.name for one in nbtrail.search_experiments(max_results=2)] == ["other", "xgb one"]
    nbtrail.rename_experiment(second, "third")
    nbtrail.delete_experiment(first)
    assert [one.name for one in nbtrail.search_experiments()] == ["third", "Default"]
    deleted = nbtrail.search_experiments(view_type=ViewType.DELETED_ONLY)
    assert [one.name for one in deleted] == ["xgb one"]
    for choose in ({"experiment_name": "xgb one"}, {"experiment_id": first}):
        with pytest.raises(InvalidValue, match="the deleted experiment"):
            nbtrail.set_experiment(**choose)
    with pytest.raises(InvalidValue, match="is deleted"):
        nbtrail.start_run(experiment_id=first)
    assert nbtrail.active_run() is None
    nbtrail.restore_experiment(first)
    assert nbtrail.set_experiment("xgb one").experiment_id == first


def test_all_pages_of_experiments(store: Store) -> None:
    with store.transaction():
        for number in range(1010):
            store.experiments.create(f"e{number}")
    assert len(nbtrail.search_experiments()) == 1011
    assert len(nbtrail.search_experiments(max_results=1005)) == 1005


def test_tags_of_the_current_experiment() -> None:
    nbtrail.set_experiment("iris")
    nbtrail.set_experiment_tag("a", 1)
    nbtrail.set_experiment_tags({"b": 2, "c": 3})
    nbtrail.delete_experiment_tag("a")
    found = nbtrail.get_experiment_by_name("iris")
    assert found is not None
    assert found.tags == {"b": "2", "c": "3"}
    with pytest.raises(NotFound, match="has no tag 'a'"):
        nbtrail.delete_experiment_tag("a")


def test_an_experiment_that_is_renamed_elsewhere_stays_the_chosen_one(store: Store) -> None:
    chosen = nbtrail.set_experiment("before").experiment_id
    with nbtrail.start_run() as first:
        pass
    store.experiments.rename(chosen, "after")
    with nbtrail.start_run() as second:
        pass
    assert first.experiment_id == second.experiment_id == chosen


def test_the_place_that_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not nbtrail.is_tracking_uri_set()
    monkeypatch.setenv("NBTRAIL_TRACKING_URI", "there")
    assert nbtrail.is_tracking_uri_set()
    monkeypatch.delenv("NBTRAIL_TRACKING_URI")
    nbtrail.set_tracking_uri("there")
    assert nbtrail.is_tracking_uri_set()
