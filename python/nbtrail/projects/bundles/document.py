"""What a bundle says of its run: `run.json`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, cast

import msgspec

from nbtrail.artifacts import ArtifactRepository
from nbtrail.entities import DatasetInput, Metric, Param, Record, Run
from nbtrail.errors import InvalidValue
from nbtrail.projects.reproduction.attempts import ORIGINAL
from nbtrail.store import Store
from nbtrail.store.datasets import CONTEXT
from nbtrail.store.documents import (
    DIGEST,
    ArtifactReference,
    DatasetDocument,
    Number,
    PointDocument,
    RunDocument,
)
from nbtrail.store.trails import REPRODUCTION
from nbtrail.trail.cells import last_of_each
from nbtrail.trail.diff import SYSTEM

RUN_FILE = "run.json"
README = "README.md"
PROJECT = "project"
"""The folder of a bundle with the project that is executed."""
OUTPUTS = "outputs"
"""The folder with what its runs have made, by their ids."""

MOST_BYTES = 2_000_000_000
MOST_FILES = 50_000
MOST_JSON = 256_000_000  # bytes of the document
"""So much may be in a bundle."""

_NOT_TOLD = {DIGEST, REPRODUCTION, ORIGINAL, "nbtrail.job"}
_ID = re.compile(r"[0-9a-f]{32}")


Ended = Literal["FINISHED", "FAILED", "KILLED"]


class BundleDocument(Record, frozen=True, forbid_unknown_fields=True):
    """A run, and what has to be known to execute it once more.

    Attributes:
        runs: the run; of a pipeline, behind it those of its steps.
        entry_point: what of the project is executed.
        directory: where the run had the project.
        opens_runs: whether its cells record in runs that they open.
        python: the version that the run had.
        packages: the versions of those that it had.
        format: of this document.
    """

    runs: Annotated[list[RunDocument], msgspec.Meta(min_length=1)]
    entry_point: str
    directory: str
    opens_runs: bool = False
    python: str | None = None
    packages: dict[str, str] = {}
    format: Literal[1] = 1


def read(content: bytes, place: str) -> BundleDocument:
    """Return the document that the file of a bundle has.

    Raises:
        InvalidValue: it is none; `place` names the bundle.
    """
    try:
        found = msgspec.json.decode(content, type=BundleDocument)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidValue(
            f"{place} is no bundle: its {RUN_FILE} cannot be used: {error}."
        ) from None
    for run in found.runs:
        if not _ID.fullmatch(run.run_id or ""):
            raise InvalidValue(f"{place} is no bundle: its {RUN_FILE} has a run without an id.")
    return found


def document_of(store: Store, run: Run, tags: Mapping[str, str | None]) -> RunDocument:
    """Return all that is known of a run that has ended.

    Args:
        store: that has it.
        run: the run.
        tags: what it is to have instead of its own; None: it has none of that name.
    """
    info = run.info
    own = {key: one for key, one in run.data.tags.items() if key not in _NOT_TOLD}
    return RunDocument(
        run_id=info.run_id,
        name=info.run_name,
        experiment=store.experiments.get(info.experiment_id).name,
        status=cast("Ended", info.status),
        error=info.error,
        start_time=info.start_time,
        end_time=info.end_time,
        user=info.user_id,
        params={one.key: _value(one) for one in run.data.param_records},
        metrics=dict(_curves(store, run)),
        tags={key: one for key, one in {**own, **tags}.items() if one is not None},
        datasets=[_dataset(one) for one in run.inputs.dataset_inputs],
        artifacts=_artifacts(run),
    )


def _value(param: Param) -> object:
    """Return the typed value of a param, if that gives its text again."""
    return param.typed if str(param.typed) == param.value else param.value


def _curves(store: Store, run: Run) -> Iterator[tuple[str, list[Number | PointDocument]]]:
    """Yield the metrics of the work with their points; not those of superseded executions."""
    trail = store.trails.executions(run.info.run_id)
    superseded = {one.id for one in trail} - {one.id for one in last_of_each(trail)}
    for key in run.data.metrics:
        if not key.startswith(SYSTEM):
            points = store.metrics.history(run.info.run_id, key)
            yield key, [_point(one) for one in points if one.execution not in superseded]


def _point(one: Metric) -> PointDocument:
    value: Number = one.value
    if not math.isfinite(one.value):
        value = "NaN" if math.isnan(one.value) else "Infinity" if one.value > 0 else "-Infinity"
    return PointDocument(value, one.step, one.timestamp)


def _dataset(used: DatasetInput) -> DatasetDocument:
    one = used.dataset
    context = next((tag.value for tag in used.tags if tag.key == CONTEXT), None)
    return DatasetDocument(
        one.name, one.digest, one.source, one.source_type, one.schema, one.profile, context
    )


def _artifacts(run: Run) -> list[ArtifactReference]:
    artifacts = ArtifactRepository(run.info.artifact_uri)
    return [
        ArtifactReference(
            one.path,
            f"{run.info.artifact_uri}/{one.path}",
            artifacts.digest(one.path),
            one.file_size,
        )
        for one in artifacts.walk()
    ]
