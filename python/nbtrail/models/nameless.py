"""Estimators that see nothing in a table of numbers but its array.

scikit-learn looks at the names of a DataFrame's columns anew for each prediction, which takes
longer than most predictions do. Who has held the names against a signature need not have it done
again: a copy that knows no names predicts the same from the array.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

_PIPELINE = "sklearn.pipeline"
_LEAVES = (
    "sklearn.cluster.",
    "sklearn.decomposition.",
    "sklearn.discriminant_analysis",
    "sklearn.ensemble._forest",
    "sklearn.ensemble._gb",
    "sklearn.ensemble._iforest",
    "sklearn.linear_model.",
    "sklearn.naive_bayes",
    "sklearn.neighbors.",
    "sklearn.neural_network.",
    "sklearn.preprocessing._data",
    "sklearn.preprocessing._polynomial",
    "sklearn.svm.",
    "sklearn.tree.",
)
"""Where the estimators are that make an array of whatever they get, before all else. Others may
choose columns by name, look at their types, or hand the table to a function."""
_NAMES = "feature_names_in_"
_OUTPUT = "_sklearn_output_config"  # set_output: what a step hands on may be a DataFrame


def method_of(estimator: Any, method: str, names: Sequence[str]) -> Callable[[Any], Any] | None:
    """Return what predicts from an array as a method of an estimator does from a DataFrame.

    Args:
        estimator: fitted; it stays as it is.
        method: the name of the method.
        names: of the DataFrame's columns.

    Returns:
        A function of an array of shape (rows, names); None if the estimator may look at more
        than the numbers, or was fitted to other columns.
    """
    fitted_to = getattr(estimator, _NAMES, None)
    if fitted_to is not None and list(fitted_to) != list(names):
        return None
    twin = _without_names(estimator)
    found: Callable[[Any], Any] | None = getattr(twin, method, None)
    return found


def _without_names(estimator: Any) -> Any:
    """Return a shallow copy that knows no names; None if they may matter."""
    if not _is_plain(estimator):
        return None
    twin = copy.copy(estimator)
    vars(twin).pop(_NAMES, None)
    if type(estimator).__name__ == "Pipeline":
        (name, first), *rest = estimator.steps
        if (first := _without_names(first)) is None or not all(_is_plain(one) for _, one in rest):
            return None
        twin.steps = [(name, first), *rest]
    return twin


def _is_plain(estimator: Any) -> bool:
    kind = type(estimator)
    if kind.__module__ == _PIPELINE:
        return kind.__name__ == "Pipeline" and not hasattr(estimator, _OUTPUT)
    if not kind.__module__.startswith(_LEAVES) or hasattr(estimator, _OUTPUT):
        return False
    given = estimator.get_params(deep=False).values()
    return not any(hasattr(one, "get_params") for one in given)  # which may be of any kind
