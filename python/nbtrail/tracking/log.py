"""What is recorded of one run, whoever has its id: points, params, tags, files, inputs.

A mistake of the caller's is an error. What the store or the disk refuses is told once, and the
caller goes on (principle 4 of DESIGN.md).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Any

from nbtrail.entities import DatasetInput, Metric, Param, ParamOrigin, RunFile, RunInfo
from nbtrail.errors import RunDeleted, StoreError
from nbtrail.store import Store
from nbtrail.store.journal import pack
from nbtrail.store.keys import check_key
from nbtrail.tracking import checks
from nbtrail.tracking.current import active_run, process
from nbtrail.tracking.failures import recording
from nbtrail.tracking.patience import Patience

if TYPE_CHECKING:
    from nbtrail.artifacts import ArtifactRepository

_MOST_LOGS = 256
_MOST_PREPARED = 200
_MOST_NOTED = 1000  # files of one folder
_logs: dict[tuple[Store, str], RunLog] = {}


class RunLog:
    """The records of one run.

    Args:
        store: where they are.
        info: the run, as the store gave it.

    Attributes:
        logged_in: the last execution that logged something.
    """

    def __init__(self, store: Store, info: RunInfo) -> None:
        self.store = store
        self.run_id = info.run_id
        self.logged_in: int | None = None
        self._info = info
        self._pid = os.getpid()
        self._append = store.append
        self._series: dict[str, int] = {}
        self._linked: set[tuple[str, str]] = set()
        self._prepared: dict[str, int] = {}
        self.patience = Patience(store)

    @property
    def name(self) -> str:
        """The run's name, as it was when it was started."""
        return self._info.run_name

    @property
    def experiment_id(self) -> str:
        """The id of the run's experiment."""
        return self._info.experiment_id

    @property
    def artifact_uri(self) -> str:
        """Where the run's artifacts are."""
        return self._info.artifact_uri

    @cached_property
    def artifacts(self) -> ArtifactRepository:
        """The run's artifacts."""
        from nbtrail.artifacts import ArtifactRepository

        return ArtifactRepository(self._info.artifact_uri)

    @property
    def metric_keys(self) -> set[str]:
        """The metrics that were logged through this object."""
        return set(self._series)

    def log_metric(
        self, key: str, value: float, step: int | None = None, timestamp: int | None = None
    ) -> None:
        """Record one metric point; see `nbtrail.log_metric`."""
        execution = self.logged_in = process.execution
        try:
            record = pack(
                self._series[key],
                execution or 0,
                step or 0,
                timestamp or time_ns() // 1_000_000,
                value,
            )
        except Exception:  # a new metric, a mistake, or what is a number only on a second look
            self._log_checked(key, execution, value, step, timestamp)
            return
        self._append(record)

    def _log_checked(
        self, key: str, execution: int | None, value: Any, step: Any, timestamp: Any
    ) -> None:
        check_key(key, "metric")
        number = checks.number(key, value)
        at, moment = checks.step(step), checks.timestamp(timestamp)
        series = self._series.get(key) or self._prepared.get(key)
        if series is None:
            self._log_first(key, execution, at, moment, number)
        else:
            self._series[key] = series
            self.store.log_point(series, execution, at, moment, number)

    def log_metrics(
        self, metrics: Mapping[str, Any], step: int | None = None, timestamp: int | None = None
    ) -> None:
        """Record one point of each of several metrics, at the same moment."""
        checks.metrics(metrics, step, timestamp)
        moment = checks.timestamp(timestamp)
        if new := [key for key in metrics if key not in self._series and key not in self._prepared]:
            self.patience.write("metrics", partial(self._open_series, new))
        for key, value in metrics.items():
            self.log_metric(key, value, step, moment)

    def _log_first(self, key: str, execution: int | None, at: int, moment: int, v: float) -> None:
        """Record a point of a metric that has no series here yet, as soon as it can have one."""

        def write() -> None:
            if key not in self._series:
                self._open_series([key])
            self.store.log_point(self._series[key], execution, at, moment, v)

        self.patience.write("metrics", write)

    def finish(self) -> None:
        """Try for the last time to write what waits in memory."""
        self.patience.finish(f"the run {self.name}")

    def prepare(self, metrics: set[str]) -> None:
        """Have series ready for metrics that will be logged, if these are not too many."""
        if metrics and len(metrics) <= _MOST_PREPARED:
            self._prepared = self.store.metrics.series_ids(self.run_id, metrics)

    def _open_series(self, keys: Sequence[str]) -> None:
        """Have the store give series to metrics, in one transaction."""
        self._series |= self.store.metrics.series_ids(self.run_id, keys)

    def forget_series(self) -> None:
        """Ask the store again where metrics go: this process took the run, or a metric, away."""
        self._series, self._prepared = {}, {}
        self.patience.forgives = ()

    def log_measured(self, points: Sequence[Metric], inputs: Sequence[DatasetInput] = ()) -> None:
        """Record points of the logged models that they name, measured on these datasets.

        Raises:
            NotFound: there is no such model.
        """
        self._check_models(points)
        for point in points:
            self.log_metric(point.key, point.value, point.step, point.timestamp)
        self.log_inputs([one for one in inputs if _identity(one) not in self._linked])
        self.patience.write("metrics", partial(self.store.registry.log_metrics, points))

    def log_params(self, params: Mapping[str, Any], origin: ParamOrigin = "explicit") -> None:
        """Record params: all of them, or none; see `nbtrail.log_param`."""
        self.log_checked_params(checks.params(params, origin))

    def log_checked_params(self, params: Sequence[Param]) -> None:
        """Record what `checks.params` gave: all of it, or nothing.

        Raises:
            InvalidValue: a param has another value already.
        """
        self.patience.write("params", partial(self.store.params.log, self.run_id, params))
        self.logged_in = process.execution

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags in one transaction."""
        texts = checks.tags(tags)
        self.patience.write("tags", partial(self.store.runs.set_tags, self.run_id, texts))
        self.logged_in = process.execution

    def log_batch(
        self, points: Sequence[Metric], params: Sequence[Param], tags: Mapping[str, str]
    ) -> None:
        """Record, in one transaction, all of what `checks.batch` has checked, or nothing.

        Raises:
            InvalidValue: a param has another value already.
            NotFound: there is no such model.
        """
        self._check_models(points)

        def write() -> None:
            with self.store.transaction():
                self.store.drain_own()  # what was logged before these points comes before them
                self.store.runs.log_params(self.run_id, params)
                self.store.runs.set_tags(self.run_id, tags)
                self.store.metrics.log(self.run_id, points)
                self.store.registry.log_metrics(points)

        self.patience.write("batches", write)
        self.logged_in = process.execution

    def _check_models(self, points: Sequence[Metric]) -> None:
        for model_id in {point.model_id for point in points} - {None}:
            with suppress(StoreError):  # told where the points are written
                self.store.registry.logged_model(str(model_id))

    def log_inputs(self, inputs: Sequence[DatasetInput]) -> None:
        """Note which datasets the run used."""
        if not inputs:
            return
        self._linked.update(_identity(one) for one in inputs)
        link = partial(self.store.datasets.link, self.run_id, inputs, process.execution)
        self.patience.write("datasets", link)
        self.logged_in = process.execution

    def write_artifact(self, path: str, data: bytes) -> None:
        """Keep a file."""
        self.write_artifacts({path: data})

    def write_artifacts(self, files: Mapping[str, bytes]) -> None:
        """Keep files, by their paths."""
        with recording("files", *self.patience.forgives):
            check_active(self.store, self.run_id)
            for path, data in files.items():
                self.artifacts.write(path, data)
            self._note({path: len(data) for path, data in files.items()})
        self.logged_in = process.execution

    def upload_artifact(self, local: str | os.PathLike[str], path: str = "") -> None:
        """Keep a local file, or what is in a directory, in the folder `path`."""
        with recording("files", *self.patience.forgives):
            check_active(self.store, self.run_id)
            self.artifacts.upload(local, path)
            self._note(_stored(Path(local), path))
        self.logged_in = process.execution

    def _note(self, sizes: Mapping[str, int | None]) -> None:
        """Record which cell has made files, if one runs."""
        if (cell := process.execution) is not None:
            files = [RunFile(path, True, size, None, cell) for path, size in sizes.items()]
            self.store.files.note(self.run_id, files)


def _stored(local: Path, path: str) -> dict[str, int | None]:
    """Return what an upload has made in the folder `path`, a folder without a size."""
    found = islice(local.iterdir(), _MOST_NOTED) if local.is_dir() else [local]
    folder = path.strip("/")
    return {
        f"{folder}/{one.name}".lstrip("/"): None if one.is_dir() else one.stat().st_size
        for one in found
    }


def _identity(one: DatasetInput) -> tuple[str, str]:
    return one.dataset.name, one.dataset.digest


def log_of(store: Store, run_id: str) -> RunLog:
    """Return the log of a run that exists; the last used ones are kept, with their series.

    Raises:
        NotFound: there is no such run.
        InvalidValue: the run is deleted.
    """
    current = active_run()
    if current is not None and current.run_id == run_id and current.store is store:
        return current
    known = _logs.get((store, run_id))
    if known is None:
        known = _logs[store, run_id] = RunLog(store, check_active(store, run_id))
        while len(_logs) > _MOST_LOGS:
            _logs.pop(next(iter(_logs))).finish()
    return known


def check_active(store: Store, run_id: str) -> RunInfo:
    """Return a run that can be logged to.

    Raises:
        NotFound: there is no such run.
        RunDeleted: the run is deleted.
    """
    info = store.runs.info(run_id)
    if info.lifecycle_stage != "active":
        raise RunDeleted(
            f"The run '{run_id}' is deleted. Restore it with nbtrail.restore_run('{run_id}') first."
        )
    return info


def forget_logs(run_id: str | None = None) -> None:
    """Let go of the logs of one run, or of all of them, with a last try for what waits."""
    for key in [key for key in _logs if run_id in {None, key[1]}]:
        _logs.pop(key).finish()
    for run in process.runs:
        if run.run_id == run_id:
            run.forget_series()
