"""How good a scikit-learn estimator is on the data that it was fitted to, with MLflow's keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from nbtrail.autolog.framework import attempted

MOST_ROWS = 10_000
"""Predicting more rows would be felt by who waits for a fit."""
PREFIX = "training_"


@dataclass
class Seen:
    """What an estimator predicts for the data that it was fitted to.

    The metrics are made of this only if the model is kept: of many that a loop fits, few are.
    """

    truth: Any
    predicted: Any
    probabilities: Any = None
    weights: Any = None


def predict(estimator: Any, inputs: Any, target: Any, weights: Any = None) -> Seen | None:
    """Ask a classifier or regressor for what it predicts; None where that is not for us."""
    from sklearn.base import is_classifier, is_regressor

    if target is None or not hasattr(target, "__len__") or len(target) > MOST_ROWS:
        return None
    if getattr(target, "ndim", 1) != 1 or not (is_classifier(estimator) or is_regressor(estimator)):
        return None
    proba = getattr(estimator, "predict_proba", None)
    probabilities = proba(inputs) if proba is not None else None
    return Seen(target, estimator.predict(inputs), probabilities, weights)


def metrics(estimator: Any, seen: Seen) -> dict[str, float]:
    """Return the metrics that MLflow's autolog has for this kind of estimator.

    One that cannot be had of this data is left out.
    """
    from sklearn.base import is_classifier

    wanted = _of_classes(seen) if is_classifier(estimator) else _of_numbers(seen)
    found = {key: attempted(measure) for key, measure in wanted.items()}
    return {f"{PREFIX}{key}": float(v) for key, v in found.items() if v is not None}


def _of_classes(seen: Seen) -> dict[str, Callable[[], float]]:
    from sklearn import metrics

    averaged = {"average": "weighted", "zero_division": 0}
    of_labels = partial(_measure, seen, seen.predicted)
    accuracy = partial(of_labels, metrics.accuracy_score)
    return {
        "precision_score": partial(of_labels, metrics.precision_score, **averaged),
        "recall_score": partial(of_labels, metrics.recall_score, **averaged),
        "f1_score": partial(of_labels, metrics.f1_score, **averaged),
        "accuracy_score": accuracy,
        "score": accuracy,
        **_of_probabilities(seen),
    }


def _of_probabilities(seen: Seen) -> dict[str, Callable[[], float]]:
    from sklearn import metrics

    if seen.probabilities is None:
        return {}
    binary = seen.probabilities.shape[1] == 2
    scores = seen.probabilities[:, 1] if binary else seen.probabilities
    averaged = {"average": "weighted", "multi_class": "ovo"}
    return {
        "log_loss": partial(_measure, seen, seen.probabilities, metrics.log_loss),
        "roc_auc": partial(_measure, seen, scores, metrics.roc_auc_score, **averaged),
    }


def _of_numbers(seen: Seen) -> dict[str, Callable[[], float]]:
    from sklearn import metrics

    of_values = partial(_measure, seen, seen.predicted)
    explained = partial(of_values, metrics.r2_score)
    return {
        "mean_squared_error": partial(of_values, metrics.mean_squared_error),
        "root_mean_squared_error": lambda: float(of_values(metrics.mean_squared_error)) ** 0.5,
        "mean_absolute_error": partial(of_values, metrics.mean_absolute_error),
        "r2_score": explained,
        "score": explained,
    }


def _measure(seen: Seen, predicted: Any, function: Callable[..., float], **options: Any) -> float:
    return function(seen.truth, predicted, sample_weight=seen.weights, **options)
