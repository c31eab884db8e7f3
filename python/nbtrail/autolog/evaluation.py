"""What `sklearn.metrics` and `score` say of the predictions of models that were fitted before.

A metric is named as MLflow's autolog names it: after its function and the variable that was
predicted, ``accuracy_score_X_test``; a second one of that name in a cell (in a script: in a run)
is ``accuracy_score-2_X_test``.
"""

from __future__ import annotations

import inspect
import weakref
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

from nbtrail.autolog import callers, figures, fits
from nbtrail.autolog.options import options_of
from nbtrail.autolog.patching import Hook, wrap_everywhere
from nbtrail.tracking import current_execution
from nbtrail.tracking.failures import tell_once
from nbtrail.tracking.log import RunLog

NAME = "sklearn"
UNKNOWN = "unknown_dataset"
MOST = 20
"""So many metrics of one name; a loop that measures would fill the run with them."""

_OF_CLASSES = {
    "accuracy_score", "balanced_accuracy_score", "classification_report", "confusion_matrix",
    "f1_score", "precision_score", "recall_score",
}  # fmt: skip


class Prediction(NamedTuple):
    """What a model predicted: for which variable, by which method."""

    array: weakref.ref[Any]
    model: weakref.ref[Any]
    dataset: str


_predictions: dict[int, Prediction] = {}
_counts: dict[tuple[str, int | None], dict[str, int]] = {}


def patch(metrics: ModuleType) -> None:
    """Wrap the functions of ``sklearn.metrics``."""
    for name in metrics.__all__:
        function = getattr(metrics, name, None)
        if inspect.isfunction(function) and not name.startswith(("make_", "get_", "check_")):
            wrap_everywhere(NAME, metrics, name, Hook(after=partial(_measured, name)))


def predicted(result: Any, model: Any, *_: Any, **__: Any) -> None:
    """Remember what was predicted, as long as the user keeps it."""
    if fits.is_known(model):
        key, known = id(result), _predictions  # a name of the module may be gone at the end
        array = weakref.ref(result, lambda _: known.pop(key, None))
        known[key] = Prediction(array, weakref.ref(model), _name())


def _name() -> str:
    return callers.argument_name(0, "X") or UNKNOWN


def scored(result: Any, model: Any, *_: Any, **__: Any) -> None:
    """Log what a model's ``score`` has returned."""
    run = fits.run_of(model) if _wanted() else None
    if run is not None:
        _log(run, f"{type(model).__name__}_score", _name(), result)


def _measured(function: str, result: Any, *args: Any, **kwargs: Any) -> None:
    """Log what a metric function has returned, if a known model has predicted an argument."""
    given = (*args, *kwargs.values())
    known = next((found for one in given if (found := _prediction(one)) is not None), None)
    model = known.model() if known is not None else None
    run = fits.run_of(model) if known is not None and _wanted() else None
    if run is None or known is None:
        return
    _log(run, function, known.dataset, result)
    if function in _OF_CLASSES and hasattr(model, "classes_"):
        _log_confusion(run, known, args, kwargs)


def _wanted() -> bool:
    options = options_of(NAME)
    return options is not None and options.log_post_training_metrics


def _prediction(value: Any) -> Prediction | None:
    """Return whose prediction an array, or the one that it is a part of, is."""
    for one in (value, getattr(value, "base", None)):
        known = _predictions.get(id(one))
        if known is not None and known.array() is one:
            return known
    return None


def _log(run: RunLog, metric: str, dataset: str, value: Any) -> None:
    if not isinstance(value, float):  # numpy's doubles are floats, too
        return
    first = f"{metric}_{dataset}"
    number = _count(run, first)
    if number > MOST:
        tell_once(f"nbtrail logs the first {MOST} of the metrics '{first}' in one place.")
    else:
        key = first if number == 1 else f"{metric}-{number}_{dataset}"
        run.log_metric(key, float(value))


def _count(run: RunLog, name: str) -> int:
    """Return how often a metric has been measured in this cell (in a script: in this run)."""
    place = (run.run_id, current_execution())
    if place not in _counts:
        _counts.clear()
    counts = _counts.setdefault(place, {})
    counts[name] = counts.get(name, 0) + 1
    return counts[name]


def _log_confusion(
    run: RunLog, known: Prediction, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    options = options_of(NAME)
    truth, labels = _pair(*args, **kwargs)
    if options is None or not options.log_figures or labels is not known.array():
        return
    run.write_artifacts(figures.confusion(truth, labels, f"confusion_matrix_{known.dataset}"))


def _pair(y_true: Any = None, y_pred: Any = None, *_: Any, **__: Any) -> tuple[Any, Any]:
    return y_true, y_pred
