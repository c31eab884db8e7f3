"""What a client logs in runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nbtrail.entities import DatasetInput, Metric, Param, RunTag
from nbtrail.tracking import checks
from nbtrail.tracking.client.base import StoreMethods
from nbtrail.tracking.log import RunLog, log_of
from nbtrail.tracking.operations import RunOperations, done


class LoggingMethods(StoreMethods):
    """Metrics, params, tags and datasets of runs by their ids.

    All of it is kept when the call returns; ``synchronous=False`` returns an operation that is
    done already. Each of them raises NotFound where there is no such run, and InvalidValue where
    the run is deleted, or a key or value is not acceptable.
    """

    def _log(self, run_id: str) -> RunLog:
        return log_of(self._store, run_id)

    def log_metric(  # noqa: PLR0917 - MLflow's
        self,
        run_id: str,
        key: str,
        value: float,
        timestamp: int | None = None,
        step: int | None = None,
        synchronous: bool | None = None,
        dataset_name: str | None = None,
        dataset_digest: str | None = None,
        model_id: str | None = None,
    ) -> RunOperations | None:
        """Record one point of a metric; see `nbtrail.log_metric`."""
        run = self._log(run_id)
        if model_id is None:
            run.log_metric(key, value, step, timestamp)
        else:
            about = (model_id, dataset_name, dataset_digest)
            moment, at = checks.timestamp(timestamp), checks.step(step)
            run.log_measured([Metric(key, checks.number(key, value), moment, at, *about)])
        return done(synchronous)

    def log_param(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> Any:
        """Record a param, which keeps this value within the run; see `nbtrail.log_param`."""
        records = checks.params({key: value})
        self._log(run_id).log_checked_params(records)
        return value if synchronous is not False else RunOperations()

    def set_tag(
        self, run_id: str, key: str, value: Any, synchronous: bool | None = None
    ) -> RunOperations | None:
        """Set a tag; an old value is replaced."""
        self._log(run_id).set_tags({key: value})
        return done(synchronous)

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag.

        Raises:
            NotFound: there is no such run, or it has no such tag.
        """
        self._store.runs.delete_tag(run_id, key)

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] | Mapping[str, Any] = (),
        tags: Sequence[RunTag] | Mapping[str, Any] = (),
        synchronous: bool | None = None,
    ) -> RunOperations | None:
        """Record it all in one transaction, or nothing; see `nbtrail.log_batch`."""
        self._log(run_id).log_batch(*checks.batch(metrics, params, tags))
        return done(synchronous)

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput] | None = None) -> None:
        """Note that a run used datasets, each with tags that say what for."""
        self._log(run_id).log_inputs(datasets or [])
