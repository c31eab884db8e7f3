"""A client's experiments."""

from __future__ import annotations

from typing import Any

from nbtrail.entities import Experiment, PagedList, ViewType
from nbtrail.tracking.client.base import StoreMethods, view_of


class ExperimentMethods(StoreMethods):
    """Making, finding, tagging, renaming and deleting experiments."""

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: dict[str, Any] | None = None
    ) -> str:
        """Make an experiment and return its id; see `nbtrail.create_experiment`."""
        location = None if artifact_location is None else str(artifact_location)
        return self._store.experiments.create(name, location, tags).experiment_id

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return an experiment, deleted or not.

        Raises:
            NotFound: there is none with that id.
        """
        return self._store.experiments.get(str(experiment_id))

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """Return the experiment of that name, deleted or not, or None."""
        return self._store.experiments.get_by_name(name)

    def search_experiments(
        self,
        view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int | None = 1000,
        filter_string: str | None = None,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Experiment]:
        """Return a page of experiments; its `token` gets the next one.

        Raises:
            InvalidValue: the filter, the order or the token is not understood.
        """
        page = self._store.experiments.search(
            view_of(view_type), filter_string or "", order_by or (), max_results or 1000, page_token
        )
        return PagedList(*page)

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Give an experiment another name; see `nbtrail.rename_experiment`."""
        self._store.experiments.rename(str(experiment_id), new_name)

    def delete_experiment(self, experiment_id: str) -> None:
        """Take an experiment and its runs out of listings; see `nbtrail.delete_experiment`."""
        self._store.experiments.delete(str(experiment_id))

    def restore_experiment(self, experiment_id: str) -> None:
        """Undo `delete_experiment`."""
        self._store.experiments.restore(str(experiment_id))

    def set_experiment_tag(self, experiment_id: str, key: str, value: Any) -> None:
        """Set a tag of an experiment; an old value is replaced."""
        self._store.experiments.set_tags(str(experiment_id), {key: value})

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag of an experiment.

        Raises:
            NotFound: there is no such experiment, or it has no such tag.
        """
        self._store.experiments.delete_tag(str(experiment_id), key)
