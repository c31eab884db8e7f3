"""What finished steps hand on to those that refer to them: params, metrics, artifacts, runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import Run
from nbtrail.errors import NotFound, did_you_mean
from nbtrail.projects.pipelines import digests
from nbtrail.projects.pipelines.parts import Part
from nbtrail.projects.pipelines.planning import Pipeline
from nbtrail.projects.pipelines.references import Reference
from nbtrail.store import Store

Value = Callable[[Store, Part, Reference], Any]


class Results:
    """The results of the steps that have finished, by reference.

    Those of a step that was run for each of some values are a list, in the order of the values.
    """

    def __init__(self, store: Store, pipeline: Pipeline, parts: Sequence[Part]) -> None:
        self._store = store
        self._pipeline = pipeline
        self._parts = parts
        self._several = {one.step.name for one in pipeline.stages if one.step.for_each}

    def value(self, reference: Reference) -> Any:
        """Return what a reference stands for.

        Raises:
            NotFound: the step has no such result.
        """
        return self._of(reference, _value)

    def digest(self, reference: Reference) -> Any:
        """Return the same, but for an artifact the digest of its content."""
        return self._of(reference, _digest)

    def _of(self, reference: Reference, value: Value) -> Any:
        if reference.step is None:
            return self._pipeline.known(reference)
        own = [one for one in self._parts if one.step == reference.step]
        values = [value(self._store, one, reference) for one in own]
        return values if reference.step in self._several else values[0]


def _value(store: Store, part: Part, reference: Reference) -> Any:
    if reference.kind == "run_id":
        return part.run_id
    run = store.runs.get(str(part.run_id))
    if reference.kind == "artifacts":
        return str(_artifacts(run).download(_there(run, part, reference)))
    known: Mapping[str, Any]
    if reference.kind == "metrics":
        known = run.data.metrics
    else:
        known = {
            one.key: one.value if one.typed is None else one.typed for one in run.data.param_records
        }
    if reference.name not in known:
        raise NotFound(_missing(part, reference, known))
    return known[reference.name]


def _digest(store: Store, part: Part, reference: Reference) -> Any:
    if reference.kind != "artifacts":
        return _value(store, part, reference)
    run = store.runs.get(str(part.run_id))
    artifacts, path = _artifacts(run), _there(run, part, reference)
    return digests.of_artifacts(artifacts, path)


def _artifacts(run: Run) -> ArtifactRepository:
    return ArtifactRepository(run.info.artifact_uri)


def _there(run: Run, part: Part, reference: Reference) -> str:
    artifacts = _artifacts(run)
    if reference.name and not artifacts.exists(reference.name):
        raise NotFound(_missing(part, reference, [one.path for one in artifacts.walk()]))
    if not reference.name and not artifacts.exists("") and not artifacts.list(""):
        raise NotFound(f"The step '{part.label}' has no artifacts.")
    return reference.name


def _missing(part: Part, reference: Reference, known: Iterable[str]) -> str:
    kind = {"params": "param", "metrics": "metric", "artifacts": "artifact"}[reference.kind]
    return (
        f"The step '{part.label}' has no {kind} '{reference.name:.100}'."
        f"{did_you_mean(reference.name, known)}"
    )
