"""XGBoost: ``xgboost.train``, and its estimators for scikit-learn."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nbtrail.autolog import callers, datasets, figures, fits, sklearn, spelling
from nbtrail.autolog.boosting import BoostedEstimators, Boosters, Training, key_of
from nbtrail.autolog.curves import Curves, with_callback
from nbtrail.autolog.framework import Fit, attempted
from nbtrail.autolog.patching import Hook, wrap, wrap_everywhere
from nbtrail.autolog.switching import autolog_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

NAME = "xgboost"
OLDEST = (2, 0)
MOST_VALUES = 5_000_000
"""A larger DMatrix is not read back to be described."""

_CALLBACKS = 10  # its position among the arguments of `train`, where it was one
_ESTIMATORS = "XGBModel XGBClassifier XGBRegressor XGBRanker XGBRFClassifier XGBRFRegressor".split()


class XgbBoosters(Boosters):
    """What ``xgboost.train`` returns."""

    NAME = NAME

    def figures(self, model: Any, fit: Fit) -> dict[str, bytes]:  # noqa: ARG002
        """Return how often the features are split on."""
        scores = model.get_score(importance_type="weight")
        return figures.importance({key: float(value) for key, value in scores.items()}, "weight")


class XgbEstimators(BoostedEstimators):
    """``XGBClassifier`` and its like."""

    NAME = NAME


autolog = autolog_of(NAME)

FRAMEWORK = XgbBoosters()
sklearn.LEARNERS[NAME] = XgbEstimators()


def patch(module: ModuleType) -> None:
    """Wrap ``train`` and the estimators' methods."""
    wrap_everywhere(NAME, module, "train", Hook(_begin, _trained))
    for name in _ESTIMATORS:
        if hasattr(module, name):
            wrap(NAME, getattr(module, name), "fit", Hook(after=sklearn.fitted))


def _begin(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return with_callback(args, kwargs, _CALLBACKS, _callback())


def _callback() -> Any:
    """Return an object of XGBoost's own kind, which pickle makes anew."""
    from xgboost.callback import TrainingCallback

    curves = Curves()

    class Callback(TrainingCallback):
        def __reduce__(self) -> Any:
            return _callback, ()

        def after_iteration(self, _: Any, epoch: int, evals_log: Any) -> bool:
            latest = {
                key_of(data, metric): values[-1]
                for data, metrics in evals_log.items()
                for metric, values in metrics.items()
            }
            curves.log(latest, epoch)
            return False

    return Callback()


def _trained(
    booster: Any, params: Any, dtrain: Any, num_boost_round: int = 10, *_: Any, **others: Any
) -> None:
    known = {**dict(params), "num_boost_round": num_boost_round, **_told(others)}
    inputs, target = attempted(_contents, dtrain) or (None, None)
    outputs = attempted(_predicted, booster, inputs)
    name = callers.argument_name(1, "dtrain")
    fits.add(FRAMEWORK, booster, inputs, target, name, seen=Training(known, outputs))


def _told(others: dict[str, Any]) -> dict[str, Any]:
    told = ("early_stopping_rounds", "maximize")
    return {name: others[name] for name in told if others.get(name) is not None}


def _predicted(booster: Any, inputs: Any) -> Any:
    """Return the predictions for the first rows."""
    return booster.predict(sys.modules[NAME].DMatrix(inputs[: datasets.SAMPLE_ROWS]))


def _contents(matrix: Any) -> tuple[Any, np.ndarray[Any, Any] | None]:
    """Return the features (as a table if they have names) and the labels of a DMatrix."""
    rows, columns = matrix.num_row(), matrix.num_col()
    if rows * columns > MOST_VALUES:
        return None, None
    values, labels = _dense(matrix, rows, columns), matrix.get_label()
    names = matrix.feature_names
    return (values if names is None else _table(values, names)), labels if len(labels) else None


def _dense(matrix: Any, rows: int, columns: int) -> np.ndarray[Any, Any]:
    """Return the features with NaN where there are none, as wide as what callers will send."""
    import numpy as np

    sparse = matrix.get_data().tocoo()
    values = np.full((rows, columns), np.nan)
    values[sparse.row, sparse.col] = sparse.data
    return values


def _table(values: np.ndarray[Any, Any], names: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(values, columns=names)


def __getattr__(name: str) -> Any:
    return spelling.function_of(NAME, name)
