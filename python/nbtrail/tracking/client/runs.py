"""A client's runs: making, finding, ending, editing, deleting them."""

from __future__ import annotations

from typing import Any

from nbtrail.entities import Edit, Metric, PagedList, Run, RunInfo, Status, ViewType
from nbtrail.tracking import checks, context, names
from nbtrail.tracking.client.base import StoreMethods, view_of
from nbtrail.tracking.log import forget_logs

NAME, PARENT = "mlflow.runName", "mlflow.parentRunId"


class RunMethods(StoreMethods):
    """Runs as a whole; what is logged in them is in logging.py."""

    def create_run(
        self,
        experiment_id: str,
        start_time: int | None = None,
        tags: dict[str, Any] | None = None,
        run_name: str | None = None,
    ) -> Run:
        """Start a run that is current nowhere; `set_terminated` ends it.

        Should this process die before that, the run becomes KILLED.

        Args:
            experiment_id: where it goes.
            start_time: ms since the epoch; now when not given.
            tags: tags to set; ``mlflow.runName`` names the run, ``mlflow.parentRunId`` its parent.
            run_name: else one is made up.

        Raises:
            NotFound: there is no such experiment.
            InvalidValue: the experiment is deleted; the name or a tag is not acceptable.
        """
        texts = checks.tags(tags or {})
        chosen = "" if run_name is None else str(run_name)
        texts[NAME] = chosen or texts.get(NAME) or names.run_name()
        return self._store.runs.create(
            str(experiment_id),
            texts[NAME],
            tags=texts,
            user_id=texts.get("mlflow.user") or context.user(),
            start_time=start_time,
        )

    def get_run(self, run_id: str) -> Run:
        """Return a run with its latest params, metrics and tags, its inputs and outputs.

        Raises:
            NotFound: there is none with that id.
        """
        return self._drained.runs.get(run_id)

    def get_parent_run(self, run_id: str) -> Run | None:
        """Return the run that a nested run belongs to, or None.

        Raises:
            NotFound: there is no such run, or its parent is gone.
        """
        parent = self.get_run(run_id).data.tags.get(PARENT)
        return self.get_run(parent) if parent else None

    def search_runs(
        self,
        experiment_ids: list[str] | None,
        filter_string: str = "",
        run_view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Run]:
        """Return a page of runs; its `token` gets the next one.

        Args:
            experiment_ids: experiments to search; all of them when None.
            filter_string: such as ``metrics.accuracy > 0.9 and params.C = '1.0'``.
            run_view_type: of `nbtrail.entities.ViewType`: active, deleted or all runs.
            max_results: the size of the page.
            order_by: such as ``["metrics.accuracy DESC"]``; else the newest first.
            page_token: what the previous page gave, for the same question.

        Raises:
            InvalidValue: the filter, the order or the token is not understood.
        """
        wanted = None if experiment_ids is None else [str(one) for one in experiment_ids]
        page = self._drained.runs.search(
            wanted,
            filter_string or "",
            order_by or (),
            max_results,
            page_token,
            view_of(run_view_type),
        )
        return PagedList(*page)

    def get_metric_history(self, run_id: str, key: str) -> PagedList[Metric]:
        """Return every point of a metric, by step; none when the run has no such metric.

        Raises:
            NotFound: there is no such run.
        """
        store = self._drained
        store.runs.get(run_id)
        return PagedList(store.metrics.history(run_id, key), None)

    def update_run(
        self, run_id: str, status: Status | None = None, name: str | None = None
    ) -> RunInfo:
        """Change a run's status or name, and return what it then is.

        Raises:
            NotFound: there is no such run.
            InvalidValue: the run is deleted; the status or the name is not acceptable.
        """
        return self._drained.runs.update(run_id, status, name=name)

    def set_terminated(
        self, run_id: str, status: Status | None = None, end_time: int | None = None
    ) -> None:
        """End a run.

        Args:
            run_id: the run.
            status: FINISHED, FAILED or KILLED; FINISHED when not given.
            end_time: ms since the epoch; now when not given.

        Raises:
            NotFound: there is no such run.
            InvalidValue: the run is deleted, or that is no status.
        """
        forget_logs(run_id)
        self._drained.runs.update(run_id, status or "FINISHED", end_time)

    def delete_run(self, run_id: str) -> None:
        """Take a run out of listings; `restore_run` brings it back until ``nbtrail gc``.

        Raises:
            NotFound: there is none with that id.
        """
        forget_logs(run_id)
        self._store.runs.delete(run_id)

    def restore_run(self, run_id: str) -> None:
        """Undo `delete_run`.

        Raises:
            NotFound: there is none with that id.
            InvalidValue: its experiment is deleted.
        """
        self._store.runs.restore(run_id)

    def rename_metric(self, run_id: str, key: str, new_key: str) -> None:
        """Rename a metric of a run, with all its points; the audit keeps who did it.

        Raises:
            NotFound: there is no such run, or it has no such metric.
            AlreadyExists: it has a metric of the new name.
            InvalidValue: the new name cannot name a metric.
        """
        forget_logs(run_id)
        self._store.edits.rename_metric(run_id, key, new_key)

    def delete_metric(self, run_id: str, key: str) -> None:
        """Delete a metric of a run; `undo` takes that back.

        Raises:
            NotFound: there is no such run, or it has no such metric.
        """
        forget_logs(run_id)
        self._store.edits.delete_metric(run_id, key)

    def rename_param(self, run_id: str, key: str, new_key: str) -> None:
        """Rename a param of a run; the audit keeps who did it.

        Raises:
            NotFound: there is no such run, or it has no such param.
            AlreadyExists: it has a param of the new name.
            InvalidValue: the new name cannot name a param.
        """
        self._store.edits.rename_param(run_id, key, new_key)

    def delete_param(self, run_id: str, key: str) -> None:
        """Delete a param of a run; the audit keeps what it was.

        Raises:
            NotFound: there is no such run, or it has no such param.
        """
        self._store.edits.delete_param(run_id, key)

    def set_note(self, run_id: str, text: str) -> None:
        """Give a run a note; the audit keeps what it was before.

        Raises:
            NotFound: there is no such run.
            InvalidValue: the text is too long.
        """
        self._store.edits.set_note(run_id, text)

    def undo(self, run_id: str) -> Edit:
        """Take back the latest edit of a run (called again, the one before it), and return it.

        Raises:
            NotFound: there is no such run.
            InvalidState: there is nothing to take back.
        """
        forget_logs(run_id)
        return self._store.edits.undo(run_id)

    def list_edits(self, run_id: str) -> list[Edit]:
        """Return who changed what of a run after the fact, when, and what was before.

        Raises:
            NotFound: there is no such run.
        """
        self._store.runs.get(run_id)
        return self._store.audit.of("run", run_id)
