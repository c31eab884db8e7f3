"""Models that were fitted and not recorded yet: those of the running cell.

A cell may fit hundreds in a loop. Only weak references are kept, and one strong one to the
last: what the user keeps is recorded when the cell (or its run) ends, what is gone is gone.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from nbtrail.tracking import ActiveRun, require_run
from nbtrail.tracking.failures import report

SAMPLE_ROWS = 5

Listener = Callable[[], None]


class Framework(Protocol):
    """What a framework's module knows of its fitted models."""

    def params_of(self, model: Any) -> dict[str, Any]:
        """Return the model's params."""

    def metrics_of(self, model: Any) -> dict[str, float]:
        """Return what the fit itself measured."""

    def tags_of(self, model: Any) -> dict[str, str]:
        """Return the tags that say what kind of model it is."""

    def outputs_of(self, model: Any, target: Any) -> Any:
        """Return what predictions look like, without asking the model to predict."""


@dataclass
class Fit:
    """A fitted model, and the first rows of what it was fitted to."""

    framework: Framework
    model: weakref.ref[Any]
    inputs: Any
    target: Any


class _State:
    on = False
    listener: Listener | None = None
    last: Any = None
    fits: dict[int, Fit] = {}


_state = _State()


def wanted() -> bool:
    """Say whether autolog is on."""
    return _state.on


def switch(on: bool) -> None:
    """Turn the taking of notes on or off."""
    _state.on = on
    _forget()


def listen(listener: Listener | None) -> None:
    """Have `listener` called after each fit, which is then recorded by `record`.

    Without a listener (in a script) a fit is recorded at once.
    """
    _state.listener = listener


def add(framework: Framework, model: Any, inputs: Any, target: Any) -> None:
    """Take note of a fitted model."""
    if not _state.on:
        return
    _state.last = model
    _state.fits.pop(id(model), None)  # the id of a model that is gone may be given again: be last
    _state.fits[id(model)] = Fit(framework, weakref.ref(model), _head(inputs), _head(target))
    if _state.listener is not None:
        _state.listener()
    else:
        record(require_run(), {}, {})


def pending() -> bool:
    """Say whether a model was fitted that is not recorded yet."""
    return bool(_state.fits)


def record(run: ActiveRun, namespace: Mapping[str, Any], taken: Mapping[str, Any]) -> list[str]:
    """Record the models that were fitted since the last call; return the names they got.

    Args:
        run: the run they belong to.
        namespace: the user's variables: a model is called like its variable.
        taken: params that the run has by other means. An estimator's own param of that name
            is recorded with the model's name before it if it has another value.
    """
    names: list[str] = []
    for fit in list(_state.fits.values()):
        model = fit.model()
        if model is not None:
            try:
                names.append(_record(run, model, fit, _name(model, namespace, names), taken))
            except Exception:
                report(f"the fitted {type(model).__name__}")
    _forget()
    return names


def _forget() -> None:
    _state.fits, _state.last = {}, None


def _record(run: ActiveRun, model: Any, fit: Fit, name: str, taken: Mapping[str, Any]) -> str:
    from nbtrail.models import infer_signature, log_model

    known = run.data.params | {key: str(value) for key, value in taken.items()}
    params = {
        key if known.get(key, str(value)) == str(value) else f"{name}.{key}": value
        for key, value in fit.framework.params_of(model).items()
    }
    run.log_params(params, "autolog")
    for key, value in fit.framework.metrics_of(model).items():
        run.log_metric(key, value)
    run.set_tags(fit.framework.tags_of(model))
    outputs = fit.framework.outputs_of(model, fit.target)
    signature = None if fit.inputs is None else infer_signature(fit.inputs, outputs)
    log_model(model, name, input_example=fit.inputs, signature=signature)
    return name


def _name(model: Any, namespace: Mapping[str, Any], used: list[str]) -> str:
    for name, value in namespace.items():
        if value is model and type(name) is str and not name.startswith("_"):
            return name
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(model).__name__).lower()
    return snake if snake not in used else f"{snake}_{len(used) + 1}"


def _head(data: Any) -> Any:
    """Return a copy of the first rows of a frame, series or array; None for other things."""
    if hasattr(data, "iloc"):
        return data.iloc[:SAMPLE_ROWS].copy()
    if type(data).__module__ == "numpy" and getattr(data, "ndim", 0) > 0:
        return data[:SAMPLE_ROWS].copy()
    return None
