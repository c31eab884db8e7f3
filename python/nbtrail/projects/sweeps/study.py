"""The study of a sweep: Optuna says what is tried next, and which trial goes on in vain.

It is a file of Optuna's beside the store, so that a sweep can go on in another process. Numbers of
trials count from 1 here, from 0 in Optuna.
"""

from __future__ import annotations

import importlib
import math
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from nbtrail.errors import InvalidState, InvalidValue
from nbtrail.projects.sweeps.settings import Settings
from nbtrail.projects.sweeps.space import Choices, Range, Space
from nbtrail.store.importance import FEWEST_RUNS

Outcome = Literal["finished", "pruned", "failed"]
NAME = "sweep"
_MISSING = "Sweeps need Optuna: pip install 'nbtrail[sweep]'."
_STATES: dict[Outcome, str] = {"finished": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL"}


class Study:
    """One study. Only who holds the sweep's lock may have it."""

    def __init__(self, file: Path, settings: Settings, space: Space) -> None:
        optuna = _optuna()
        self._file, self._settings, self._space = file, settings, space
        self._grid = space.grid() if settings.sampler == "grid" else []
        _mend(file)
        journal = optuna.storages.journal
        with _quietly(optuna):
            self._study = optuna.create_study(
                storage=optuna.storages.JournalStorage(journal.JournalFileBackend(str(file))),
                study_name=NAME,
                direction="maximize" if settings.direction == "max" else "minimize",
                pruner=_pruner(optuna, settings),
                load_if_exists=True,
            )
            self._study.sampler = sampler_of(settings, space, len(self))
        self._running: dict[int, Any] = {}
        self._left = [one for one in self._trials() if one.state.name == "RUNNING"]
        self._visited = [one.params for one in self._trials()]

    def __len__(self) -> int:
        """Return how many trials there are, those included that run."""
        return len([one for one in self._trials() if one.state.name != "WAITING"])

    def total(self) -> int | None:
        """Return how many trials there are to be; None if nobody knows."""
        known = [one for one in (self._settings.trials, len(self._grid)) if one]
        return min(known) if known else None

    @property
    def left(self) -> int:
        """How many trials were begun, and did not end: they are the next."""
        return len(self._left)

    def enqueue(self, params: Mapping[str, Any]) -> None:
        """Have the next trial get these parameters; what they lack is chosen."""
        coded = {name: self._coded(name, value) for name, value in params.items()}
        with _quietly(_optuna()):
            self._study.enqueue_trial(coded)

    def is_done(self) -> bool:
        """Tell whether there is nothing to try any more."""
        if self._left:
            return False
        if len(self) >= (self._settings.trials or math.inf):
            return True
        is_grid = self._settings.sampler == "grid"
        return is_grid and not self._waits() and self._next_of_grid() is None

    def next(self) -> tuple[int, dict[str, Any]] | None:
        """Return the number and the parameters of the next trial; None when there is none."""
        if self.is_done():
            return None
        optuna = _optuna()
        with _quietly(optuna):
            if self._left:
                trial = optuna.trial.Trial(self._study, self._left.pop(0)._trial_id)
            else:
                trial = self._asked()
            params = {name: _chosen(trial, name, o) for name, o in self._space.searched.items()}
        self._running[trial.number + 1] = trial
        self._visited.append(params)
        values = {name: self._value(name, one) for name, one in params.items()}
        return trial.number + 1, {**self._space.fixed, **values}

    def report(self, number: int, step: int, value: float) -> None:
        """Note how far a running trial has come."""
        if step >= 0:
            with _quietly(_optuna()):
                self._running[number].report(value, step)

    def is_in_vain(self, number: int) -> bool:
        """Tell whether the pruner would have a running trial ended."""
        return bool(self._running[number].should_prune())

    def tell(self, number: int, outcome: Outcome, value: float | None = None) -> None:
        """Note how a trial has ended."""
        state = _optuna().trial.TrialState[_STATES[outcome]]
        with _quietly(_optuna()):
            self._study.tell(number - 1, value if outcome == "finished" else None, state)
        self._running.pop(number, None)

    def importance(self) -> tuple[dict[str, float], int, str]:
        """Return how much each parameter matters, of how many trials; or why that is not said."""
        optuna = _optuna()
        finished = self._study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
        if len(finished) < FEWEST_RUNS:
            return {}, len(finished), f"needs {FEWEST_RUNS} finished trials"
        if len({one.value for one in finished}) == 1:
            return {}, len(finished), "all trials have the same value"
        with _quietly(optuna):
            evaluator = optuna.importance.PedAnovaImportanceEvaluator()
            try:
                found = optuna.importance.get_param_importances(self._study, evaluator=evaluator)
            except (ValueError, RuntimeError) as error:
                return {}, len(finished), str(error)
        return {name: float(one) for name, one in found.items()}, len(finished), ""

    def _trials(self) -> list[Any]:
        found: list[Any] = self._study.get_trials(deepcopy=False)
        return found

    def _asked(self) -> Any:
        if self._settings.sampler == "grid" and not self._waits():
            self._study.enqueue_trial(self._next_of_grid() or {})
        return self._study.ask()

    def _waits(self) -> bool:
        """Tell whether a trial has its parameters already."""
        return any(one.state.name == "WAITING" for one in self._trials())

    def _next_of_grid(self) -> dict[str, Any] | None:
        """Return the first combination of the grid that was not tried."""
        coded = ({n: self._coded(n, v) for n, v in one.items()} for one in self._grid)
        return next((one for one in coded if one not in self._visited), None)

    def _coded(self, name: str, value: Any) -> Any:
        """Return a value as Optuna has it: of choices the place among them."""
        one = self._space.searched[name]
        return value if isinstance(one, Range) else one.options.index(value)

    def _value(self, name: str, coded: Any) -> Any:
        one = self._space.searched[name]
        return coded if isinstance(one, Range) else one.options[coded]


def sampler_of(settings: Settings, space: Space, trials: int = 0) -> Any:
    """Return the sampler that settings ask for.

    Args:
        settings: of the sweep.
        space: of the sweep.
        trials: how many there are; with the same seed, others are to follow.

    Raises:
        InvalidState: a package is missing.
        InvalidValue: the space is nothing for it.
    """
    samplers = _optuna().samplers
    seed = None if settings.seed is None else settings.seed + trials
    if settings.sampler == "tpe":
        return samplers.TPESampler(seed=seed, constant_liar=True)
    if settings.sampler != "cmaes":
        return samplers.RandomSampler(seed=seed)
    if sum(isinstance(one, Range) for one in space.searched.values()) < 2:
        raise InvalidValue(
            "The sampler cmaes needs at least two ranges: choose tpe or random.", field="sampler"
        )
    try:
        importlib.import_module("cmaes")
    except ImportError:
        raise InvalidState(
            "The sampler cmaes needs a package: pip install cmaes.", field="sampler"
        ) from None
    return samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)


def _pruner(optuna: Any, settings: Settings) -> Any:
    pruners = {"median": optuna.pruners.MedianPruner, "hyperband": optuna.pruners.HyperbandPruner}
    return pruners.get(settings.pruner or "", optuna.pruners.NopPruner)()


def _chosen(trial: Any, name: str, one: Range | Choices) -> Any:
    if isinstance(one, Choices):
        return trial.suggest_categorical(name, range(len(one.options)))
    if one.whole:
        return trial.suggest_int(name, one.low, one.high, log=one.log, step=one.step or 1)
    return trial.suggest_float(name, one.low, one.high, log=one.log, step=one.step)


def _mend(file: Path) -> None:
    """Leave out what a process that was killed has left of a line, and of Optuna's lock."""
    file.with_name(f"{file.name}.lock").unlink(missing_ok=True)
    if file.exists() and (content := file.read_bytes()) and not content.endswith(b"\n"):
        os.truncate(file, content.rfind(b"\n") + 1)


def _optuna() -> Any:
    try:
        optuna = importlib.import_module("optuna")
        importlib.import_module("optuna.storages.journal")
    except ImportError:
        raise InvalidState(_MISSING) from None
    return optuna


@contextmanager
def _quietly(optuna: Any) -> Iterator[None]:
    """Keep Optuna from telling of studies, and from warning of what we know."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)
