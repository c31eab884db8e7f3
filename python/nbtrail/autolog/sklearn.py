"""scikit-learn: every estimator that is fitted, third-party and home-made ones too."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from nbtrail.autolog import fits
from nbtrail.autolog.patching import ORIGINAL, unwrap_method, wrap_method


def patch(base: ModuleType) -> None:
    """Wrap ``fit`` of every subclass of BaseEstimator, those yet to be defined included.

    Args:
        base: the module ``sklearn.base``.
    """
    estimator = base.BaseEstimator
    for known in _subclasses(estimator):
        wrap_method(known, "fit", _fitted)
    own = estimator.__dict__.get("__init_subclass__")
    if hasattr(getattr(own, "__func__", None), ORIGINAL):
        return

    def on_subclass(cls: type[Any], /, **kwargs: Any) -> None:
        if own is not None:
            own.__func__(cls, **kwargs)
        else:
            super(estimator, cls).__init_subclass__(**kwargs)
        wrap_method(cls, "fit", _fitted)

    setattr(on_subclass, ORIGINAL, own)
    estimator.__init_subclass__ = classmethod(on_subclass)


def unpatch(base: ModuleType) -> None:
    """Take the wrappers off."""
    estimator = base.BaseEstimator
    for known in _subclasses(estimator):
        unwrap_method(known, "fit")
    function = getattr(estimator.__dict__.get("__init_subclass__"), "__func__", None)
    if hasattr(function, ORIGINAL):
        own = getattr(function, ORIGINAL)
        del estimator.__init_subclass__
        if own is not None:
            estimator.__init_subclass__ = own


def _subclasses(cls: type) -> set[type]:
    found: set[type] = set()
    todo: list[type] = [cls]
    while todo:
        new: set[type] = set(todo.pop().__subclasses__()) - found
        found |= new
        todo += new
    return found


def _fitted(estimator: Any, X: Any = None, y: Any = None, *_: Any, **__: Any) -> None:  # noqa: N803
    """Take note of a model; a transformer is none."""
    if hasattr(estimator, "predict"):
        fits.add(sys.modules[__name__], estimator, X, y)


def params_of(estimator: Any) -> dict[str, Any]:
    """Return an estimator's plain params (nested ones with ``__``) and a search's best ones."""
    params = estimator.get_params(deep=True)
    best = getattr(estimator, "best_params_", None) or {}
    params |= {f"best_{key}": value for key, value in best.items()}
    return {key: value for key, value in params.items() if _is_plain(value)}


def metrics_of(estimator: Any) -> dict[str, float]:
    """Return what a search found out by itself."""
    score = getattr(estimator, "best_score_", None)
    return {"best_cv_score": float(score)} if isinstance(score, float) else {}


def tags_of(estimator: Any) -> dict[str, str]:
    """Return MLflow's tags of a fitted estimator."""
    cls = type(estimator)
    return {
        "estimator_name": cls.__name__,
        "estimator_class": f"{cls.__module__}.{cls.__name__}",
    }


def outputs_of(estimator: Any, y: Any) -> Any:
    """Return what predictions look like, without asking the estimator to predict."""
    import numpy as np

    if y is None:
        labels = getattr(estimator, "labels_", None)
        return None if labels is None else np.asarray(labels[: fits.SAMPLE_ROWS])
    regression = getattr(estimator, "_estimator_type", None) == "regressor" or (
        not hasattr(estimator, "classes_") and np.asarray(y).dtype.kind == "f"
    )
    return np.asarray(y, dtype=float) if regression else np.asarray(y)


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return len(value) <= 20 and all(_is_plain(item) for item in value)
    return value is None or isinstance(value, str | bool | int | float)
