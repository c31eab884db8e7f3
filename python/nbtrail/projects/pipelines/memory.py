"""Executions of steps that need not be done again: known by key, or from the resumed run."""

from __future__ import annotations

import json
from collections.abc import Callable

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Run
from nbtrail.errors import InvalidState, InvalidValue, NbtrailError, NotFound
from nbtrail.projects.pipelines.parts import DONE, FILE, KEY, Part
from nbtrail.projects.pipelines.planning import Pipeline
from nbtrail.projects.sources import ENTRY_POINT
from nbtrail.store import Store

Known = Callable[[Part], str | None]
"""Returns the run that has the result of an execution already, if one has."""


def cached(store: Store) -> Known:
    """Return who knows the finished executions of a store by their keys."""

    def known(part: Part) -> str | None:
        question = f"tags.`{KEY}` = '{part.key}' and attributes.status = 'FINISHED'"
        runs, _ = store.runs.search(filter_string=question, max_results=1, lenient=True)
        return runs[0].info.run_id if runs else None

    return known


def resumed(store: Store, run: Run, pipeline: Pipeline) -> Known:
    """Return who knows what has finished of a pipeline's run.

    Raises:
        InvalidValue: the run is none of this pipeline.
        InvalidState: it goes on, or has nothing left to do.
    """
    shown = run.info.run_id[:8]
    if run.data.tags.get(ENTRY_POINT) != pipeline.point.name:
        raise InvalidValue(f"The run {shown} is none of the pipeline '{pipeline.point.name}'.")
    if run.info.status == "RUNNING":
        raise InvalidState(f"The run {shown} still goes on.")
    if run.info.status == "FINISHED":
        raise InvalidState(f"The run {shown} has finished: nothing is left to resume.")
    had = run.data.params
    for name, value in pipeline.values.items():
        if had.get(name) != str(value):
            raise InvalidValue(
                f"The run {shown} had {name}={had.get(name)}: it is resumed with the parameters "
                "that it had. Run the pipeline anew, with --cache, for others."
            )
    done = finished(run)

    def known(part: Part) -> str | None:
        run_id = done.get(part.label)
        return run_id if run_id and _is_there(store, run_id) else None

    return known


def finished(run: Run) -> dict[str, str]:
    """Return the runs of a pipeline's executions that have finished, by their labels.

    Raises:
        InvalidValue: it is no pipeline's run, or does not say so.
    """
    try:
        told = json.loads(ArtifactRepository(run.info.artifact_uri).read(FILE))
    except (NotFound, ValueError):
        raise InvalidValue(
            f"The run {run.info.run_id[:8]} has no {FILE}, as pipelines have: nothing tells which "
            "of its steps have finished."
        ) from None
    return {
        one["label"]: one["run_id"]
        for step in told["steps"]
        for one in step["executions"]
        if one["state"] in DONE
    }


def _is_there(store: Store, run_id: str) -> bool:
    try:
        info = store.runs.info(run_id)
    except NbtrailError:
        return False
    return info.status == "FINISHED" and info.lifecycle_stage == "active"
