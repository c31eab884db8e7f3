"""Experiments: choosing, making, finding and tagging them."""

from __future__ import annotations

from typing import Any

from nbtrail.entities import Experiment, ViewType
from nbtrail.errors import InvalidValue
from nbtrail.tracking.client import Client
from nbtrail.tracking.where import place


def set_experiment(
    experiment_name: str | None = None, experiment_id: str | None = None
) -> Experiment:
    """Make an experiment the one that new runs go to; by name, it is made when it is new.

    Raises:
        InvalidValue: neither or both of name and id are given, or the experiment is deleted.
        NotFound: there is no experiment with that id.
    """
    if (experiment_name is None) == (experiment_id is None):
        raise InvalidValue("set_experiment needs either an experiment's name or its id.")
    experiments = place.store().experiments
    if experiment_name is None:
        experiment_name = experiments.get(str(experiment_id)).name
    experiment = experiments.ensure(experiment_name)
    place.set_experiment(experiment)
    return experiment


def create_experiment(
    name: str, artifact_location: str | None = None, tags: dict[str, Any] | None = None
) -> str:
    """Make an experiment, and return its id; new runs do not go there by that.

    Args:
        name: what it is called.
        artifact_location: where the artifacts of its runs go, if not into the store.
        tags: what is to be known of it, such as ``{"project": "pricing"}``.

    Raises:
        AlreadyExists: the name is taken, perhaps by a deleted experiment.
        InvalidValue: the name, the location or a tag is not acceptable.
    """
    return Client().create_experiment(name, artifact_location, tags)


def get_experiment(experiment_id: str) -> Experiment:
    """Return an experiment, deleted or not.

    Raises:
        NotFound: there is none with that id.
    """
    return Client().get_experiment(experiment_id)


def get_experiment_by_name(name: str) -> Experiment | None:
    """Return the experiment of that name, deleted or not, or None."""
    return Client().get_experiment_by_name(name)


def search_experiments(
    view_type: int = ViewType.ACTIVE_ONLY,
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: list[str] | None = None,
) -> list[Experiment]:
    """Return the experiments that a filter selects, the newest first.

    Args:
        view_type: of `nbtrail.entities.ViewType`: active, deleted or all.
        max_results: how many at most; all when None.
        filter_string: such as ``tags.project = 'pricing' and name LIKE 'xgb%'``.
        order_by: such as ``["name ASC"]``.

    Raises:
        InvalidValue: the filter, the order or an argument is not understood.
    """
    client, found = Client(), list[Experiment]()
    token: str | None = None
    while max_results is None or len(found) < max_results:
        size = 1000 if max_results is None else min(1000, max_results - len(found))
        page = client.search_experiments(view_type, size, filter_string, order_by, token)
        found += page
        token = page.token
        if token is None:
            break
    return found


def rename_experiment(experiment_id: str, new_name: str) -> None:
    """Give an experiment another name.

    Raises:
        NotFound: there is none with that id.
        AlreadyExists: the name is another's.
        InvalidValue: the name is not acceptable.
    """
    Client().rename_experiment(experiment_id, new_name)


def delete_experiment(experiment_id: str) -> None:
    """Take an experiment and its runs out of listings; `restore_experiment` brings them back.

    Raises:
        NotFound: there is none with that id.
        InvalidValue: it is Default.
    """
    Client().delete_experiment(experiment_id)


def restore_experiment(experiment_id: str) -> None:
    """Undo `delete_experiment`.

    Raises:
        NotFound: there is none with that id.
    """
    Client().restore_experiment(experiment_id)


def set_experiment_tag(key: str, value: Any) -> None:
    """Set a tag of the current experiment; an old value is replaced."""
    set_experiment_tags({key: value})


def set_experiment_tags(tags: dict[str, Any]) -> None:
    """Set several tags of the current experiment, all of them or none."""
    place.store().experiments.set_tags(place.experiment_id(), tags)


def delete_experiment_tag(key: str) -> None:
    """Remove a tag of the current experiment.

    Raises:
        NotFound: it has no such tag.
    """
    Client().delete_experiment_tag(place.experiment_id(), key)
