"""The work of a sweep: it starts trials, watches their metrics, and notes how they end."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbtrail.entities import Metric, RunInfo
from nbtrail.errors import ExecutionFailed, InvalidValue, did_you_mean
from nbtrail.projects.backends.messages import Order
from nbtrail.projects.backends.protocol import Event, Pool
from nbtrail.projects.sweeps.progress import Progress
from nbtrail.projects.sweeps.settings import Settings
from nbtrail.projects.sweeps.study import Outcome, Study
from nbtrail.projects.sweeps.summary import log_importance
from nbtrail.projects.sweeps.trials import BEST_PREFIX, NUMBER, STATE
from nbtrail.store import Store
from nbtrail.store.importance import FEWEST_RUNS
from nbtrail.tracking.active import PARENT

_PERIOD = 0.5  # seconds between looks at metrics
_MOST_DEATHS = 3  # of the processes of one trial
_log = logging.getLogger("nbtrail")


@dataclass
class Loop:
    """Works off a sweep.

    `run` is the sweep's, `best` the best value so far, `tags` are those of every trial.
    """

    store: Store
    run: RunInfo
    experiment: str
    settings: Settings
    study: Study
    pool: Pool
    progress: Progress
    best: float | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    _given: dict[int, dict[str, Any]] = field(default_factory=dict)
    _again: list[int] = field(default_factory=list)
    _deaths: dict[int, int] = field(default_factory=dict)
    _seen: dict[int, int] = field(default_factory=dict)
    _in_vain: dict[int, int] = field(default_factory=dict)
    _failure: str = ""
    _finished: int = 0
    _to_weigh: int = FEWEST_RUNS

    def work(self) -> None:
        """Work until no trial is left, or the time is over.

        Raises:
            InvalidValue: the first trial that finished has no such metric.
            ExecutionFailed: no trial finished.
        """
        limit = time.monotonic() + (self.settings.timeout or math.inf)
        while True:
            while not self.pool.is_full() and time.monotonic() < limit and self._begin_next():
                pass
            if not self.pool.running:
                break
            for event in self.pool.events(_PERIOD):
                self._take(event)
            if self.settings.pruner:
                self._look()
        if self.best is None:
            why = f": {self._failure}" if self._failure else ", since the time was over"
            raise ExecutionFailed(f"No trial of the sweep finished{why}.", self.run.run_id)

    def _begin_next(self) -> bool:
        """Begin a trial; tell whether there was one to begin."""
        if self._again:
            self._begin(self._again.pop(0))
            return True
        following = self.study.next()
        if following is None:
            return False
        trial, self._given[following[0]] = following
        self._begin(trial)
        return True

    def _begin(self, trial: int) -> None:
        tags = {**self.tags, PARENT: self.run.run_id, NUMBER: str(trial)}
        name = f"{self.run.run_name[:480]} {trial}"
        given = self._given[trial]
        _log.info("trial %s: %s", trial, ", ".join(f"{k}={v}" for k, v in given.items()))
        settings = self.settings
        order = Order(self.experiment, name, tags, given, settings.files, settings.env)
        self.pool.begin(trial, order)

    def _take(self, event: Event) -> None:
        trial, told = event.trial, event.told
        if trial in self._in_vain and told.state != "finished":
            self._end(trial, told.run_id, "pruned", f"pruned at step {self._in_vain[trial]}")
        elif event.died and self._may_be_repeated(trial):
            _log.warning("nbtrail: trial %s is executed again: %s", trial, told.error)
            self._again.append(trial)
        elif told.state == "finished" and told.run_id is not None:
            self._measure(trial, told.run_id)
        else:
            self._end(trial, told.run_id, "failed", told.error or "it was interrupted")

    def _may_be_repeated(self, trial: int) -> bool:
        self._deaths[trial] = self._deaths.get(trial, 0) + 1
        return self._deaths[trial] < _MOST_DEATHS

    def _measure(self, trial: int, run_id: str) -> None:
        """Note what a trial that finished has come to."""
        self.store.drain()
        if self.settings.pruner:  # others are compared with what it came to since the last look
            for _ in self._new_reports(trial, run_id):
                pass
        metrics = self.store.runs.get(run_id).data.metrics
        value = metrics.get(self.settings.metric)
        if value is None:
            self._without_metric(trial, run_id, list(metrics))
        elif math.isnan(value):
            self._end(trial, run_id, "failed", f"its {self.settings.metric} is no number (NaN)")
        else:
            self._end(trial, run_id, "finished", value=value)

    def _without_metric(self, trial: int, run_id: str, logged: list[str]) -> None:
        own = [one for one in logged if not one.startswith("system/")]
        has = f"It logged: {', '.join(own[:10])}." if own else "It logged none."
        metric = self.settings.metric
        why = f"it has no metric '{metric}'.{did_you_mean(metric, own)} {has}"
        self._end(trial, run_id, "failed", why)
        if self.best is None:  # a mistake, which all others would repeat
            raise InvalidValue(f"Trial {trial} finished, but {why}")

    def _end(
        self,
        trial: int,
        run_id: str | None,
        outcome: Outcome,
        why: str | None = None,
        value: float | None = None,
    ) -> None:
        self.study.tell(trial, outcome, value)
        if run_id is not None:
            self.store.runs.set_tags(run_id, {STATE: outcome})
            if outcome == "pruned":
                self.store.runs.end(run_id, "KILLED", why)
        if outcome == "failed":
            self._failure = self._failure or f"trial {trial}: {why}"
            _log.warning("nbtrail: trial %s failed: %s", trial, why)
        if value is not None:
            self._compare(trial, value)
            self._weigh()
        self.progress.ended(outcome, self.best)

    def _compare(self, trial: int, value: float) -> None:
        """Log the best value so far, with the trial as its step."""
        better = max if self.settings.direction == "max" else min
        self.best = value if self.best is None else better(self.best, value)
        now = int(time.time() * 1000)
        point = Metric(f"{BEST_PREFIX}{self.settings.metric}", self.best, now, trial)
        self.store.metrics.log(self.run.run_id, [point])

    def _weigh(self) -> None:
        """Tell what matters each time that twice as many trials have finished: it takes a while."""
        self._finished += 1
        if self._finished == self._to_weigh:
            self._to_weigh *= 2
            log_importance(self.store, self.run.run_id, self.study)

    def _look(self) -> None:
        """Tell the pruner what running trials have come to, and stop those that are in vain."""
        self.store.drain()
        for trial, run_id in self.pool.running.items():
            if run_id is not None and trial not in self._in_vain:
                steps = self._new_reports(trial, run_id)
                in_vain = next((step for step in steps if self.study.is_in_vain(trial)), None)
                self._in_vain |= {} if in_vain is None else {trial: in_vain}
            if trial in self._in_vain:
                self.pool.stop(trial)

    def _new_reports(self, trial: int, run_id: str) -> Iterator[int]:
        """Report the new points of a trial, one after the other; yield the step of each."""
        for point in self.store.metrics.history(run_id, self.settings.metric):
            if point.step > self._seen.get(trial, -1):
                self._seen[trial] = point.step
                self.study.report(trial, point.step, point.value)
                yield point.step
