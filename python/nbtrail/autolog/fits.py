"""Models that were fitted and not recorded yet: those of the running cell.

A cell may fit hundreds in a loop. Only weak references are kept, and one strong one to the
last: what the user keeps is recorded when the cell (or its run) ends, what is gone is gone.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from nbtrail.autolog import datasets, recording
from nbtrail.autolog.framework import Fit, Framework
from nbtrail.autolog.options import options_of
from nbtrail.autolog.patching import quietly
from nbtrail.store import Store
from nbtrail.tracking import ActiveRun, active_run, require_run
from nbtrail.tracking.log import RunLog, log_of

Listener = Callable[[], None]


class _Recorded(NamedTuple):
    """Where a model was recorded."""

    model: weakref.ref[Any]
    store: Store
    run_id: str


class _State:
    listener: Listener | None = None
    last: Any = None
    fits: dict[int, Fit] = {}
    recorded: dict[int, _Recorded] = {}


_state = _State()


def listen(listener: Listener | None) -> None:
    """Have `listener` called after each fit, which is then recorded by `record`.

    Without a listener (in a script) a fit is recorded at once.
    """
    _state.listener = listener


def begin() -> ActiveRun | None:
    """Return the run that a fit which begins is logged to, opened if need be."""
    if _state.listener is None:
        return require_run()
    _state.listener()
    return active_run()


def add(
    framework: Framework,
    model: Any,
    inputs: Any = None,
    target: Any = None,
    name: str | None = None,
    **known: Any,
) -> None:
    """Take note of a fitted model.

    Args:
        framework: what knows its kind.
        model: the model.
        inputs: what it was fitted to.
        target: what it was to predict.
        name: what the user calls that data.
        known: other fields of `Fit`, where they do not follow from `inputs` and `target`.
    """
    options = options_of(framework.NAME)
    if options is None:
        return
    key = id(model)
    fields = {"inputs": datasets.head(inputs), "target": datasets.head(target), **known}
    if options.log_datasets and "datasets" not in fields:
        fields["datasets"] = datasets.describe(inputs, target, name)
    _state.fits.pop(key, None)  # a model that is fitted again is the last one
    _state.fits[key] = Fit(framework, weakref.ref(model, partial(_gone, key)), **fields)
    _state.last = model
    if _state.listener is not None:
        _state.listener()
    else:
        record(require_run(), {}, {})


def _gone(key: int, reference: weakref.ref[Any], state: _State = _state) -> None:
    """Forget what was noted of a model that nobody has any more, at the process's end, too."""
    noted: tuple[dict[int, Any], ...] = (state.fits, state.recorded)
    for known in noted:
        if key in known and known[key].model is reference:
            known.pop(key, None)


def pending() -> bool:
    """Say whether a model was fitted that is not recorded yet."""
    return bool(_state.fits)


def is_known(model: Any) -> bool:
    """Say whether a model was fitted under autolog."""
    return id(model) in _state.fits or id(model) in _state.recorded


def run_of(model: Any) -> RunLog | None:
    """Return the run in which a model was fitted last; None if it was not under autolog."""
    if id(model) in _state.fits:
        return active_run()
    known = _state.recorded.get(id(model))
    return None if known is None else log_of(known.store, known.run_id)


def record(run: ActiveRun, namespace: Mapping[str, Any], taken: Mapping[str, Any]) -> list[str]:
    """Record the models that were fitted since the last call; return the names of those kept.

    Args:
        run: the run they belong to.
        namespace: the user's variables: a model is called like its variable.
        taken: params that the run has by other means. An estimator's own param of that name
            is recorded with the model's name before it if it has another value.
    """
    names: list[str] = []
    for key in list(_state.fits):
        fit = _state.fits.pop(key, None)
        model = fit.model() if fit is not None else None
        if fit is None or model is None:
            continue
        name = _name(model, namespace, names)
        _state.recorded[key] = _Recorded(fit.model, run.store, run.run_id)
        with quietly():
            kept = recording.write(run, model, fit, name, taken)
        names += [name] if kept else []
    _state.last = None
    return names


def forget(framework: str) -> None:
    """Record none of the models of a framework that were fitted."""
    for key, fit in list(_state.fits.items()):
        if fit.framework.NAME == framework:  # noqa: SIM300
            _state.fits.pop(key, None)


def _name(model: Any, namespace: Mapping[str, Any], used: list[str]) -> str:
    for name, value in namespace.items():
        if value is model and type(name) is str and not name.startswith("_"):
            return name
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(model).__name__).lower()
    return snake if snake not in used else f"{snake}_{len(used) + 1}"
