"""Registering a run after the fact, from one JSON document."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from nbtrail.entities import Dataset, DatasetInput, InputTag, Metric, Param, Record, Run
from nbtrail.errors import AlreadyExists, InvalidValue, did_you_mean
from nbtrail.store.contexts import Context, Contexts, Document
from nbtrail.store.database import Database
from nbtrail.store.datasets import CONTEXT, Datasets
from nbtrail.store.edits import NOTE
from nbtrail.store.experiments import DEFAULT_NAME, Experiments
from nbtrail.store.metrics import Metrics
from nbtrail.store.moments import END_OF_TIME, check_moment
from nbtrail.store.runs import Runs

DIGEST = "nbtrail.document"
_NO_NUMBERS = re.compile(r"[:\[,]\s*-?(NaN|Infinity)\b")
ARTIFACTS = "artifacts"

# A relative path that does not climb; a path, or a URI that no browser runs as a program.
_PATH = r"^(?!/)(?!(.*/)?\.\.(/|$))[^\\\x00-\x1f\x7f]+$"
_PLACE = (
    r"^(/|[^:]+$|(file|s3a?|gs|gcs|az|abfss?|wasbs?|hdfs|https?|s?ftp|ssh|dbfs|hf|runs|models"
    r"|mlflow-artifacts):)"
)
Milliseconds = Annotated[int, msgspec.Meta(ge=1, le=END_OF_TIME)]
Moment = Milliseconds | Annotated[datetime, msgspec.Meta(tz=True)]
"""Milliseconds since 1970, or ISO 8601 text with its offset from UTC."""
Number = float | Literal["NaN", "Infinity", "-Infinity"]
Step = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class PointDocument(Record, frozen=True, forbid_unknown_fields=True):
    """One point of a metric; without a step, its place in the list is its step."""

    value: Number
    step: Step | None = None
    timestamp: Moment | None = None


class ArtifactReference(Record, frozen=True, forbid_unknown_fields=True):
    """A file that the run made, and that is kept elsewhere. It is noted, never opened."""

    path: Annotated[str, msgspec.Meta(pattern=_PATH)]
    uri: Annotated[str, msgspec.Meta(pattern=_PLACE)]
    digest: str | None = None
    size: Annotated[int, msgspec.Meta(ge=0)] | None = None


class DatasetDocument(Record, frozen=True, forbid_unknown_fields=True):
    """A dataset that the run used; `context` says what for, such as ``train``."""

    name: str
    digest: str
    source: str = ""
    source_type: str = "external"
    schema: str | None = None
    profile: str | None = None
    context: str | None = None


class RunDocument(Record, frozen=True, forbid_unknown_fields=True):
    """A run that has ended, in full.

    `params` are JSON values. A metric is one number, or a list of numbers, or of points. With a
    `run_id`, the same document can be registered any number of times and is one run.
    """

    run_id: str | None = None
    name: str | None = None
    experiment: str = DEFAULT_NAME
    status: Literal["FINISHED", "FAILED", "KILLED"] = "FINISHED"
    error: str | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None
    user: str = ""
    note: str | None = None
    params: dict[str, Any] = {}
    metrics: dict[str, Number | list[Number | PointDocument]] = {}
    tags: dict[str, str] = {}
    datasets: list[DatasetDocument] = []
    artifacts: list[ArtifactReference] = []


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a run document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **msgspec.json.schema(RunDocument),
    }


def read(source: bytes | str | Mapping[str, Any]) -> RunDocument:
    """Return the document that a JSON text, or a mapping of the same shape, is.

    Raises:
        InvalidValue: it is none; the message says which field is wrong.
    """
    try:
        if isinstance(source, Mapping):
            raw = msgspec.to_builtins(source, enc_hook=_plain)
        else:
            raw = msgspec.json.decode(source)
    except (msgspec.DecodeError, TypeError, UnicodeError, RecursionError) as error:
        raise InvalidValue(f"The document is not valid JSON: {error}.{_not_json(source)}") from None
    try:
        return msgspec.convert(raw, RunDocument)
    except msgspec.ValidationError as error:
        raise InvalidValue(f"The document cannot be used: {_told(raw, error)}") from None
    except UnicodeError as error:  # half of a surrogate pair where a number is meant
        raise InvalidValue(f"The document cannot be used: {error}.") from None


def _not_json(source: object) -> str:
    """Return a hint at what Python's `json` writes and JSON has not."""
    text = source.decode(errors="replace") if isinstance(source, bytes) else str(source)
    if _NO_NUMBERS.search(text):
        return ' Write such numbers as texts: "NaN", "Infinity", "-Infinity".'
    return ""


def _plain(value: Any) -> Any:
    """Return an array or a scalar of numpy's and the like as Python's own; else its text."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


class Documents:
    """Registers runs in one store, each in one transaction."""

    def __init__(
        self,
        database: Database,
        experiments: Experiments,
        runs: Runs,
        metrics: Metrics,
        datasets: Datasets,
        contexts: Contexts,
        owner: Callable[[], str],
    ) -> None:
        self._database = database
        self._experiments = experiments
        self._runs = runs
        self._metrics = metrics
        self._datasets = datasets
        self._contexts = contexts
        self._owner = owner

    def register(self, document: RunDocument | Mapping[str, Any]) -> Run:
        """Record a run that has ended; return it.

        A document whose `run_id` is there already, and was registered from an equal document,
        changes nothing.

        Raises:
            InvalidValue: a field is not acceptable; nothing is recorded then.
            AlreadyExists: there is a run of that id, and it is another.
        """
        if not isinstance(document, RunDocument):
            document = read(document)
        digest = _digest(document)
        self._owner()  # the journal is there before the transaction, which may be rolled back
        with self._database.write():
            if document.run_id is not None:
                known = self._known(document.run_id, digest)
                if known is not None:
                    return known
            return self._record(document, digest)

    def _known(self, run_id: str, digest: str) -> Run | None:
        with self._database.read() as connection:
            row = connection.execute("select 1 from run where uuid = ?", (run_id,)).fetchone()
        if row is None:
            return None
        run = self._runs.get(run_id)
        if run.data.tags.get(DIGEST) != digest:
            raise AlreadyExists(
                f"There is a run '{run_id}' already, and it is not from this document. Leave "
                "out 'run_id' to register another run."
            )
        return run

    def _record(self, document: RunDocument, digest: str) -> Run:
        start, end = _times(document)
        note = {} if document.note is None else {NOTE: document.note}
        user = {"mlflow.user": document.user} if document.user else {}
        run_id = self._runs.create(
            self._experiments.ensure(document.experiment).experiment_id,
            document.name,
            user_id=document.user,
            run_id=document.run_id,
            start_time=start,
            tags={**user, **document.tags, **note, DIGEST: digest},
        ).info.run_id
        self._runs.log_params(run_id, [_param(key, v) for key, v in document.params.items()])
        self._metrics.log(run_id, _points(document, start))
        self._datasets.link(run_id, [_input(one) for one in document.datasets])
        if document.artifacts:
            files = Document.of({"files": document.artifacts})
            self._contexts.put(run_id, Context.of({ARTIFACTS: files}))
        self._runs.end(run_id, document.status, document.error, end)
        return self._runs.get(run_id)


def _digest(document: RunDocument) -> str:
    try:
        return hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()
    except UnicodeEncodeError as error:
        raise InvalidValue(f"The document cannot be used: {error.reason}.") from None


def _times(document: RunDocument) -> tuple[int, int]:
    """Return start and end; what is not given is that of the points, or now."""
    logged = [
        _milliseconds(point.timestamp)
        for values in document.metrics.values()
        if isinstance(values, list)
        for point in values
        if isinstance(point, PointDocument) and point.timestamp is not None
    ]
    given = [_milliseconds(m) for m in (document.start_time, document.end_time) if m is not None]
    known = [*given, *logged] or [int(time.time() * 1000)]
    start = min(known) if document.start_time is None else _milliseconds(document.start_time)
    end = max(known) if document.end_time is None else _milliseconds(document.end_time)
    if end < start:
        raise InvalidValue("The document cannot be used: 'end_time' is before 'start_time'.")
    return start, end


def _milliseconds(moment: Moment) -> int:
    if isinstance(moment, datetime):
        return check_moment(round(moment.timestamp() * 1000), "time")
    return moment


def _param(key: str, value: Any) -> Param:
    return Param(key, value if isinstance(value, str) else str(value), value)


def _points(document: RunDocument, start: int) -> Iterator[Metric]:
    for key, values in document.metrics.items():
        for place, given in enumerate(values if isinstance(values, list) else [values]):
            point = given if isinstance(given, PointDocument) else PointDocument(given)
            step = place if point.step is None else point.step
            at = start if point.timestamp is None else _milliseconds(point.timestamp)
            yield Metric(key, float(point.value), at, step)


def _input(one: DatasetDocument) -> DatasetInput:
    dataset = Dataset(one.name, one.digest, one.source_type, one.source, one.schema, one.profile)
    tags = [] if one.context is None else [InputTag(CONTEXT, one.context)]
    return DatasetInput(dataset, tags)


def _told(raw: Any, error: msgspec.ValidationError) -> str:
    """Return what is wrong and where: msgspec does not name the keys of a dict."""
    if isinstance(raw, Mapping):
        known = RunDocument.__struct_fields__
        if unknown := next((str(key) for key in raw if key not in known), None):
            return f"there is no field '{unknown}'.{did_you_mean(unknown, known)}"
        for name, kind in _BY_KEY.items():
            values = raw.get(name)
            for key, value in values.items() if isinstance(values, Mapping) else ():
                if found := _mistake(value, kind):
                    return _plainly(found.replace("$", f"{name}['{key}']", 1), _NUMBERS)
    return _plainly(str(error), _ENDS)


def _plainly(message: str, words: str) -> str:
    """Return what msgspec says of a mistake, with what would be right."""
    if "RFC3339" in message:
        return f"{message}: write such as '2026-01-31T12:00:00Z', or milliseconds since 1970."
    what, _, where = message.partition(" - at ")
    return f"{message}: {words}." if "enum value" in what and where else f"{message}."


_NUMBERS = "write a number, or 'NaN', 'Infinity', '-Infinity'"
_ENDS = "write FINISHED, FAILED or KILLED"


_BY_KEY = {"metrics": Number | list[Number | PointDocument], "tags": str}


def _mistake(value: Any, kind: Any) -> str | None:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message = str(error)
        return message if " - at `$" in message else f"{message} - at `$`"
    return None
