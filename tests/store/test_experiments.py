"""Experiments by name and id."""

from __future__ import annotations

import pytest

from nbtrail.errors import AlreadyExists, InvalidValue, NotFound
from nbtrail.store import Store


def test_an_experiment_is_made_once(store: Store) -> None:
    made = store.experiments.create("iris", {"team": "blue"})
    assert (made.experiment_id, made.name, made.tags) == ("1", "iris", {"team": "blue"})
    assert made.artifact_location == str(store.artifact_root / "1")
    assert made.lifecycle_stage == "active"
    assert made.creation_time == made.last_update_time
    assert store.experiments.get("1") == store.experiments.by_name("iris") == made
    assert store.experiments.ensure("iris") == made
    with pytest.raises(AlreadyExists, match="an experiment 'iris' already"):
        store.experiments.create("iris")
    assert store.experiments.ensure("wine").experiment_id == "2"


def test_an_unknown_experiment_names_the_closest(store: Store) -> None:
    store.experiments.create("iris")
    assert store.experiments.by_name("irsi") is None
    with pytest.raises(NotFound, match=r"Did you mean 'iris'\?"):
        store.experiments.named("irsi")
    for experiment_id in ("9", "1.0", " 1", "x", "", "-1", "9" * 30):
        with pytest.raises(NotFound, match="no experiment with id"):
            store.experiments.get(experiment_id)


@pytest.mark.parametrize("name", ["", "  ", None, 5, "x" * 501, "\ud800"])
def test_a_name_is_text(store: Store, name: str) -> None:
    with pytest.raises(InvalidValue, match="name"):
        store.experiments.create(name)


def test_the_latest_work_comes_first(store: Store) -> None:
    first, second = store.experiments.create("first"), store.experiments.create("second")
    store.runs.create(second.experiment_id, start_time=2**50)
    store.runs.create(first.experiment_id, start_time=2**51)
    names = [experiment.name for experiment in store.experiments.list()]
    assert names == ["first", "second", "Default"]
    assert store.experiments.run_counts() == {"1": 1, "2": 1}
