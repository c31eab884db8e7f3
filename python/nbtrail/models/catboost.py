"""The CatBoost flavor: classifiers, regressors, rankers and plain models, in CatBoost's own format.

The files and keys are those of `mlflow.catboost`, which reads them too. Loading one runs no code.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from nbtrail.errors import InvalidValue
from nbtrail.models import mlflows
from nbtrail.models.flavors import Saved
from nbtrail.models.mlmodel import MLmodel, flavor_config

NAME = "catboost"
FILE = "model.cb"
_TYPES = ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")


class Config(msgspec.Struct, frozen=True):
    """What loading needs of this flavor's part of the ``MLmodel`` file."""

    data: str
    model_type: str = "CatBoost"
    save_format: str = "cbm"


def accepts(model: object) -> bool:
    """Say whether `model` is one of CatBoost's."""
    core = sys.modules.get("catboost.core")  # not loaded: then it cannot be one
    return core is not None and isinstance(model, core.CatBoost)


def save(model: Any, directory: Path, *, format: str = "cbm") -> Saved:  # noqa: A002 - MLflow's
    """Write the model in one of CatBoost's formats, such as ``cbm`` or ``json``."""
    import catboost

    model.save_model(str(directory / FILE), format=format)
    config = {
        "catboost_version": catboost.__version__,
        "code": None,
        "data": FILE,
        "model_type": _type_of(model),
        "save_format": format,
    }
    return Saved(config, {"loader_module": "mlflow.catboost", "data": FILE}, ["catboost"])


def _type_of(model: Any) -> str:
    """Return the name of the nearest class of CatBoost's own."""
    return next(kind.__name__ for kind in type(model).__mro__ if kind.__name__ in _TYPES)


def runs_code(config: dict[str, Any]) -> None:
    """Trees are data."""


def predictor(model: Any) -> _Predictor:
    """Return what predicts."""
    return _Predictor(model)


def load(directory: Path, config: dict[str, Any]) -> Any:
    """Return the model.

    Raises:
        InvalidValue: `config` is damaged, or names a class that CatBoost does not have.
    """
    known = flavor_config(config, Config, directory, NAME)
    if known.model_type not in _TYPES:
        raise InvalidValue(f"CatBoost has no models of the class '{known.model_type}'.")
    import catboost

    model = getattr(catboost, known.model_type)()
    return model.load_model(str(directory / known.data), known.save_format)


def _load_pyfunc(path: str) -> _Predictor:
    """Return what predicts; `path` is the model directory, or as MLflow has it, a file in it."""
    directory = Path(path).parent if Path(path).is_file() else Path(path)
    return _Predictor(load(directory, MLmodel.read(directory).flavors[NAME]))


class _Predictor:
    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """Return the model's predictions; it takes no params."""
        return self._model.predict(data)


log_model, save_model, load_model = mlflows.functions(NAME, "cb_model")
