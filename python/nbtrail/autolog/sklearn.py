"""scikit-learn: every estimator that is fitted, third-party and home-made ones too."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from nbtrail.autolog import callers, evaluation, figures, fits, measures, spelling
from nbtrail.autolog.framework import Fit, Framework, Trial, attempted, is_plain, plain
from nbtrail.autolog.options import options_of
from nbtrail.autolog.patching import ORIGINAL, Hook, wrap, wrap_everywhere
from nbtrail.autolog.switching import autolog_of

NAME = "sklearn"
OLDEST = (1, 4)

_PREDICTORS = ("predict", "predict_proba", "decision_function")
_FIT_OTHERS = (
    "cross_validate cross_val_score cross_val_predict learning_curve validation_curve "
    "permutation_test_score"
).split()


class Sklearn(Framework):
    """Estimators, pipelines and searches."""

    NAME = NAME

    def params(self, model: Any, fit: Fit) -> dict[str, Any]:  # noqa: ARG002
        """Return an estimator's params (nested ones with ``__``) and a search's best ones."""
        best = getattr(model, "best_params_", None) or {}
        return plain(
            model.get_params(deep=True) | {f"best_{key}": value for key, value in best.items()}
        )

    def metrics(self, model: Any, fit: Fit) -> dict[str, float]:
        """Return what a search found out by itself, and how good it is on what it has seen."""
        score = getattr(model, "best_score_", None)
        found = {"best_cv_score": float(score)} if isinstance(score, float) else {}
        return found | (measures.metrics(model, fit.seen) if fit.seen is not None else {})

    def tags(self, model: Any) -> dict[str, str]:
        """Return MLflow's tags of a fitted estimator."""
        cls = type(model)
        return {
            "estimator_name": cls.__name__,
            "estimator_class": f"{cls.__module__}.{cls.__name__}",
        }

    def outputs(self, model: Any, fit: Fit) -> Any:
        """Return what predictions look like, without asking the estimator to predict."""
        import numpy as np

        y = fit.target
        if y is None:
            labels = getattr(model, "labels_", None)
            return None if labels is None else np.asarray(labels[: len(fit.inputs)])
        regression = getattr(model, "_estimator_type", None) == "regressor" or (
            not hasattr(model, "classes_") and np.asarray(y).dtype.kind == "f"
        )
        return np.asarray(y, dtype=float) if regression else np.asarray(y)

    def figures(self, model: Any, fit: Fit) -> dict[str, bytes]:
        """Return how important the features are, and a confusion matrix of the training data."""
        found = figures.importance(_importances(_final(model)))
        if fit.seen is not None and hasattr(model, "classes_"):
            found |= figures.confusion(
                fit.seen.truth, fit.seen.predicted, "training_confusion_matrix"
            )
        return found

    def trials(self, model: Any) -> list[Trial]:
        """Return the candidates of a grid or random search."""
        results = getattr(model, "cv_results_", None)
        if not isinstance(results, dict) or "params" not in results:
            return []
        numbers = {key: values for key, values in results.items() if _measured(key)}
        rank = next((key for key in numbers if key.startswith("rank_test_")), None)
        candidates = range(len(results["params"]))
        order = candidates if rank is None else sorted(candidates, key=numbers[rank].__getitem__)
        return [
            Trial(
                {key: v if is_plain(v) else str(v) for key, v in results["params"][one].items()},
                {key: float(values[one]) for key, values in numbers.items()},
            )
            for one in order
        ]


def _measured(key: str) -> bool:
    return key != "params" and not key.startswith("param_")


def _final(model: Any) -> Any:
    """Return what predicts in the end in a search or a pipeline."""
    model = getattr(model, "best_estimator_", model)
    steps = getattr(model, "steps", None)
    return steps[-1][1] if isinstance(steps, list) and steps else model


def _importances(model: Any) -> dict[str, float]:
    values = getattr(model, "feature_importances_", None)
    if values is None:
        values = getattr(model, "coef_", None)
    if values is None or not hasattr(values, "size"):
        return {}
    names = getattr(model, "feature_names_in_", None)
    numbers = values.ravel().tolist()
    if names is None or len(names) != len(numbers):
        names = [f"feature {number}" for number in range(len(numbers))]
    one_per_feature = len(numbers) == getattr(model, "n_features_in_", None)
    return dict(zip(map(str, names), numbers, strict=True)) if one_per_feature else {}


autolog = autolog_of(NAME)

FRAMEWORK = Sklearn()
LEARNERS: dict[str, Sklearn] = {}
"""Frameworks whose estimators are scikit-learn's, too, by the root of their modules."""


def framework_of(estimator: Any) -> Sklearn:
    """Return what knows an estimator best."""
    roots = (cls.__module__.partition(".")[0] for cls in type(estimator).__mro__)
    return next((LEARNERS[root] for root in roots if root in LEARNERS), FRAMEWORK)


def patch(module: ModuleType) -> None:
    """Wrap what one of the modules that are waited for has."""
    if module.__name__ == "sklearn.base":
        _patch_estimators(module)
    elif module.__name__ == "sklearn.metrics":
        evaluation.patch(module)
    else:
        for name in _FIT_OTHERS:
            wrap_everywhere(NAME, module, name)


def _patch_estimators(base: ModuleType) -> None:
    """Wrap the methods of every subclass of BaseEstimator, those yet to be defined included."""
    estimator = base.BaseEstimator
    for known in _subclasses(estimator):
        _patch_class(known)
    own = estimator.__dict__.get("__init_subclass__")
    if hasattr(getattr(own, "__func__", None), ORIGINAL):
        return

    def on_subclass(cls: type[Any], /, **kwargs: Any) -> None:
        if own is not None:
            own.__func__(cls, **kwargs)
        else:
            super(estimator, cls).__init_subclass__(**kwargs)
        _patch_class(cls)

    setattr(on_subclass, ORIGINAL, own)
    estimator.__init_subclass__ = classmethod(on_subclass)


def _patch_class(cls: type) -> None:
    """Wrap the methods that a class has, also from those that it is mixed of."""
    for owner in cls.__mro__:
        wrap(NAME, owner, "fit", Hook(after=fitted))
        wrap(NAME, owner, "score", Hook(after=evaluation.scored))
        for name in _PREDICTORS:
            wrap(NAME, owner, name, Hook(after=evaluation.predicted))


def unpatch(base: ModuleType) -> None:
    """Look no longer at classes that are defined."""
    if base.__name__ != "sklearn.base":
        return
    estimator = base.BaseEstimator
    function = getattr(estimator.__dict__.get("__init_subclass__"), "__func__", None)
    if hasattr(function, ORIGINAL):
        own = getattr(function, ORIGINAL)
        del estimator.__init_subclass__
        if own is not None:
            estimator.__init_subclass__ = own


def _subclasses(cls: type) -> Iterator[type]:
    found: set[type] = set()
    todo: list[type] = [cls]
    while todo:
        new: set[type] = set(todo.pop().__subclasses__()) - found
        found |= new
        todo += new
    return iter(found)


def fitted(_: Any, estimator: Any, X: Any = None, y: Any = None, *_args: Any, **known: Any) -> None:  # noqa: N803
    """Take note of a model; a transformer is none."""
    if not hasattr(estimator, "predict"):
        return
    framework = framework_of(estimator)
    options = options_of(framework.NAME)
    wanted = options is not None and options.log_training_metrics
    weights = known.get("sample_weight")
    seen = attempted(measures.predict, estimator, X, y, weights) if wanted else None
    fits.add(framework, estimator, X, y, callers.argument_name(0, "X"), seen=seen)


def __getattr__(name: str) -> Any:
    return spelling.function_of(NAME, name)
