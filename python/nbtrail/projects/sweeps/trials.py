"""The trials of a sweep, as the store has them: runs that are children of the sweep's run."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from nbtrail.entities import Param, Record, Run
from nbtrail.errors import InvalidValue, NotFound
from nbtrail.store import Store
from nbtrail.tracking.active import PARENT

SWEEP = "nbtrail.sweep"
"""The tag of a sweep's run: its space. Those below it, too, are the sweep's."""
NAMES, METRIC, DIRECTION, SAMPLER, PRUNER, TRIALS = (
    f"{SWEEP}.{one}" for one in ("parameters", "metric", "direction", "sampler", "pruner", "trials")
)
BEST = f"{SWEEP}.best_run"
BEST_PREFIX = "best_"
"""What the names of the best trial's metric and parameters begin with at the sweep's run."""
NUMBER, STATE = "nbtrail.trial", "nbtrail.trial.state"
"""Tags of a trial's run: its number from 1, and how it has ended. Without a state it runs, or it
was broken off and is executed once more, by another run."""
_PAGE = 1000

State = Literal["running", "finished", "pruned", "failed", "stopped"]
_STATES: dict[str, State] = {"finished": "finished", "pruned": "pruned", "failed": "failed"}


class Trial(Record, frozen=True):
    """One trial. `value` is its metric's, of a pruned one the last that it came to."""

    number: int
    state: State
    value: float | None
    parameters: dict[str, Any]
    run_id: str
    error: str | None = None


class Importance(Record, frozen=True):
    """How much each searched parameter matters for good values, from 0 to 1, and in all 1.

    `n` trials finished; `note` is why nothing is said.
    """

    of: dict[str, float]
    n: int
    note: str = ""


class SweepResult(Record, frozen=True):
    """A sweep as it is now: its run, the best trial, and all trials by number."""

    run: Run
    best: Trial | None
    trials: list[Trial]
    importance: Importance | None = None

    @property
    def metric(self) -> str:
        """The metric that is to be best."""
        return self.run.data.tags[METRIC]

    def ranked(self) -> list[Trial]:
        """Return the trials that finished, the best first."""
        finished = [one for one in self.trials if one.state == "finished"]
        downwards = self.run.data.tags[DIRECTION] == "max"
        return sorted(finished, key=lambda one: one.value or 0.0, reverse=downwards)


def show(store: Store, sweep: str, importance: Importance | None = None) -> SweepResult:
    """Return a sweep as the store has it.

    Args:
        store: where it was recorded.
        sweep: the id of its run, or the first characters of one; or its name.
        importance: if it is known.

    Raises:
        NotFound, InvalidValue: there is no such sweep, or there are several.
    """
    run = find(store, sweep)
    found = SweepResult(run, None, trials_of(store, run), importance)
    return msgspec.structs.replace(found, best=next(iter(found.ranked()), None))


def find(store: Store, given: str) -> Run:
    """Return the run of a sweep, by its id, the first characters of it, or its name.

    Raises:
        NotFound, InvalidValue: there is no such sweep, or there are several.
    """
    name = given.replace("'", "''")
    wanted = f"tags.`{SWEEP}` != '' AND attributes.run_name = '{name}'"
    named, _ = store.runs.search(None, wanted, max_results=2, lenient=True)
    if len(named) > 1:
        raise InvalidValue(f"Several sweeps are called '{given:.100}': give the id of one.")
    try:
        run = named[0] if named else store.runs.find(given)
    except NotFound:
        raise NotFound(f"There is no sweep '{given:.100}'.") from None
    if SWEEP not in run.data.tags:
        raise InvalidValue(f"The run {run.info.run_name} ({run.info.run_id[:8]}) is no sweep.")
    return run


def trials_of(store: Store, sweep: Run) -> list[Trial]:
    """Return the trials of a sweep by number; of one that was executed again, the last run."""
    metric, found = sweep.data.tags[METRIC], dict[int, Trial]()
    names = json.loads(sweep.data.tags[NAMES])
    for run in _children(store, sweep.info.run_id):
        trial = _trial(run, metric, names)
        found[trial.number] = trial
    return [found[number] for number in sorted(found)]


def _children(store: Store, run_id: str) -> Iterator[Run]:
    wanted, token = f"tags.`{PARENT}` = '{run_id}'", None
    while True:
        runs, token = store.runs.search(
            None, wanted, ["start_time ASC"], _PAGE, token, lenient=True
        )
        yield from (run for run in runs if NUMBER in run.data.tags)
        if token is None:
            return


def _trial(run: Run, metric: str, names: Sequence[str]) -> Trial:
    value = run.data.metrics.get(metric)
    params = {one.key: one for one in run.data.param_records}
    return Trial(
        int(run.data.tags[NUMBER]),
        _state(run),
        value if value is not None and not math.isnan(value) else None,
        {name: _typed(params[name]) for name in names if name in params},
        run.info.run_id,
        run.info.error,
    )


def _typed(param: Param) -> Any:
    return param.value if param.typed is None else param.typed


def _state(run: Run) -> State:
    unsaid: State = "running" if run.info.status == "RUNNING" else "stopped"
    return _STATES.get(run.data.tags.get(STATE, ""), unsaid)
