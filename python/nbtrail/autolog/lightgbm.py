"""LightGBM: ``lightgbm.train``, and its estimators for scikit-learn."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from nbtrail.autolog import callers, datasets, figures, fits, sklearn, spelling
from nbtrail.autolog.boosting import BoostedEstimators, Boosters, Training, key_of
from nbtrail.autolog.curves import Curves, with_callback
from nbtrail.autolog.framework import Fit, attempted
from nbtrail.autolog.patching import Hook, wrap, wrap_everywhere
from nbtrail.autolog.switching import autolog_of

NAME = "lightgbm"
OLDEST = (4, 0)

_CALLBACKS = 8  # its position among the arguments of `train`
_ESTIMATORS = "LGBMModel LGBMClassifier LGBMRegressor LGBMRanker".split()


class LgbBoosters(Boosters):
    """What ``lightgbm.train`` returns."""

    NAME = NAME
    FIRST = 1

    def figures(self, model: Any, fit: Fit) -> dict[str, bytes]:  # noqa: ARG002
        """Return how often the features are split on, and what that has gained."""
        names = model.feature_name()
        found: dict[str, bytes] = {}
        for kind in ("split", "gain"):
            values = map(float, model.feature_importance(kind))
            found |= figures.importance(dict(zip(names, values, strict=True)), kind)
        return found


class LgbEstimators(BoostedEstimators):
    """``LGBMClassifier`` and its like."""

    NAME = NAME
    FIRST = 1


autolog = autolog_of(NAME)

FRAMEWORK = LgbBoosters()
sklearn.LEARNERS[NAME] = LgbEstimators()


def patch(module: ModuleType) -> None:
    """Wrap ``train`` and the estimators' methods."""
    wrap_everywhere(NAME, module, "train", Hook(_begin, _trained))
    for name in _ESTIMATORS:
        if hasattr(module, name):
            wrap(NAME, getattr(module, name), "fit", Hook(after=sklearn.fitted))


class Watcher:
    """A callback that logs the curves, and keeps what the training data frees when it is used."""

    def __init__(self, train_set: Any) -> None:
        self._curves = Curves()
        data, label = getattr(train_set, "data", None), getattr(train_set, "label", None)
        self.inputs, self.target = datasets.head(data), datasets.head(label)
        self.datasets = datasets.describe(data, label, callers.argument_name(1, "train_set"))

    def __call__(self, env: Any) -> None:
        """Log what LightGBM says of an iteration."""
        values = {key_of(one[0], one[1]): one[2] for one in env.evaluation_result_list or ()}
        self._curves.log(values, env.iteration)


def _begin(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    train_set = args[1] if len(args) > 1 else kwargs.get("train_set")
    return with_callback(args, kwargs, _CALLBACKS, Watcher(train_set))


def _trained(
    booster: Any,
    params: Any,
    train_set: Any,  # noqa: ARG001
    num_boost_round: int = 100,
    *others: Any,
    **named: Any,
) -> None:
    callbacks = named.get("callbacks") or (others[5] if len(others) > 5 else None) or ()
    watcher = next((one for one in callbacks if isinstance(one, Watcher)), None)
    inputs = watcher.inputs if watcher is not None else None
    outputs = None if inputs is None else attempted(booster.predict, inputs)
    fits.add(
        FRAMEWORK,
        booster,
        inputs,
        watcher and watcher.target,
        datasets=watcher.datasets if watcher is not None else (),
        seen=Training({**params, "num_boost_round": num_boost_round}, outputs),
    )


def __getattr__(name: str) -> Any:
    return spelling.function_of(NAME, name)
